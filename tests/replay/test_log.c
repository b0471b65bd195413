// SPDX-License-Identifier: GPL-2.0
/*
 * The event log, undamaged: what goes in comes out, by file, by image, by window, by thread.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/log_case.h"
#include "tests/lib/temp_folder.h"

static struct error err;

static int reset(void **state __unused)
{
	memset(&err, 0, sizeof(err));
	return 0;
}

static int remove_folder(void **state __unused)
{
	log_folder_remove();
	return 0;
}

/* Write @c, read it back strictly; the meta must count what is there. */
static void round_trip(const struct log_case *c)
{
	const char *path = temp_path(0, "log");
	struct log_writer *w = case_writer(c);
	u64 count[NR_EVENT_KINDS] = { 0 };
	const struct log_meta *meta;
	struct log_reader *r;
	u32 nr;

	assert_int_equal(log_writer_save(w, path, &err), 0);
	r = log_reader_open(path, true, &err);
	assert_non_null(r);
	for (int pass = 0; pass < 2; pass++) {
		assert_int_equal(case_expect_prefix(c, r, 0, &nr, &err), 0);
		assert_int_equal(nr, c->nr);
		assert_int_equal(log_reader_rewind(r, &err), 0);
	}
	meta = log_reader_meta(r);
	for (u32 i = 0; i < c->nr; i++)
		count[c->ev[i].kind]++;
	for (u32 k = 0; k < NR_EVENT_KINDS; k++)
		assert_int_equal(meta->count[k], count[k]);
	assert_int_equal(meta->nr_events, c->nr);
	assert_int_equal(meta->first_time, c->nr ? c->ev[0].time : 0);
	assert_int_equal(meta->last_time, c->nr ? c->ev[c->nr - 1].time : 0);
	assert_false(meta->partial);
	assert_null(meta->partial_why);
	log_reader_free(r);
	log_writer_free(w);
}

static void test_sizes(void **state __unused)
{
	static const u32 sizes[] = { 0, 1, 2, NR_EVENT_KINDS, 1000, EVENT_BLOCK_MAX - 1,
				     EVENT_BLOCK_MAX, EVENT_BLOCK_MAX + 1, 200000 };

	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct log_case c = case_new(sizes[i], 1000 + i);

		round_trip(&c);
		case_fini(&c);
	}
}

static void test_many_seeds(void **state __unused)
{
	for (u64 seed = 0; seed < 200; seed++) {
		struct log_case c = case_new(300, seed);

		round_trip(&c);
		case_fini(&c);
	}
}

static void test_extreme_events(void **state __unused)
{
	struct log_case c = case_new(64, 5);

	for (u32 i = 0; i < c.nr; i++) {
		struct event *ev = &c.ev[i];

		ev->time = i < 32 ? 0 : ~0ULL - 1 + (i == 63);
		ev->pfn = i & 1 ? EVENT_NO_PFN : i & 2 ? 0 : 1ULL << 63;
		ev->cpu = i & 1 ? 65535 : 0;
		ev->order = i & 1 ? 255 : 0;
		ev->migratetype = i & 1 ? -128 : 127;
		ev->kind = i & 1 ? EVENT_EXTFRAG : EVENT_LOST;
		for (u32 j = 0; j < event_kinds[ev->kind].nr_extra; j++)
			ev->extra[j] = ~0ULL - (i & 1);
	}
	round_trip(&c);
	case_fini(&c);
}

/* More than 256 CPUs, 256 tasks and 255 values of a word: the wide columns. */
static void test_wide_columns(void **state __unused)
{
	struct log_writer *w = log_writer_new(&err);
	struct log_reader *r;
	struct log_image *img;
	struct event_block b;
	u64 i = 0;
	int ret;

	assert_non_null(w);
	for (u32 n = 0; n < 70000; n++) {
		struct event ev = { .time = n, .kind = EVENT_LOST, .migratetype = -1,
				    .cpu = (u16)(n % 3000) };

		ev.task = log_writer_task(w, n, "many");
		ev.extra[0] = n;
		assert_int_equal(log_writer_add(w, &ev, &err), 0);
	}
	img = log_writer_image(w, &err);
	log_writer_free(w);
	r = log_reader_open_image(img, &err);
	assert_non_null(r);
	assert_int_equal(event_block_init(&b), 0);
	while ((ret = log_reader_next(r, &b, &err)) == 1) {
		for (u32 j = 0; j < b.nr; j++, i++) {
			const char *comm;
			u32 pid;

			log_reader_task(r, b.task[j], &pid, &comm);
			assert_int_equal(pid, i);
			assert_string_equal(comm, "many");
			assert_int_equal(b.cpu[j], i % 3000);
			assert_int_equal(b.extra[j], i);
		}
	}
	assert_int_equal(ret, 0);
	assert_int_equal(i, 70000);
	event_block_fini(&b);
	log_reader_free(r);
	log_image_free(img);
}

