// SPDX-License-Identifier: GPL-2.0
#include "replay/check/check_event.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* ---- from the model; the extra words are in the order of event_kinds[].fields ---- */

static void zone_locked(const struct model_event *e, u64 *extra)
{
	extra[0] = e->zone_locked.percpu_refill;
}

static void extfrag(const struct model_event *e, u64 *extra)
{
	extra[0] = e->extfrag.fallback_order;
	extra[1] = e->extfrag.fallback_migratetype;
	extra[2] = e->extfrag.change_ownership;
}

static void pb_taint(const struct model_event *e, u64 *extra)
{
	extra[0] = e->pb_taint.action;
	extra[1] = e->pb_taint.is_first_or_last;
}

static void claim_refused(const struct model_event *e, u64 *extra)
{
	extra[0] = e->claim_refused.block_type;
	extra[1] = e->claim_refused.reason;
}

static void evacuate_done(const struct model_event *e, u64 *extra)
{
	extra[1] = e->evacuate_done.phase1_attempts;
	extra[2] = e->evacuate_done.phase2_attempts;
	extra[3] = e->evacuate_done.did_evacuate;
}

static void atomic_relax(const struct model_event *e, u64 *extra)
{
	extra[1] = e->atomic_relax.gfp_mask;
	extra[2] = e->atomic_relax.step;
}

static void alloc_walk(const struct model_event *e, u64 *extra)
{
	extra[1] = e->alloc_walk.alloc_flags;
	extra[2] = e->alloc_walk.outcome;
	extra[3] = e->alloc_walk.n_spbs_visited;
}

static void fall_through(const struct model_event *e, u64 *extra)
{
	extra[1] = e->fall_through.alloc_flags;
	extra[2] = e->fall_through.n_tainted;
	extra[3] = e->fall_through.n_tainted_with_buddy;
	extra[4] = e->fall_through.saw_free_pages;
	extra[5] = e->fall_through.saw_free_pb;
	extra[6] = e->fall_through.saw_below_reserve;
}

/** struct told - @kind: of the log; @page: the event names a page */
struct told {
	u8 kind;
	bool page;
	void (*extra)(const struct model_event *e, u64 *extra);
};

static const struct told told[NR_MODEL_EVENT_KINDS] = {
	[MODEL_ZONE_LOCKED] = { EVENT_ZONE_LOCKED, true, zone_locked },
	[MODEL_EXTFRAG] = { EVENT_EXTFRAG, true, extfrag },
	[MODEL_PB_TAINT] = { EVENT_SPB_PB_TAINT, true, pb_taint },
	[MODEL_CLAIM_REFUSED] = { EVENT_SPB_CLAIM_BLOCK_REFUSED, true, claim_refused },
	[MODEL_EVACUATE_DONE] = { EVENT_SPB_EVACUATE_FOR_ORDER_DONE, false, evacuate_done },
	[MODEL_ATOMIC_RELAX] = { EVENT_SPB_ALLOC_ATOMIC_RELAX, false, atomic_relax },
	[MODEL_ALLOC_WALK] = { EVENT_SPB_ALLOC_WALK, false, alloc_walk },
	[MODEL_FALL_THROUGH] = { EVENT_SPB_ALLOC_FALL_THROUGH, false, fall_through },
};

bool check_kind_modelled(u32 kind)
{
	for (u32 i = 0; i < NR_MODEL_EVENT_KINDS; i++) {
		if (told[i].kind == kind)
			return true;
	}
	return false;
}

/* ---- names ---- */

static u64 zone_named(const struct check_names *n, const char *name)
{
	for (u32 z = 0; z < n->nr_zones; z++) {
		if (!strcmp(n->zones[z].name, name))
			return z + 1;
	}
	return 0;
}

/** extra_type - how word @i of the extra words of @kind is read; *@name: its field */
static enum event_extra_type extra_type(u32 kind, u32 i, const char **name)
{
	const struct event_kind_info *info = &event_kinds[kind];

	for (u32 f = 0; f < info->nr_fields; f++) {
		if (info->fields[f].to != FIELD_EXTRA || i--)
			continue;
		*name = info->fields[f].name;
		return info->fields[f].type;
	}
	*name = "";
	return EXTRA_UINT;
}

