// SPDX-License-Identifier: GPL-2.0
#include <json-c/json.h>

#include "cmd/info/info.h"
#include "cmd/common/level.h"
#include "replay/base/limits.h"

typedef struct json_object json;

static void put(json *o, const char *key, json *value)
{
	json_object_object_add(o, key, value);
}

static void put_text(json *o, const char *key, const char *text)
{
	put(o, key, text ? json_object_new_string(text) : NULL);
}

static void put_u64(json *o, const char *key, u64 value)
{
	put(o, key, json_object_new_uint64(value));
}

static json *lost_by_cpu(const struct log_meta *m)
{
	json *list = json_object_new_array();

	for (u32 i = 0; i < m->nr_lost; i++) {
		json *row = json_object_new_object();

		put_u64(row, "cpu", m->lost[i].cpu);
		put_u64(row, "events", m->lost[i].events);
		put_u64(row, "unknown_gaps", m->lost[i].unknown_gaps);
		json_object_array_add(list, row);
	}
	return list;
}

static json *losses(const struct info_scan *s)
{
	json *list = json_object_new_array();

	for (u32 i = 0; i < s->nr_losses; i++) {
		const struct info_loss *l = &s->loss[i];
		json *row = json_object_new_object();

		put_u64(row, "cpu", l->cpu);
		put(row, "from_ns", l->from ? json_object_new_uint64(l->from) : NULL);
		put_u64(row, "to_ns", l->to);
		put(row, "events", l->events ? json_object_new_uint64(l->events) : NULL);
		json_object_array_add(list, row);
	}
	return list;
}

static json *events(const struct log_meta *m)
{
	json *o = json_object_new_object();

	for (u32 kind = 0; kind < NR_EVENT_KINDS; kind++) {
		if (event_kinds[kind].system)
			put_u64(o, event_kinds[kind].name, m->count[kind]);
	}
	return o;
}

static void put_identity(json *o, const struct info *info)
{
	const struct log_meta *m = info->meta;

	put_text(o, "input", info->src.name);
	put_text(o, "kind", info->src.capture ? "capture" : "log");
	put_text(o, "format", m->format);
	put_text(o, "buffer", m->buffer);
	put_text(o, "source", m->source);
	put_u64(o, "source_bytes", m->source_size);
	put_text(o, "source_xxh64", m->source_hash);
	put_u64(o, "log_bytes", info->bytes);
	put_text(o, "host", m->host);
	put_text(o, "kernel", m->kernel);
	put_text(o, "machine", m->machine);
	put_u64(o, "cpus", m->nr_cpus);
	put_text(o, "clock", m->clock);
	put_u64(o, "page_bytes", m->page_size);
	put_u64(o, "first_time_ns", m->first_time);
	put_u64(o, "last_time_ns", m->last_time);
}

static void put_scan(json *o, const struct info_scan *s)
{
	put_u64(o, "busiest_second", s->busiest_second);
	put_u64(o, "busiest_second_events", s->busiest_events);
	put_u64(o, "largest_gap_ns", s->gap_ns);
	put_u64(o, "largest_gap_from_ns", s->gap_from);
	put_u64(o, "nr_losses", s->nr_losses_all);
	put(o, "losses", losses(s));
}

static json *batches(const struct info_batches *b)
{
	json *o = json_object_new_object();

	put_u64(o, "batches", b->nr);
	put_u64(o, "moved_pages", b->moved);
	put_u64(o, "failed_pages", b->failed);
	return o;
}

static json *moves(const struct info *info)
{
	const struct info_moves *m = &info->scan.moves;
	json *o, *reasons;

	if (!info->have_moves)
		return NULL;
	o = json_object_new_object();
	reasons = json_object_new_object();
	put_u64(o, "compactions", m->runs);
	put_u64(o, "compactions_ns", m->runs_ns);
	put_u64(o, "isolated_free_pages", m->isolated_free);
	put_u64(o, "isolated_used_pages", m->isolated_used);
	put(o, "compacted", batches(&m->compacted));
	for (u32 i = 0; i < INFO_REASONS; i++)
		if (m->migrated[i].nr)
			put(reasons, info_moves_reason(i), batches(&m->migrated[i]));
	put(o, "migrated", reasons);
	return o;
}

