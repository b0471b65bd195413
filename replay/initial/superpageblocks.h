/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The debugfs file superpageblocks of an SPB kernel (S1.9): of every superpageblock how many of its
 * pageblocks have which has-bit. Which ones they are it does not say.
 */
#ifndef SPB_REPLAY_SUPERPAGEBLOCKS_H
#define SPB_REPLAY_SUPERPAGEBLOCKS_H

#include "replay/initial/snapshot.h"
#include "replay/initial/snapshot_text.h"

/**
 * superpageblocks_load - fill in @s->spbs and @s->spb_order from @t
 *
 * The zone table must be there. Zones that it does not have are skipped. Return: 0, or negative
 * with @err set: no memory, or damage.
 */
int superpageblocks_load(struct snapshot *s, struct text *t, struct error *err) __must_check;

/** superpageblock_at - what was recorded of the one around @pfn of @zone; NULL: nothing */
const struct snapshot_spb *superpageblock_at(const struct snapshot *s, u32 zone, u64 pfn);

/**
 * superpageblock_type - the content type of pages of @mt around @pfn of @zone, or what it must be
 *
 * Where no pageblock has the bit of a type, no page of it is there (S1.5): pages that look
 * otherwise are something else, free pages on per-CPU lists above all.
 */
u8 superpageblock_type(const struct snapshot *s, u32 zone, u64 pfn, u8 mt);

#endif /* SPB_REPLAY_SUPERPAGEBLOCKS_H */
