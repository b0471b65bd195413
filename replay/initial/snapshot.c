// SPDX-License-Identifier: GPL-2.0
#include "replay/initial/snapshot.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "replay/base/regular.h"
#include "replay/demand/framemap.h"
#include "replay/initial/kpageflags.h"
#include "replay/initial/pagetypeinfo.h"
#include "replay/initial/snapshot_file.h"
#include "replay/initial/snapshot_text.h"
#include "replay/initial/superpageblocks.h"

#define RAM_MAX 65536
#define SECTION_PFNS 32768	/* memory comes and goes by sections of 128 MiB */
#define SNAPSHOT_MAX_PFNS (1ULL << 32)	/* one byte a frame: 4 GiB for 16 TiB of RAM */

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
		return text_damaged(t, "zone without its span", err);
	/* The buddy allocator never serves ZONE_DEVICE. */
	if (!zr->zone.spanned || !strcmp(zr->zone.name, "Device"))
		return 0;
	if (!zr->has_start)
		return text_damaged(t, "zone without start_pfn", err);
	if (zr->zone.start_pfn >= FRAME_MAX_PFN ||
	    zr->zone.spanned > FRAME_MAX_PFN - zr->zone.start_pfn)
		return text_damaged(t, "zone of impossible size", err);
	if (s->nr_zones >= LOG_MAX_ZONES)
		return text_damaged(t, "too many zones", err);
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
	if (!text_u64(&p, 10, &node) || node > LOG_MAX_ZONES ||
	    strncmp(p, ", zone ", 7) != 0)
		return text_damaged(t, "unreadable zone line", err);
	p += 7;
	while (*p == ' ')
		p++;
	len = strcspn(p, " ");
	if (!len || len >= sizeof(zr->zone.name))
		return text_damaged(t, "unreadable zone name", err);
	zr->zone.node = (u32)node;
	memcpy(zr->zone.name, p, len);
	return 0;
}

static void zone_line(struct snapshot *s, struct zone_reader *zr, const char *line)
{
	u64 value;

	if (text_key_value(line, "spanned", &zr->zone.spanned))
		zr->has_spanned = true;
	else if (text_key_value(line, "start_pfn", &zr->zone.start_pfn))
		zr->has_start = true;
	else if (text_key_value(line, "nr_slab_reclaimable", &value))
		s->slab_reclaimable += value;
	else if (text_key_value(line, "nr_slab_unreclaimable", &value))
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
		rc = text_damaged(t, "no zones", err);
	return rc;
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
		return text_damaged(t, "too many ranges", err);
	ram = realloc(s->ram, (s->nr_ram + 1) * sizeof(*ram));
	if (!ram)
		return err_nomem(err, "RAM ranges");
	s->ram = ram;
	s->ram[s->nr_ram++] = (struct pfn_range){ .start = first, .end = last };
	return 0;
}

/*
 * Where nothing names the page size, both iomem and the zones tell where RAM ends: 4, 16 or 64 KiB
 * pages put the same end 4 times apart.
 */
static u32 page_shift_by_ram(const struct snapshot *s)
{
	u32 shift = 12;
	u64 last = 0;

	for (u32 i = 0; i < s->nr_ram; i++)
		last = max_u64(last, s->ram[i].end);
	while (shift < 16 && last >> shift >= 2 * zones_end(s))
		shift += 2;
	return shift;
}

