/* SPDX-License-Identifier: GPL-2.0 */
/* Variants that come with the tool, as the same JSON a user would write. */
#ifndef SPB_CMD_BUILTIN_H
#define SPB_CMD_BUILTIN_H

#include "model/types.h"

/** struct builtin - @name of the variant, @json its text */
struct builtin {
	const char *name;
	const char *json;
};

extern const struct builtin builtin_table[];
extern const size_t nr_builtins;

/** builtin_find - row of variant @name, or NULL */
const struct builtin *builtin_find(const char *name);
/** builtin_name - i-th name or NULL, for suggest() */
const char *builtin_name(const void *ctx, size_t i);

#endif /* SPB_CMD_BUILTIN_H */
