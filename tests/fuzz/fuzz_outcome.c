// SPDX-License-Identifier: GPL-2.0
/*
 * An outcome folder, as other people send it: its tables and run.json, a NUL behind each. What can
 * be read of it must make a report.
 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/report/report_page.h"
#include "replay/outcome/outcome_data.h"
#include "replay/outcome/outcome_view.h"

static const char *const names[] = {
	"summary.csv", "timeline.csv", "spbmap.csv", "taint.csv", "defrag.csv", "visits.csv",
	"diff.csv", "divergence.csv", "run.json",
};

/* In memory, where there is such a place: a file system that keeps files costs ten times as much. */
static char dir[64] = "/dev/shm/fuzz_outcome.XXXXXX";

static void file_name(char *path, size_t size, size_t i)
{
	FUZZ_CHECK((size_t)snprintf(path, size, "%s/%s", dir, names[i]) < size);
}

/* After a find the folder stays. */
static void remove_dir(void)
{
	char path[64];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		file_name(path, sizeof(path), i);
		unlink(path);
	}
	rmdir(dir);
}

/* What a file holds need not be written again: most inputs differ from the last in one member. */
static bool holds(size_t i, const u8 *data, size_t len)
{
	static struct { u8 bytes[1u << 14]; size_t len; } last[ARRAY_SIZE(names)];
	const bool same = len && len == last[i].len && !memcmp(last[i].bytes, data, len);

	last[i].len = len <= sizeof(last[i].bytes) ? len : 0;
	memcpy(last[i].bytes, data, last[i].len);
	return same;
}

static void write_member(size_t i, const u8 *data, size_t len)
{
	char path[64];
	FILE *f;

	if (holds(i, data, len))
		return;
	file_name(path, sizeof(path), i);
	f = fopen(path, "wbe");
	FUZZ_CHECK(f && fwrite(data, 1, len, f) == len && !fclose(f));
}

static void write_folder(const u8 *data, size_t len)
{
	static bool made;

	if (!made) {
		if (!mkdtemp(dir))
			FUZZ_CHECK(mkdtemp(strcpy(dir, "/tmp/fuzz_outcome.XXXXXX")));
		FUZZ_CHECK(!atexit(remove_dir));
		made = true;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const u8 *nul = len ? memchr(data, '\0', len) : NULL;
		const size_t size = nul ? (size_t)(nul - data) : len;

		write_member(i, data, size);
		data += size + !!nul;
		len -= size + !!nul;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct error err = { 0 };
	struct outcome_view v;
	int ret;

	write_folder(data, len);
	ret = outcome_view_open(&v, dir, &err);
	fuzz_check_error(ret, &err);
	if (!ret) {
		FILE *out = fopen("/dev/null", "we");

		FUZZ_CHECK(out && !report_page(&v, out, &err));
		fclose(out);
		outcome_view_close(&v);
		fuzz_taken(0);
	}
	return 0;
}
