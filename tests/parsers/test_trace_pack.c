// SPDX-License-Identifier: GPL-2.0
/*
 * Recorded pages packed into a trace.dat and read again: also of CPUs that recorded nothing, which
 * have a place in the file all the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parsers/outbuf.h"
#include "parsers/writer/trace_pack.h"
#include "parsers/writer/trace_writer_format.h"
#include "tests/lib/specimen.h"

#define PAGE 4096

static struct outbuf texts[NR_EVENT_KINDS];
static struct pack_format formats[NR_EVENT_KINDS];

static u32 make_formats(void)
{
	u32 nr = 0;

	for (u8 k = 0; k < NR_EVENT_KINDS; k++) {
		struct record_layout l;

		if (!event_kinds[k].system)
			continue;
		record_layout_init(&l, k, 8);
		record_format_text(&texts[k], k, &l);
		outbuf_bytes(&texts[k], "", 1);
		assert_false(texts[k].failed);
		formats[nr++] = (struct pack_format){ event_kinds[k].system, (char *)texts[k].data };
	}
	return nr;
}

static u64 load64(const struct specimen *s, size_t at)
{
	u64 v;

	memcpy(&v, s->bytes + at, 8);
	return v;
}

/* A text of version 6: its name, its size, itself. */
static char *text_of(const struct specimen *s, const char *name)
{
	const size_t at = specimen_find(s, 0, name, strlen(name) + 1) + strlen(name) + 1;

	return strndup(s->bytes + at + 8, load64(s, at));
}

/* The pages of CPU @i, in a file without a name. */
static FILE *pages_of(const struct specimen *s, u32 i, u64 *size)
{
	const size_t table = specimen_find(s, 0, "flyrecord", 10) + 10;
	FILE *f = tmpfile();

	*size = load64(s, table + 16 * i + 8);
	assert_non_null(f);
	assert_int_equal(fwrite(s->bytes + load64(s, table + 16 * i), 1, *size, f), *size);
	assert_int_equal(fflush(f), 0);
	return f;
}

static u64 events_of(const struct specimen *s, u16 cpu)
{
	u64 nr = 0;

	for (u64 i = 0; i < SPECIMEN_EVENTS; i++)
		nr += s->v[i].ev.cpu == cpu;
	return nr;
}

/* @busy: the one of four CPUs that has pages */
static void one_busy_cpu(const struct specimen *s, struct trace_pack p, u32 busy)
{
	struct pack_cpu cpus[4];
	struct read_capture rc;
	struct error err = { 0 };
	FILE *f[4];
	u64 size;

	for (u32 i = 0; i < 4; i++) {
		f[i] = i == busy ? pages_of(s, 0, &size) : tmpfile();
		assert_non_null(f[i]);
		cpus[i] = (struct pack_cpu){ .id = i, .fd = fileno(f[i]),
					     .size = i == busy ? size : 0 };
	}
	p.cpus = cpus;
	p.nr_cpus = 4;
	assert_int_equal(trace_pack_write(&p, specimen_path, &err), 0);
	read_capture(&rc, specimen_path, NULL);
	assert_string_equal(rc.err.text, "");
	assert_int_equal(rc.ret, 0);
	assert_int_equal(rc.nr, events_of(s, 0));
	for (u64 i = 0; i < rc.nr; i++)
		assert_int_equal(rc.v[i].ev.cpu, busy);
	read_capture_fini(&rc);
	for (u32 i = 0; i < 4; i++)
		fclose(f[i]);
}

static void cpus_without_events(void **state)
{
	struct specimen s = specimen_make(&(struct trace_writer_opts){ .version = 6 });
	char *page = text_of(&s, "header_page"), *event = text_of(&s, "header_event");
	struct trace_pack p = {
		.subbuf_size = PAGE, .header_page = page, .header_event = event,
		.nr_formats = make_formats(), .formats = formats, .cmdlines = "1 init\n",
		.clock = "local [mono]", .uname = "Linux host 6.18.0 x86_64",
	};

	(void)state;
	for (u32 how = 0; how < 3; how++) {
		p.version = how ? 7 : 6;
		p.zstd = how == 2;
		for (u32 busy = 0; busy < 4; busy++)
			one_busy_cpu(&s, p, busy);
	}
	for (u8 k = 0; k < NR_EVENT_KINDS; k++)
		outbuf_fini(&texts[k]);
	free(event);
	free(page);
	specimen_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpus_without_events),
	};

	return cmocka_run_group_tests(tests, specimen_begin, specimen_end);
}