/* A frame that is partly RAM is none. */
static void ram_to_frames(struct snapshot *s)
{
	const u32 shift = s->page_shift ? s->page_shift : page_shift_by_ram(s);
	u32 nr = 0;

	if (s->nr_ram)
		s->page_shift = shift;
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

/*
 * The last zone ends where RAM ends; RAM may go on, when some of it is offline. So an iomem that
 * ends earlier, by more than the kernel rounds, has lost lines.
 */
static int ram_reaches_zones(const struct snapshot *s, const struct text *t, struct error *err)
{
	const u64 ram = s->nr_ram ? s->ram[s->nr_ram - 1].end : 0, zones = zones_end(s);

	if (!ram || ram + SECTION_PFNS >= zones)
		return 0;
	return err_set(err, ERR_DAMAGED, "%s: RAM ends at pfn 0x%llx (line %u), zones reach to 0x%llx: lines are lost - take the snapshot again",
		       t->name, (unsigned long long)ram, t->line, (unsigned long long)zones);
}

/* "00100000-bfffffff : System RAM", also "System RAM (kmem)" below a device. */
static int load_iomem(struct snapshot *s, struct text *t, struct error *err)
{
	char *line;
	int rc = 0;

	while (!rc && (line = text_line(t))) {
		const char *p = line;
		u64 first, last;

		if (!text_u64(&p, 16, &first) || *p++ != '-' || !text_u64(&p, 16, &last) ||
		    strncmp(p, " : ", 3) != 0 || last < first)
			return text_damaged(t, "unreadable range", err);
		/* Without root all addresses read 0: nothing is known then. */
		if (last && !strncmp(p + 3, "System RAM", 10))
			rc = ram_add(s, first, last, t, err);
	}
	ram_to_frames(s);
	ram_merge(s);
	return rc ? rc : ram_reaches_zones(s, t, err);
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

/* What the snapshot command says of the host: "page_size 4096" among it. */
static int load_host(struct snapshot *s, struct text *t, struct error *err)
{
	char *line;
	u64 bytes;

	while ((line = text_line(t))) {
		if (!text_key_value(line, "page_size", &bytes))
			continue;
		if (bytes != 4096 && bytes != 16384 && bytes != 65536)
			return text_damaged(t, "impossible page size", err);
		s->page_shift = (u32)__builtin_ctzll(bytes);
	}
	return 0;
}

/* After zoneinfo: rows name zones. */
static int load_pagetypeinfo(struct snapshot *s, struct text *t, struct error *err)
{
	return t->bytes ? pagetypeinfo_load(s, t, err) : 0;
}

/* After zoneinfo, too. */
static int load_superpageblocks(struct snapshot *s, struct text *t, struct error *err)
{
	return t->bytes ? superpageblocks_load(s, t, err) : 0;
}

/* @proc: a copy of a file of /proc, whose last line has an end when it is whole. */
static const struct {
	const char *name;
	bool required;
	bool proc;
	int (*load)(struct snapshot *s, struct text *t, struct error *err);
} text_files[] = {
	{ "zoneinfo", true, true, load_zoneinfo },
	{ "pagetypeinfo", false, true, load_pagetypeinfo },
	{ "host", false, false, load_host },
	{ "iomem", false, true, load_iomem },
	{ "kernel", false, false, load_kernel },
	{ "superpageblocks", false, true, load_superpageblocks },
};

/* Of a folder; the first that there is counts. */
static const char *const flag_files[] = { "kpageflags", "kpageflags.zst" };

const char *snapshot_folder_name(u32 i)
{
	const size_t flags = i - ARRAY_SIZE(text_files);

	if (i < ARRAY_SIZE(text_files))
		return text_files[i].name;
	return flags < ARRAY_SIZE(flag_files) ? flag_files[flags] : NULL;
}

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
	const u64 end = zones_end(s);
	struct page_classes classes = { 0 };
	char path[TEXT_NAME_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(flag_files) && !classes.nr; i++) {
		int rc = text_path(path, dir, flag_files[i], err);
		FILE *f;

		if (!rc)
			rc = regular_check(path, SNAPSHOT_HINT, err);
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

/* Known classes, and no tail without the frame that it belongs to. */
static bool classes_ok(const u8 *class, u64 nr)
{
	for (u64 i = 0; i < nr; i++) {
		const u8 c = class[i] & PAGE_CLASS_MASK;

		if (c > PAGE_CLASS_KERNEL || class[i] > (PAGE_CLASS_MASK | PAGE_CLASS_TAIL) ||
		    (class[i] & PAGE_CLASS_TAIL && (!i || (class[i - 1] & PAGE_CLASS_MASK) != c)))
			return false;
	}
	return true;
}

/* One byte a frame, as far as the zones reach. */
static int take_classes(struct snapshot *s, struct snapshot_file *f, struct error *err)
{
	struct snapshot_member *m = snapshot_file_find(f, SNAPSHOT_CLASSES);

	if (!m)
		return 0;
	if (m->size < zones_end(s))
		return err_set(err, ERR_DAMAGED, "%s: page classes end at pfn 0x%llx, zones reach to 0x%llx - take the snapshot again",
			       s->path, (unsigned long long)m->size,
			       (unsigned long long)zones_end(s));
	if (!classes_ok((const u8 *)m->bytes, m->size))
		return err_set(err, ERR_DAMAGED, "%s: page classes that do not exist - take the snapshot again",
			       s->path);
	s->page_class = (u8 *)m->bytes;
	s->nr_pfns = zones_end(s);
	m->bytes = NULL;
	clear_holes(s);
	return 0;
}

static int load_all(struct snapshot *s, struct snapshot_file *f, struct error *err)
{
	int rc = 0;

	for (size_t i = 0; i < ARRAY_SIZE(text_files) && !rc; i++) {
		const char *name = text_files[i].name;
		struct text t;

		rc = f ? text_take(&t, f, s->path, name, text_files[i].required, err) :
			 text_load(&t, s->path, name, text_files[i].required, err);
		if (!rc && t.cut && text_files[i].proc)
			rc = err_set(err, ERR_DAMAGED, "%s: cut off in its last line - take the snapshot again",
				     t.name);
		if (!rc)
			rc = text_files[i].load(s, &t, err);
		free(t.bytes);
	}
	if (rc)
		return rc;
	return f ? take_classes(s, f, err) : load_flags(s, s->path, err);
}

static int load_file(struct snapshot *s, struct error *err)
{
	struct snapshot_file *f = calloc(1, sizeof(*f));
	int rc = f ? snapshot_file_read(f, s->path, err) : err_nomem(err, "snapshot");

	if (!rc)
		rc = load_all(s, f, err);
	if (f)
		snapshot_file_fini(f);
	free(f);
	return rc;
}

struct snapshot *snapshot_load(const char *path, struct error *err)
{
	struct snapshot *s = calloc(1, sizeof(*s));
	struct stat st;
	int rc;

	if (!s || !(s->path = strdup(path))) {
		err_nomem(err, "snapshot");
		free(s);
		return NULL;
	}
	if (!stat(path, &st) && S_ISREG(st.st_mode))
		rc = load_file(s, err);
	else
		rc = load_all(s, NULL, err);
	if (!rc)
		return s;
	snapshot_free(s);
	return NULL;
}

void snapshot_free(struct snapshot *s)
{
	if (!s)
		return;
	for (u32 z = 0; s->spbs && z < s->nr_zones; z++)
		free(s->spbs[z].spb);
	free(s->spbs);
	free(s->zones);
	free(s->types);
	free(s->ram);
	free(s->page_class);
	free(s->kernel);
	free(s->path);
	free(s);
}
