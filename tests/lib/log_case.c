// SPDX-License-Identifier: GPL-2.0
#include "tests/lib/log_case.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "replay/log/log_frame.h"
#include "replay/log/log_words.h"
#include "tests/lib/temp_folder.h"

#define NR_TASKS 7
#define NR_STRINGS 4

static const struct {
	u32 pid;
	const char *comm;
} tasks[NR_TASKS] = {
	{ 0, "" }, { 1, "init" }, { 4194303, "kworker/0:1-mm" }, { 77, "a b<.../-1" },
	{ 78, "a b<.../-1" }, { ~0u, "\xff\xfe" },
	{ 5, "a comm of the sixty-three bytes that a log can hold, and no mor" },
};

static const char *const strings[NR_STRINGS] = { "", "Normal", "DMA32", "Movable" };

u32 case_pid(u32 task)
{
	return tasks[task].pid;
}

const char *case_comm(u32 task)
{
	return tasks[task].comm;
}

const char *case_string(u64 id)
{
	return strings[id];
}

static u64 next_random(u64 *state)
{
	u64 z = *state += 0x9E3779B97F4A7C15ULL;

	z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ULL;
	z = (z ^ z >> 27) * 0x94D049BB133111EBULL;
	return z ^ z >> 31;
}

/* Mostly small, now and then anything. */
static u64 random_word(u64 *state)
{
	const u64 x = next_random(state);

	switch (x & 15) {
	case 0:
		return ~0ULL;
	case 1:
		return next_random(state);
	case 2:
		return 1ULL << 63;
	default:
		return x >> 58;
	}
}

static u64 random_pfn(u64 *state, u64 prev)
{
	const u64 x = next_random(state);

	switch (x & 31) {
	case 0:
		return EVENT_NO_PFN;
	case 1:
		return next_random(state);
	case 2:
		return 0;
	case 3:
		return prev + (1ULL << 63);	/* the one delta that has no code of its own */
	case 4:
		return prev - 1 - (1ULL << 63);
	default:
		return prev + (x >> 40) % 9 - 4;
	}
}

static u64 random_delta(u64 *state)
{
	const u64 x = next_random(state);

	switch (x & 31) {
	case 0:
		return x >> 24;			/* about 18 minutes */
	case 1:
		return (x >> 40) % 70000;
	case 2:
	case 3:
		return 0;
	default:
		return 280 + (x >> 40) % 4 * 10;
	}
}

struct log_case case_of_kinds(u32 nr, u64 seed, u32 nr_kinds)
{
	struct log_case c = { nr, calloc(nr + 1, sizeof(*c.ev)) };
	u64 time = 3208550578518ULL, pfn = 0x1f42de;

	assert_non_null(c.ev);
	for (u32 i = 0; i < nr; i++) {
		struct event *ev = &c.ev[i];
		u64 x = next_random(&seed);

		ev->kind = (u8)(i < nr_kinds ? i : x % 3 ? x % 5 : x % nr_kinds);
		ev->cpu = (u16)((x >> 8) % 16 ? (x >> 8) % 4 : x >> 40);
		ev->task = (u32)((x >> 16) % NR_TASKS);
		ev->order = (u8)((x >> 24) % 16 ? (x >> 24) % 11 : x >> 32);
		ev->migratetype = (s8)((x >> 32) % 16 ? (s8)((x >> 32) % 4) - 1 : (s8)(x >> 56));
		time += i ? random_delta(&seed) : 0;
		ev->time = time;
		pfn = random_pfn(&seed, pfn);
		ev->pfn = pfn;
		for (u32 j = 0; j < event_kinds[ev->kind].nr_extra; j++)
			ev->extra[j] = event_string_mask(ev->kind) >> j & 1 ?
					       next_random(&seed) % NR_STRINGS :
					       random_word(&seed);
	}
	return c;
}

struct log_case case_new(u32 nr, u64 seed)
{
	return case_of_kinds(nr, seed, NR_EVENT_KINDS);
}

void case_fini(struct log_case *c)
{
	free(c->ev);
	memset(c, 0, sizeof(*c));
}

void case_add(const struct log_case *c, u32 nr, struct log_writer *w)
{
	struct error err = { ERR_NONE, "" };

	for (u32 i = 0; i < nr; i++) {
		struct event ev = c->ev[i];

		ev.task = log_writer_task(w, tasks[ev.task].pid, tasks[ev.task].comm);
		for (u32 j = 0; j < event_kinds[ev.kind].nr_extra; j++)
			if (event_string_mask(ev.kind) >> j & 1)
				ev.extra[j] = log_writer_string(w, strings[ev.extra[j]],
								strlen(strings[ev.extra[j]]));
		assert_int_equal(log_writer_add(w, &ev, &err), 0);
	}
}

struct log_writer *case_writer(const struct log_case *c)
{
	struct error err = { ERR_NONE, "" };
	struct log_writer *w = log_writer_new(&err);

	assert_non_null(w);
	case_add(c, c->nr, w);
	return w;
}

static void block_add(struct event_block *b, const struct event *ev)
{
	const u32 i = b->nr++;

	b->time[i] = ev->time;
	b->pfn[i] = ev->pfn;
	b->task[i] = ev->task;
	b->cpu[i] = ev->cpu;
	b->kind[i] = ev->kind;
	b->order[i] = ev->order;
	b->migratetype[i] = ev->migratetype;
	for (u32 j = 0; j < event_kinds[ev->kind].nr_extra; j++)
		b->extra[b->nr_extra++] = ev->extra[j];
}

