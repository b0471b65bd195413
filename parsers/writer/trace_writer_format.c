// SPDX-License-Identifier: GPL-2.0
#include "parsers/writer/trace_writer_format.h"

#include <stdio.h>
#include <string.h>

#define COMMON_BYTES 8
#define FIRST_ID 650

/* C types of fields, by letter. Width 0 is the long of the kernel. */
static const struct ctype {
	char letter;
	const char *type;
	u8 width;
	bool is_signed;
} ctypes[] = {
	{ 'L', "unsigned long", 0, false },
	{ 'u', "unsigned int", 4, false },
	{ 'i', "int", 4, true },
	{ 'b', "bool", 1, false },
	{ 's', "__data_loc char[]", 4, false },
};

#define PAGE_OF "(((struct page *)vmemmap_base) + (REC->pfn))"
#define PAGE_OR_NULL "REC->pfn != -1UL ? " PAGE_OF " : ((void *)0), REC->pfn != -1UL ? REC->pfn : 0"
#define GFP_FLAGS(f)                                                                              \
	"(REC->" f ") ? __print_flags(REC->" f ", \"|\", { 0xcc0UL, \"GFP_KERNEL\"}, "            \
	"{ 0x820UL, \"GFP_ATOMIC\"}, { 0x1UL, \"__GFP_DMA\"}, { 0x2UL, \"__GFP_HIGHMEM\"}, "      \
	"{ 0x8UL, \"__GFP_MOVABLE\"}, { 0x10UL, \"__GFP_RECLAIMABLE\"}, "                         \
	"{ 0x100UL, \"__GFP_ZERO\"}, { 0x40000UL, \"__GFP_COMP\"} ) : \"none\""
#define OUTCOMES                                                                                  \
	"{ 0, \"NO_PAGE\" }, { 1, \"PASS_1\" }, { 2, \"PASS_2\" }, { 3, \"PASS_2B\" }, "          \
	"{ 4, \"PASS_2C\" }, { 5, \"PASS_3\" }, { 6, \"PASS_4\" }, { 7, \"ZONE_FB\" }, "          \
	"{ 8, \"PASS_2D\" }"
#define REASONS                                                                                   \
	"{ 0, \"ISOLATE\" }, { 1, \"CMA\" }, { 2, \"ZONE_BOUNDARY\" }, "                          \
	"{ 3, \"CROSS_TYPE_NOT_FREE\" }, { 4, \"INSUFFICIENT_COMPAT\" }"
#define STEPS                                                                                     \
	"{ 0, \"NORETRY_SKIP\" }, { 1, \"ADD_TAINTED_OK\" }, { 2, \"DROP_NOFRAGMENT\" }, "        \
	"{ 3, \"NOWARN_LOWER_ORDER\" }"

#define SCANNERS                                                                                  \
	"\"zone_start=0x%lx migrate_pfn=0x%lx free_pfn=0x%lx zone_end=0x%lx, mode=%s"
#define SCANNER_ARGS                                                                              \
	"REC->zone_start, REC->migrate_pfn, REC->free_pfn, REC->zone_end, "                       \
	"REC->sync ? \"sync\" : \"async\""
#define STATUSES                                                                                  \
	"{ 0, \"not_suitable_zone\" }, { 1, \"skipped\" }, { 2, \"deferred\" }, "                 \
	"{ 3, \"no_suitable_page\" }, { 4, \"continue\" }, { 5, \"complete\" }, "                 \
	"{ 6, \"partial_skipped\" }, { 7, \"contended\" }, { 8, \"success\" }"
#define RANGE                                                                                     \
	"\"range=(0x%lx ~ 0x%lx) nr_scanned=%lu nr_taken=%lu\", REC->start_pfn, REC->end_pfn, "   \
	"REC->nr_scanned, REC->nr_taken"
#define MODE_AND_WHY                                                                              \
	"__print_symbolic(REC->mode, { 0, \"MIGRATE_ASYNC\" }, { 1, \"MIGRATE_SYNC_LIGHT\" }, "   \
	"{ 2, \"MIGRATE_SYNC\" }), __print_symbolic(REC->reason, { 0, \"compaction\" }, "         \
	"{ 1, \"memory_failure\" }, { 2, \"memory_hotplug\" }, { 3, \"syscall_or_cpuset\" }, "    \
	"{ 4, \"mempolicy_mbind\" }, { 5, \"numa_misplaced\" }, { 6, \"contig_range\" }, "        \
	"{ 7, \"longterm_pin\" }, { 8, \"demotion\" }, { 9, \"damon\" })"