static void test_counts_equal_stamps(void **state __unused)
{
	static const u64 times[] = { 5, 5, 6, 6, 6, 9 };
	struct log_writer *w = log_writer_new(&err);
	struct event ev = { .kind = EVENT_PAGE_FREE };

	for (u32 i = 0; i < ARRAY_SIZE(times); i++) {
		ev.time = times[i];
		assert_int_equal(log_writer_add(w, &ev, &err), 0);
	}
	assert_int_equal(log_writer_meta(w)->equal_stamps, 3);
	assert_int_equal(log_writer_meta(w)->nr_events, 6);
	log_writer_free(w);
}

static void expect_refused(const struct event *ev, const char *why)
{
	struct log_writer *w = log_writer_new(&err);
	struct event good = { .time = 100, .kind = EVENT_PAGE_FREE };

	assert_int_equal(log_writer_add(w, &good, &err), 0);
	assert_int_equal(log_writer_add(w, ev, &err), -ERR_BUG);
	assert_non_null(strstr(err.text, why));
	good.time = 200;
	memset(&err, 0, sizeof(err));
	assert_int_equal(log_writer_add(w, &good, &err), -ERR_BUG);	/* it sticks */
	assert_non_null(strstr(err.text, why));
	memset(&err, 0, sizeof(err));
	assert_int_equal(log_writer_save(w, temp_path(0, "refused"), &err), -ERR_BUG);
	assert_int_equal(log_writer_meta(w)->nr_events, 1);
	memset(&err, 0, sizeof(err));
	log_writer_free(w);
}

static void test_refused_events(void **state __unused)
{
	expect_refused(&(struct event){ .time = 99, .kind = EVENT_PAGE_FREE }, "backwards");
	expect_refused(&(struct event){ .time = 100, .kind = NR_EVENT_KINDS }, "unknown kind");
	expect_refused(&(struct event){ .time = 100, .kind = 1, .task = 9 }, "unknown task");
	expect_refused(&(struct event){ .time = 100, .kind = EVENT_SPB_ALLOC_WALK,
					.extra = { 9 } }, "unknown string");
}

static void test_ids(void **state __unused)
{
	struct log_writer *w = log_writer_new(&err);
	char text[300];
	u32 a = log_writer_task(w, 1, "x"), s;

	assert_int_equal(log_writer_task(w, 0, ""), 0);
	assert_int_equal(log_writer_task(w, 0, NULL), 0);
	assert_int_equal(log_writer_task(w, 1, "x"), a);
	assert_int_not_equal(log_writer_task(w, 2, "x"), a);
	assert_int_not_equal(log_writer_task(w, 1, "y"), a);
	s = log_writer_string(w, "Normal!", 6);
	assert_int_equal(log_writer_string(w, "Normal", 6), s);
	assert_int_not_equal(log_writer_string(w, "Normal!", 7), s);
	memset(text, 'z', sizeof(text));
	assert_int_equal(log_writer_string(w, text, 300), log_writer_string(w, text, 255));
	log_writer_free(w);
}

/* Index of the first event at or after @time, and of the frame it is in. */
static u32 first_at(const struct log_case *c, u64 time, u32 per_frame)
{
	u32 i = 0;

	while (i < c->nr && c->ev[i].time < time)
		i++;
	return i == c->nr ? c->nr : i / per_frame * per_frame;
}

static void expect_seeks(const struct log_case *c, struct log_reader *r, u32 per_frame)
{
	for (u32 i = 0; i < c->nr; i += 7) {
		for (int d = -1; d <= 1; d++) {
			const u64 time = c->ev[i].time + (u64)(s64)d;
			const u32 first = first_at(c, time, per_frame);
			u32 nr;

			assert_int_equal(log_reader_seek(r, time, &err), 0);
			assert_int_equal(case_expect_prefix(c, r, first, &nr, &err), 0);
			assert_int_equal(nr, c->nr - first);
		}
	}
}

