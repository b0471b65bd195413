/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The upstream allocator (S7.1, S7.2): one set of free lists a zone, no superpageblocks in any
 * decision. Pageblock bits and SPB counters are kept all the same, exactly, so that its outcome can
 * be read in the same terms.
 *
 * A free head's next link is an index in the zone (pfn - base_pfn) of 32 bits in its page word, its
 * prev link lies in sb->list_prev: 12 bytes a frame. Untouched superpageblocks are the implicit
 * tail of the movable list of the largest order, in address order; memory that boot could not take
 * whole stands before them.
 */
#ifndef SPB_MODEL_VANILLA_H
#define SPB_MODEL_VANILLA_H

#include "model/internal.h"

/** vanilla_boot_lists - empty lists for a new zone */
void vanilla_boot_lists(struct zone *zone);
/** vanilla_touch - room for prev links. Return: false without memory (m->no_memory) */
bool vanilla_touch(struct superpageblock *sb);
/** vanilla_list_untouched - put the buddies of a wholly free SPB on the list, counters unchanged */
void vanilla_list_untouched(struct superpageblock *sb);
/**
 * vanilla_list_all - put all pages of boot on their list now, by address: something else is about
 * to go to its tail, which lies behind them. Takes memory for the whole zone
 */
void vanilla_list_all(struct zone *zone);

/** vanilla_list_head - first free head of a list. Return: false: there is none */
bool vanilla_list_head(struct zone *zone, u32 order, u32 mt, u64 *pfn);

/** vanilla_list_add, vanilla_list_del - the list part of add_to_free_list() and its opposite */
void vanilla_list_add(struct superpageblock *sb, u32 frame, u32 order, u32 mt, bool tail);
void vanilla_list_del(struct superpageblock *sb, u32 frame);

/**
 * vanilla_check_lists - do the zone's lists hold what the page words say?
 * @order: gets the order of the first list that does not
 */
bool vanilla_check_lists(const struct zone *zone, u32 *order);

/** vanilla_mark_free - the blocks of a freed buddy are wholly free; labels persist (S7.1) */
void vanilla_mark_free(struct superpageblock *sb, u32 frame, u32 order);

/** vanilla_rmqueue - __rmqueue() of upstream: own list, then claim, then steal (S7.2) */
bool vanilla_rmqueue(struct search *s, u32 alloc_flags, struct found *at);

#endif /* SPB_MODEL_VANILLA_H */
