// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE	/* memfd_create */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void fuzz_fail(const char *what, const char *file, int line)
{
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
	abort();
}

static u32 ways_taken;

void fuzz_taken(unsigned int way)
{
	ways_taken |= 1u << way;
}

u32 fuzz_ways_taken(void)
{
	return ways_taken;
}

const char *fuzz_path(const u8 *data, size_t len)
{
	static char path[32];
	static int fd = -1;

	if (fd < 0) {
		fd = memfd_create("fuzz", MFD_CLOEXEC);
		FUZZ_CHECK(fd >= 0);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	}
	FUZZ_CHECK(!ftruncate(fd, (off_t)len));
	FUZZ_CHECK(pwrite(fd, data, len, 0) == (ssize_t)len);
	return path;
}

void fuzz_check_error(int ret, const struct error *err)
{
	if (!ret)
		return;
	FUZZ_CHECK(ret == -(int)err->code);
	FUZZ_CHECK(err->code != ERR_BUG);
	FUZZ_CHECK(!strchr(err->text, '\n'));
	FUZZ_CHECK(strstr(err->text, " - ") || strlen(err->text) + 1 == ERR_TEXT_MAX);
}

void fuzz_check_log(struct log_reader *r)
{
	static struct event_block b;
	struct error err = { 0 };
	u64 last = 0, nr = 0;
	int ret;

	if (!b.time)
		FUZZ_CHECK(!event_block_init(&b));
	while ((ret = log_reader_next(r, &b, &err)) > 0) {
		u64 extra = 0;

		FUZZ_CHECK(b.nr <= EVENT_BLOCK_MAX);
		for (u32 i = 0; i < b.nr; i++) {
			const char *comm;
			u32 pid;

			FUZZ_CHECK(b.kind[i] < NR_EVENT_KINDS);
			FUZZ_CHECK(b.time[i] >= last);
			last = b.time[i];
			log_reader_task(r, b.task[i], &pid, &comm);
			FUZZ_CHECK(strlen(comm) < 64);
			extra += event_kinds[b.kind[i]].nr_extra;
		}
		FUZZ_CHECK(extra == b.nr_extra);
		nr += b.nr;
	}
	fuzz_check_error(ret, &err);
	if (!ret && !log_reader_meta(r)->partial)
		FUZZ_CHECK(nr <= log_reader_meta(r)->nr_events);
}

/* Parse the file @path; nothing that the writer then holds may be lost in silence. */
static void parse(const char *path, const struct capture_opts *opts, struct log_writer *w)
{
	struct error err = { 0 };
	const int ret = capture_parse(path, opts, w, &err);

	fuzz_check_error(ret, &err);
	FUZZ_CHECK(ret != -ERR_IO);
	if (!ret && log_writer_meta(w)->nr_events)
		fuzz_taken(0);
	if (ret && log_writer_meta(w)->nr_events)
		FUZZ_CHECK(log_writer_meta(w)->partial);
}

/* Parse and read the log made of it. */
static void parse_and_read(const char *path, const struct capture_opts *opts)
{
	struct error err = { 0 };
	struct log_writer *w = log_writer_new(&err);
	struct log_image *img;
	struct log_reader *r;
	u64 nr;

	FUZZ_CHECK(w);
	parse(path, opts, w);
	nr = log_writer_meta(w)->nr_events;
	img = log_writer_image(w, &err);
	FUZZ_CHECK(img);
	r = log_reader_open_image(img, &err);
	FUZZ_CHECK(r && log_reader_meta(r)->nr_events == nr);
	fuzz_check_log(r);
	log_reader_free(r);
	log_image_free(img);
	log_writer_free(w);
}

/* A writer that keeps no events. Its tables of names grow with each capture: 256 share one. */
static struct log_writer *shared_writer(void)
{
	static struct log_writer *w;
	static u32 used;
	struct error err = { 0 };

	if (used++ % 256 == 0) {
		log_writer_free(w);
		w = log_writer_new(&err);
		FUZZ_CHECK(w);
		log_writer_discard(w);
	}
	log_meta_fini(log_writer_meta(w));
	FUZZ_CHECK(!log_writer_reset(w, &err));
	return w;
}

void fuzz_parse(const u8 *data, size_t len, const struct capture_opts *opts)
{
	const char *path = fuzz_path(data, len);

	/* Making a log takes longer than parsing: one input in 127. */
	if (len && (len + data[len / 2] * 7u + data[len / 3]) % 127 == 1)
		parse_and_read(path, opts);
	else
		parse(path, opts, shared_writer());
}

void fuzz_parse_tracedat(u32 version, const u8 *data, size_t len)
{
	/* Every other length: with --salvage. */
	const struct capture_opts opts = { .salvage = len % 2 };
	static u8 file[(1u << 20) + 12] = "\x17\x08\x44tracing";

	if (len > sizeof(file) - 12)
		return;
	file[10] = (u8)('0' + version);
	memcpy(file + 12, data, len);
	fuzz_parse(file, 12 + len, &opts);
}
