// SPDX-License-Identifier: GPL-2.0
/*
 * Speed and size of the event log, on a log made by `spbreplay parse`: decode it, encode the same
 * events again.
 *
 * usage: log_speed FILE.spblog [ROUNDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "replay/log/log.h"
#include "replay/log/log_words.h"

/* CPU time: other work on the machine disturbs it less than wall time. */
static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Read to the end. Return: 0 or the error's code */
static int decode(struct log_reader *r, struct event_block *b, u64 *nr, struct error *err)
{
	int ret = log_reader_rewind(r, err);

	*nr = 0;
	while (!ret && (ret = log_reader_next(r, b, err)) == 1) {
		*nr += b->nr;
		ret = 0;
	}
	return ret;
}

static u64 copy_string(struct log_writer *w, const struct log_reader *r, u64 id)
{
	const char *s = log_reader_string(r, (u32)id);

	return log_writer_string(w, s, strlen(s));
}

/* Events of @b into @w, ids translated. Return: 0 or the error's code */
static int add_block(struct log_writer *w, const struct log_reader *r, const struct event_block *b,
		     struct error *err)
{
	const u64 *extra = b->extra;
	u32 last = ~0u, task = 0;

	for (u32 i = 0; i < b->nr; i++) {
		struct event ev = { .time = b->time[i], .pfn = b->pfn[i], .cpu = b->cpu[i],
				    .kind = b->kind[i], .order = b->order[i],
				    .migratetype = b->migratetype[i] };
		const u32 nr_extra = event_kinds[ev.kind].nr_extra;
		const u16 strings = event_string_mask(ev.kind);
		u32 pid;
		const char *comm;
		int ret;

		if (b->task[i] != last) {
			last = b->task[i];
			log_reader_task(r, last, &pid, &comm);
			task = log_writer_task(w, pid, comm);
		}
		ev.task = task;
		for (u32 j = 0; j < nr_extra; j++, extra++)
			ev.extra[j] = strings >> j & 1 ? copy_string(w, r, *extra) : *extra;
		ret = log_writer_add(w, &ev, err);
		if (ret)
			return ret;
	}
	return 0;
}

/* Decode and encode. Return: 0 or the error's code */
static int encode(struct log_reader *r, struct event_block *b, u64 *bytes, struct error *err)
{
	struct log_writer *w = log_writer_new(err);
	struct log_image *img = NULL;
	int ret = w ? log_reader_rewind(r, err) : -ERR_IO;

	while (!ret && (ret = log_reader_next(r, b, err)) == 1)
		ret = add_block(w, r, b, err);
	if (!ret) {
		img = log_writer_image(w, err);
		*bytes = img ? log_image_bytes(img) : 0;
		ret = img ? 0 : -ERR_IO;
	}
	log_image_free(img);
	log_writer_free(w);
	return ret;
}

int main(int argc, char **argv)
{
	const int rounds = argc > 2 ? atoi(argv[2]) : 5;
	struct error err = { ERR_NONE, "" };
	double best_decode = 1e9, best_encode = 1e9;
	u64 nr = 0, bytes = 0;
	struct event_block b;
	struct log_reader *r;
	int ret = 0;

	if (argc < 2 || rounds < 1) {
		fprintf(stderr, "usage: log_speed FILE.spblog [ROUNDS]\n");
		return ERR_USAGE;
	}
	r = log_reader_open(argv[1], true, &err);
	if (!r || event_block_init(&b)) {
		fprintf(stderr, "log_speed: %s\n", r ? "out of memory" : err.text);
		log_reader_free(r);
		return ERR_IO;
	}
	for (int i = 0; i < rounds && !ret; i++) {
		const double t0 = seconds();
		double t1, t2;

		ret = decode(r, &b, &nr, &err);
		t1 = seconds();
		if (!ret)
			ret = encode(r, &b, &bytes, &err);
		t2 = seconds();
		best_decode = t1 - t0 < best_decode ? t1 - t0 : best_decode;
		best_encode = t2 - t1 - (t1 - t0) < best_encode ? t2 - t1 - (t1 - t0) : best_encode;
	}
	if (ret)
		fprintf(stderr, "log_speed: %s\n", err.text);
	else if (nr)
		printf("%llu events, %.3f bytes an event, decode %.1f M events/s, encode %.1f M\n",
		       (unsigned long long)nr, (double)bytes / (double)nr,
		       (double)nr / best_decode / 1e6, (double)nr / best_encode / 1e6);
	event_block_fini(&b);
	log_reader_free(r);
	return ret ? -ret : 0;
}
