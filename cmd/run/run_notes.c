// SPDX-License-Identifier: GPL-2.0
#include "cmd/run/run_notes.h"

#include <inttypes.h>
#include <string.h>

#include "cmd/info/info.h"
#include "cmd/common/level.h"
#include "cmd/common/say.h"
#include "cmd/common/units.h"
#include "replay/demand/demand_worker.h"
#include "replay/demand/recorded_kernel.h"

/* One line of uname may say more than the release that the other has. */
static void warn_kernel(const struct source *src, const struct snapshot *s)
{
	const char *capture = source_meta(src)->kernel;

	if (s && s->kernel && *s->kernel && capture && *capture && !strstr(s->kernel, capture) &&
	    !strstr(capture, s->kernel))
		say_warn("%s: is of kernel %.64s, the capture of %.64s - is it of this host?",
			 s->path, s->kernel, capture);
}

void warn_before(const struct source *src, const struct demand_plan *plan,
		 const struct snapshot *snapshot, bool quiet)
{
	const struct log_meta *meta = source_meta(src);
	const struct level *level = level_row(plan->opts.level);
	char missing[256], n[UNIT_TEXT], all[UNIT_TEXT], marks[UNIT_TEXT], reached[UNIT_TEXT];
	const u64 uncertain = plan->losses.operations + plan->losses.beside +
			      plan->losses.unexplained;
	u64 lost, gaps;

	kinds_missing(level->needs, kinds_of(meta), missing, sizeof(missing));
	if (*missing)
		say_warn("%s: has no %s - %s level misses what they tell; see 'spbreplay info'",
			 src->name, missing, level->name);
	else if (level->level != DEMAND_ZONE && !quiet)
		say("%s: demand at %s level: %s", src->name, level->name, level->why);
	if (src->status || meta->partial)
		say_warn("%s: partial - results cover what could be read", src->name);
	if (plan->page_shift != 12)
		say("%s: pages of %u KiB: pageblocks of order %u, buddies up to order %u, "
		    "superpageblocks of order %u", src->name, 1u << (plan->page_shift - 10),
		    plan->pageblock_order, plan->max_order, plan->opts.spb_order);
	if (plan->zones_inferred)
		say_warn("%s: zones are inferred from the pages seen - give a snapshot (-s) for "
			 "the true ones", src->name);
	warn_kernel(src, snapshot);
	if (is_spb_kernel(meta) && !worker_tasks_any(&plan->worker_tasks) && !quiet)
		say("%s: of a kernel with superpageblocks, but no task is named %s - what its worker "
		    "moved is replayed as requests and frees", src->name, WORKER_COMM);
	if (snapshot && !snapshot->nr_ram && !quiet)
		say("%s: has no readable iomem - holes in memory are not known", snapshot->path);
	if (snapshot && snapshot->spbs && snapshot->spb_order != plan->opts.spb_order && !quiet)
		say("%s: its superpageblocks are of order %" PRIu32 ", those of the replay of order %" PRIu32
		    " - recorded has-bits are not used", snapshot->path, snapshot->spb_order,
		    plan->opts.spb_order);
	if (snapshot && !snapshot->page_class && !quiet)
		say("%s: has no kpageflags - residents are only those that the capture frees",
		    snapshot->path);
	info_lost(meta, &lost, &gaps);
	if (lost || gaps)
		say_warn("%s: %s%s events were lost while recording - 'spbreplay info' lists them "
			 "by CPU", src->name, gaps ? "at least " : "", fmt_count(n, lost));
	if (plan->losses.gaps)
		say_warn("%s: in the %s gaps, beside them or not explained without them are %s of %s "
			 "operations, on %s superpageblocks - run.json lists them", src->name,
			 fmt_count(marks, plan->losses.gaps),
			 fmt_count(n, min_u64(uncertain, plan->nr_allocs + plan->nr_frees)),
			 fmt_count(all, plan->nr_allocs + plan->nr_frees),
			 fmt_count(reached, plan->losses.reached));
}

void warn_after(const struct source *src, const struct outcome *o)
{
	const struct demand_oddities *odd = outcome_oddities(o);
	char n[UNIT_TEXT];

	if (odd->outside_zone)
		say_warn("%s: %s events lie in no zone of the snapshot - is it of this host?",
			 src->name, fmt_count(n, odd->outside_zone));
}

void note_files(const char *dir)
{
	size_t nr;
	const struct csv_table *const *tables = outcome_tables(&nr);
	char text[256] = "";
	size_t at = 0;

	for (size_t i = 0; i < nr && at < sizeof(text); i++)
		at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%s", i ? ", " : "",
				       tables[i]->file);
	say("CSV files in %s: %s; run.json", dir, text);
}

void note_details(const struct outcome *o, const struct demand_plan *plan, u64 wall, u64 cpu)
{
	const struct demand_oddities *odd = outcome_oddities(o);
	char a[UNIT_TEXT], b[UNIT_TEXT];

	say("operations: %s; residents at the start: %s", fmt_count(a, outcome_nr_ops(o)),
	    fmt_count(b, plan->nr_residents));
	for (u32 i = 0; i < outcome_nr_variants(o); i++)
		say("memory of %s: %s", outcome_variant(o, i)->name,
		    fmt_bytes(a, outcome_model_bytes(o, i)));
	for (size_t i = 0; i < demand_nr_oddities; i++) {
		u64 value;

		memcpy(&value, (const char *)odd + demand_oddity_table[i].offset, sizeof(value));
		if (value)
			say("%s: %" PRIu64 " (%s)", demand_oddity_table[i].name, value,
			    demand_oddity_table[i].doc);
	}
	say("time: %s wall, %s CPU", fmt_seconds(a, wall), fmt_seconds(b, cpu));
}
