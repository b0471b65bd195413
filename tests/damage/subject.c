// SPDX-License-Identifier: GPL-2.0
#include "tests/damage/subject.h"

#include <json-c/json.h>
#include <libgen.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

#include <cmocka.h>

#include "replay/base/hash.h"
#include "replay/csv/csv_read.h"
#include "replay/fleet/manifest.h"
#include "replay/initial/snapshot.h"
#include "replay/outcome/outcome.h"
#include "replay/outcome/runjson_read.h"
#include "tests/lib/read_capture.h"

#define NR_EVENTS 60

void reading_add(struct reading *r, u32 stream, u64 hash)
{
	if (r->nr < FACTS_MAX)
		r->fact[r->nr++] = (struct fact){ stream, hash };
}

u64 reading_hash(const void *bytes, size_t len)
{
	struct hash64 h;

	hash64_init(&h);
	hash64_update(&h, bytes, len);
	return hash64_final(&h);
}

/* ---- captures and logs ---- */

/* Command lines are left out: they are kept apart from the events, and may be lost alone. */
static void add_events(struct reading *r, struct log_reader *log, const struct event_block *b)
{
	const u64 *extra = b->extra;

	for (u32 i = 0; i < b->nr; i++) {
		const struct event_kind_info *info = &event_kinds[b->kind[i]];
		u64 v[8 + EVENT_MAX_EXTRA] = { b->time[i], b->pfn[i], b->kind[i], b->order[i],
					       (u64)b->migratetype[i], b->cpu[i] };
		const char *comm;
		u32 pid, n = 0;

		log_reader_task(log, b->task[i], &pid, &comm);
		v[6] = pid;
		for (u32 f = 0; f < info->nr_fields; f++) {
			const struct event_field *field = &info->fields[f];
			const char *s;

			if (field->to != FIELD_EXTRA)
				continue;
			v[8 + n] = extra[n];
			if (field->type == EXTRA_STRING) {
				s = log_reader_string(log, (u32)extra[n]);
				v[8 + n] = reading_hash(s, strlen(s));
			}
			n++;
		}
		extra += n;
		reading_add(r, b->cpu[i], reading_hash(v, sizeof(v)));
	}
}

void read_events(struct reading *r, struct log_reader *log, const char *path)
{
	static struct event_block b;
	struct error err = { 0 };
	int ret;

	if (!b.time)
		assert_int_equal(event_block_init(&b), 0);
	while ((ret = log_reader_next(log, &b, &err)) > 0)
		add_events(r, log, &b);
	if (ret && !r->ret) {
		r->ret = ret;
		r->err = err;
	}
	r->partial = log_reader_meta(log)->partial;
	if (r->partial && !r->ret)
		r->ret = err_set(&r->err, ERR_DAMAGED, "%s: %s - results cover what could be read",
				 path, log_reader_meta(log)->partial_why);
}

void read_parsed(const char *path, const struct capture_opts *opts, struct reading *r)
{
	struct log_writer *w = log_writer_new(&r->err);
	struct log_image *img;
	struct log_reader *log;

	assert_non_null(w);
	r->ret = capture_parse(path, opts, w, &r->err);
	if (!r->ret || log_writer_meta(w)->nr_events) {
		img = log_writer_image(w, NULL);
		log = log_reader_open_image(img, NULL);
		assert_non_null(log);
		read_events(r, log, path);
		log_reader_free(log);
		log_image_free(img);
	}
	log_writer_free(w);
}

static void read_trace(const char *path, struct reading *r)
{
	read_parsed(path, NULL, r);
}

static void read_raw(const char *path, struct reading *r)
{
	const struct capture_opts opts = { .format_dir = "tests/data/tracing" };

	read_parsed(path, &opts, r);
}

static void read_log(const char *path, struct reading *r)
{
	struct log_reader *log = log_reader_open(path, false, &r->err);

	if (!log) {
		r->ret = -(int)r->err.code;
		return;
	}
	read_events(r, log, path);
	log_reader_free(log);
}

static void make_trace(const char *path, u32 version, bool zstd)
{
	static const u16 cpus[] = { 0, 1 };
	const struct trace_writer_opts opts = { .version = version, .zstd = zstd,
						.subbuf_size = 512 };
	struct seen_event *v = make_events(NR_EVENTS, cpus, ARRAY_SIZE(cpus));

	write_capture(path, &opts, v, NR_EVENTS);
	free(v);
}

void make_v6(const char *path)
{
	make_trace(path, 6, false);
}

static void make_v7(const char *path)
{
	make_trace(path, 7, false);
}

static void make_v7_zstd(const char *path)
{
	make_trace(path, 7, true);
}

