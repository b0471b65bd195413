// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/suggest.h"

#include <string.h>

#define WORD_MAX 63

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein distance, one row at a time; both words are at most WORD_MAX long. */
static size_t distance(const char *a, size_t la, const char *b, size_t lb)
{
	size_t row[WORD_MAX + 1];

	for (size_t j = 0; j <= lb; j++)
		row[j] = j;
	for (size_t i = 1; i <= la; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= lb; j++) {
			size_t change = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = min3(row[j] + 1, row[j - 1] + 1, change);
		}
	}
	return row[lb];
}

const char *suggest(const char *word, const char *(*name)(const void *ctx, size_t i),
		    const void *ctx)
{
	size_t len = strnlen(word, WORD_MAX + 1);
	const char *best = NULL;
	size_t best_distance = 1 + len / 3;
	const char *n;

	if (len > WORD_MAX)
		return NULL;
	for (size_t i = 0; (n = name(ctx, i)); i++) {
		size_t d, nlen = strlen(n);

		if (nlen > WORD_MAX)
			continue;
		d = distance(word, len, n, nlen);
		if (d < best_distance || (!best && d == best_distance)) {
			best = n;
			best_distance = d;
		}
	}
	return best;
}
