// SPDX-License-Identifier: GPL-2.0
#include "tests/lib/read_capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void store_string(const struct log_reader *r, const struct event *ev, struct seen_event *s)
{
	const struct event_kind_info *info = &event_kinds[ev->kind];
	u32 nr_extra = 0;

	for (u32 i = 0; i < info->nr_fields; i++) {
		if (info->fields[i].to != FIELD_EXTRA)
			continue;
		if (info->fields[i].type == EXTRA_STRING) {
			snprintf(s->name, sizeof(s->name), "%s",
				 log_reader_string(r, (u32)ev->extra[nr_extra]));
			/* Ids depend on the order of first use: the text is what counts. */
			s->ev.extra[nr_extra] = 0;
		}
		nr_extra++;
	}
}

static void store_block(struct read_capture *rc, const struct log_reader *r,
			const struct event_block *b)
{
	const u64 *extra = b->extra;

	rc->v = realloc(rc->v, (rc->nr + b->nr) * sizeof(*rc->v));
	assert_non_null(rc->v);
	for (u32 i = 0; i < b->nr; i++) {
		struct seen_event *s = &rc->v[rc->nr++];
		const char *comm;

		memset(s, 0, sizeof(*s));
		s->ev = (struct event){
			.time = b->time[i], .pfn = b->pfn[i], .cpu = b->cpu[i],
			.kind = b->kind[i], .order = b->order[i],
			.migratetype = b->migratetype[i],
		};
		memcpy(s->ev.extra, extra, event_kinds[b->kind[i]].nr_extra * sizeof(*extra));
		extra += event_kinds[b->kind[i]].nr_extra;
		log_reader_task(r, b->task[i], &s->pid, &comm);
		snprintf(s->comm, sizeof(s->comm), "%s", comm);
		store_string(r, &s->ev, s);
	}
}

static void read_back(struct read_capture *rc, const struct log_image *img)
{
	struct error err = { 0 };
	struct log_reader *r = log_reader_open_image(img, &err);
	struct event_block b;
	int ret;

	assert_non_null(r);
	assert_int_equal(event_block_init(&b), 0);
	while ((ret = log_reader_next(r, &b, &err)) > 0)
		store_block(rc, r, &b);
	assert_int_equal(ret, 0);
	assert_int_equal(log_meta_copy(&rc->meta, log_reader_meta(r)), 0);
	event_block_fini(&b);
	log_reader_free(r);
}

void read_capture(struct read_capture *rc, const char *path, const struct capture_opts *opts)
{
	struct error err = { 0 };
	struct log_writer *w = log_writer_new(&err);
	struct log_image *img;
	u64 nr;

	memset(rc, 0, sizeof(*rc));
	assert_non_null(w);
	rc->ret = capture_parse(path, opts, w, &rc->err);
	assert_int_equal(rc->ret, -(int)rc->err.code);
	nr = log_writer_meta(w)->nr_events;
	img = log_writer_image(w, &err);
	assert_non_null(img);
	log_writer_free(w);
	read_back(rc, img);
	assert_int_equal(rc->nr, nr);
	log_image_free(img);
}

void read_capture_fini(struct read_capture *rc)
{
	free(rc->v);
	log_meta_fini(&rc->meta);
	memset(rc, 0, sizeof(*rc));
}

static u32 next_random(u64 *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)(*state >> 32);
}

