// SPDX-License-Identifier: GPL-2.0
/*
 * The damage matrix: every kind of file that comes from outside, cut at every byte, every byte
 * changed, words made huge, ranges zeroed, swapped and doubled. Never a crash; exit status 3 with
 * one line that names the file; a cut file gives a prefix, and never without a word.
 *
 * SPB_DAMAGE=N: only every N-th of the changes of one byte or word (default 7; 1 in make soak);
 * above 10 of the cuts, too. SPB_SUBJECT=NAME: only this kind of file.
 */
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/damage/subject.h"
#include "tests/lib/csv_file.h"
#include "tests/lib/read_capture.h"

#define MEMORY_MAX (2ULL << 30)
#define SECONDS_MAX 900

/* What came of the files damaged in one way. */
struct tally {
	u32 files;
	u32 noticed;
	u32 with_facts;
	u32 same;
	u32 changed;
};

/*
 * One subject on its way. @at: where the damage is, for messages. */
struct matrix {
	const struct subject *s;
	char path[512];
	u8 *whole;
	u8 *copy;
	size_t len;
	struct reading want;
	struct reading got;
	struct tally tally;
	const char *how;
	bool one_byte;
	u32 turn;
	size_t at;
};

static char *folder;
static unsigned int step = 7;

static void wrong(const struct matrix *m, const char *what)
{
	fail_msg("%s, %s at byte %zu of %zu: %s (\"%s\")", m->s->name, m->how, m->at, m->len, what,
		 m->got.err.text);
}

static bool same_facts(const struct matrix *m)
{
	return m->got.nr == m->want.nr &&
	       !memcmp(m->got.fact, m->want.fact, m->got.nr * sizeof(m->got.fact[0]));
}

/* Of each stream the first facts, and nothing else. */
static bool is_prefix(const struct matrix *m)
{
	for (u32 stream = 0; stream < 256; stream++) {
		u32 w = 0;

		for (u32 g = 0; g < m->got.nr; g++) {
			if (m->got.fact[g].stream != stream)
				continue;
			while (w < m->want.nr && m->want.fact[w].stream != stream)
				w++;
			if (w == m->want.nr || m->want.fact[w].hash != m->got.fact[g].hash)
				return false;
			w++;
		}
	}
	return true;
}

static void check_message(const struct matrix *m)
{
	const struct error *err = &m->got.err;
	const char *base = strrchr(m->path, '/') + 1;

	if (m->got.ret != -ERR_DAMAGED && !(m->s->by_hand && m->got.ret == -ERR_USAGE))
		wrong(m, "another status than 3");
	if (!strstr(err->text, base) && !strstr(err->text, folder))
		wrong(m, "the message does not name the file");
	if (strchr(err->text, '\n') || !strstr(err->text, " - "))
		wrong(m, "not one line with a hint");
}

static void read_damaged(struct matrix *m, const u8 *bytes, size_t len)
{
	if (m->s->costly && m->turn++ % m->s->costly)
		return;
	write_file(m->path, bytes, len);
	memset(&m->got, 0, offsetof(struct reading, fact));
	m->s->read(m->path, &m->got);
	m->tally.files++;
	m->tally.noticed += m->got.ret != 0;
	m->tally.with_facts += m->got.ret && m->got.nr;
	m->tally.same += !m->got.ret && same_facts(m);
	m->tally.changed += !m->got.ret && !same_facts(m);
	if (m->got.ret)
		check_message(m);
	if (m->got.ret && m->s->refuses && m->got.nr)
		wrong(m, "refused and used");
	if (m->s->checked && !m->got.ret && !same_facts(m))
		wrong(m, "a change behind a checksum went unnoticed");
	if (m->one_byte && m->s->fixed && !m->got.ret && m->s->fixed(m->whole, m->len, m->at))
		wrong(m, "a name that nobody knows was taken");
}

static void report(struct matrix *m)
{
	const struct tally *t = &m->tally;

	print_message("# %-14s %-16s %6u files: %6u noticed (%u used in part), %u without effect, "
		      "%u changed values\n", m->s->name, m->how, t->files, t->noticed,
		      t->with_facts, t->same, t->changed);
	*(struct tally *)&m->tally = (struct tally){ 0 };
}

/* Would a whole file look like this? Then nobody can tell that the rest is lost. */
static bool ends_between(const struct matrix *m)
{
	if (m->s->page)
		return m->at % m->s->page == 0;
	if (m->s->closed)
		return m->at == m->len - 1;
	return m->s->lines && (!m->at || m->whole[m->at - 1] == '\n' || m->whole[m->at] == '\n');
}

static void cut_everywhere(struct matrix *m)
{
	m->how = "cut";
	for (m->at = 0; m->at < m->len; m->at += step > 10 ? step : 1) {
		read_damaged(m, m->whole, m->at);
		if (!m->got.ret && !ends_between(m) && !m->s->open_end && !same_facts(m))
			wrong(m, "a loss without a word");
		if (!m->s->lines && !is_prefix(m))
			wrong(m, "no prefix of the whole");
	}
	report(m);
}

