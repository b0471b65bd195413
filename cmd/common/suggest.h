/* SPDX-License-Identifier: GPL-2.0 */
/* "Did you mean": the known name nearest to a mistyped one. */
#ifndef SPB_CMD_SUGGEST_H
#define SPB_CMD_SUGGEST_H

#include "model/types.h"

/**
 * suggest - nearest name by edit distance
 * @word: what was typed
 * @name: the i-th known name, NULL after the last
 *
 * Return: the nearest name, or NULL when none is near (more than a third of the letters differ).
 */
const char *suggest(const char *word, const char *(*name)(const void *ctx, size_t i),
		    const void *ctx);

#endif /* SPB_CMD_SUGGEST_H */
