// SPDX-License-Identifier: GPL-2.0
/*
 * Pieces of the parser on their own: records of a page, statistics of the kernel, command lines,
 * format texts, lines of text, the hash.
 */
#include "parsers/decode.h"
#include "parsers/format_text.h"
#include "parsers/outbuf.h"
#include "parsers/page.h"
#include "parsers/text/text_line.h"
#include "parsers/tracedat/tracedat.h"
#include "replay/base/hash.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define PAGE_BYTES 512

/* ---- pages ---- */

static const struct page_layout layout = {
	.size = PAGE_BYTES, .commit_offset = 8, .commit_size = 8, .data_offset = 16,
};

/* Walk a page of @nr words that begins at time 1000; returns the last step. */
static enum page_step walk(const u32 *words, u32 nr, u64 start, u64 *times, u32 *nr_events)
{
	u8 page[PAGE_BYTES + PAGE_SLACK] = { 0 };
	struct page_cursor c;
	struct page_head head;
	enum page_step step;
	const u8 *data;
	u32 len;

	outbuf_store(page, start, 8, false);
	outbuf_store(page + 8, 4 * nr, 8, false);
	for (u32 i = 0; i < nr; i++)
		outbuf_store(page + 16 + 4 * i, words[i], 4, false);
	assert_true(page_open(&c, &layout, page, PAGE_BYTES, &head));
	*nr_events = 0;
	while ((step = page_next(&c, &data, &len)) == PAGE_EVENT) {
		assert_true(data >= page + 16 && data + len <= page + 16 + 4 * nr);
		times[(*nr_events)++] = c.time;
	}
	return step;
}

#define RECORD(type, delta) ((u32)(delta) << 5 | (type))

static void records_of_a_page(void **state)
{
	const u32 words[] = {
		RECORD(1, 5), 0,			/* 1005 */
		RECORD(30, 3), 2,			/* extend: 3 + (2 << 27) */
		RECORD(2, 1), 0, 0,
		RECORD(0, 10), 12, 0, 0,		/* 8 bytes, length in a word */
		RECORD(29, 7), 8, 0,			/* discarded: 8 bytes behind the header */
		RECORD(1, 0), 0,
		RECORD(31, 99), 1000,			/* absolute */
		RECORD(1, 1), 0,
		RECORD(29, 0), 0xffffffff,		/* the rest is empty */
		RECORD(1, 1), 0,
	};
	const u64 t1 = 1005 + 3 + (2ULL << 27) + 1;
	u64 times[16];
	u32 nr;

	(void)state;
	assert_int_equal(walk(words, ARRAY_SIZE(words), 1000, times, &nr), PAGE_END);
	assert_int_equal(nr, 5);
	assert_int_equal(times[0], 1005);
	assert_int_equal(times[1], t1);
	assert_int_equal(times[2], t1 + 10);
	assert_int_equal(times[3], t1 + 17);
	assert_int_equal(times[4], (1000ULL << 27) + 99 + 1);
}

static void top_bits_of_an_absolute_stamp(void **state)
{
	const u32 words[] = { RECORD(31, 5), 2, RECORD(1, 0), 0 };
	const u64 top = 3ULL << 59;
	u64 times[4];
	u32 nr;

	(void)state;
	walk(words, ARRAY_SIZE(words), top + 7, times, &nr);
	assert_int_equal(times[0], top + (2ULL << 27) + 5);
	/* Smaller than the clock so far: the 59 bits have wrapped. */
	walk(words, ARRAY_SIZE(words), top + (3ULL << 27), times, &nr);
	assert_int_equal(times[0], (4ULL << 59) + (2ULL << 27) + 5);
}

static void records_with_bad_lengths(void **state)
{
	static const u32 bad[][4] = {
		{ RECORD(28, 0), 0, 0, 0 },		/* past the end */
		{ RECORD(0, 0), 0, 0, 0 },		/* does not even cover itself */
		{ RECORD(0, 0), 0xfffffffc, 0, 0 },
		{ RECORD(0, 0), 100, 0, 0 },
		{ RECORD(29, 1), 0, 0, 0 },		/* no step forward */
		{ RECORD(29, 1), 0xfffffffc, 0, 0 },	/* a step back */
		{ RECORD(2, 0), 0, 0, RECORD(30, 0) },	/* its word is missing */
	};
	u64 times[4];
	u32 nr;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(walk(bad[i], 4, 0, times, &nr), PAGE_BAD);
}