struct event check_event_recorded(const struct check_names *n, const struct event_block *b, u32 i,
				  const u64 *extra)
{
	struct event e = {
		.time = b->time[i], .pfn = b->pfn[i], .task = b->task[i], .cpu = b->cpu[i],
		.kind = b->kind[i], .order = b->order[i], .migratetype = b->migratetype[i],
	};

	for (u32 x = 0; x < event_kinds[e.kind].nr_extra; x++) {
		const char *name;

		e.extra[x] = extra[x];
		if (extra_type(e.kind, x, &name) == EXTRA_STRING) {
			name = log_reader_string(n->reader, (u32)extra[x]);
			e.extra[x] = name ? zone_named(n, name) : 0;
		}
	}
	return e;
}

struct event check_event_modelled(const struct check_names *n, const struct model_event *e)
{
	const struct told *t = &told[e->kind];
	struct event ev = {
		.time = e->time, .pfn = t->page ? e->pfn : EVENT_NO_PFN, .cpu = e->cpu,
		.kind = t->kind, .order = e->order, .migratetype = (s8)e->migratetype,
	};
	const char *name;

	t->extra(e, ev.extra);
	if (event_kinds[ev.kind].nr_extra && extra_type(ev.kind, 0, &name) == EXTRA_STRING)
		ev.extra[0] = zone_named(n, n->zones[e->zone].name);
	return ev;
}

/* ---- comparison ---- */

static bool same_pfn(const struct check_names *n, const struct event *a, const struct event *b)
{
	/* The event is about a pageblock, whichever of its pages it names. */
	if (a->kind == EVENT_SPB_PB_TAINT || a->kind == EVENT_SPB_CLAIM_BLOCK_REFUSED)
		return a->pfn >> n->pageblock_order == b->pfn >> n->pageblock_order;
	return a->pfn == b->pfn;
}

bool check_same_event(const struct check_names *n, const struct event *a, const struct event *b,
		      bool *flags_differ)
{
	*flags_differ = false;
	if (a->kind != b->kind || a->order != b->order || a->migratetype != b->migratetype ||
	    !same_pfn(n, a, b))
		return false;
	for (u32 x = 0; x < event_kinds[a->kind].nr_extra; x++) {
		const char *name;

		if (a->extra[x] == b->extra[x])
			continue;
		extra_type(a->kind, x, &name);
		if (strcmp(name, "alloc_flags") != 0)
			return false;
		*flags_differ = true;
	}
	return true;
}

u32 check_walk_outcome(const struct event *e)
{
	return e->extra[2] < NR_SPB_OUTCOMES ? (u32)e->extra[2] : OUTCOME_NO_PAGE;
}

/* ---- words ---- */

static size_t add_word(const struct check_names *n, const struct event *e, u32 x, char *text,
		       size_t len)
{
	const char *name;
	const enum event_extra_type type = extra_type(e->kind, x, &name);
	const u64 v = e->extra[x];

	if (type == EXTRA_STRING)
		return (size_t)snprintf(text, len, " %s=%s", name,
					v && v <= n->nr_zones ? n->zones[v - 1].name : "?");
	if (!strcmp(name, "outcome"))
		return (size_t)snprintf(text, len, " %s=%s", name,
					spb_outcome_name(check_walk_outcome(e)));
	return (size_t)snprintf(text, len, type == EXTRA_HEX ? " %s=0x%" PRIx64 : " %s=%" PRIu64,
				name, v);
}

void check_event_text(const struct check_names *n, const struct event *e, char *text)
{
	size_t at = (size_t)snprintf(text, CHECK_TEXT, "%s", event_kinds[e->kind].name);

	if (e->pfn != EVENT_NO_PFN && at < CHECK_TEXT)
		at += (size_t)snprintf(text + at, CHECK_TEXT - at, " pfn=0x%" PRIx64, e->pfn);
	if (at < CHECK_TEXT && e->kind != EVENT_SPB_PB_TAINT &&
	    e->kind != EVENT_SPB_CLAIM_BLOCK_REFUSED)
		at += (size_t)snprintf(text + at, CHECK_TEXT - at, " order=%u", e->order);
	if (e->migratetype != EVENT_NO_MT && at < CHECK_TEXT)
		at += (size_t)snprintf(text + at, CHECK_TEXT - at, " mt=%s",
				       migratetype_name((u32)e->migratetype));
	for (u32 x = 0; x < event_kinds[e->kind].nr_extra && at < CHECK_TEXT; x++)
		at += add_word(n, e, x, text + at, CHECK_TEXT - at);
}
