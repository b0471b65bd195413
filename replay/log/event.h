/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events as every layer sees them: the kinds, what each field means for each kind, and a block of
 * events stored by column. Facts: S1.8 (SPB events), S7.5 (page events).
 */
#ifndef SPB_REPLAY_EVENT_H
#define SPB_REPLAY_EVENT_H

#include "model/types.h"

/** enum event_kind - recorded events; numbers are part of the log format, never reused */
enum event_kind {
	EVENT_ZONE_LOCKED = 0,		/* mm_page_alloc_zone_locked */
	EVENT_PCPU_DRAIN = 1,		/* mm_page_pcpu_drain */
	EVENT_PAGE_FREE = 2,		/* mm_page_free */
	EVENT_PAGE_FREE_BATCHED = 3,	/* mm_page_free_batched */
	EVENT_PAGE_ALLOC = 4,		/* mm_page_alloc */
	EVENT_EXTFRAG = 5,		/* mm_page_alloc_extfrag */
	EVENT_SPB_PB_TAINT = 6,
	EVENT_SPB_CLAIM_BLOCK_REFUSED = 7,
	EVENT_SPB_EVACUATE_FOR_ORDER_DONE = 8,
	EVENT_SPB_ALLOC_ATOMIC_RELAX = 9,
	EVENT_SPB_ALLOC_WALK = 10,
	EVENT_SPB_ALLOC_FALL_THROUGH = 11,
	EVENT_LOST = 12,		/* a gap on this CPU: extra[0] events lost, 0 = count unknown */
	EVENT_COMPACTION_BEGIN = 13,	/* mm_compaction_begin */
	EVENT_COMPACTION_END = 14,
	EVENT_COMPACTION_ISOLATE_MIGRATEPAGES = 15,
	EVENT_COMPACTION_ISOLATE_FREEPAGES = 16,
	EVENT_COMPACTION_FAST_ISOLATE_FREEPAGES = 17,
	EVENT_COMPACTION_MIGRATEPAGES = 18,
	EVENT_MIGRATE_PAGES_START = 19,	/* mm_migrate_pages_start */
	EVENT_MIGRATE_PAGES = 20,	/* mm_migrate_pages: the end of one */
	NR_EVENT_KINDS
};

#define EVENT_MAX_EXTRA 7
#define EVENT_NO_PFN (~0ULL)		/* no page: failed mm_page_alloc, events without a pfn */
#define EVENT_NO_MT ((s8)-1)		/* the kind has no migratetype, or the field was absent */

/** enum event_extra_type - how to read one extra word */
enum event_extra_type {
	EXTRA_UINT,
	EXTRA_HEX,
	EXTRA_BOOL,
	EXTRA_STRING,			/* id in the log's string table */
};

/**
 * struct event_field - where one kernel field of an event goes
 * @name: name in the tracepoint's format
 * @to: column it fills
 * @type: for FIELD_EXTRA, how to read it
 */
struct event_field {
	const char *name;
	enum event_column { FIELD_PFN, FIELD_ORDER, FIELD_MT, FIELD_EXTRA } to;
	enum event_extra_type type;
};

/**
 * struct event_kind_info - one row of the table of kinds
 * @system: tracepoint subsystem, "kmem", "compaction", "migrate"; NULL for EVENT_LOST
 * @name: tracepoint name
 * @nr_fields: rows used in @fields, in the order of the kernel's format
 * @nr_extra: how many extra words an event of this kind has; they appear in the order of @fields
 * @fields: what to read; a field that a kernel lacks is stored as 0
 */
struct event_kind_info {
	const char *system;
	const char *name;
	u8 nr_fields;
	u8 nr_extra;
	struct event_field fields[9];
};

extern const struct event_kind_info event_kinds[NR_EVENT_KINDS];

/** event_has - does the tracepoint of @kind fill column @to? */
bool event_has(u32 kind, enum event_column to);

/** event_names_zone - is the first extra word of @kind the name of a zone? */
bool event_names_zone(u32 kind);

/** event_kind_by_name - kind of tracepoint @name (@len bytes), or -1 */
int event_kind_by_name(const char *name, size_t len);

/**
 * struct event - one event
 * @time: ns of the capture's clock
 * @pfn: page frame number, or EVENT_NO_PFN. Compaction: where the range begins; BEGIN, END: where
 *	the scanner of pages to migrate stands
 * @task: id in the log's task table (pid and comm)
 * @cpu: CPU that recorded it
 * @kind: enum event_kind
 * @order: order field; 0 where the kind has none
 * @migratetype: migratetype field, or EVENT_NO_MT. EXTFRAG: the wanted type;
 *	CLAIM_BLOCK_REFUSED: start_type
 * @extra: extra words, event_kinds[kind].nr_extra of them
 */
struct event {
	u64 time;
	u64 pfn;
	u32 task;
	u16 cpu;
	u8 kind;
	u8 order;
	s8 migratetype;
	u64 extra[EVENT_MAX_EXTRA];
};

/** event_string_mask - which extra words of @kind are strings, a bit each */
u16 event_string_mask(u8 kind);

/* Fuzzing makes this and the like smaller: a few KiB of input then reach the end of a table. */
#ifndef EVENT_BLOCK_MAX
#define EVENT_BLOCK_MAX 65536
#endif

#define EVENT_BLOCK_SLACK 16u

/**
 * struct event_block - up to EVENT_BLOCK_MAX events by column, in time order
 * @nr: events in the block
 * @first: index of the first event in the whole log
 * @nr_extra: words used in @extra
 * @extra: extra words of all events one after another; a reader keeps its own position and
 *	advances by event_kinds[kind].nr_extra
 *
 * The columns are owned by whoever filled the block. EVENT_BLOCK_SLACK bytes behind the last row of
 * a full block may be written, too.
 */
struct event_block {
	u32 nr;
	u32 nr_extra;
	u64 first;
	u64 *time;
	u64 *pfn;
	u64 *extra;
	u32 *task;
	u16 *cpu;
	u8 *kind;
	u8 *order;
	s8 *migratetype;
};

/** event_block_init - allocate the columns for EVENT_BLOCK_MAX events. Return: 0 or -ENOMEM */
int event_block_init(struct event_block *b) __must_check;
/** event_block_fini - free the columns */
void event_block_fini(struct event_block *b);

#endif /* SPB_REPLAY_EVENT_H */