static void heads_of_pages(void **state)
{
	u8 page[PAGE_BYTES + PAGE_SLACK] = { 0 };
	struct page_head head;
	struct page_cursor c;

	(void)state;
	/* As 64-bit kernels write it, sign-extended: lost, count behind the data. */
	outbuf_store(page + 8, 0xffffffffc0000008ULL, 8, false);
	outbuf_store(page + 16 + 8, 27451, 8, false);
	assert_true(page_open(&c, &layout, page, PAGE_BYTES, &head));
	assert_true(head.lost && !head.cut);
	assert_int_equal(head.lost_count, 27451);
	assert_int_equal(c.end - c.p, 8);
	/* No room for the count, though the flag says so. */
	outbuf_store(page + 8, 0xc0000000u | (PAGE_BYTES - 16), 8, false);
	assert_true(page_open(&c, &layout, page, PAGE_BYTES, &head));
	assert_true(head.lost);
	assert_int_equal(head.lost_count, 0);
	/* Larger than the page. */
	outbuf_store(page + 8, PAGE_BYTES - 15, 8, false);
	assert_false(page_open(&c, &layout, page, PAGE_BYTES, &head));
	outbuf_store(page + 8, 0x7000000, 8, false);
	assert_false(page_open(&c, &layout, page, PAGE_BYTES, &head));
	/* Cut. */
	outbuf_store(page + 8, 100, 8, false);
	assert_true(page_open(&c, &layout, page, 50, &head));
	assert_true(head.cut);
	assert_int_equal(c.end - c.p, 34);
	assert_false(page_open(&c, &layout, page, 15, &head));
}

static void layouts(void **state)
{
	struct page_layout l = layout;

	(void)state;
	assert_true(page_layout_ok(&l));
	l.size = 1000;
	assert_false(page_layout_ok(&l));
	l.size = PAGE_SIZE_MAX * 2;
	assert_false(page_layout_ok(&l));
	l.size = 4096;
	l.commit_size = 2;
	assert_false(page_layout_ok(&l));
	l.commit_size = 4;
	l.data_offset = 8;
	assert_false(page_layout_ok(&l));
}

/* ---- metadata ---- */

static void option(struct tracedat *td, u32 id, const char *text)
{
	struct error err = { 0 };
	struct cursor c;

	cursor_mem(&c, text, strlen(text) + 1, 0, td->in, false);
	assert_int_equal(tracedat_read_option(td, id, &c, &err), 0);
}

static void losses_by_statistics(void **state)
{
	struct tracedat td = { 0 };

	(void)state;
	option(&td, OPTION_CPUSTAT, "CPU: 3\nentries: 5\noverrun: 100\ncommit overrun: 20\n"
	       "bytes: 7\ndropped events: 3\nread events: 9\n");
	option(&td, OPTION_CPUSTAT, "\nBuffer: inst\n\n");
	option(&td, OPTION_CPUSTAT, "CPU: 0\noverrun: 0\n");
	option(&td, OPTION_UNAME, "Linux a b c");
	option(&td, OPTION_TRACECLOCK, "local [mono] boot\n");
	assert_int_equal(td.nr_stats, 2);
	assert_string_equal(td.stat[0].buffer, "");
	assert_int_equal(td.stat[0].cpu, 3);
	assert_int_equal(td.stat[0].lost, 123);
	assert_string_equal(td.stat[1].buffer, "inst");
	assert_int_equal(td.stat[1].cpu, 0);
	assert_int_equal(td.stat[1].lost, 0);
	assert_string_equal(td.clock, "mono");
	assert_string_equal(td.uname, "Linux a b c");
	tracedat_close(&td);
}

static void command_lines(void **state)
{
	struct comms c = { 0 };

	(void)state;
	assert_int_equal(comms_load(&c, strdup("12 make -j2\n7 sh\nnonsense\n99999999999 x\n"
					       "7 bash\n13 \n4 last"), NULL), 0);
	assert_string_equal(comms_find(&c, 12), "make -j2");
	assert_string_equal(comms_find(&c, 7), "bash");
	assert_string_equal(comms_find(&c, 4), "last");
	assert_string_equal(comms_find(&c, 13), "");
	assert_string_equal(comms_find(&c, 0), "<idle>");
	assert_int_equal(c.nr, 3);
	comms_fini(&c);
}

