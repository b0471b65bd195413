// SPDX-License-Identifier: GPL-2.0
#include "replay/outcome/runjson.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/base/limits.h"
#include "replay/outcome/outcome_data.h"

/*
 * A value that json-c could not make would be printed as "null". Remember that it happened instead,
 * and throw the text away at the end.
 */
struct json {
	bool failed;
};

static struct json_object *object_new(struct json *j)
{
	struct json_object *o = json_object_new_object();

	j->failed |= !o;
	return o;
}

static struct json_object *array_new(struct json *j)
{
	struct json_object *o = json_object_new_array();

	j->failed |= !o;
	return o;
}

static void add(struct json *j, struct json_object *to, const char *key, struct json_object *value)
{
	if (!to || !value || json_object_object_add(to, key, value)) {
		j->failed = true;
		json_object_put(value);
	}
}

static void append(struct json *j, struct json_object *to, struct json_object *value)
{
	if (!to || !value || json_object_array_add(to, value)) {
		j->failed = true;
		json_object_put(value);
	}
}

static void add_uint(struct json *j, struct json_object *to, const char *key, u64 value)
{
	add(j, to, key, json_object_new_uint64(value));
}

static void add_thousandths(struct json *j, struct json_object *to, const char *key, u64 value)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu.%03llu", (unsigned long long)(value / 1000),
		 (unsigned long long)(value % 1000));
	add(j, to, key, json_object_new_double_s((double)value / 1000, text));
}

static void add_bool(struct json *j, struct json_object *to, const char *key, bool value)
{
	add(j, to, key, json_object_new_boolean(value));
}

/* Text as valid UTF-8: what comes from a capture may be anything. */
static struct json_object *text_new(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t len = strlen(text);
	size_t used = 0;
	char *clean = malloc(len * 3 + 1);
	struct json_object *o;

	if (!clean)
		return NULL;
	while (len) {
		size_t n = csv_utf8_length(s, len);

		memcpy(clean + used, n ? (const char *)s : "\xef\xbf\xbd", n ? n : 3);
		used += n ? n : 3;
		n = n ? n : 1;
		s += n;
		len -= n;
	}
	clean[used] = '\0';
	o = json_object_new_string_len(clean, (int)used);
	free(clean);
	return o;
}

/* Unknown text is left out. */
static void add_text(struct json *j, struct json_object *to, const char *key, const char *text)
{
	if (text)
		add(j, to, key, text_new(text));
}

/* ---- parts ---- */

static struct json_object *counts_json(struct json *j, const struct log_meta *m)
{
	struct json_object *o = object_new(j);

	for (u32 kind = 0; kind < NR_EVENT_KINDS; kind++)
		if (m->count[kind] && event_kinds[kind].name)
			add_uint(j, o, event_kinds[kind].name, m->count[kind]);
	return o;
}

static struct json_object *capture_json(struct json *j, const struct log_meta *m)
{
	struct json_object *o = object_new(j);

	add_text(j, o, "source", m->source);
	add_uint(j, o, "bytes", m->source_size);
	add_text(j, o, "xxh64", m->source_hash);
	add_text(j, o, "format", m->format);
	add_text(j, o, "buffer", m->buffer);
	add_text(j, o, "host", m->host);
	add_text(j, o, "kernel", m->kernel);
	add_text(j, o, "machine", m->machine);
	add_text(j, o, "clock", m->clock);
	add_uint(j, o, "page_size", m->page_size);
	add_uint(j, o, "nr_cpus", m->nr_cpus);
	add_uint(j, o, "events", m->nr_events);
	add(j, o, "events_by_kind", counts_json(j, m));
	add_uint(j, o, "unknown_events", m->unknown_events);
	add_uint(j, o, "first_ns", m->first_time);
	add_uint(j, o, "last_ns", m->last_time);
	return o;
}

static struct json_object *inputs_json(struct json *j, const struct outcome_run *run)
{
	struct json_object *a = array_new(j);