static void test_seek(void **state __unused)
{
	struct log_case c = case_new(500, 77);
	struct log_image *img = case_image(&c, 40);
	const char *path = temp_path(0, "seek");
	struct log_reader *r;
	size_t len;
	u8 *bytes;
	u32 nr;

	assert_int_equal(log_save(img, path, &err), 0);
	r = log_reader_open(path, true, &err);
	assert_non_null(r);
	expect_seeks(&c, r, 40);
	assert_int_equal(log_reader_seek(r, c.ev[499].time + 1, &err), 0);
	assert_int_equal(case_expect_prefix(&c, r, 500, &nr, &err), 0);
	assert_int_equal(nr, 0);
	log_reader_free(r);

	bytes = file_bytes(path, &len);		/* the same without the seek table */
	file_put(path, bytes, len - seek_table_size(img->index.nr));
	free(bytes);
	assert_null(log_reader_open(path, true, &err));
	assert_int_equal(err.code, ERR_DAMAGED);
	memset(&err, 0, sizeof(err));
	r = log_reader_open(path, false, &err);
	assert_non_null(r);
	assert_true(log_reader_meta(r)->partial);
	assert_non_null(strstr(log_reader_meta(r)->partial_why, "seek table missing"));
	assert_int_equal(log_reader_meta(r)->nr_events, 500);
	expect_seeks(&c, r, 40);
	log_reader_free(r);
	log_image_free(img);
	case_fini(&c);
}

struct thread_arg {
	const struct log_case *c;
	const struct log_image *img;
	u32 nr;
	bool same;
};

static void *read_in_thread(void *arg)
{
	struct thread_arg *t = arg;
	struct error e = { ERR_NONE, "" };
	struct event_block b;
	struct log_reader *r = log_reader_open_image(t->img, &e);

	if (!r || event_block_init(&b))
		return NULL;
	t->same = true;
	while (log_reader_next(r, &b, &e) == 1)
		for (u32 i = 0; i < b.nr; i++, t->nr++)
			t->same &= b.pfn[i] == t->c->ev[t->nr].pfn &&
				   b.time[i] == t->c->ev[t->nr].time;
	event_block_fini(&b);
	log_reader_free(r);
	return NULL;
}

static void threads_on(const struct log_case *c, const struct log_image *img)
{
	struct thread_arg arg[4];
	pthread_t thread[4];

	for (u32 i = 0; i < 4; i++) {
		arg[i] = (struct thread_arg){ c, img, 0, false };
		assert_int_equal(pthread_create(&thread[i], NULL, read_in_thread, &arg[i]), 0);
	}
	for (u32 i = 0; i < 4; i++) {
		pthread_join(thread[i], NULL);
		assert_true(arg[i].same);
		assert_int_equal(arg[i].nr, c->nr);
	}
}

static void test_threads(void **state __unused)
{
	struct log_case c = case_new(300000, 9);
	struct log_writer *w = case_writer(&c);
	struct log_image *img = log_writer_image(w, &err);
	struct log_image file = { .index = img->index };

	assert_non_null(img);
	assert_true(log_image_bytes(img) > 0);
	log_writer_free(w);
	threads_on(&c, img);

	/* The same from a temporary file. */
	spool_init(&file.body, 1000);
	assert_int_equal(spool_append(&file.body, img->body.mem, img->body.size, &err), 0);
	assert_int_equal(spool_sync(&file.body, &err), 0);
	assert_non_null(file.body.file);
	threads_on(&c, &file);
	spool_fini(&file.body);
	log_image_free(img);
	case_fini(&c);
}

static void test_finished_writer(void **state __unused)
{
	struct log_case c = case_new(10, 3);
	struct log_writer *w = case_writer(&c);
	struct log_image *img;
	struct event ev = { .time = ~0ULL };

	assert_int_equal(log_writer_save(w, temp_path(0, "first"), &err), 0);
	img = log_writer_image(w, &err);	/* saving first is fine */
	assert_non_null(img);
	assert_int_equal(log_writer_add(w, &ev, &err), -ERR_BUG);
	assert_null(log_writer_image(w, &err));
	log_image_free(img);
	log_writer_free(w);
	case_fini(&c);
}

static void test_spool_spills(void **state __unused)
{
	char *dir = temp_folder();
	struct spool s;
	u8 chunk[700], buf[1000];
	const u8 *p;

	spool_init(&s, 2000);
	s.dir = dir;
	spool_clear(&s);
	for (u32 i = 0; i < 10; i++) {
		memset(chunk, (int)i, sizeof(chunk));
		assert_int_equal(spool_append(&s, chunk, sizeof(chunk), &err), 0);
		assert_int_equal(s.file != NULL, i >= 2);
	}
	assert_int_equal(spool_sync(&s, &err), 0);
	assert_int_equal(s.size, 7000);
	p = spool_at(&s, 650, 1000, buf, &err);
	assert_non_null(p);
	for (u32 i = 0; i < 1000; i++)
		assert_int_equal(p[i], (650 + i) / 700);
	assert_true(temp_folder_holds(dir, s.file));
	spool_fini(&s);
	temp_folder_remove(dir);
}