static void put_quality(json *o, const struct log_meta *m)
{
	u64 lost, gaps;

	info_lost(m, &lost, &gaps);
	put_u64(o, "nr_events", m->nr_events);
	put(o, "events", events(m));
	put_u64(o, "unknown_events", m->unknown_events);
	put_u64(o, "lost_events", lost);
	put(o, "lost_exact", json_object_new_boolean(!gaps));
	put(o, "lost_by_cpu", lost_by_cpu(m));
	put_u64(o, "causality_violations", m->causality);
	put_u64(o, "frees_matched", m->frees_matched);
	put_u64(o, "frees_total", m->frees_total);
	put_u64(o, "equal_stamps", m->equal_stamps);
	put(o, "partial", json_object_new_boolean(m->partial));
	put_text(o, "partial_why", m->partial_why);
}

static json *levels(const struct info *info)
{
	json *list = json_object_new_array();

	for (size_t i = 0; i < nr_levels; i++) {
		json *row = json_object_new_object();

		put_text(row, "name", level_table[i].name);
		put(row, "supported",
		    json_object_new_boolean(!(level_table[i].needs & ~info->have)));
		json_object_array_add(list, row);
	}
	return list;
}

static json *zones(const struct demand_plan *p)
{
	json *list = json_object_new_array();

	for (u32 i = 0; i < p->nr_zones; i++) {
		json *row = json_object_new_object();

		put_u64(row, "node", p->zones[i].node);
		put_text(row, "name", p->zones[i].name);
		put_u64(row, "start_pfn", p->zones[i].start_pfn);
		put_u64(row, "spanned_pages", p->zones[i].spanned);
		json_object_array_add(list, row);
	}
	return list;
}

static json *demand(const struct info *info)
{
	const struct demand_plan *p = info->plan;
	json *o, *odd, *lost;

	if (!p)
		return NULL;
	o = json_object_new_object();
	odd = json_object_new_object();
	lost = json_object_new_object();
	put(o, "zones_inferred", json_object_new_boolean(p->zones_inferred));
	put(o, "zones", zones(p));
	put_u64(o, "allocs", p->nr_allocs);
	put_u64(o, "frees", p->nr_frees);
	put_u64(o, "residents", p->nr_residents);
	put_u64(o, "residents_orphan", p->nr_residents_orphan);
	put(o, "pcp_buddy", json_object_new_boolean(p->pcp_buddy));
	put(o, "pcp_single", json_object_new_boolean(p->pcp_single && !p->pcp_buddy));
	for (size_t i = 0; i < nr_loss_figures; i++)
		put_u64(lost, loss_figure_table[i].name, loss_figure(&p->losses, i));
	put_u64(lost, "superpageblocks_reached", p->losses.reached);
	put(o, "losses", lost);
	for (size_t i = 0; i < demand_nr_oddities; i++)
		put_u64(odd, demand_oddity_table[i].name, info_odd(info, i));
	put(o, "odd", odd);
	return o;
}

static json *answers(const struct info *info, bool can)
{
	json *list = json_object_new_array();

	for (size_t i = 0; i < nr_answers; i++) {
		if (answer_table[i].can == can && info_answer(info, i))
			json_object_array_add(list, json_object_new_string(answer_table[i].text));
	}
	return list;
}

int info_json(const struct info *info, FILE *out)
{
	const struct level *advised = level_advised(info->have);
	json *root = json_object_new_object();
	json *rest = json_object_new_array();
	const char *text;

	if (!root || !rest) {
		json_object_put(root);
		json_object_put(rest);
		return -ERR_IO;
	}
	put_identity(root, info);
	put_quality(root, info->meta);
	put_scan(root, &info->scan);
	put(root, "moves", moves(info));
	put(root, "levels", levels(info));
	put_text(root, "level_advised", advised ? advised->name : NULL);
	put(root, "demand", demand(info));
	put_text(root, "demand_missing_why", info->plan ? NULL : info->no_plan.text);
	put(root, "can_answer", answers(info, true));
	put(root, "cannot_answer", answers(info, false));
	for (size_t i = 0; not_modelled[i]; i++)
		json_object_array_add(rest, json_object_new_string(not_modelled[i]));
	put(root, "not_modelled", rest);
	text = json_object_to_json_string_ext(root, JSON_C_TO_STRING_PRETTY |
					      JSON_C_TO_STRING_SPACED |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text)
		fprintf(out, "%s\n", text);
	json_object_put(root);
	return text ? 0 : -ERR_IO;
}