	for (u32 i = 0; i < run->nr_inputs; i++) {
		struct json_object *o = object_new(j);

		add_text(j, o, "role", run->inputs[i].role);
		add_text(j, o, "path", run->inputs[i].path);
		if (run->inputs[i].xxh64)
			add_text(j, o, "xxh64", run->inputs[i].xxh64);
		append(j, a, o);
	}
	return a;
}

static struct json_object *quality_json(struct json *j, const struct log_meta *m)
{
	struct json_object *o = object_new(j);
	u64 events = 0, gaps = 0;

	for (u32 i = 0; i < m->nr_lost; i++) {
		events += m->lost[i].events;
		gaps += m->lost[i].unknown_gaps;
	}
	add_uint(j, o, "lost_events", events);
	add_uint(j, o, "lost_gaps_of_unknown_size", gaps);
	add_uint(j, o, "equal_stamps", m->equal_stamps);
	add_uint(j, o, "causality_violations", m->causality);
	add_thousandths(j, o, "causality_violations_per_million_events",
			m->nr_events ? m->causality * 1000000000 / m->nr_events : 0);
	add_uint(j, o, "frees_total", m->frees_total);
	add_uint(j, o, "frees_matched", m->frees_matched);
	return o;
}

static struct json_object *zones_json(struct json *j, const struct outcome *out)
{
	struct json_object *a = array_new(j);

	for (u32 i = 0; i < out->nr_zones; i++) {
		struct json_object *o = object_new(j);

		add_text(j, o, "zone", out->zone_names[i]);
		add_uint(j, o, "start_pfn", out->zones[i].start_pfn);
		add_uint(j, o, "spanned_pages", out->zones[i].spanned);
		append(j, a, o);
	}
	return a;
}

/*
 * What the snapshot says of pages that only their free made known; "free": they came without an
 * event.
 */
static struct json_object *orphans_json(struct json *j, const struct outcome *out)
{
	static const char *const names[] = {
		[PAGE_CLASS_ABSENT] = "absent", [PAGE_CLASS_FREE] = "free",
		[PAGE_CLASS_RESERVED] = "reserved", [PAGE_CLASS_MOVABLE] = "movable",
		[PAGE_CLASS_SLAB] = "slab", [PAGE_CLASS_KERNEL] = "kernel",
	};
	struct json_object *o = object_new(j);

	for (u32 c = 0; c < ARRAY_SIZE(names); c++)
		add_uint(j, o, names[c], out->orphans[c]);
	return o;
}

static struct json_object *initial_json(struct json *j, const struct outcome *out)
{
	char fill[FILL_TEXT];
	struct json_object *o = object_new(j);

	add_text(j, o, "state", initial_state_name(out->initial));
	if (out->fill.percent)
		add_text(j, o, "fill", fill_text(&out->fill, fill));
	add_uint(j, o, "residents", out->nr_residents);
	add_uint(j, o, "residents_from_frees", out->nr_residents_orphan);
	add_uint(j, o, "residents_from_earlier_events", out->nr_residents_earlier);
	add_uint(j, o, "residents_from_snapshot", out->nr_residents - out->nr_residents_orphan -
						  out->nr_residents_earlier);
	if (out->from_snapshot)
		add(j, o, "residents_from_frees_by_snapshot", orphans_json(j, out));
	add_uint(j, o, "absent_pages", out->absent_pages);
	add_uint(j, o, "reserved_pages", out->reserved_pages);
	if (out->initial == INITIAL_EXACT) {
		add_uint(j, o, "labels_from_events", out->labels.by_event);
		add_uint(j, o, "labels_from_content", out->labels.by_content);
		add_uint(j, o, "labels_compared", out->labels.compared);
		add_uint(j, o, "labels_disagreed", out->labels.disagreed);
	}
	return o;
}

/* Superpageblocks that uncertain operations touched, by zone. */
static struct json_object *reached_json(struct json *j, const struct outcome *out)
{
	struct json_object *zones = object_new(j);

