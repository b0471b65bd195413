// SPDX-License-Identifier: GPL-2.0
#include "replay/base/temp_name.h"

#include <stdatomic.h>

/* Mutable, and for all: who ends the program in the middle has no other way to know. */
static _Atomic(const char *) names[TEMP_NAMES_MAX];

/* Change the first slot that holds @from into @to. */
static void swap(const char *from, const char *to)
{
	for (size_t i = 0; i < TEMP_NAMES_MAX; i++) {
		const char *found = from;

		if (atomic_compare_exchange_strong(&names[i], &found, to))
			return;
	}
}

void temp_name_add(const char *path)
{
	swap(NULL, path);
}

void temp_name_drop(const char *path)
{
	if (path)
		swap(path, NULL);
}

const char *temp_name_at(size_t i)
{
	return atomic_load(&names[i]);
}
