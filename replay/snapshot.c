// SPDX-License-Identifier: GPL-2.0
#include "replay/snapshot.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/framemap.h"
#include "replay/kpageflags.h"

#define TEXT_MAX (16U << 20)	/* zoneinfo of 1024 CPUs is about 200 KiB a node */
#define RAM_MAX 65536
#define NAME_MAX_LEN 4096
#define PAGEBLOCK_MAX_ORDER 18
#define SNAPSHOT_MAX_PFNS (1ULL << 32)	/* one byte a frame: 4 GiB for 16 TiB of RAM */

/** struct text - a file in memory, one line after another */
struct text {
	char name[NAME_MAX_LEN];	/* for errors */
	char *bytes;			/* NULL: the file is missing or empty */
	char *next;
	u32 line;
};

static int file_path(char *out, const char *dir, const char *name, struct error *err)
{
	if ((size_t)snprintf(out, NAME_MAX_LEN, "%s/%s", dir, name) < NAME_MAX_LEN)
		return 0;
	return err_set(err, ERR_USAGE, "%.200s...: name too long - use a shorter path", dir);
}

static int damaged(const struct text *t, const char *what, struct error *err)
{
	return err_set(err, ERR_DAMAGED, "%s: %s (line %u) - take the snapshot again", t->name,
		       what, t->line);
}

static int read_all(FILE *f, struct text *t, struct error *err)
{
	size_t max = 1 << 16, len = 0, n;
	char *bytes = malloc(max + 1);

	/* Files of /proc tell no size: read until the end. */
	while (bytes && (n = fread(bytes + len, 1, max - len, f)) > 0) {
		char *more;

		len += n;
		if (len < max)
			continue;
		max *= 2;
		more = max <= TEXT_MAX ? realloc(bytes, max + 1) : NULL;
		if (!more) {
			free(bytes);
			return err_set(err, ERR_DAMAGED, "%s: larger than %u MiB - this is no copy of a /proc file",
				       t->name, TEXT_MAX >> 21);
		}
		bytes = more;
	}
	if (!bytes)
		return err_nomem(err, t->name);
	if (ferror(f) || memchr(bytes, '\0', len)) {
		free(bytes);
		if (ferror(f))
			return err_set(err, ERR_IO, "%s: cannot read: %s - check the disk",
				       t->name, strerror(errno));
		return err_set(err, ERR_DAMAGED, "%s: not text - take the snapshot again",
			       t->name);
	}
	bytes[len] = '\0';
	if (len)
		t->bytes = bytes;
	else
		free(bytes);
	t->next = t->bytes;
	return 0;
}

static int text_load(struct text *t, const char *dir, const char *name, bool required,
		     struct error *err)
{
	FILE *f;
	int rc;

	*t = (struct text){ .bytes = NULL };
	rc = file_path(t->name, dir, name, err);
	if (rc)
		return rc;
	f = fopen(t->name, "rb");
	if (!f && (required || errno != ENOENT))
		return err_set(err, ERR_IO, "%s: cannot open: %s - a snapshot is a folder with copies of zoneinfo, pagetypeinfo, iomem and kpageflags",
			       t->name, strerror(errno));
	if (!f)
		return 0;
	rc = read_all(f, t, err);
	fclose(f);
	return rc;
}

static char *text_line(struct text *t)
{
	char *line = t->next, *end;

	if (!line || !*line)
		return NULL;
	end = strchr(line, '\n');
	t->next = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	t->line++;
	return line;
}

static bool parse_u64(const char **p, int base, u64 *value)
{
	char *end;

	while (isspace((unsigned char)**p))
		(*p)++;
	if (!isxdigit((unsigned char)**p))
		return false;
	errno = 0;
	*value = strtoull(*p, &end, base);
	if (end == *p || errno)
		return false;
	*p = end;
	return true;
}

/* "  key   123" or "  key:   123": the number, when the line has this key. */
static bool key_value(const char *line, const char *key, u64 *value)
{
	const size_t len = strlen(key);

	while (*line == ' ')
		line++;
	if (strncmp(line, key, len) != 0)
		return false;
	line += len;
	if (*line == ':')
		line++;
	if (*line != ' ')
		return false;
	return parse_u64(&line, 10, value);
}

/** struct zone_reader - the zone whose lines are being read */
struct zone_reader {
	struct log_zone zone;
	bool open, has_start, has_spanned;
};

static int zone_close(struct snapshot *s, struct zone_reader *zr, const struct text *t,
		      struct error *err)
{
	struct log_zone *zones;

