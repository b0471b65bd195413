/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dense ids for tasks and strings: the same (tag, text) gives the same id, in order of first use.
 * A task is (pid, comm), a string has tag 0. Id 0 is always (0, "").
 */
#ifndef SPB_REPLAY_LOG_INTERN_H
#define SPB_REPLAY_LOG_INTERN_H

#include "model/types.h"

#define INTERN_MAX_TASKS (1u << 20)
#define INTERN_MAX_STRINGS 4096u

struct intern_entry {
	char *text;		/* NUL-terminated, owned */
	u32 tag;
	u32 len;
};

/**
 * struct intern - the table
 * @nr: ids in use; @max: ids that may be
 * @slot: open-addressed hash, id + 1, 0 when free; @mask: slots - 1
 * @refused: entries that got id 0 because the table was full
 */
struct intern {
	u32 nr;
	u32 max;
	u32 room;
	u32 mask;
	struct intern_entry *entry;
	u32 *slot;
	u64 refused;
};

/** intern_init - an empty table of at most @max ids. Return: 0 or -ENOMEM */
int intern_init(struct intern *t, u32 max) __must_check;
void intern_fini(struct intern *t);

/**
 * intern_id - id of (@tag, @text of @len bytes); text ends at its first NUL
 * @id: result; 0 when the table is full
 *
 * Return: 0 or -ENOMEM.
 */
int intern_id(struct intern *t, u32 tag, const char *text, size_t len, u32 *id) __must_check;

#endif /* SPB_REPLAY_LOG_INTERN_H */