/* Columns of a made-up event; what a kind lacks reads back as none. */
static void make_columns(struct seen_event *s, u64 *state)
{
	static const char *const zones[] = { "Normal", "DMA32", "Movable", "" };
	const struct event_kind_info *info = &event_kinds[s->ev.kind];
	u32 nr_extra = 0;

	s->ev.pfn = EVENT_NO_PFN;
	s->ev.migratetype = EVENT_NO_MT;
	for (u32 i = 0; i < info->nr_fields; i++) {
		const struct event_field *f = &info->fields[i];
		u32 r = next_random(state);

		if (f->to == FIELD_PFN)
			s->ev.pfn = r % 97 ? r % 0x7fffff : EVENT_NO_PFN;
		else if (f->to == FIELD_ORDER)
			s->ev.order = (u8)(r % 11);
		else if (f->to == FIELD_MT)
			s->ev.migratetype = (s8)(r % 6);
		else if (f->type == EXTRA_STRING)
			snprintf(s->name, sizeof(s->name), "%s", zones[r % 4]);
		else
			s->ev.extra[nr_extra] = f->type == EXTRA_BOOL ? r & 1 : r >> 1;
		nr_extra += f->to == FIELD_EXTRA;
	}
}

static int by_time_cpu(const void *a, const void *b)
{
	const struct seen_event *x = a, *y = b;

	if (x->ev.time != y->ev.time)
		return x->ev.time < y->ev.time ? -1 : 1;
	if (x->ev.cpu != y->ev.cpu)
		return x->ev.cpu < y->ev.cpu ? -1 : 1;
	return x->ev.task < y->ev.task ? -1 : x->ev.task > y->ev.task;
}

struct seen_event *make_events(u64 nr, const u16 *cpus, u32 nr_cpus)
{
	struct seen_event *v = calloc(nr, sizeof(*v));
	u64 state = 42, time = 1000000000;

	assert_non_null(v);
	for (u64 i = 0; i < nr; i++) {
		struct seen_event *s = &v[i];

		/* Steps of 0 to 2 ns give equal stamps, steps of seconds give time extends. */
		time += i % 701 == 700 ? 3000000000ULL : next_random(&state) % 3;
		s->ev.time = time;
		s->ev.cpu = cpus[next_random(&state) % nr_cpus];
		s->ev.kind = (u8)(next_random(&state) % (NR_EVENT_KINDS - 1));
		s->ev.kind = (u8)(s->ev.kind + (s->ev.kind >= EVENT_LOST));
		s->ev.task = (u32)i;	/* order of making, until sorted */
		if (i % 311 == 310) {
			s->ev.kind = EVENT_LOST;
			s->ev.pfn = EVENT_NO_PFN;
			s->ev.migratetype = EVENT_NO_MT;
			s->ev.extra[0] = i % 2 ? i : 0;
			continue;
		}
		make_columns(s, &state);
		s->pid = next_random(&state) % 40;
		snprintf(s->comm, sizeof(s->comm), s->pid ? "task %u" : "<idle>", s->pid);
	}
	qsort(v, nr, sizeof(*v), by_time_cpu);
	for (u64 i = 0; i < nr; i++)
		v[i].ev.task = 0;
	return v;
}

void write_capture(const char *path, const struct trace_writer_opts *opts,
		   const struct seen_event *v, u64 nr)
{
	struct error err = { 0 };
	struct trace_writer *w = trace_writer_open(path, opts, &err);

	assert_non_null(w);
	for (u64 i = 0; i < nr; i++)
		assert_int_equal(trace_writer_event(w, &v[i].ev, v[i].pid, v[i].comm, v[i].name,
						    &err), 0);
	assert_int_equal(trace_writer_close(w, &err), 0);
	assert_string_equal(err.text, "");
}

void write_file(const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

void assert_same_event(const struct seen_event *got, const struct seen_event *want)
{
	assert_int_equal(got->ev.time, want->ev.time);
	assert_int_equal(got->ev.cpu, want->ev.cpu);
	assert_int_equal(got->ev.kind, want->ev.kind);
	assert_int_equal(got->ev.pfn, want->ev.pfn);
	assert_int_equal(got->ev.order, want->ev.order);
	assert_int_equal(got->ev.migratetype, want->ev.migratetype);
	assert_memory_equal(got->ev.extra, want->ev.extra, sizeof(got->ev.extra));
	assert_int_equal(got->pid, want->pid);
	assert_string_equal(got->comm, want->comm);
	assert_string_equal(got->name, want->name);
}