/* Types of event_kinds[].fields in order, and the print format. */
static const struct {
	const char *types;
	const char *print;
} sources[] = {
	[EVENT_ZONE_LOCKED] = {
		"Luii", "\"page=%p pfn=0x%lx order=%u migratetype=%d percpu_refill=%d\", "
		PAGE_OR_NULL ", REC->order, REC->migratetype, REC->percpu_refill" },
	[EVENT_PCPU_DRAIN] = {
		"Lui", "\"page=%p pfn=0x%lx order=%d migratetype=%d\", " PAGE_OF
		", REC->pfn, REC->order, REC->migratetype" },
	[EVENT_PAGE_FREE] = {
		"Lu", "\"page=%p pfn=0x%lx order=%d\", " PAGE_OF ", REC->pfn, REC->order" },
	[EVENT_PAGE_FREE_BATCHED] = {
		"L", "\"page=%p pfn=0x%lx order=0\", " PAGE_OF ", REC->pfn" },
	[EVENT_PAGE_ALLOC] = {
		"LuLi", "\"page=%p pfn=0x%lx order=%d migratetype=%d gfp_flags=%s\", "
		PAGE_OR_NULL ", REC->order, REC->migratetype, " GFP_FLAGS("gfp_flags") },
	[EVENT_EXTFRAG] = {
		"Liiiii", "\"page=%p pfn=0x%lx alloc_order=%d fallback_order=%d pageblock_order=%d "
		"alloc_migratetype=%d fallback_migratetype=%d fragmenting=%d "
		"change_ownership=%d\", " PAGE_OF ", REC->pfn, REC->alloc_order, "
		"REC->fallback_order, 9, REC->alloc_migratetype, REC->fallback_migratetype, "
		"REC->fallback_order < 9, REC->change_ownership" },
	[EVENT_SPB_PB_TAINT] = {
		"Liib", "\"pfn=0x%lx mt=%d action=%s first_or_last=%d\", REC->pfn, "
		"REC->migratetype, __print_symbolic(REC->action, { 0, \"SET\" }, "
		"{ 1, \"CLEAR\" }), REC->is_first_or_last" },
	[EVENT_SPB_CLAIM_BLOCK_REFUSED] = {
		"Liii", "\"pfn=0x%lx start_mt=%d block_mt=%d reason=%s\", REC->pfn, "
		"REC->start_type, REC->block_type, __print_symbolic(REC->reason, " REASONS ")" },
	[EVENT_SPB_EVACUATE_FOR_ORDER_DONE] = {
		"suiuub", "\"zone=%s order=%u mt=%d p1=%u p2=%u did_evac=%d\", __get_str(name), "
		"REC->order, REC->migratetype, REC->phase1_attempts, REC->phase2_attempts, "
		"REC->did_evacuate" },
	[EVENT_SPB_ALLOC_ATOMIC_RELAX] = {
		"suiLi", "\"zone=%s order=%u mt=%d gfp=%s step=%s\", __get_str(name), REC->order, "
		"REC->migratetype, " GFP_FLAGS("gfp_mask") ", __print_symbolic(REC->step, "
		STEPS ")" },
	[EVENT_SPB_ALLOC_WALK] = {
		"suiuiu", "\"zone=%s order=%u mt=%d alloc_flags=0x%x outcome=%s "
		"n_spbs_visited=%u\", __get_str(name), REC->order, REC->migratetype, "
		"REC->alloc_flags, __print_symbolic(REC->outcome, " OUTCOMES "), "
		"REC->n_spbs_visited" },
	[EVENT_SPB_ALLOC_FALL_THROUGH] = {
		"suiuuubbb", "\"zone=%s order=%u mt=%d alloc_flags=0x%x n_tainted=%u "
		"n_tainted_with_buddy=%u walk=[fp=%d fpb=%d below=%d]\", __get_str(name), "
		"REC->order, REC->migratetype, REC->alloc_flags, REC->n_tainted, "
		"REC->n_tainted_with_buddy, REC->saw_free_pages, REC->saw_free_pb, "
		"REC->saw_below_reserve" },
	[EVENT_COMPACTION_BEGIN] = { "LLLLb", SCANNERS "\", " SCANNER_ARGS },
	[EVENT_COMPACTION_END] = {
		"LLLLbi", SCANNERS " status=%s\", " SCANNER_ARGS ", __print_symbolic(REC->status, "
		STATUSES ")" },
	[EVENT_COMPACTION_ISOLATE_MIGRATEPAGES] = { "LLLL", RANGE },
	[EVENT_COMPACTION_ISOLATE_FREEPAGES] = { "LLLL", RANGE },
	[EVENT_COMPACTION_FAST_ISOLATE_FREEPAGES] = { "LLLL", RANGE },
	[EVENT_COMPACTION_MIGRATEPAGES] = {
		"LL", "\"nr_migrated=%lu nr_failed=%lu\", REC->nr_migrated, REC->nr_failed" },
	[EVENT_MIGRATE_PAGES_START] = { "ii", "\"mode=%s reason=%s\", " MODE_AND_WHY },
	[EVENT_MIGRATE_PAGES] = {
		"LLLLLii", "\"nr_succeeded=%lu nr_failed=%lu nr_thp_succeeded=%lu nr_thp_failed=%lu "
		"nr_thp_split=%lu mode=%s reason=%s\", REC->succeeded, REC->failed, "
		"REC->thp_succeeded, REC->thp_failed, REC->thp_split, " MODE_AND_WHY },
};