static void make_log(const char *path)
{
	struct error err = { 0 };
	struct log_writer *w = log_writer_new(&err);
	char dat[4096];

	snprintf(dat, sizeof(dat), "%s.dat", path);
	make_v6(dat);
	assert_int_equal(capture_parse(dat, NULL, w, &err), 0);
	assert_int_equal(log_writer_save(w, path, &err), 0);
	log_writer_free(w);
	remove(dat);
}

/*
 * What stands packed in tests/data: its first @want bytes, cut behind the last newline if @lines.
 */
void make_from_data(const char *path, const char *data, size_t want, bool lines)
{
	u8 *packed = malloc(1 << 20), *out = calloc(1, want);
	FILE *f = fopen(data, "rb");
	ZSTD_DStream *zs = ZSTD_createDStream();
	ZSTD_inBuffer in = { packed, 0, 0 };
	ZSTD_outBuffer o = { out, want, 0 };

	assert_true(f && packed && out && zs);
	in.size = fread(packed, 1, 1 << 20, f);
	fclose(f);
	while (o.pos < o.size && in.pos < in.size)
		assert_false(ZSTD_isError(ZSTD_decompressStream(zs, &o, &in)));
	while (lines && o.pos && out[o.pos - 1] != '\n')
		o.pos--;
	write_file(path, out, o.pos);
	ZSTD_freeDStream(zs);
	free(packed);
	free(out);
}

static void make_raw(const char *path)
{
	make_from_data(path, "tests/data/cpu1.raw.zst", 8192, false);
}

static void make_text(const char *path)
{
	make_from_data(path, "tests/data/trace_pipe.txt.zst", 6000, true);
}

/* ---- snapshots ---- */

static const char zoneinfo[] =
	"Node 0, zone   Normal\n  per-node stats\n      nr_slab_reclaimable 30\n"
	"        spanned  64\n        present  64\n  start_pfn:           32\n";
static const char pagetypeinfo[] = "Page block order: 9\nPages per block:  512\n";
static const char iomem[] = "00001000-0005ffff : System RAM\n  00019000-00019fff : Kernel code\n";

static void make_snapshot(const char *path)
{
	char content[2048], classes[96];
	u8 packed[4096];
	ZSTD_CCtx *zs = ZSTD_createCCtx();
	size_t n;
	int len;

	for (size_t i = 0; i < sizeof(classes); i++)
		classes[i] = (char)(i % 5);
	len = snprintf(content, sizeof(content),
		       "spbsnap 1\nzoneinfo %zu\n%spagetypeinfo %zu\n%siomem %zu\n%spage_classes 96\n",
		       strlen(zoneinfo), zoneinfo, strlen(pagetypeinfo), pagetypeinfo,
		       strlen(iomem), iomem);
	memcpy(content + len, classes, sizeof(classes));
	memcpy(content + len + sizeof(classes), "end 0\n", 6);
	assert_non_null(zs);
	assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(zs, ZSTD_c_checksumFlag, 1)));
	n = ZSTD_compress2(zs, packed, sizeof(packed), content, (size_t)len + sizeof(classes) + 6);
	assert_false(ZSTD_isError(n));
	ZSTD_freeCCtx(zs);
	write_file(path, packed, n);
}

static void take_snapshot(const char *path, struct reading *r)
{
	struct snapshot *s = snapshot_load(path, &r->err);

	if (!s) {
		r->ret = -(int)r->err.code;
		return;
	}
	for (u32 i = 0; i < s->nr_zones; i++)
		reading_add(r, 0, reading_hash(&s->zones[i], sizeof(s->zones[i])));
	reading_add(r, 1, s->pageblock_order);
	for (u32 i = 0; i < s->nr_ram; i++)
		reading_add(r, 2, reading_hash(&s->ram[i], sizeof(s->ram[i])));
	if (s->page_class)
		reading_add(r, 3, reading_hash(s->page_class, s->nr_pfns));
	snapshot_free(s);
}

/* @path is one of the files of a folder; the others are whole. */
void make_member(const char *path)
{
	static const struct {
		const char *name, *text;
	} files[] = { { "zoneinfo", zoneinfo }, { "pagetypeinfo", pagetypeinfo },
		      { "iomem", iomem } };
	char dir[4096], file[4200];

	snprintf(dir, sizeof(dir), "%s", path);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		snprintf(file, sizeof(file), "%s/%s", dirname(dir), files[i].name);
		write_file(file, files[i].text, strlen(files[i].text));
		snprintf(dir, sizeof(dir), "%s", path);
	}
}

void read_member(const char *path, struct reading *r)
{
	char dir[4096];

	snprintf(dir, sizeof(dir), "%s", path);
	take_snapshot(dirname(dir), r);
}