	for (u32 z = 0; z < out->nr_zones; z++) {
		const struct log_zone *zone = &out->zones[z];
		const u64 first = zone->start_pfn >> out->spb_order;
		const u64 last = (zone->start_pfn + zone->spanned - 1) >> out->spb_order;
		struct json_object *spbs = array_new(j);

		for (u64 i = first; i <= last && i < out->losses.nr_spbs; i++)
			if (loss_reaches(&out->losses, i))
				append(j, spbs, json_object_new_uint64(i - first));
		add(j, zones, out->zone_names[z], spbs);
	}
	return zones;
}

static struct json_object *losses_json(struct json *j, const struct outcome *out)
{
	struct json_object *o = object_new(j);

	for (size_t i = 0; i < nr_loss_figures; i++)
		add_uint(j, o, loss_figure_table[i].name, loss_figure(&out->losses, i));
	if (out->losses.gaps)
		add(j, o, "superpageblocks", reached_json(j, out));
	return o;
}

static struct json_object *demand_json(struct json *j, const struct outcome *out)
{
	struct json_object *o = object_new(j);
	struct json_object *odd = object_new(j);

	add_text(j, o, "level", demand_level_name(out->level));
	add_uint(j, o, "operations", out->nr_ops);
	add_bool(j, o, "recorded_pcp_buddy", out->pcp_buddy);
	add_bool(j, o, "recorded_pcp_single", out->pcp_single);
	add_text(j, o, "zone_filter", out->zone_filter);
	if (out->window[0])
		add_uint(j, o, "window_first_ns", out->window[0]);
	if (out->window[1] != UINT64_MAX)
		add_uint(j, o, "window_end_ns", out->window[1]);
	for (size_t i = 0; i < demand_nr_oddities; i++) {
		u64 value;

		memcpy(&value, (const char *)&out->oddities + demand_oddity_table[i].offset,
		       sizeof(value));
		add_uint(j, odd, demand_oddity_table[i].name, value);
	}
	add(j, o, "oddities", odd);
	add(j, o, "losses", losses_json(j, out));
	return o;
}

static struct json_object *knobs_json(struct json *j, const struct variant *v)
{
	struct json_object *o = object_new(j);

	for (size_t i = 0; i < nr_knobs; i++) {
		const struct knob *k = &knob_table[i];
		u32 value = knob_get(v, k);

		if (k->type == KNOB_BOOL)
			add_bool(j, o, k->name, value);
		else if (k->type == KNOB_ENUM)
			add_text(j, o, k->name, k->values[value]);
		else
			add_uint(j, o, k->name, value);
	}
	return o;
}

/* What each call for defrag met, by zone and trigger; verdicts that never came are left out. */
static struct json_object *chances_json(struct json *j, const struct outcome *out,
					const struct metrics *m)
{
	struct json_object *zones = object_new(j);

	for (u32 z = 0; z < out->nr_zones; z++) {
		struct json_object *triggers = object_new(j);

		for (u32 t = 0; t < NR_DEFRAG_TRIGGERS; t++) {
			const u64 *chances = m->zones[z].counters.chances[t];
			struct json_object *o = object_new(j);

			for (u32 v = 0; v < NR_DEFRAG_VERDICTS; v++)
				if (chances[v])
					add_uint(j, o, defrag_verdict_name(v), chances[v]);
			add(j, triggers, defrag_trigger_name(t), o);
		}
		add(j, zones, out->zone_names[z], triggers);
	}
	return zones;
}

/* has-bits of the snapshot of an SPB kernel; all 0 without one. */
static struct json_object *has_bits_json(struct json *j, const struct metrics *m)
{
	struct json_object *o = object_new(j);

	add_uint(j, o, "recorded", m->has_bits_recorded);
	add_uint(j, o, "added", m->has_bits_added);
	add_uint(j, o, "short", m->has_bits_short);
	add_uint(j, o, "over", m->has_bits_over);
	return o;
}

