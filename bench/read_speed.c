// SPDX-License-Identifier: GPL-2.0
/*
 * Speed of reading a capture, part by part, each in one thread and from the page cache:
 *
 *	bytes	read the pages and unpack them: the floor
 *	walk	the same, and step over each record
 *	kbuffer	the same pages through libtraceevent's kbuffer: the reference
 *	events	decode, merge, tasks and quality: everything but hash and log
 *	log	into a log in memory, with the hash of the file
 *
 * Of text, only the last two. Several files are one capture: raw pages, a file for each CPU.
 *
 * CPU time with one job, wall time with more; the best of all rounds.
 *
 * usage: read_speed [-n ROUNDS] [-j JOBS] [-f FORMATS_OF_RAW_PAGES] FILE...
 */
#include <kbuffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "parsers/binary.h"
#include "parsers/pick.h"
#include "parsers/rawpages.h"
#include "parsers/text/text.h"
#include "replay/log/log.h"

/* CPU time, which other work on the machine disturbs less; wall time for several threads. */
static double seconds(u32 jobs)
{
	struct timespec t;

	clock_gettime(jobs > 1 ? CLOCK_MONOTONIC : CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#define FILES_MAX 64

/* What one round works on; @sum keeps the compiler from leaving work out. */
struct bench {
	struct input in[FILES_MAX];
	struct tracedat td[FILES_MAX];
	const struct tracedat_buffer *buffer[FILES_MAX];
	u32 nr;
	struct unpack_room room;
	const char *formats;
	bool text;
	u32 jobs;
	u64 events;
	u64 bytes;
	u64 sum;
	struct error err;
};

/* One page of the buffer. Return: records in it */
typedef u64 (*page_fn)(struct bench *b, const struct page_layout *l, u8 *page);

static u64 no_walk(struct bench *b, const struct page_layout *l, u8 *page)
{
	b->sum += page[l->data_offset];
	return 0;
}

static u64 walk(struct bench *b, const struct page_layout *l, u8 *page)
{
	struct page_cursor c;
	struct page_head head;
	const u8 *data;
	u64 nr = 0;
	u32 len;

	if (!page_open(&c, l, page, l->size, &head))
		return 0;
	while (page_next(&c, &data, &len) == PAGE_EVENT) {
		b->sum += data[0] + c.time;
		nr++;
	}
	return nr;
}

static struct kbuffer *kbuf;

static u64 walk_kbuffer(struct bench *b, const struct page_layout *l __unused, u8 *page)
{
	unsigned long long time;
	u64 nr = 0;
	u8 *data;

	kbuffer_load_subbuffer(kbuf, page);
	while ((data = kbuffer_read_event(kbuf, &time))) {
		b->sum += data[0] + time;
		nr++;
		kbuffer_next_event(kbuf, NULL);
	}
	return nr;
}

/* Each page of file @f through @fn. Return: 0 or negative enum err_code */
static int file_pages(struct bench *b, u32 f, page_fn fn)
{
	struct stream_source src;
	int ret = 0;

	pick_source(&src, &b->td[f], b->buffer[f]);
	for (u32 i = 0; i < b->buffer[f]->nr_cpus && ret >= 0; i++) {
		const struct tracedat_cpu *cpu = &b->buffer[f]->cpu[i];
		const u32 size = src.chunks.layout.size;
		struct error damage = { 0 };
		struct chunks c;

		chunks_init(&c, &src.chunks, cpu->id, cpu->offset, cpu->size,
			    &damage);
		while ((ret = chunks_next(&c, &b->room, &damage, &b->err)) > 0) {
			b->bytes += c.len;
			for (size_t at = 0; at + size <= c.len; at += size)
				b->events += fn(b, &src.chunks.layout, c.buf + at);
		}
		chunks_fini(&c);
	}
	return ret;
}

static int all_pages(struct bench *b, page_fn fn)
{
	int ret = 0;

	b->events = b->bytes = 0;
	for (u32 f = 0; f < b->nr && ret >= 0; f++)
		ret = file_pages(b, f, fn);
	return ret;
}

static int run_bytes(struct bench *b)
{
	return all_pages(b, no_walk);
}

static int run_walk(struct bench *b)
{
	return all_pages(b, walk);
}

static int run_kbuffer(struct bench *b)
{
	return all_pages(b, walk_kbuffer);
}

static int parse(struct bench *b, bool encode)
{
	struct capture_opts opts = { .jobs = b->jobs, .format_dir = b->formats };
	struct log_writer *w = log_writer_new(&b->err);
	struct log_image *img = NULL;
	int ret;

	if (!w)
		return -ERR_IO;
	if (!encode)
		log_writer_discard(w);
	for (u32 f = 0; f < b->nr; f++)
		b->in[f].hashed = !encode;
	ret = b->text ? text_parse(b->in, b->nr, &opts, w, &b->err) :
			binary_parse(b->in, b->nr, &opts, w, &b->err);
	b->events = log_writer_meta(w)->nr_events;
	if (!ret)
		img = log_writer_image(w, &b->err);
	b->bytes = img ? log_image_bytes(img) : 0;
	ret = ret ? ret : img ? 0 : -ERR_IO;
	log_image_free(img);
	log_writer_free(w);
	return ret;
}

static int run_events(struct bench *b)
{
	return parse(b, false);
}

static int run_log(struct bench *b)
{
	return parse(b, true);
}

static const struct {
	const char *name;
	int (*run)(struct bench *b);
} rows[] = {
	{ "bytes", run_bytes },
	{ "walk", run_walk },
	{ "kbuffer", run_kbuffer },
	{ "events", run_events },
	{ "log", run_log },
};

#define NR_ROWS ARRAY_SIZE(rows)
#define FIRST_TEXT_ROW 3

/* Rows in turn, so that a machine that drifts drifts for all. Return: 0 or the error's code */
static int measure(struct bench *b, int rounds)
{
	double best[NR_ROWS];
	u64 events[NR_ROWS], bytes[NR_ROWS];

	for (int n = 0; n <= rounds; n++) {
		for (size_t i = b->text ? FIRST_TEXT_ROW : 0; i < NR_ROWS; i++) {
			double start = seconds(b->jobs), t;
			int ret = rows[i].run(b);

			if (ret < 0)
				return -ret;
			t = seconds(b->jobs) - start;
			events[i] = b->events;
			bytes[i] = b->bytes;
			if (!n || t < best[i])
				best[i] = t;
		}
	}
	for (size_t i = b->text ? FIRST_TEXT_ROW : 0; i < NR_ROWS; i++) {
		/* Where records are not counted: those that a walk would have met. */
		u64 nr = events[i] ? events[i] : events[1];

		printf("%-8s %8.3f s  %7.1f M events/s  %7.1f MB  %6.1f ns an event\n",
		       rows[i].name, best[i], (double)nr / best[i] / 1e6, (double)bytes[i] / 1e6,
		       best[i] / (double)nr * 1e9);
	}
	return 0;
}

/* Return: 0 or negative enum err_code */
static int open_file(struct bench *b, const char *path)
{
	struct tracedat *td = &b->td[b->nr];
	struct input *in = &b->in[b->nr];
	int ret = input_open(in, path, &b->err);

	if (ret)
		return ret;
	b->nr++;
	b->text = !b->formats && !tracedat_is(in);
	if (b->text)
		return 0;
	ret = b->formats ? raw_open(td, in, b->formats, b->nr - 1, &b->err) :
			   tracedat_open(td, in, 0, &b->err);
	return ret ? ret : pick_buffer(td, NULL, &b->buffer[b->nr - 1], &b->err);
}

static int usage(void)
{
	fprintf(stderr, "usage: read_speed [-n ROUNDS] [-j JOBS] [-f FORMATS_OF_RAW_PAGES] FILE...\n");
	return ERR_USAGE;
}

int main(int argc, char **argv)
{
	static struct bench b = { .jobs = 1 };
	int rounds = 5, opt, ret = 0;

	while ((opt = getopt(argc, argv, "n:j:f:")) != -1) {
		if (opt == 'n')
			rounds = atoi(optarg);
		else if (opt == 'j')
			b.jobs = (u32)atoi(optarg);
		else if (opt == 'f')
			b.formats = optarg;
		else
			return usage();
	}
	if (optind == argc || argc - optind > FILES_MAX || rounds < 1 || !b.jobs)
		return usage();
	for (int i = optind; i < argc && !ret; i++)
		ret = open_file(&b, argv[i]);
	if (!ret && !b.text) {
		const struct page_layout *l = &b.td[0].layout;

		kbuf = kbuffer_alloc(l->commit_size == 8 ? KBUFFER_LSIZE_8 : KBUFFER_LSIZE_4,
				     l->big_endian ? KBUFFER_ENDIAN_BIG : KBUFFER_ENDIAN_LITTLE);
	}
	if (!ret)
		ret = -measure(&b, rounds);
	if (ret)
		fprintf(stderr, "read_speed: %s\n", b.err.text);
	kbuffer_free(kbuf);
	unpack_room_fini(&b.room);
	for (u32 f = 0; f < b.nr; f++) {
		tracedat_close(&b.td[f]);
		input_close(&b.in[f]);
	}
	return -ret;
}