	if (!zr->open)
		return 0;
	if (!zr->has_spanned)
		return damaged(t, "zone without its span", err);
	/* The buddy allocator never serves ZONE_DEVICE. */
	if (!zr->zone.spanned || !strcmp(zr->zone.name, "Device"))
		return 0;
	if (!zr->has_start)
		return damaged(t, "zone without start_pfn", err);
	if (zr->zone.start_pfn >= FRAME_MAX_PFN ||
	    zr->zone.spanned > FRAME_MAX_PFN - zr->zone.start_pfn)
		return damaged(t, "zone of impossible size", err);
	if (s->nr_zones >= LOG_MAX_ZONES)
		return damaged(t, "too many zones", err);
	zones = realloc(s->zones, (s->nr_zones + 1) * sizeof(*zones));
	if (!zones)
		return err_nomem(err, "zone table");
	s->zones = zones;
	s->zones[s->nr_zones++] = zr->zone;
	return 0;
}

/* "Node 0, zone   Normal" */
static int zone_open(struct zone_reader *zr, const char *line, const struct text *t,
		     struct error *err)
{
	const char *p = line + strlen("Node ");
	size_t len;
	u64 node;

	*zr = (struct zone_reader){ .open = true };
	if (!parse_u64(&p, 10, &node) || node > LOG_MAX_ZONES ||
	    strncmp(p, ", zone ", 7) != 0)
		return damaged(t, "unreadable zone line", err);
	p += 7;
	while (*p == ' ')
		p++;
	len = strcspn(p, " ");
	if (!len || len >= sizeof(zr->zone.name))
		return damaged(t, "unreadable zone name", err);
	zr->zone.node = (u32)node;
	memcpy(zr->zone.name, p, len);
	return 0;
}

static void zone_line(struct snapshot *s, struct zone_reader *zr, const char *line)
{
	u64 value;

	if (key_value(line, "spanned", &zr->zone.spanned))
		zr->has_spanned = true;
	else if (key_value(line, "start_pfn", &zr->zone.start_pfn))
		zr->has_start = true;
	else if (key_value(line, "nr_slab_reclaimable", &value))
		s->slab_reclaimable += value;
	else if (key_value(line, "nr_slab_unreclaimable", &value))
		s->slab_unreclaimable += value;
}

static int load_zoneinfo(struct snapshot *s, struct text *t, struct error *err)
{
	struct zone_reader zr = { .open = false };
	char *line;
	int rc = 0;

	while (!rc && (line = text_line(t))) {
		if (strncmp(line, "Node ", 5) != 0) {
			zone_line(s, &zr, line);
			continue;
		}
		rc = zone_close(s, &zr, t, err);
		if (!rc)
			rc = zone_open(&zr, line, t, err);
	}
	if (!rc)
		rc = zone_close(s, &zr, t, err);
	if (!rc && !s->nr_zones)
		rc = damaged(t, "no zones", err);
	return rc;
}

static int load_pagetypeinfo(struct snapshot *s, struct text *t, struct error *err)
{
	char *line;
	u64 order;

	if (!t->bytes)
		return 0;
	while ((line = text_line(t))) {
		if (!key_value(line, "Page block order", &order))
			continue;
		if (!order || order > PAGEBLOCK_MAX_ORDER)
			return damaged(t, "impossible page block order", err);
		s->pageblock_order = (u32)order;
		return 0;
	}
	return damaged(t, "no page block order", err);
}

static u64 zones_end(const struct snapshot *s)
{
	u64 end = 0;

	for (u32 i = 0; i < s->nr_zones; i++)
		end = max_u64(end, s->zones[i].start_pfn + s->zones[i].spanned);
	return end;
}

/* Bytes [first, last]: kept as addresses until ram_to_frames(). */
static int ram_add(struct snapshot *s, u64 first, u64 last, const struct text *t,
		   struct error *err)
{
	struct pfn_range *ram;

	if (s->nr_ram >= RAM_MAX)
		return damaged(t, "too many ranges", err);
	ram = realloc(s->ram, (s->nr_ram + 1) * sizeof(*ram));
	if (!ram)
		return err_nomem(err, "RAM ranges");
	s->ram = ram;
	s->ram[s->nr_ram++] = (struct pfn_range){ .start = first, .end = last };
	return 0;
}

/*
 * Nothing in a snapshot names the page size, but both iomem and the zones tell where RAM ends:
 * 4, 16 or 64 KiB pages put the same end 4 times apart. A frame that is partly RAM is none.
 */
static void ram_to_frames(struct snapshot *s)
{
	u32 shift = 12, nr = 0;
	u64 last = 0;

	for (u32 i = 0; i < s->nr_ram; i++)
		last = max_u64(last, s->ram[i].end);
	while (shift < 16 && last >> shift >= 2 * zones_end(s))
		shift += 2;
	for (u32 i = 0; i < s->nr_ram; i++) {
		const u64 mask = (1ULL << shift) - 1;
		const struct pfn_range r = {
			.start = (s->ram[i].start >> shift) + !!(s->ram[i].start & mask),
			.end = (s->ram[i].end >> shift) + ((s->ram[i].end & mask) == mask),
		};

		if (r.start < r.end)
			s->ram[nr++] = r;
	}
	s->nr_ram = nr;
}

