// SPDX-License-Identifier: GPL-2.0
#include "tests/lib/specimen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/csv_file.h"

static char *folder;
char specimen_path[512];

int specimen_begin(void **state)
{
	(void)state;
	folder = temp_folder();
	snprintf(specimen_path, sizeof(specimen_path), "%s/damaged.dat", folder);
	return 0;
}

int specimen_end(void **state)
{
	(void)state;
	temp_folder_remove(folder);
	return 0;
}

struct specimen specimen_make(const struct trace_writer_opts *opts)
{
	static const u16 cpus[SPECIMEN_CPUS] = { 0, 1 };
	struct specimen s = { .v = make_events(SPECIMEN_EVENTS, cpus, SPECIMEN_CPUS) };

	write_capture(specimen_path, opts, s.v, SPECIMEN_EVENTS);
	s.bytes = file_load(folder, "damaged.dat", &s.len);
	return s;
}

void specimen_free(struct specimen *s)
{
	free(s->v);
	free(s->bytes);
}

void specimen_one_line(const struct read_capture *rc)
{
	assert_int_equal(strncmp(rc->err.text, specimen_path, strlen(specimen_path)), 0);
	assert_null(strchr(rc->err.text, '\n'));
	assert_non_null(strstr(rc->err.text, " - "));
}

/* What was read of each CPU is what that CPU wrote first. */
void specimen_prefixes(const struct read_capture *rc, const struct specimen *s)
{
	for (u16 cpu = 0; cpu < SPECIMEN_CPUS; cpu++) {
		u64 want = 0;

		for (u64 i = 0; i < rc->nr; i++) {
			/* Command lines may be gone, the pids may not. */
			struct seen_event got = rc->v[i];

			if (got.ev.cpu != cpu)
				continue;
			while (want < SPECIMEN_EVENTS && s->v[want].ev.cpu != cpu)
				want++;
			assert_true(want < SPECIMEN_EVENTS);
			memcpy(got.comm, s->v[want].comm, sizeof(got.comm));
			assert_same_event(&got, &s->v[want]);
			want++;
		}
	}
}

/* Offset in @s of @needle (@len bytes), from @from on. */
size_t specimen_find(const struct specimen *s, size_t from, const void *needle, size_t len)
{
	for (size_t i = from; i + len <= s->len; i++)
		if (!memcmp(s->bytes + i, needle, len))
			return i;
	fail_msg("the specimen lacks what the test wants to damage");
	return 0;
}

void specimen_damaged(const struct specimen *s, const char *words, u64 nr)
{
	struct read_capture rc;

	write_file(specimen_path, s->bytes, s->len);
	read_capture(&rc, specimen_path, NULL);
	assert_int_equal(rc.ret, -ERR_DAMAGED);
	specimen_one_line(&rc);
	assert_non_null(strstr(rc.err.text, words));
	assert_int_equal(rc.nr, nr);
	specimen_prefixes(&rc, s);
	read_capture_fini(&rc);
}

/* The offset of the first options lies behind the name and version of the compression. */
size_t specimen_head_offset(const struct specimen *s)
{
	size_t at = 18 + strlen(s->bytes + 18) + 1;

	return at + strlen(s->bytes + at) + 1;
}