/* ---- tables and run.json ---- */

static const char manifest[] =
	"capture,snapshot,host,kernel,workload,rack\na.dat,s,h1,6.18,web,\"r,1\"\n"
	"b.dat,,h2,,,\nc.dat,s3,h3,6.12,db,r2\n";

static void make_manifest(const char *path)
{
	write_file(path, manifest, strlen(manifest));
}

static void read_manifest(const char *path, struct reading *r)
{
	struct manifest m = { 0 };

	r->ret = manifest_load(&m, path, &r->err);
	for (u32 i = 0; !r->ret && i < m.nr; i++)
		reading_add(r, i, m.entries[i].id);
	manifest_fini(&m);
}

static void copy_file(const char *from, const char *to)
{
	char *bytes = malloc(1 << 20);
	FILE *f = fopen(from, "rb");

	assert_true(f && bytes);
	write_file(to, bytes, fread(bytes, 1, 1 << 20, f));
	fclose(f);
	free(bytes);
}

#define OUTCOME "examples/saturation/outcome"

static void make_csv(const char *path)
{
	copy_file(OUTCOME "/taint.csv", path);
}

/* As the readers of a folder do: run.json has the table's hash. */
static int check_table(const char *name, const struct csv_data *d, struct error *err)
{
	struct json_object *run;
	int ret = runjson_read(&run, OUTCOME, err);

	if (!ret) {
		ret = runjson_check_table(run, name, d, err);
		json_object_put(run);
	}
	return ret;
}

static void read_csv(const char *path, struct reading *r)
{
	size_t nr, i = 0;
	const struct csv_table *const *tables = outcome_tables(&nr);
	char dir[4096];
	struct csv_data d;

	while (i < nr && strcmp(tables[i]->file, "taint.csv"))
		i++;
	assert_true(i < nr);
	snprintf(dir, sizeof(dir), "%s", path);
	r->ret = csv_read(&d, dirname(dir), tables[i], &r->err);
	if (r->ret)
		return;
	r->ret = check_table("taint.csv", &d, &r->err);
	for (u32 row = 0; !r->ret && row < d.nr_rows; row++)
		for (u32 c = 0; c < d.nr_columns; c++)
			reading_add(r, 0, reading_hash(csv_cell(&d, row, c), strlen(csv_cell(&d, row, c))));
	csv_data_fini(&d);
}

static void make_runjson(const char *path)
{
	copy_file(OUTCOME "/run.json", path);
}

static void read_runjson(const char *path, struct reading *r)
{
	struct json_object *run = NULL;
	char dir[4096];
	const char *text;

	snprintf(dir, sizeof(dir), "%s", path);
	r->ret = runjson_read(&run, dirname(dir), &r->err);
	if (r->ret)
		return;
	text = json_object_to_json_string(run);
	reading_add(r, 0, reading_hash(text, strlen(text)));
	json_object_put(run);
}

const struct subject subjects[] = {
	{ .name = "v6", .ext = "v6.dat", .make = make_v6, .read = read_trace },
	{ .name = "v7", .ext = "v7.dat", .make = make_v7, .read = read_trace },
	{ .name = "v7 zstd", .ext = "v7z.dat", .make = make_v7_zstd, .read = read_trace },
	{ .name = "raw pages", .ext = "cpu1.raw", .make = make_raw, .read = read_raw,
	  .page = 4096 },
	{ .name = "text", .ext = "trace.txt", .make = make_text, .read = read_trace,
	  .lines = true },
	{ .name = "log", .ext = "x.spblog", .make = make_log, .read = read_log, .checked = true },
	{ .name = "snapshot file", .ext = "x.snap", .make = make_snapshot, .read = take_snapshot,
	  .refuses = true, .checked = true },
	{ .name = "zoneinfo", .ext = "zoneinfo", .make = make_member, .read = read_member,
	  .refuses = true, .lines = true },
	{ .name = "pagetypeinfo", .ext = "pagetypeinfo", .make = make_member, .read = read_member,
	  .refuses = true, .lines = true },
	{ .name = "iomem", .ext = "iomem", .make = make_member, .read = read_member,
	  .refuses = true, .lines = true },
	{ .name = "manifest", .ext = "m.csv", .make = make_manifest, .read = read_manifest,
	  .refuses = true, .lines = true, .by_hand = true, .open_end = true },
	{ .name = "result table", .ext = "taint.csv", .make = make_csv, .read = read_csv,
	  .refuses = true, .lines = true, .checked = true },
	{ .name = "run.json", .ext = "run.json", .make = make_runjson, .read = read_runjson,
	  .refuses = true },
};
const size_t nr_subjects = ARRAY_SIZE(subjects);