#define HEAD "name: mm_page_free\nID: 655\nformat:\n"
#define COMMON "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
#define PFN "\tfield:unsigned long pfn;\toffset:8;\tsize:8;\tsigned:0;\n"

static char *reduce(const char *text)
{
	struct format_shape shape;
	bool nomem;

	return format_text_reduce(text, strlen(text), EVENT_PAGE_FREE, 8, &shape, &nomem);
}

static void formats_are_cut_down(void **state)
{
	char *got = reduce(HEAD COMMON "\n" PFN
			   "\tfield:struct [ what_a_vendor added[x + 1];\toffset:16;\tsize:4;\n"
			   "\tfield:unsigned int order;\toffset:20;\tsize:4;\tsigned:0;\n"
			   "\nprint fmt: \"((((\", oh no\n");

	(void)state;
	assert_non_null(got);
	assert_string_equal(got, HEAD COMMON "\n" PFN
			    "\tfield:unsigned int order;\toffset:20;\tsize:4;\tsigned:0;\n"
			    "\nprint fmt: \"\"\n");
	free(got);
}

static void damaged_formats_are_refused(void **state)
{
	char text[1024];
	static const char *const bad[] = {
		"", "name: mm_page_free", "name: mm_page_freed\nID: 1\nformat:\n",
		"name: mm_page_free\nID: x\nformat:\n", "name: mm_page_free\nID: 1\n",
		HEAD "junk\n",
		HEAD "\tfield:pfn;\toffset:8;\tsize:8;\tsigned:0;\n",
		HEAD "\tfield:unsigned [long pfn;\toffset:8;\tsize:8;\tsigned:0;\n",
		HEAD "\tfield:unsigned  long pfn;\toffset:8;\tsize:8;\tsigned:0;\n",
		HEAD "\tfield:struct page * pfn;\toffset:8;\tsize:8;\tsigned:0;\n",
		HEAD "\tfield:unsigned long pfn;\toffset:-8;\tsize:8;\tsigned:0;\n",
		HEAD "\tfield:unsigned long pfn;\toffset:8;\tsize:99999999999;\tsigned:0;\n",
		HEAD "\tfield:unsigned long pfn;\toffset:8;\tsize:8;\tsigned:0\n",
		HEAD "\tfield:unsigned long pfn;\toffset:8;\tsize:8",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		snprintf(text, sizeof(text), "%s\nprint fmt: \"\"\n", bad[i]);
		assert_null(reduce(text));
	}
}

#define FIELDS HEAD COMMON "\n" PFN
#define ORDER "\tfield:unsigned int order;\toffset:16;\tsize:4;\tsigned:0;\n"
#define PRINT "\nprint fmt: \"%lx %d\", REC->pfn, REC->order\n"

/* What a format says twice: places, sizes and signs of types, names in the print format. */
static void formats_that_contradict_themselves(void **state)
{
	static const char *const bad[] = {
		HEAD COMMON "\n\tfield:unsigned long pfn;\toffset:0;\tsize:8;\tsigned:0;\n" ORDER PRINT,
		HEAD COMMON "\n\tfield:unsigned long pfn;\toffset:10;\tsize:8;\tsigned:0;\n" PRINT,
		HEAD COMMON "\n\tfield:unsigned long pfn;\toffset:9;\tsize:8;\tsigned:0;\n" ORDER PRINT,
		HEAD COMMON "\n\tfield:unsigned long pfn;\toffset:8;\tsize:4;\tsigned:0;\n" ORDER PRINT,
		HEAD COMMON "\n\tfield:unsigned long pfn;\toffset:8;\tsize:8;\tsigned:1;\n" ORDER PRINT,
		FIELDS "\tfield:unsigned int order;\toffset:17;\tsize:4;\tsigned:0;\n" PRINT,
		FIELDS "\tfield:unsigned int order;\toffset:24;\tsize:4;\tsigned:0;\n" PRINT,
		FIELDS "\tfield:unsigned int ordfr;\toffset:16;\tsize:4;\tsigned:0;\n" PRINT,
		FIELDS ORDER "\nprint fmt: \"%lx\", REC->qfn\n",
		FIELDS ORDER "\nprint fmt: \"%lx\", REC->pfn",
		FIELDS ORDER,
	};
	char *good = reduce(FIELDS ORDER PRINT);

	(void)state;
	assert_non_null(good);
	free(good);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_null(reduce(bad[i]));
}

static bool see(struct decoder *d, const char *system, const char *text)
{
	return decoder_see(d, system, text, strlen(text));
}