_Static_assert(ARRAY_SIZE(sources) == NR_EVENT_KINDS, "a format for each recorded kind");

static const struct ctype *ctype_of(u8 kind, u32 field)
{
	for (size_t i = 0; i < ARRAY_SIZE(ctypes); i++)
		if (ctypes[i].letter == sources[kind].types[field])
			return &ctypes[i];
	return &ctypes[0];
}

void record_layout_init(struct record_layout *l, u8 kind, u32 long_size)
{
	u32 at = COMMON_BYTES;

	memset(l, 0, sizeof(*l));
	l->id = (u16)(FIRST_ID + kind);
	for (u32 i = 0; i < event_kinds[kind].nr_fields; i++) {
		const struct ctype *t = ctype_of(kind, i);
		u32 width = t->width ? t->width : long_size;

		at = (at + width - 1) / width * width;
		l->offset[i] = (u16)at;
		l->width[i] = (u16)width;
		at += width;
	}
	l->size = (u16)((at + 3) / 4 * 4);
}

static void text(struct outbuf *o, const char *s)
{
	outbuf_bytes(o, s, strlen(s));
}

void record_format_text(struct outbuf *o, u8 kind, const struct record_layout *l)
{
	char line[160];

	snprintf(line, sizeof(line), "name: %s\nID: %u\nformat:\n", event_kinds[kind].name, l->id);
	text(o, line);
	text(o, "\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
		"\tfield:unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;\n"
		"\tfield:unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;\n"
		"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n");
	for (u32 i = 0; i < event_kinds[kind].nr_fields; i++) {
		const struct ctype *t = ctype_of(kind, i);

		snprintf(line, sizeof(line), "\tfield:%s %s;\toffset:%u;\tsize:%u;\tsigned:%d;\n",
			 t->type, event_kinds[kind].fields[i].name, l->offset[i], l->width[i],
			 t->is_signed);
		text(o, line);
	}
	text(o, "\nprint fmt: ");
	text(o, sources[kind].print);
	text(o, "\n");
}

/* Value of one number field; extras are counted on. */
static u64 column(const struct event *ev, const struct event_field *f, u32 *nr_extra)
{
	switch (f->to) {
	case FIELD_PFN:
		return ev->pfn;
	case FIELD_ORDER:
		return ev->order;
	case FIELD_MT:
		return (u64)(s64)ev->migratetype;
	case FIELD_EXTRA:
		break;
	}
	return ev->extra[(*nr_extra)++];
}

void record_encode(struct outbuf *o, const struct record_layout *l, const struct event *ev,
		   u32 pid, const char *name)
{
	const struct event_kind_info *info = &event_kinds[ev->kind];
	size_t start = o->len, string_bytes = 0;
	u32 nr_extra = 0;

	outbuf_bytes(o, NULL, l->size);
	outbuf_patch(o, start, l->id, 2);
	outbuf_patch(o, start + 4, pid, 4);
	for (u32 i = 0; i < info->nr_fields; i++) {
		const struct event_field *f = &info->fields[i];
		u64 v = column(ev, f, &nr_extra);

		if (f->to == FIELD_EXTRA && f->type == EXTRA_STRING) {
			string_bytes = strlen(name ? name : "") + 1;
			v = (u64)string_bytes << 16 | l->size;
		}
		outbuf_patch(o, start + l->offset[i], v, l->width[i]);
	}
	if (string_bytes)
		outbuf_bytes(o, name ? name : "", string_bytes);
	outbuf_bytes(o, NULL, (4 - (o->len - start) % 4) % 4);
}