static struct json_object *variant_json(struct json *j, const struct outcome *out,
					const struct outcome_variant *v)
{
	struct json_object *o = object_new(j);

	add_text(j, o, "name", v->variant.name);
	add_text(j, o, "doc", v->variant.doc);
	add(j, o, "knobs", knobs_json(j, &v->variant));
	add_uint(j, o, "residents_without_place", v->metrics.initial_failed);
	if (out->initial == INITIAL_EXACT) {
		add_uint(j, o, "labels_refused", v->metrics.labels_refused);
		add(j, o, "has_bits", has_bits_json(j, &v->metrics));
	}
	add_uint(j, o, "frees_of_missing_units", v->metrics.skipped_frees);
	add_uint(j, o, "splits_of_missing_units", v->metrics.skipped_splits);
	add_uint(j, o, "units_dropped", v->metrics.dropped);
	add_uint(j, o, "model_bytes", v->metrics.model_bytes);
	add(j, o, "defrag_chances", chances_json(j, out, &v->metrics));
	return o;
}

static struct json_object *variants_json(struct json *j, const struct outcome *out)
{
	struct json_object *a = array_new(j);

	for (u32 i = 0; i < out->nr_variants; i++)
		append(j, a, variant_json(j, out, &out->variants[i]));
	return a;
}

static struct json_object *files_json(struct json *j, const struct outcome_files *files)
{
	struct json_object *a = array_new(j);

	for (u32 i = 0; i < files->nr; i++) {
		const struct outcome_file *f = &files->files[i];
		struct json_object *o = object_new(j);
		char hash[HASH64_TEXT];

		hash64_text(hash, hash64_final(&f->hash));
		add_text(j, o, "name", f->name);
		add_uint(j, o, "bytes", f->bytes);
		add_text(j, o, "xxh64", hash);
		append(j, a, o);
	}
	return a;
}

static struct json_object *not_modelled_json(struct json *j)
{
	struct json_object *a = array_new(j);

	for (size_t i = 0; not_modelled[i]; i++)
		append(j, a, text_new(not_modelled[i]));
	return a;
}

static struct json_object *run_json(struct json *j, const struct outcome *out,
				    const struct outcome_run *run,
				    const struct outcome_files *files)
{
	struct json_object *o = object_new(j);

	add_text(j, o, "tool", "spbreplay");
	add_text(j, o, "version", run->version);
	add_bool(j, o, "partial", out->partial[0] != '\0');
	add_text(j, o, "partial_why", out->partial[0] ? out->partial : NULL);
	add(j, o, "inputs", inputs_json(j, run));
	add(j, o, "capture", capture_json(j, &out->meta));
	add(j, o, "quality", quality_json(j, &out->meta));
	add_uint(j, o, "first_ns", out->t_first);
	add_uint(j, o, "last_ns", out->t_last);
	add_uint(j, o, "seed", out->seed);
	add_uint(j, o, "spb_order", out->spb_order);
	add_uint(j, o, "pageblock_order", out->pageblock_order);
	add_uint(j, o, "modelled_cpus", out->nr_cpus);
	add_uint(j, o, "check_every", out->check_every);
	add_uint(j, o, "contig", out->contig);
	add_bool(j, o, "zones_inferred", out->zones_inferred);
	add(j, o, "zones", zones_json(j, out));
	add(j, o, "initial", initial_json(j, out));
	add(j, o, "demand", demand_json(j, out));
	add(j, o, "variants", variants_json(j, out));
	add(j, o, "not_modelled", not_modelled_json(j));
	add_uint(j, o, "wall_ms", run->wall_ns / NSEC_PER_MSEC);
	add_uint(j, o, "cpu_ms", run->cpu_ns / NSEC_PER_MSEC);
	add(j, o, "files", files_json(j, files));
	return o;
}

char *runjson_text(const struct outcome *o, const struct outcome_run *run,
		   const struct outcome_files *files)
{
	struct json j = { false };
	struct json_object *json = run_json(&j, o, run, files);
	const char *text = NULL;
	char *copy = NULL;

	if (!j.failed)
		text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PRETTY |
						      JSON_C_TO_STRING_SPACED |
						      JSON_C_TO_STRING_NOSLASHESCAPE);
	if (text) {
		size_t len = strlen(text);

		copy = malloc(len + 2);
		if (copy) {
			memcpy(copy, text, len);
			memcpy(copy + len, "\n", 2);
		}
	}
	json_object_put(json);
	return copy;
}
