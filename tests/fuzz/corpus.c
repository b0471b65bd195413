// SPDX-License-Identifier: GPL-2.0
/*
 * usage: fuzz_NAME [-m N] FILE_OR_FOLDER...
 *
 * The plain driver of a fuzz target: gives it every file, no fuzzer needed, and prints how many
 * there were, and which of its ways into the code accepted one.
 * With -m each file also comes N times with a few bytes changed (the same ones every time).
 */
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static unsigned long nr_files, nr_runs, mutations;

static u64 next(u64 *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

static void mutate(const u8 *bytes, size_t len)
{
	u64 x = len * 0x9E3779B97F4A7C15ULL + 1;
	u8 *copy = malloc(len + 1);

	FUZZ_CHECK(copy);
	for (unsigned long i = 0; i < mutations && len; i++) {
		size_t cut = len;

		memcpy(copy, bytes, len);
		for (u64 n = next(&x) % 4 + 1; n; n--)
			copy[next(&x) % len] =
				(u8)(next(&x) % 3 ? next(&x) : 0xff * (next(&x) & 1));
		if (next(&x) % 4 == 0)
			cut = next(&x) % len;
		LLVMFuzzerTestOneInput(copy, cut);
		nr_runs++;
	}
	free(copy);
}

static int run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	u8 *bytes = NULL;
	long len;

	if (!f || fseek(f, 0, SEEK_END) || (len = ftell(f)) < 0) {
		perror(path);
		return 1;
	}
	rewind(f);
	bytes = malloc((size_t)len + 1);
	FUZZ_CHECK(bytes && fread(bytes, 1, (size_t)len, f) == (size_t)len);
	fclose(f);
	LLVMFuzzerTestOneInput(bytes, (size_t)len);
	nr_files++;
	nr_runs++;
	mutate(bytes, (size_t)len);
	free(bytes);
	return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int run_path(const char *path)
{
	struct dirent **names;
	struct stat st;
	int n, ret = 0;

	if (stat(path, &st) || !S_ISDIR(st.st_mode))
		return run_file(path);
	n = scandir(path, &names, NULL, by_name);
	for (int i = 0; i < n; i++) {
		char file[4096];

		snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			ret |= run_file(file);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	return ret;
}

int main(int argc, char **argv)
{
	int first = 1, ret = 0;

	if (argc > 2 && !strcmp(argv[1], "-m")) {
		mutations = strtoul(argv[2], NULL, 10);
		first = 3;
	}
	for (int i = first; i < argc; i++)
		ret |= run_path(argv[i]);
	printf("%lu files, %lu runs, ways taken: %#x\n", nr_files, nr_runs, fuzz_ways_taken());
	return ret;
}
