// SPDX-License-Identifier: GPL-2.0
/*
 * Ownership of struct log_meta.
 */
#include "replay/log/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay/log/log_json.h"

int log_meta_set(char **field, const char *value)
{
	char *copy = NULL;

	if (value) {
		copy = strdup(value);
		if (!copy)
			return -ENOMEM;
	}
	free(*field);
	*field = copy;
	return 0;
}

void log_meta_fini(struct log_meta *meta)
{
	for (size_t i = 0; i < log_nr_strings; i++)
		free(*log_string(meta, i));
	free(meta->zones);
	free(meta->lost);
	memset(meta, 0, sizeof(*meta));
}

static void *copy_array(const void *from, size_t size, bool *failed)
{
	void *to;

	if (!from || !size)
		return NULL;
	to = malloc(size);
	if (to)
		memcpy(to, from, size);
	else
		*failed = true;
	return to;
}

int log_meta_copy(struct log_meta *to, const struct log_meta *from)
{
	bool failed = false;

	*to = *from;
	for (size_t i = 0; i < log_nr_strings; i++)
		*log_string(to, i) = NULL;
	to->zones = copy_array(from->zones, from->nr_zones * sizeof(*from->zones), &failed);
	to->lost = copy_array(from->lost, from->nr_lost * sizeof(*from->lost), &failed);
	for (size_t i = 0; i < log_nr_strings && !failed; i++) {
		const char *const *text = (const char *const *)log_string_const(from, i);

		failed = log_meta_set(log_string(to, i), *text);
	}
	if (!failed)
		return 0;
	log_meta_fini(to);
	return -ENOMEM;
}
