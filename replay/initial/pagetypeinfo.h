/* SPDX-License-Identifier: GPL-2.0 */
/* /proc/pagetypeinfo: pageblock order, free units by type and order, pageblocks by label. */
#ifndef SPB_REPLAY_PAGETYPEINFO_H
#define SPB_REPLAY_PAGETYPEINFO_H

#include "replay/initial/snapshot.h"
#include "replay/initial/snapshot_text.h"

/**
 * pagetypeinfo_load - fill in @s->pageblock_order and @s->types from @t
 *
 * The zone table must be there. Rows of zones that it does not have are skipped. Return: 0 or
 * -ERR_DAMAGED.
 */
int pagetypeinfo_load(struct snapshot *s, struct text *t, struct error *err) __must_check;

#endif /* SPB_REPLAY_PAGETYPEINFO_H */
