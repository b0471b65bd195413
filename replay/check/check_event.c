// SPDX-License-Identifier: GPL-2.0
#include "replay/check/check_event.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "replay/engine/model_events.h"

bool check_kind_modelled(u32 kind, bool page_level)
{
	if (kind == EVENT_PCPU_DRAIN)
		return page_level;
	for (u32 i = 0; i < NR_MODEL_EVENT_KINDS; i++) {
		if (model_event_log_kind(i) == kind)
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
	struct event ev;

	if (model_event_to_log(e, &ev))
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
	if (at < CHECK_TEXT && event_has(e->kind, FIELD_ORDER))
		at += (size_t)snprintf(text + at, CHECK_TEXT - at, " order=%u", e->order);
	if (e->migratetype != EVENT_NO_MT && at < CHECK_TEXT)
		at += (size_t)snprintf(text + at, CHECK_TEXT - at, " mt=%s",
				       migratetype_name((u32)e->migratetype));
	for (u32 x = 0; x < event_kinds[e->kind].nr_extra && at < CHECK_TEXT; x++)
		at += add_word(n, e, x, text + at, CHECK_TEXT - at);
}