static void image_add(struct log_image *img, struct frame_encoder *enc, struct event_block *b,
		      const struct intern *task_ids, const struct intern *string_ids)
{
	struct frame_info info = { .seq = img->index.nr, .first_event = b->first };
	struct frame_pos pos = { .offset = img->body.size };
	struct error err = { ERR_NONE, "" };
	u8 head[WIRE_INFO_MAX];
	const u8 *data;

	assert_int_equal(frame_encode(enc, b, &(struct frame_names){ task_ids, string_ids, NULL },
				      &info, &data, &err), 0);
	wire_put_info(head, &info);
	pos.info_size = (u32)frame_info_size(&info);
	pos.csize = info.csize;
	pos.usize = info.usize;
	assert_int_equal(spool_append(&img->body, head, pos.info_size, &err), 0);
	assert_int_equal(spool_append(&img->body, data, info.csize, &err), 0);
	assert_int_equal(frame_index_add(&img->index, &pos), 0);
	b->first += b->nr;
	b->nr = 0;
	b->nr_extra = 0;
}

struct log_image *case_image(const struct log_case *c, u32 per_frame)
{
	struct log_image *img = calloc(1, sizeof(*img));
	struct frame_encoder *enc = frame_encoder_new();
	struct intern task_ids, string_ids;
	struct event_block b;
	u32 id;

	assert_true(img && enc);
	assert_int_equal(event_block_init(&b), 0);
	assert_int_equal(intern_init(&task_ids, NR_TASKS), 0);
	assert_int_equal(intern_init(&string_ids, NR_STRINGS), 0);
	for (u32 t = 0; t < NR_TASKS; t++) {
		const size_t len = strlen(tasks[t].comm);

		assert_int_equal(intern_id(&task_ids, tasks[t].pid, tasks[t].comm, len, &id), 0);
	}
	for (u32 s = 0; s < NR_STRINGS; s++)
		assert_int_equal(intern_id(&string_ids, 0, strings[s], strlen(strings[s]), &id), 0);
	spool_init(&img->body, SPOOL_MEMORY);
	for (u32 i = 0; i < c->nr; i++) {
		block_add(&b, &c->ev[i]);
		img->meta.count[c->ev[i].kind]++;
		if (b.nr == per_frame || i + 1 == c->nr)
			image_add(img, enc, &b, &task_ids, &string_ids);
	}
	img->meta.nr_events = c->nr;
	img->meta.first_time = c->nr ? c->ev[0].time : 0;
	img->meta.last_time = c->nr ? c->ev[c->nr - 1].time : 0;
	event_block_fini(&b);
	intern_fini(&task_ids);
	intern_fini(&string_ids);
	frame_encoder_free(enc);
	return img;
}

/* Event @i of @b, whose extra words begin at @extra, must be @want. */
static void expect_event(const struct event *want, const struct log_reader *r,
			 const struct event_block *b, u32 i, const u64 *extra)
{
	const char *comm;
	u32 pid;

	assert_int_equal(b->time[i], want->time);
	assert_int_equal(b->pfn[i], want->pfn);
	assert_int_equal(b->cpu[i], want->cpu);
	assert_int_equal(b->kind[i], want->kind);
	assert_int_equal(b->order[i], want->order);
	assert_int_equal(b->migratetype[i], want->migratetype);
	log_reader_task(r, b->task[i], &pid, &comm);
	assert_int_equal(pid, case_pid(want->task));
	assert_string_equal(comm, case_comm(want->task));
	for (u32 j = 0; j < event_kinds[want->kind].nr_extra; j++) {
		if (event_string_mask(want->kind) >> j & 1)
			assert_string_equal(log_reader_string(r, (u32)extra[j]),
					    case_string(want->extra[j]));
		else
			assert_int_equal(extra[j], want->extra[j]);
	}
}

int case_expect_prefix(const struct log_case *c, struct log_reader *r, u32 first, u32 *nr,
		       struct error *err)
{
	static struct event_block b;	/* kept: a test may read thousands of logs */
	int ret;

	if (!b.time)
		assert_int_equal(event_block_init(&b), 0);
	*nr = 0;
	while ((ret = log_reader_next(r, &b, err)) == 1) {
		const u64 *extra = b.extra;

		assert_int_equal(b.first, first + *nr);
		assert_true(first + *nr + b.nr <= c->nr);
		for (u32 i = 0; i < b.nr; i++) {
			expect_event(&c->ev[first + *nr + i], r, &b, i, extra);
			extra += event_kinds[b.kind[i]].nr_extra;
		}
		assert_int_equal(extra - b.extra, b.nr_extra);
		*nr += b.nr;
	}
	return ret;
}

/* ---- files ---- */

static char *folder;

const char *log_folder(void)
{
	if (!folder)
		folder = temp_folder();
	return folder;
}

const char *temp_path(u32 slot, const char *name)
{
	static char path[4][4096];

	snprintf(path[slot], sizeof(path[slot]), "%s/%s", log_folder(), name);
	return path[slot];
}

u32 temp_files(void)
{
	DIR *dir = opendir(log_folder());
	u32 nr = 0;

	assert_non_null(dir);
	while (readdir(dir))
		nr++;
	closedir(dir);
	return nr - 2;
}

void log_folder_remove(void)
{
	if (folder)
		temp_folder_remove(folder);
	folder = NULL;
}

u8 *file_bytes(const char *path, size_t *len)
{
	FILE *f = fopen(path, "r");
	u8 *bytes;
	long size;

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	size = ftell(f);
	rewind(f);
	bytes = malloc((size_t)size + 1);
	assert_non_null(bytes);
	*len = fread(bytes, 1, (size_t)size, f);
	assert_int_equal(*len, size);
	fclose(f);
	return bytes;
}

void file_put(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}
