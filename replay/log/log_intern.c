// SPDX-License-Identifier: GPL-2.0
#include "replay/log/log_intern.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define INTERN_FIRST_ROOM 64u

static u32 hash_entry(u32 tag, const char *text, u32 len)
{
	u64 h = 0xcbf29ce484222325ULL ^ tag;

	for (u32 i = 0; i < len; i++)
		h = (h ^ (u8)text[i]) * 0x100000001b3ULL;
	h *= 0x9E3779B97F4A7C15ULL;
	return (u32)(h >> 32);
}

/* The slot that holds the entry, or the free one where it belongs. */
static u32 *find_slot(const struct intern *t, u32 tag, const char *text, u32 len)
{
	u32 i = hash_entry(tag, text, len) & t->mask;

	for (;; i = (i + 1) & t->mask) {
		const struct intern_entry *e = &t->entry[t->slot[i] - 1];

		if (!t->slot[i])
			return &t->slot[i];
		if (e->tag == tag && e->len == len && !memcmp(e->text, text, len))
			return &t->slot[i];
	}
}

static int grow(struct intern *t)
{
	const u32 room = t->room ? t->room * 2 : INTERN_FIRST_ROOM;
	struct intern_entry *entry = realloc(t->entry, room * sizeof(*entry));
	u32 *slot;

	if (!entry)
		return -ENOMEM;
	t->entry = entry;
	slot = calloc((size_t)room * 2, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	free(t->slot);
	t->slot = slot;
	t->room = room;
	t->mask = room * 2 - 1;
	for (u32 i = 0; i < t->nr; i++)
		*find_slot(t, entry[i].tag, entry[i].text, entry[i].len) = i + 1;
	return 0;
}

int intern_init(struct intern *t, u32 max)
{
	u32 id;

	memset(t, 0, sizeof(*t));
	t->max = max;
	if (!grow(t) && !intern_id(t, 0, "", 0, &id))
		return 0;
	intern_fini(t);
	return -ENOMEM;
}

void intern_fini(struct intern *t)
{
	for (u32 i = 0; i < t->nr; i++)
		free(t->entry[i].text);
	free(t->entry);
	free(t->slot);
	memset(t, 0, sizeof(*t));
}

int intern_id(struct intern *t, u32 tag, const char *text, size_t len, u32 *id)
{
	const u32 n = len ? (u32)strnlen(text, len) : 0;
	u32 *slot;
	char *copy;

	if (!n)
		text = "";	/* NULL is welcome */
	slot = find_slot(t, tag, text, n);
	if (*slot) {
		*id = *slot - 1;
		return 0;
	}
	*id = 0;
	if (t->nr == t->max) {
		t->refused++;
		return 0;
	}
	if (t->nr == t->room) {
		if (grow(t))
			return -ENOMEM;
		slot = find_slot(t, tag, text, n);
	}
	copy = malloc((size_t)n + 1);
	if (!copy)
		return -ENOMEM;
	memcpy(copy, text, n);
	copy[n] = '\0';
	*id = t->nr++;
	t->entry[*id] = (struct intern_entry){ copy, tag, n };
	*slot = *id + 1;
	return 0;
}
