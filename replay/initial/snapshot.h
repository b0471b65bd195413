/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Snapshot of a host: zones, usable ranges and what each page frame held. Read from a folder with
 * copies of zoneinfo, pagetypeinfo, iomem and kpageflags (plain or .zst), as host captures keep
 * beside a trace, or from the one file that spbreplay snapshot writes. zoneinfo is required; the
 * rest adds what it can.
 */
#ifndef SPB_REPLAY_SNAPSHOT_H
#define SPB_REPLAY_SNAPSHOT_H

#include "model/model.h"
#include "replay/base/error.h"
#include "replay/log/log.h"

/** enum page_class - what a frame held, from its kpageflags */
enum page_class {
	PAGE_CLASS_ABSENT = 0,	/* no RAM there (KPF_NOPAGE, or outside System RAM in iomem) */
	PAGE_CLASS_FREE,	/* KPF_BUDDY */
	PAGE_CLASS_RESERVED,	/* KPF_RESERVED: memblock memory, never freed */
	PAGE_CLASS_MOVABLE,	/* on the LRU or anonymous, not unevictable-and-pinned */
	PAGE_CLASS_SLAB,	/* KPF_SLAB: reclaimable or not, the flags do not tell */
	PAGE_CLASS_KERNEL,	/* the rest: page tables, kernel memory, pages cached on a PCP */
};

#define PAGE_CLASS_MASK 0x0f
#define PAGE_CLASS_TAIL 0x10	/* ORed in: tail of the compound page before it */

/** struct pfn_range - [start, end) */
struct pfn_range {
	u64 start;
	u64 end;
};

/** struct snapshot_types - what pagetypeinfo counts in a zone: pageblocks by label, free units */
struct snapshot_types {
	u64 blocks[MIGRATE_TYPES];
	u64 nr_free[MIGRATE_TYPES][MODEL_MAX_ORDERS];
};

/**
 * struct snapshot_spb - one superpageblock, as the recorded SPB kernel counted it (S1.9)
 * @known: false: held by a contig allocation, nothing else is said
 * @blocks: pageblocks with the has-bit of UNMOVABLE, MOVABLE, RECLAIMABLE; one may have several
 */
struct snapshot_spb {
	bool known;
	u16 blocks[3];
	u16 nr_reserved;
	u16 nr_free;
	u16 total;
};

/** struct snapshot_spbs - those of a zone, from @base_pfn on */
struct snapshot_spbs {
	u64 base_pfn;
	u32 nr;
	struct snapshot_spb *spb;
};

/**
 * struct snapshot - a loaded snapshot; owned by the caller, freed with snapshot_free()
 * @zones, @nr_zones: populated zones (spanned > 0) in zoneinfo's order
 * @page_shift: of the page size, from the host file or iomem, 0 when neither tells
 * @pageblock_order, @max_order: from pagetypeinfo, 0 when missing
 * @types: by zone, as pagetypeinfo counts them; NULL when it does not
 * @spbs: by zone, NULL where the host was no SPB kernel; @spb_order: of a superpageblock there
 * @ram: System RAM from iomem, sorted, merged; @nr_ram 0 when unknown
 * @nr_pfns: frames in @page_class; @page_class: one byte a frame from pfn 0, NULL when missing
 * @slab_reclaimable, @slab_unreclaimable: pages, node totals from zoneinfo
 */
struct snapshot {
	u32 nr_zones;
	struct log_zone *zones;
	u32 page_shift;
	u32 pageblock_order;
	u32 max_order;
	struct snapshot_types *types;
	struct snapshot_spbs *spbs;
	u32 spb_order;
	u32 nr_ram;
	struct pfn_range *ram;
	u64 nr_pfns;
	u8 *page_class;
	u64 slab_reclaimable;
	u64 slab_unreclaimable;
	char *kernel;
	char *path;
};

/** snapshot_class - what frame @pfn held; PAGE_CLASS_FREE where @s (may be NULL) does not say */
static inline u8 snapshot_class(const struct snapshot *s, u64 pfn)
{
	return s && s->page_class && pfn < s->nr_pfns ? s->page_class[pfn] & PAGE_CLASS_MASK :
							PAGE_CLASS_FREE;
}

/** page_class_in_use - was it a page that somebody had allocated? */
static inline bool page_class_in_use(u8 class)
{
	return class == PAGE_CLASS_MOVABLE || class == PAGE_CLASS_SLAB ||
	       class == PAGE_CLASS_KERNEL;
}

/** snapshot_load - read @path, a folder or a snapshot file. Return: NULL with @err set */
struct snapshot *snapshot_load(const char *path, struct error *err);
void snapshot_free(struct snapshot *s);

/** snapshot_folder_name - file @i of those read from a folder, the required first; NULL: no more */
const char *snapshot_folder_name(u32 i);

#endif /* SPB_REPLAY_SNAPSHOT_H */