/* The writer is deterministic: the same events, the same bytes. */
static void test_same_bytes(void **state __unused)
{
	struct log_case c = case_new(70000, 12);
	size_t len[2];
	u8 *bytes[2];

	for (u32 i = 0; i < 2; i++) {
		struct log_writer *w = case_writer(&c);

		assert_int_equal(log_writer_save(w, temp_path(i, i ? "b" : "a"), &err), 0);
		bytes[i] = file_bytes(temp_path(i, i ? "b" : "a"), &len[i]);
		log_writer_free(w);
	}
	assert_int_equal(len[0], len[1]);
	assert_memory_equal(bytes[0], bytes[1], len[0]);
	assert_true(log_sniff(bytes[0], 16));
	assert_false(log_sniff(bytes[0], 15));
	assert_false(log_sniff("\x53\x2a\x4d\x18...............", 16));
	free(bytes[0]);
	free(bytes[1]);
	case_fini(&c);
}

/* Who watches: how far in the case it is, and how often it had to begin again. */
struct watch_case {
	const struct log_case *c;
	u32 at;
	u32 restarts;
};

static void watch_block(void *ctx, const struct event_block *b)
{
	struct watch_case *w = ctx;

	assert_int_equal(b->first, w->at);
	for (u32 i = 0; i < b->nr; i++, w->at++) {
		assert_int_equal(b->kind[i], w->c->ev[w->at].kind);
		assert_int_equal(b->pfn[i], w->c->ev[w->at].pfn);
		assert_int_equal(b->time[i], w->c->ev[w->at].time);
	}
}

static void watch_restart(void *ctx)
{
	struct watch_case *w = ctx;

	w->at = 0;
	w->restarts++;
}

/* Every event once and in order, before the log is handed over; again after a reset. */
static void test_watch(void **state __unused)
{
	struct log_case c = case_new(700000, 15);

	for (u32 threads = 0; threads < 4; threads++) {
		struct watch_case seen = { .c = &c };
		const struct block_watch watch = { watch_block, watch_restart, &seen };
		struct log_writer *w = log_writer_new(&err);
		struct log_image *img;

		assert_non_null(w);
		log_writer_watch(w, &watch);
		assert_int_equal(log_writer_threads(w, threads, &err), 0);
		case_add(&c, 3 * EVENT_BLOCK_MAX + 1, w);
		assert_int_equal(log_writer_reset(w, &err), 0);
		assert_int_equal(seen.restarts, 1);
		assert_int_equal(seen.at, 0);
		case_add(&c, c.nr, w);
		img = log_writer_image(w, &err);
		assert_non_null(img);
		assert_int_equal(seen.at, c.nr);
		assert_int_equal(seen.restarts, 1);
		log_image_free(img);
		log_writer_free(w);
	}
	case_fini(&c);
}

/* A log written by the first version of the format; it must stay readable for ever. */
/* Logs are kept for years: those of the first kinds, and those since compaction has kinds. */
static void expect_golden(const char *path, u32 nr_kinds)
{
	struct log_case c = case_of_kinds(400, 20, nr_kinds);
	struct log_reader *r = log_reader_open(path, true, &err);
	u64 lost = 0;
	u32 nr;

	assert_non_null(r);
	assert_string_equal(log_reader_meta(r)->host, "golden");
	assert_int_equal(log_reader_meta(r)->page_size, 4096);
	for (u32 i = 0; i < c.nr; i++)
		lost += c.ev[i].kind == EVENT_LOST;
	assert_in_range(lost, 1, 399);
	assert_int_equal(log_reader_meta(r)->count[EVENT_LOST], lost);
	assert_int_equal(case_expect_prefix(&c, r, 0, &nr, &err), 0);
	assert_int_equal(nr, 400);
	log_reader_free(r);
	case_fini(&c);
}

static void test_golden(void **state __unused)
{
	expect_golden("tests/data/log-v1.spblog", 13);
	expect_golden("tests/data/log-v1-moves.spblog", 21);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_sizes, reset),
		cmocka_unit_test_setup(test_many_seeds, reset),
		cmocka_unit_test_setup(test_extreme_events, reset),
		cmocka_unit_test_setup(test_wide_columns, reset),
		cmocka_unit_test_setup(test_counts_equal_stamps, reset),
		cmocka_unit_test_setup(test_refused_events, reset),
		cmocka_unit_test_setup(test_ids, reset),
		cmocka_unit_test_setup(test_seek, reset),
		cmocka_unit_test_setup(test_threads, reset),
		cmocka_unit_test_setup(test_finished_writer, reset),
		cmocka_unit_test_setup(test_spool_spills, reset),
		cmocka_unit_test_setup(test_same_bytes, reset),
		cmocka_unit_test_setup(test_watch, reset),
		cmocka_unit_test_setup(test_golden, reset),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, remove_folder);
}
