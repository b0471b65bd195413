// SPDX-License-Identifier: GPL-2.0
#include "cmd/record/snapshot_take.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include <zstd.h>

#include "cmd/common/progress.h"
#include "cmd/common/say.h"
#include "cmd/record/privileges.h"
#include "replay/base/temp_name.h"
#include "replay/initial/kpageflags.h"
#include "replay/initial/snapshot_file.h"

#define TEXT_BYTES_MAX (16u << 20)
#define FLAGS_BATCH 8192u	/* frames read at a time */
#define FRAMES_MAX (1ULL << 32)

/* Files of the host, and what a replay lacks without them; NULL: nothing. */
static const struct {
	const char *name;
	const char *path;
	const char *cost;
} texts[] = {
	{ "zoneinfo", "/proc/zoneinfo", NULL },
	{ "pagetypeinfo", "/proc/pagetypeinfo",
	  "the pageblock size is then taken as 2 MiB" },
	{ "iomem", "/proc/iomem", "holes in memory then count as kernel pages" },
	{ "buddyinfo", "/proc/buddyinfo", NULL },
	{ "vmstat", "/proc/vmstat", NULL },
	{ "superpageblocks", "/sys/kernel/debug/superpageblocks", NULL },
};

static const char flags_path[] = "/proc/kpageflags";
static const char flags_cost[] =
	"residents are then known only as far as the capture frees them, without slab and holes";

/* The file on its way. */
struct taker {
	const char *path;
	FILE *f;
	ZSTD_CCtx *zs;
	u64 end_pfn;
	bool quiet;
	struct error *err;
};

static int io_error(const struct taker *t, const char *what)
{
	return err_set(t->err, ERR_IO, "%s: cannot %s (%s) - check the folder and the space left", t->path, what,
		       strerror(errno));
}

static int put(struct taker *t, const void *bytes, size_t len, ZSTD_EndDirective how)
{
	ZSTD_inBuffer in = { bytes, len, 0 };
	size_t left;

	do {
		u8 packed[16384];
		ZSTD_outBuffer out = { packed, sizeof(packed), 0 };

		left = ZSTD_compressStream2(t->zs, &out, &in, how);
		if (ZSTD_isError(left))
			return err_set(t->err, ERR_IO, "%s: zstd: %s", t->path,
				       ZSTD_getErrorName(left));
		if (fwrite(packed, 1, out.pos, t->f) != out.pos)
			return io_error(t, "write");
	} while (in.pos < in.size || (how == ZSTD_e_end && left));
	return 0;
}

static int put_member(struct taker *t, const char *name, u64 size)
{
	char line[80];
	int n = snprintf(line, sizeof(line), "%s %llu\n", name, (unsigned long long)size);

	return put(t, line, (size_t)n, ZSTD_e_continue);
}

static void without(const struct taker *t, const char *path, const char *cost)
{
	if (cost && !t->quiet)
		say_warn("%s: cannot read %s (%s) - %s; root may read it", t->path, path,
			 strerror(errno), cost);
}

/* All of a file of /proc; NULL with errno. */
static char *read_text(const char *path, size_t *len)
{
	char *text = malloc(TEXT_BYTES_MAX + 1);
	FILE *f = text ? fopen(path, "re") : NULL;

	if (!f) {
		free(text);
		return NULL;
	}
	*len = fread(text, 1, TEXT_BYTES_MAX, f);
	text[*len] = '\0';
	fclose(f);
	return text;
}

/* Without root, addresses in iomem read 0: that says nothing. */
static bool hidden(const char *name, const char *text)
{
	return !strcmp(name, "iomem") && !strncmp(text, "00000000-00000000", 17);
}

/* Where zones end; the frames behind are not asked for. */
static u64 zones_end(const char *zoneinfo)
{
	u64 end = 0, spanned = 0;

	for (const char *line = zoneinfo; line; line = strchr(line, '\n')) {
		const char *p = line + strspn(line, " \n");

		if (!strncmp(p, "spanned", 7))
			spanned = strtoull(p + 7, NULL, 10);
		else if (!strncmp(p, "start_pfn:", 10) && spanned)
			end = max_u64(end, strtoull(p + 10, NULL, 10) + spanned);
		line = p;
	}
	return end;
}

static int put_texts(struct taker *t)
{
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(texts) && !ret; i++) {
		size_t len = 0;
		char *text = read_text(texts[i].path, &len);

		if (!text && !i)
			return err_set(t->err, ERR_IO, "%s: cannot read (%s) - mount /proc",
				       texts[i].path, strerror(errno));
		if (text && hidden(texts[i].name, text)) {
			errno = EACCES;
			free(text);
			text = NULL;
		}
		if (!text) {
			without(t, texts[i].path, texts[i].cost);
			continue;
		}
		if (!i)
			t->end_pfn = zones_end(text);
		ret = put_member(t, texts[i].name, len);
		if (!ret)
			ret = put(t, text, len, ZSTD_e_continue);
		free(text);
	}
	return ret;
}