/* No two events of a kernel have one id, and each name is one system's. */
static void ids_and_names_of_events(void **state)
{
	static const char ours[] = FIELDS ORDER PRINT;
	struct decoder *d = decoder_new(false, 8);
	struct error err = { 0 };

	(void)state;
	assert_non_null(d);
	assert_true(see(d, "sched", "name: sched_switch\nID: 654\nformat:\n"));
	assert_true(see(d, "sched", "name: sched_switch\nID: 654\nformat:\n"));
	assert_true(see(d, "kmem", ours));
	assert_int_equal(decoder_add(d, "kmem", ours, strlen(ours), &err), 0);
	assert_null(decoder_id_twice(d));
	assert_true(see(d, "sched", "name: sched_wakeup\nID: 655\nformat:\n"));
	assert_string_equal(decoder_id_twice(d), "mm_page_free");
	assert_false(see(d, "kmel", "name: mm_page_alloc\nID: 7\nformat:\n"));
	assert_true(see(d, "kmel", "name: mm_page_alloc\nID: x\nformat:\n"));
	decoder_free(d);
}

/* ---- hash: values from the XXH64 specification's reference program, seed 0 ---- */

static void hash_values(void **state)
{
	static const char text[] = "Nobody inspects the spammish repetition";
	struct hash64 h;

	(void)state;
	hash64_init(&h);
	assert_int_equal(hash64_final(&h), 0xef46db3751d8e999ULL);
	hash64_update(&h, "a", 1);
	assert_int_equal(hash64_final(&h), 0xd24ec4f1a98c6e5bULL);
	hash64_update(&h, "bc", 2);
	assert_int_equal(hash64_final(&h), 0x44bc2cf5ad770999ULL);
	for (size_t cut = 0; cut < sizeof(text) - 1; cut++) {
		hash64_init(&h);
		hash64_update(&h, text, cut);
		hash64_update(&h, text + cut, sizeof(text) - 1 - cut);
		assert_int_equal(hash64_final(&h), 0xfbcea83c8a378bf1ULL);
	}
}

/* ---- lines of text ---- */

/* A line that ends where memory ends, and begins with a word longer than any head of a line. */
/* A page of memory, behind which nothing can be read. */
static char *walled_page(size_t size)
{
	char *map =
		mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(map != MAP_FAILED);
	assert_int_equal(mprotect(map + size, size, PROT_NONE), 0);
	return map;
}

static void line_with_a_long_first_word(void **state)
{
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);
	char *map = walled_page(size);
	static const char tail[] = ": bash-1 1.000000: mm_page_free: pfn=1";
	struct text_line l;

	(void)state;
	memset(map, 'a', size);
	memcpy(map + size - sizeof(tail) + 1, tail, sizeof(tail) - 1);
	for (size_t len = sizeof(tail); len < size; len++)
		assert_int_not_equal(text_line_parse(map + size - len, map + size, &l), TEXT_EVENT);
	munmap(map, 2 * size);
}

/* What ends a note of the function graph may not begin inside of what begins it. */
static void line_with_an_empty_note(void **state)
{
	static const char *const lines[] = {
		"1.000000 | 1) sh-7 | /* */", "1.000000 | 1) sh-7 | /* ", "1.000000 | 1) /*  */",
		"1.000000 | 1) sh-7 | /* */ mm_page_free",
	};
	const size_t size = (size_t)sysconf(_SC_PAGESIZE);
	char *map = walled_page(size);
	struct text_line l;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		const size_t len = strlen(lines[i]);

		memcpy(map + size - len, lines[i], len);
		assert_int_equal(text_line_parse(map + size - len, map + size, &l), TEXT_WRONG);
	}
	munmap(map, 2 * size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_of_a_page),
		cmocka_unit_test(top_bits_of_an_absolute_stamp),
		cmocka_unit_test(records_with_bad_lengths),
		cmocka_unit_test(heads_of_pages),
		cmocka_unit_test(layouts),
		cmocka_unit_test(losses_by_statistics),
		cmocka_unit_test(command_lines),
		cmocka_unit_test(formats_are_cut_down),
		cmocka_unit_test(damaged_formats_are_refused),
		cmocka_unit_test(formats_that_contradict_themselves),
		cmocka_unit_test(ids_and_names_of_events),
		cmocka_unit_test(hash_values),
		cmocka_unit_test(line_with_a_long_first_word),
		cmocka_unit_test(line_with_an_empty_note),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
