// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/common/cut_log.h"
#include "cmd/common/join_logs.h"
#include "cmd/common/modes.h"
#include "cmd/common/packed.h"
#include "cmd/common/progress.h"
#include "cmd/common/spool.h"
#include "cmd/common/stop.h"

#define SNIFF_BYTES 64

static int cannot_read(const struct source_file *f, struct error *err)
{
	return err_set(err, ERR_IO, "%s: cannot read (%s) - check the path and rights", f->name,
		       strerror(errno));
}

static void use_spool(struct source_file *f, int fd)
{
	if (f->spool >= 0)
		close(f->spool);
	f->spool = fd;
	snprintf(f->path, sizeof(f->path), "/proc/self/fd/%d", fd);
	f->real = f->path;
}

/*
 * Sniff the first bytes of @fd without moving in it, and unpack it when it is packed. What is no
 * log is left to capture_parse(), which knows how to refuse it.
 */
static int sniff(struct source *src, struct source_file *f, int fd, struct error *err)
{
	u8 bytes[SNIFF_BYTES];
	ssize_t n = pread(fd, bytes, sizeof(bytes), 0);
	const char *tool;

	if (n < 0)
		return cannot_read(f, err);
	tool = packed_tool(bytes, (size_t)n);
	if (tool) {
		fd = packed_open(fd, tool, f->name, &src->damage, err);
		if (fd < 0)
			return fd;
		use_spool(f, fd);
		n = pread(fd, bytes, sizeof(bytes), 0);
		if (n < 0)
			return cannot_read(f, err);
	}
	src->capture = !log_sniff(bytes, (size_t)n);
	return 0;
}

/* Make @fd something that can be opened by name again, then sniff. */
static int settle(struct source *src, struct source_file *f, int fd, const char *path,
		  struct error *err)
{
	struct stat st;
	int copy;

	if (fstat(fd, &st))
		return cannot_read(f, err);
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_IO, "%s: is a folder - give a capture or an event log "
			       "inside it", f->name);
	/* /dev/zero would fill the disk with its copy. */
	if (fd != STDIN_FILENO && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)))
		return err_set(err, ERR_IO, "%s: is a device - give a capture or an event log",
			       f->name);
	modes_follow(&st);
	if (S_ISREG(st.st_mode) && (fd != STDIN_FILENO || !lseek(fd, 0, SEEK_CUR))) {
		f->real = fd == STDIN_FILENO ? "/dev/stdin" : path;
		return sniff(src, f, fd, err);
	}
	copy = spool_copy(fd, UINT64_MAX, f->name, err);
	if (copy < 0)
		return copy;
	use_spool(f, copy);
	return sniff(src, f, copy, err);
}

static int identify_file(struct source *src, const char *path, struct error *err)
{
	struct source_file *f = &src->file[src->nr++];
	bool from_stdin = !strcmp(path, "-");
	int fd, ret;

	*f = (struct source_file){ .spool = -1, .name = from_stdin ? "standard input" : path };
	if (from_stdin && isatty(STDIN_FILENO))
		return err_set(err, ERR_USAGE, "standard input: is a terminal - pipe a capture in, "
			       "or give a file");
	fd = from_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_IO, "%s: cannot open (%s) - check the path and rights",
			       path, strerror(errno));
	ret = settle(src, f, fd, path, err);
	if (!from_stdin)
		close(fd);
	return ret;
}

static int identify(struct source *src, const struct str_list *paths, struct error *err)
{
	int ret = 0;

	memset(src, 0, sizeof(*src));
	for (u32 i = 0; i < paths->nr && !ret; i++) {
		bool captures = src->capture;

		ret = identify_file(src, paths->at[i], err);
		if (!ret && i && captures != src->capture)
			ret = err_set(err, ERR_USAGE, "%s: captures and event logs cannot be read "
				      "together - parse the captures first", src->file[i].name);
	}
	src->name = src->file[0].name;
	src->real = src->file[0].real;
	if (src->damage.code)
		src->status = ERR_DAMAGED;
	if (ret)
		source_close(src);
	return ret;
}

static void rename_one(const struct source_file *f, struct error *err)
{
	char text[ERR_TEXT_MAX];
	const char *at = f->real && f->real != f->name ? strstr(err->text, f->real) : NULL;

	if (!at)
		return;
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - err->text), err->text, f->name,
		 at + strlen(f->real));
	memcpy(err->text, text, sizeof(text));
}

void source_rename(const struct source *src, struct error *err)
{
	for (u32 i = 0; i < src->nr; i++)
		rename_one(&src->file[i], err);
}

/* A capture of which something could be used is not an error, but the user must know. */
static int keep_damage(struct source *src, int ret, const struct log_meta *meta, struct error *err)
{
	if (!ret)
		return 0;
	source_rename(src, err);
	if (ret != -ERR_DAMAGED || !meta->nr_events)
		return ret;
	src->status = ERR_DAMAGED;
	if (!src->damage.code)
		src->damage = *err;
	*err = (struct error){ 0 };
	return 0;
}

static int name_capture(const struct source *src, struct log_meta *meta, struct error *err)
{
	if (src->nr > 1 || src->real == src->name || !strcmp(src->real, src->name))
		return 0;
	return log_meta_set(&meta->source, src->name) ? err_nomem(err, "a name") : 0;
}

/* Damage found before parsing, by the tool that unpacked the file. */
static int mark_partial(struct log_meta *meta, const struct error *damage, struct error *err)
{
	meta->partial = true;
	if (!meta->partial_why && log_meta_set(&meta->partial_why, damage->text))
		return err_nomem(err, "a message");
	return 0;
}

