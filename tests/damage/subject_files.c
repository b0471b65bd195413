// SPDX-License-Identifier: GPL-2.0
/*
 * What users hand in beside captures and logs: variants, formats of raw pages, more files of a
 * snapshot folder, results of a fleet, and captures that are packed.
 */
#include "tests/damage/subject.h"

#include <libgen.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cmocka.h>

#include "cmd/common/source.h"
#include "cmd/common/variant_json.h"
#include "model/variant.h"
#include "replay/fleet/fleet.h"
#include "tests/lib/read_capture.h"

static const char *folder_of(const char *path, char dir[4096])
{
	snprintf(dir, 4096, "%s", path);
	return dirname(dir);
}

/* ---- variants ---- */

/* Every knob, so that each is one that a change can reach. */
static void make_variant(const char *path)
{
	struct error err = { 0 };
	struct variant v;
	char *text, *rest;
	char all[16384];
	int n;

	assert_int_equal(variant_load("spb-v1-hotpath", &v, &err), 0);
	text = variant_to_json(&v);
	assert_non_null(text);
	rest = strchr(text, '\n');
	assert_non_null(rest);
	n = snprintf(all, sizeof(all), "{\n  \"base\": \"spb-v2\",%s\n", rest);
	assert_true(n > 0 && (size_t)n < sizeof(all));
	write_file(path, all, (size_t)n);
	free(text);
}

static void read_variant(const char *path, struct reading *r)
{
	struct variant v;
	char *text;

	r->ret = variant_load(path, &v, &r->err);
	if (r->ret)
		return;
	text = variant_to_json(&v);
	assert_non_null(text);
	for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
		reading_add(r, r->nr, reading_hash(line, strlen(line)));
	free(text);
}

/* Is byte @at part of the name of a member, or of what holds the text together? */
static bool variant_fixed(const u8 *whole, size_t len, size_t at)
{
	const u8 *colon;
	size_t from = at;

	/* Each line is "NAME": VALUE, */
	while (from && whole[from - 1] != '\n')
		from--;
	colon = memchr(whole + from, ':', len - from);
	return colon && whole + at <= colon && whole[at] != ' ';
}

/* ---- formats of raw pages: a folder with a header_page and one event ---- */

#define EVENT_FORMAT "kmem/mm_page_free/format"

static void copy_format(const char *dir, const char *name)
{
	char from[4096], to[4096], bytes[8192];
	FILE *f;

	snprintf(from, sizeof(from), "tests/data/tracing/events/%s", name);
	snprintf(to, sizeof(to), "%s/%s", dir, name);
	f = fopen(from, "rb");
	assert_non_null(f);
	write_file(to, bytes, fread(bytes, 1, sizeof(bytes), f));
	fclose(f);
}

static void make_formats(const char *dir)
{
	char sub[4096];

	snprintf(sub, sizeof(sub), "%s/kmem", dir);
	assert_int_equal(mkdir(sub, 0700), 0);
	snprintf(sub, sizeof(sub), "%s/kmem/mm_page_free", dir);
	assert_int_equal(mkdir(sub, 0700), 0);
	copy_format(dir, "header_page");
	copy_format(dir, EVENT_FORMAT);
	snprintf(sub, sizeof(sub), "%s/cpu1.raw", dir);
	make_from_data(sub, "tests/data/cpu1.raw.zst", 8192, false);
}

static void clean_formats(const char *dir)
{
	static const char *const names[] = { "header_page", "cpu1.raw", EVENT_FORMAT,
					     "kmem/mm_page_free", "kmem" };
	char path[4096];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		assert_int_equal(remove(path), 0);
	}
}

static void read_formats(const char *dir, struct reading *r)
{
	const struct capture_opts opts = { .format_dir = dir };
	char raw[4200];

	snprintf(raw, sizeof(raw), "%s/cpu1.raw", dir);
	read_parsed(raw, &opts, r);
}

static void make_header_page(const char *path)
{
	char dir[4096];

	make_formats(folder_of(path, dir));
}

static void clean_header_page(const char *path)
{
	char dir[4096];

	clean_formats(folder_of(path, dir));
}

static void read_header_page(const char *path, struct reading *r)
{
	char dir[4096];

	read_formats(folder_of(path, dir), r);
}

/* @path without "kmem/mm_page_free/format". */
static const char *above_format(const char *path, char dir[4096])
{
	snprintf(dir, 4096, "%.*s", (int)(strlen(path) - strlen(EVENT_FORMAT) - 1), path);
	return dir;
}

static void make_format(const char *path)
{
	char dir[4096];

	make_formats(above_format(path, dir));
}

static void clean_format(const char *path)
{
	char dir[4096];

	clean_formats(above_format(path, dir));
}

static void read_format(const char *path, struct reading *r)
{
	char dir[4096];

	read_formats(above_format(path, dir), r);
}

/* ---- more of a snapshot folder ---- */

#define NR_FRAMES 96u

