/* SPDX-License-Identifier: GPL-2.0 */
/*
 * __rmqueue_smallest(): the search of the free lists, pass by pass (S2.2). The order of passes is
 * the table in passes.c.
 */
#ifndef SPB_MODEL_PASSES_H
#define SPB_MODEL_PASSES_H

#include "model/internal.h"

/**
 * rmqueue_smallest - run the passes in order until one takes a page
 * @s: the request; @s->visits grows by the SPBs visited; @s->walk is filled in when set
 * @at: the page and the pass that found it
 *
 * Return: false: NO_PAGE
 */
bool rmqueue_smallest(struct search *s, struct found *at);

/** spb_react_to_tainted_alloc - the helper of the seed patch (S6.1), trigger 1 */
void spb_react_to_tainted_alloc(struct superpageblock *sb);

#endif /* SPB_MODEL_PASSES_H */