static int put_host(struct taker *t)
{
	struct utsname u;
	char text[1024];
	int n, ret;

	if (uname(&u))
		return io_error(t, "ask for the name of the kernel");
	ret = put_member(t, "kernel", strlen(u.release) + 1);
	if (!ret)
		ret = put(t, u.release, strlen(u.release), ZSTD_e_continue);
	if (!ret)
		ret = put(t, "\n", 1, ZSTD_e_continue);
	n = snprintf(text, sizeof(text), "host %s\nmachine %s\npage_size %ld\nmonotonic_ns %llu\n",
		     u.nodename, u.machine, sysconf(_SC_PAGESIZE), (unsigned long long)wall_ns());
	if (!ret)
		ret = put_member(t, "host", (u64)n);
	return ret ? ret : put(t, text, (size_t)n, ZSTD_e_continue);
}

/* Frames that /proc/kpageflags does not reach are absent. */
static int put_classes(struct taker *t, int fd)
{
	struct page_class_state state = { 0 };
	u64 flags[FLAGS_BATCH];
	u8 class[FLAGS_BATCH];
	int ret = put_member(t, SNAPSHOT_CLASSES, t->end_pfn);

	for (u64 pfn = 0; pfn < t->end_pfn && !ret;) {
		size_t want = min_u64(FLAGS_BATCH, t->end_pfn - pfn);
		ssize_t n = pread(fd, flags, want * 8, (off_t)(pfn * 8));
		size_t got = n > 0 ? (size_t)n / 8 : 0;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(t->err, ERR_IO, "%s: cannot read (%s) - take the snapshot again",
				       flags_path, strerror(errno));
		for (size_t i = 0; i < got; i++)
			class[i] = kpageflags_next(&state, flags[i]);
		if (!got) {
			got = want;
			memset(class, PAGE_CLASS_ABSENT, got);
		}
		ret = put(t, class, got, ZSTD_e_continue);
		pfn += got;
	}
	return ret;
}

static int put_all(struct taker *t)
{
	int ret = put(t, SNAPSHOT_MAGIC, strlen(SNAPSHOT_MAGIC), ZSTD_e_continue), fd;

	if (!ret)
		ret = put_host(t);
	if (!ret)
		ret = put_texts(t);
	fd = open(flags_path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		without(t, flags_path, flags_cost);
	else if (!ret && t->end_pfn <= FRAMES_MAX)
		ret = put_classes(t, fd);
	if (fd >= 0)
		close(fd);
	if (!ret)
		ret = put_member(t, SNAPSHOT_END, 0);
	return ret ? ret : put(t, NULL, 0, ZSTD_e_end);
}

static int create_file(struct taker *t, const char *tmp)
{
	int fd, ret = privileges_as_owner(tmp, t->err);

	if (ret)
		return ret;
	/* Of root's eyes: nobody else's to read, and never through a link. */
	(void)unlink(tmp);
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0)
		temp_name_add(tmp);
	t->f = fd >= 0 ? fdopen(fd, "wb") : NULL;
	if (!t->f) {
		ret = io_error(t, "create");
		if (fd >= 0)
			close(fd);
	}
	privileges_as_self();
	return ret;
}

/* To its name, or away: nothing is kept of what failed with @ret. */
static int settle_file(const struct taker *t, const char *tmp, int ret)
{
	int other = privileges_as_owner(tmp, t->err);

	if (other)
		return other;
	if (!ret && rename(tmp, t->path))
		ret = io_error(t, "rename to");
	if (ret)
		unlink(tmp);
	privileges_as_self();
	return ret;
}

static int write_file(struct taker *t, const char *tmp)
{
	int ret = create_file(t, tmp);

	if (ret)
		return ret;
	ret = put_all(t);
	if (!ret && (fflush(t->f) || fsync(fileno(t->f))))
		ret = io_error(t, "write");
	if (fclose(t->f) && !ret)
		ret = io_error(t, "write");
	return settle_file(t, tmp, ret);
}

int snapshot_take(const char *path, bool quiet, struct error *err)
{
	struct taker t = { .path = path, .zs = ZSTD_createCCtx(), .quiet = quiet, .err = err };
	char tmp[4096];
	int ret;

	if ((size_t)snprintf(tmp, sizeof(tmp), "%s.tmp%ld", path, (long)getpid()) >= sizeof(tmp))
		ret = err_set(err, ERR_USAGE, "%.80s...: name too long - use a shorter one", path);
	else if (!t.zs)
		ret = err_nomem(err, "zstd");
	else
		ret = ZSTD_isError(ZSTD_CCtx_setParameter(t.zs, ZSTD_c_checksumFlag, 1)) ?
			err_nomem(err, "zstd") : write_file(&t, tmp);
	temp_name_drop(tmp);
	ZSTD_freeCCtx(t.zs);
	return ret;
}