static void flags_of_frames(u8 flags[8 * NR_FRAMES])
{
	static const u8 bits[] = { 5, 7, 10, 12, 26 };	/* LRU, slab, buddy, anonymous, tables */

	memset(flags, 0, 8 * NR_FRAMES);
	for (u32 i = 0; i < NR_FRAMES; i++) {
		const u8 bit = bits[i % ARRAY_SIZE(bits)];

		flags[8 * i + bit / 8] |= (u8)(1 << bit % 8);
	}
}

static void make_kpageflags(const char *path)
{
	u8 flags[8 * NR_FRAMES];

	make_member(path);
	flags_of_frames(flags);
	write_file(path, flags, sizeof(flags));
}

/* With what a packer adds: a checksum. */
static void write_packed(const char *path, const void *bytes, size_t len)
{
	ZSTD_CCtx *zs = ZSTD_createCCtx();
	const size_t room = ZSTD_compressBound(len);
	u8 *packed = malloc(room);
	size_t n;

	assert_true(zs && packed);
	assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(zs, ZSTD_c_checksumFlag, 1)));
	n = ZSTD_compress2(zs, packed, room, bytes, len);
	assert_false(ZSTD_isError(n));
	write_file(path, packed, n);
	ZSTD_freeCCtx(zs);
	free(packed);
}

static void make_kpageflags_zst(const char *path)
{
	u8 flags[8 * NR_FRAMES];

	make_member(path);
	flags_of_frames(flags);
	write_packed(path, flags, sizeof(flags));
}

/* ---- results of a fleet ---- */

/* Two hosts under two variants, each cell with something in it. */
static void make_merged(const char *path)
{
	char cell[64], all[16384];
	size_t at = 0;

	for (u32 row = 0; row < 5; row++) {
		struct fleet_table t;

		fleet_table_init(&t, "merged.csv", 0, fleet_nr_cells());
		for (u32 i = 0; i < t.table.nr_columns; i++) {
			const char *name = t.columns[i].name;

			if (!row)
				snprintf(cell, sizeof(cell), "%s", name);
			else if (i == FLEET_STATUS)
				snprintf(cell, sizeof(cell), "ok");
			else
				snprintf(cell, sizeof(cell), "%u", 10 * row + i);
			at += (size_t)snprintf(all + at, sizeof(all) - at, "%s%s", i ? "," : "",
					       cell);
		}
		at += (size_t)snprintf(all + at, sizeof(all) - at, "\n");
		assert_true(at < sizeof(all));
	}
	write_file(path, all, at);
}

static void read_merged(const char *path, struct reading *r)
{
	struct fleet_set set = { 0 };

	r->ret = fleet_set_load(&set, path, fleet_nr_cells(), &r->err);
	for (u32 i = 0; !r->ret && i < set.nr; i++)
		for (u32 c = 0; c < fleet_nr_cells(); c++)
			reading_add(r, 0, reading_hash(set.rows[i].cell[c],
						       strlen(set.rows[i].cell[c])));
	fleet_set_fini(&set);
}

/* ---- packed captures: as commands open them ---- */

static void make_packed(const char *path)
{
	char plain[4200];
	u8 *bytes = malloc(1 << 20);
	size_t len;
	FILE *f;

	snprintf(plain, sizeof(plain), "%s.plain", path);
	make_v6(plain);
	f = fopen(plain, "rb");
	assert_true(f && bytes);
	len = fread(bytes, 1, 1 << 20, f);
	fclose(f);
	remove(plain);
	write_packed(path, bytes, len);
	free(bytes);
}

static void read_packed(const char *path, struct reading *r)
{
	const struct str_list paths = { .nr = 1, .at = { path } };
	const struct source_opts opts = { .quiet = true };
	struct source src;

	r->ret = source_open(&src, &paths, &opts, &r->err);
	if (r->ret)
		return;
	read_events(r, src.reader, path);
	r->ret = 0;
	r->err = (struct error){ 0 };
	r->ret = source_damage(&src, &r->err);
	source_close(&src);
}

const struct subject file_subjects[] = {
	{ .name = "variant", .ext = "v.json", .make = make_variant, .read = read_variant,
	  .fixed = variant_fixed, .refuses = true, .by_hand = true, .closed = true },
	{ .name = "header_page", .ext = "header_page", .make = make_header_page,
	  .read = read_header_page, .clean = clean_header_page },
	{ .name = "event format", .ext = EVENT_FORMAT, .make = make_format, .read = read_format,
	  .clean = clean_format },
	{ .name = "kpageflags", .ext = "kpageflags", .make = make_kpageflags, .read = read_member,
	  .refuses = true, .page = 8 * NR_FRAMES },
	{ .name = "kpageflags.zst", .ext = "kpageflags.zst", .make = make_kpageflags_zst,
	  .read = read_member, .refuses = true, .checked = true },
	{ .name = "merged.csv", .ext = "merged.csv", .make = make_merged, .read = read_merged,
	  .refuses = true, .lines = true, .by_hand = true },
	{ .name = "v6, packed", .ext = "v6.dat.zst", .make = make_packed, .read = read_packed,
	  .checked = true, .costly = 16 },
};
const size_t nr_file_subjects = ARRAY_SIZE(file_subjects);