static int cmp_range(const void *a, const void *b)
{
	const struct pfn_range *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static void ram_merge(struct snapshot *s)
{
	u32 nr = 0;

	if (s->nr_ram)
		qsort(s->ram, s->nr_ram, sizeof(*s->ram), cmp_range);
	for (u32 i = 0; i < s->nr_ram; i++) {
		if (nr && s->ram[i].start <= s->ram[nr - 1].end)
			s->ram[nr - 1].end = max_u64(s->ram[nr - 1].end, s->ram[i].end);
		else
			s->ram[nr++] = s->ram[i];
	}
	s->nr_ram = nr;
}

/* "00100000-bfffffff : System RAM", also "System RAM (kmem)" below a device. */
static int load_iomem(struct snapshot *s, struct text *t, struct error *err)
{
	char *line;
	int rc = 0;

	while (!rc && (line = text_line(t))) {
		const char *p = line;
		u64 first, last;

		if (!parse_u64(&p, 16, &first) || *p++ != '-' || !parse_u64(&p, 16, &last) ||
		    strncmp(p, " : ", 3) != 0 || last < first)
			return damaged(t, "unreadable range", err);
		/* Without root all addresses read 0: nothing is known then. */
		if (last && !strncmp(p + 3, "System RAM", 10))
			rc = ram_add(s, first, last, t, err);
	}
	ram_to_frames(s);
	ram_merge(s);
	return rc;
}

static int load_kernel(struct snapshot *s, struct text *t, struct error *err)
{
	char *line = text_line(t);

	if (!line || !*line)
		return 0;
	for (char *c = line; *c; c++) {
		if (!isprint((unsigned char)*c))
			*c = '?';
	}
	s->kernel = strndup(line, 255);
	return s->kernel ? 0 : err_nomem(err, "kernel release");
}

static const struct {
	const char *name;
	bool required;
	int (*load)(struct snapshot *s, struct text *t, struct error *err);
} text_files[] = {
	{ "zoneinfo", true, load_zoneinfo },
	{ "pagetypeinfo", false, load_pagetypeinfo },
	{ "iomem", false, load_iomem },
	{ "kernel", false, load_kernel },
};

/* Flags of holes can be 0, like those of kernel pages: where RAM is known, it decides. */
static void clear_holes(struct snapshot *s)
{
	u64 pfn = 0;

	if (!s->nr_ram)
		return;
	for (u32 i = 0; i < s->nr_ram && pfn < s->nr_pfns; i++) {
		const u64 start = min_u64(s->ram[i].start, s->nr_pfns);

		memset(s->page_class + pfn, PAGE_CLASS_ABSENT, start - pfn);
		pfn = s->ram[i].end;
	}
	if (pfn < s->nr_pfns)
		memset(s->page_class + pfn, PAGE_CLASS_ABSENT, s->nr_pfns - pfn);
}

static int load_flags(struct snapshot *s, const char *dir, struct error *err)
{
	static const char *const names[] = { "kpageflags", "kpageflags.zst" };
	const u64 end = zones_end(s);
	struct page_classes classes = { 0 };
	char path[NAME_MAX_LEN];

	for (size_t i = 0; i < ARRAY_SIZE(names) && !classes.nr; i++) {
		int rc = file_path(path, dir, names[i], err);
		FILE *f;

		if (rc)
			return rc;
		f = fopen(path, "rb");
		if (!f && errno == ENOENT)
			continue;
		if (f)
			fclose(f);
		if (end > SNAPSHOT_MAX_PFNS)
			return err_set(err, ERR_DAMAGED, "%s: zones reach to pfn 0x%llx, at most 0x%llx is supported - remove kpageflags to go without page classes",
				       path, (unsigned long long)end, SNAPSHOT_MAX_PFNS);
		rc = kpageflags_load(path, end, &classes, err);
		if (rc)
			return rc;
	}
	s->nr_pfns = classes.nr;
	s->page_class = classes.class;
	clear_holes(s);
	return 0;
}

struct snapshot *snapshot_load(const char *path, struct error *err)
{
	struct snapshot *s = calloc(1, sizeof(*s));
	int rc = 0;

	if (!s || !(s->path = strdup(path))) {
		err_nomem(err, "snapshot");
		free(s);
		return NULL;
	}
	for (size_t i = 0; i < ARRAY_SIZE(text_files) && !rc; i++) {
		struct text t;

		rc = text_load(&t, path, text_files[i].name, text_files[i].required, err);
		if (!rc)
			rc = text_files[i].load(s, &t, err);
		free(t.bytes);
	}
	if (!rc)
		rc = load_flags(s, path, err);
	if (!rc)
		return s;
	snapshot_free(s);
	return NULL;
}

void snapshot_free(struct snapshot *s)
{
	if (!s)
		return;
	free(s->zones);
	free(s->ram);
	free(s->page_class);
	free(s->kernel);
	free(s->path);
	free(s);
}