static void change_range(struct matrix *m, size_t at, const void *bytes, size_t len)
{
	if (at + len > m->len || !memcmp(m->whole + at, bytes, len))
		return;
	m->at = at;
	memcpy(m->copy + at, bytes, len);
	read_damaged(m, m->copy, m->len);
	memcpy(m->copy + at, m->whole + at, len);
}

static void flip_bits(struct matrix *m)
{
	m->how = "a bit flipped";
	m->one_byte = true;
	for (size_t at = 0; at < m->len; at += step) {
		const u8 byte = m->whole[at] ^ (u8)(1 << at / step % 8);

		change_range(m, at, &byte, 1);
	}
	report(m);
	m->one_byte = false;
}

static void huge_words(struct matrix *m)
{
	static const u8 values[][8] = {
		{ 255, 255, 255, 255 }, { 255, 255, 255, 127 }, { 127, 255, 255, 255 },
		{ 0, 0, 0, 128 }, { 255, 255, 255, 255, 255, 255, 255, 127 },
		{ 255, 255, 255, 255, 255, 255, 255, 255 },
	};

	m->how = "a huge word";
	for (size_t at = 0; at < m->len; at += step) {
		const size_t v = at / step % ARRAY_SIZE(values);

		change_range(m, at, values[v], v < 4 ? 4 : 8);
	}
	report(m);
}

static void ranges(struct matrix *m)
{
	u8 other[256];

	m->how = "a range zeroed";
	for (size_t size = 2; size <= sizeof(other); size *= 4)
		for (size_t at = 0; at < m->len; at += size < 8 ? 8 * step : size * step / 2) {
			memset(other, 0, sizeof(other));
			change_range(m, at, other, size);
		}
	report(m);
	m->how = "ranges swapped";
	for (size_t size = 1; size <= sizeof(other) / 2; size *= 4)
		for (size_t at = 0; at + 2 * size <= m->len; at += 8 * step + size) {
			memcpy(other, m->whole + at + size, size);
			memcpy(other + size, m->whole + at, size);
			change_range(m, at, other, 2 * size);
		}
	report(m);
}

/* Bytes inserted, and the file followed by itself. */
static void grown(struct matrix *m)
{
	u8 *big = malloc(2 * m->len);

	assert_non_null(big);
	m->how = "bytes inserted";
	for (m->at = 0; m->at <= m->len; m->at += 16 * step + 1) {
		memcpy(big, m->whole, m->at);
		memset(big + m->at, m->at & 1 ? 0xff : 0, 4);
		memcpy(big + m->at + 4, m->whole + m->at, m->len - m->at);
		read_damaged(m, big, m->len + 4);
	}
	memcpy(big, m->whole, m->len);
	memcpy(big + m->len, m->whole, m->len);
	read_damaged(m, big, 2 * m->len);
	report(m);
	free(big);
}

static void damage(void **state)
{
	struct matrix *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	m->s = *state;
	m->how = "whole";
	snprintf(m->path, sizeof(m->path), "%s/%s", folder, m->s->ext);
	m->s->make(m->path);
	m->whole = (u8 *)file_load(folder, m->s->ext, &m->len);
	m->copy = malloc(m->len);
	assert_non_null(m->copy);
	memcpy(m->copy, m->whole, m->len);
	m->s->read(m->path, &m->want);
	m->got = m->want;
	if (m->want.ret || !m->want.nr)
		wrong(m, "the whole file cannot be read");
	cut_everywhere(m);
	flip_bits(m);
	huge_words(m);
	ranges(m);
	grown(m);
	if (m->s->clean)
		m->s->clean(m->path);
	else
		unlink(m->path);
	free(m->whole);
	free(m->copy);
	free(m);
}

static int begin(void **state)
{
	const char *n = getenv("SPB_DAMAGE");

	(void)state;
	if (n && atoi(n) > 0)
		step = (unsigned int)atoi(n);
	/* In memory where there is such a place: some 100,000 small files are written. */
	if (!access("/dev/shm", W_OK))
		setenv("TMPDIR", "/dev/shm", 0);
	folder = temp_folder();
#ifndef __SANITIZE_ADDRESS__
	setrlimit(RLIMIT_AS, &(struct rlimit){ MEMORY_MAX, MEMORY_MAX });
#endif
	alarm(SECONDS_MAX);
	return 0;
}

static int end(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	return 0;
}

int main(void)
{
	const size_t nr = nr_subjects + nr_file_subjects;
	const char *only = getenv("SPB_SUBJECT");
	struct CMUnitTest tests[32];

	assert(nr <= ARRAY_SIZE(tests));
	for (size_t i = 0; i < nr; i++) {
		const struct subject *s = i < nr_subjects ? &subjects[i] :
					  &file_subjects[i - nr_subjects];

		tests[i] = (struct CMUnitTest){ .name = s->name, .test_func = damage,
						.initial_state = (void *)s };
	}
	if (only)
		cmocka_set_test_filter(only);
	return _cmocka_run_group_tests("damage matrix", tests, nr, begin, end);
}
