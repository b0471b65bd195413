// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/stamp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cmd/common/units.h"

const char *fmt_since(char out[STAMP_TEXT], u64 ns, u64 first_ns)
{
	u64 d = ns >= first_ns ? ns - first_ns : first_ns - ns;

	snprintf(out, STAMP_TEXT, "%c%" PRIu64 ".%06" PRIu64, ns >= first_ns ? '+' : '-',
		 (u64)(d / NSEC_PER_SEC), (u64)(d % NSEC_PER_SEC / NSEC_PER_USEC));
	return out;
}

const char *trigger_phrase(const char *trigger)
{
	static const char *const phrases[][2] = {
		{ "update", "list update" },
		{ "alloc", "trigger 1 (alloc)" },
		{ "fallthrough", "trigger 2 (walk)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++) {
		if (!strcmp(phrases[i][0], trigger))
			return phrases[i][1];
	}
	return trigger;
}

void text_from_outside(char *out, size_t room, const char *text)
{
	size_t i = 0;

	for (; text[i] && i + 1 < room; i++)
		out[i] = plain_char(text[i]);
	out[i] = '\0';
}

void taint_phrase(char out[PHRASE_TEXT], const struct csv_data *d, u32 row)
{
	const char *cause = csv_text(d, row, "cause");
	const char *cpu = csv_text(d, row, "cpu");
	const char *gfp = csv_text(d, row, "gfp");
	char comm[40];

	text_from_outside(comm, sizeof(comm), csv_text(d, row, "comm"));
	if (!strcmp(cause, "initial"))
		snprintf(out, PHRASE_TEXT, "initial state: a resident of order %.10s %.20s",
			 csv_text(d, row, "order"), csv_text(d, row, "migratetype"));
	else if (!*cpu)
		snprintf(out, PHRASE_TEXT, "%.20s, order %.10s %.20s, by %s", cause,
			 csv_text(d, row, "order"), csv_text(d, row, "migratetype"), comm);
	else
		snprintf(out, PHRASE_TEXT, "%.20s, order %.10s %.20s, by %s[%.20s] on CPU %.10s, "
			 "gfp %.24s", cause, csv_text(d, row, "order"),
			 csv_text(d, row, "migratetype"), comm, csv_text(d, row, "pid"), cpu,
			 *gfp ? gfp : "not recorded");
}

bool pass_is_open(const struct csv_data *d, u32 row)
{
	return strcmp(csv_text(d, row, "state"), "ended");
}

void pass_phrase(char out[PHRASE_TEXT], const struct csv_data *d, u32 row)
{
	char moved[UNIT_TEXT], left[UNIT_TEXT];

	if (pass_is_open(d, row)) {
		snprintf(out, PHRASE_TEXT, "not %s when the run ends",
			 *csv_text(d, row, "start_ns") ? "over" : "begun");
		return;
	}
	snprintf(out, PHRASE_TEXT,
		 "moved %s pages, could not move %s; free blocks %.10s -> %.10s%s",
		 fmt_count(moved, csv_u64(d, row, "pages_migrated")),
		 fmt_count(left, csv_u64(d, row, "pages_failed")),
		 csv_text(d, row, "nr_free_before"), csv_text(d, row, "nr_free_after"),
		 csv_u64(d, row, "progress") ? "" : ": no progress, cooldown");
}