static struct log_writer *parse_capture(struct source *src, const struct source_opts *opts,
					struct error *err)
{
	struct capture_opts co = { .buffer = opts->buffer, .format_dir = opts->format_dir,
				   .salvage = opts->salvage, .jobs = opts->jobs,
				   .temp_dir = spool_folder(), .progress = progress_tick };
	const char *real[SOURCE_MAX_FILES];
	struct log_writer *w = NULL;
	struct progress progress;
	struct cpulist cpus;
	int ret;

	if (opts->cpus && cpulist_parse(opts->cpus, &cpus, err))
		return NULL;
	co.cpus = opts->cpus ? &cpus : NULL;
	w = log_writer_new(err);
	if (!w)
		return NULL;
	log_writer_temp(w, spool_folder());
	if (opts->anonymize && log_writer_anonymize(w, err)) {
		log_writer_free(w);
		return NULL;
	}
	if (opts->watch)
		log_writer_watch(w, opts->watch);
	for (u32 i = 0; i < src->nr; i++)
		real[i] = src->file[i].real;
	progress_begin(&progress, "reading", opts->quiet);
	co.progress_ctx = &progress;
	if (opts->keep_part) {
		co.progress = progress_keep;
		co.stop = stop_flag();
	}
	ret = capture_parse_files(real, src->nr, &co, w, err);
	progress_end(&progress);
	ret = keep_damage(src, ret, log_writer_meta(w), err);
	if (!ret && src->damage.code)
		ret = mark_partial(log_writer_meta(w), &src->damage, err);
	if (!ret)
		ret = name_capture(src, log_writer_meta(w), err);
	if (!ret)
		return w;
	log_writer_free(w);
	return NULL;
}

struct log_writer *source_parse(struct source *src, const struct str_list *paths,
				const struct source_opts *opts, struct error *err)
{
	struct log_writer *w = NULL;

	if (identify(src, paths, err))
		return NULL;
	if (src->capture)
		w = parse_capture(src, opts, err);
	else
		err_set(err, ERR_USAGE, "%s: is an event log already - give it to info, replay or "
			"compare", src->name);
	if (!w)
		source_close(src);
	return w;
}

/* Read what @w holds; it is freed. */
static int open_writer(struct source *src, struct log_writer *w, struct error *err)
{
	if (!w)
		return -(int)err->code;
	src->image = log_writer_image(w, err);
	log_writer_free(w);
	if (!src->image)
		return -(int)err->code;
	src->reader = log_reader_open_image(src->image, err);
	return src->reader ? 0 : -(int)err->code;
}

/* Of a log, CPUs are picked by copying their events. */
static int pick_cpus(struct source *src, const char *text, struct error *err)
{
	struct cpulist cpus;
	struct log_cut cut = { .t1 = UINT64_MAX, .cpus = &cpus };
	struct log_writer *w;

	if (cpulist_parse(text, &cpus, err))
		return -ERR_USAGE;
	w = cut_log(src->reader, &cut, err);
	log_reader_free(src->reader);
	log_image_free(src->image);
	src->reader = NULL;
	src->image = NULL;
	return open_writer(src, w, err);
}

/* Logs of one host become one. */
static int open_joined(struct source *src, const struct source_opts *opts, struct error *err)
{
	struct log_part parts[SOURCE_MAX_FILES] = { { NULL, NULL } };
	struct log_writer *w = NULL;
	u32 nr = 0;

	for (; nr < src->nr; nr++) {
		parts[nr].name = src->file[nr].name;
		parts[nr].r = log_reader_open(src->file[nr].real, opts->strict, err);
		if (!parts[nr].r)
			break;
	}
	if (nr == src->nr)
		w = join_logs(parts, nr, err);
	while (nr--)
		log_reader_free(parts[nr].r);
	return open_writer(src, w, err);
}

static int open_log(struct source *src, const struct source_opts *opts, struct error *err)
{
	if (opts->buffer)
		return err_set(err, ERR_USAGE, "%s: is an event log, which holds one buffer only - "
			       "leave --buffer out", src->name);
	if (src->nr > 1)
		open_joined(src, opts, err);
	else
		src->reader = log_reader_open(src->real, opts->strict, err);
	if (src->reader)
		return opts->cpus ? pick_cpus(src, opts->cpus, err) : 0;
	source_rename(src, err);
	return -(int)err->code;
}

int source_open(struct source *src, const struct str_list *paths, const struct source_opts *opts,
		struct error *err)
{
	int ret = identify(src, paths, err);

	if (ret)
		return ret;
	ret = src->capture ? open_writer(src, parse_capture(src, opts, err), err) :
		open_log(src, opts, err);
	if (ret)
		source_close(src);
	return ret;
}

void source_close(struct source *src)
{
	log_reader_free(src->reader);
	log_image_free(src->image);
	for (u32 i = 0; i < src->nr; i++)
		if (src->file[i].spool >= 0)
			close(src->file[i].spool);
	src->reader = NULL;
	src->image = NULL;
	src->nr = 0;
}

const struct log_meta *source_meta(const struct source *src)
{
	return log_reader_meta(src->reader);
}

static int damage(const struct source *src, const char *what, struct error *err)
{
	const struct log_meta *meta = source_meta(src);

	if (src->status) {
		*err = src->damage;
		return -src->status;
	}
	if (!meta->partial)
		return 0;
	return err_set(err, ERR_DAMAGED, "%s: partial: %s - %s", src->name,
		       meta->partial_why ? meta->partial_why : "reason unknown", what);
}

int source_damage(const struct source *src, struct error *err)
{
	return damage(src, "results cover what could be read", err);
}

int source_useless(const struct source *src, struct error *err)
{
	return damage(src, "nothing to replay is in what could be read", err);
}
