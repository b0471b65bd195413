// SPDX-License-Identifier: GPL-2.0
#include <inttypes.h>
#include <string.h>

#include "cmd/info/info.h"
#include "cmd/common/level.h"
#include "cmd/common/terminal.h"
#include "cmd/common/units.h"
#include "replay/base/limits.h"

#define LABEL "%-22s "
/* Losses told one by one. */
#define LOSSES_SHOWN 10u

static void line(FILE *out, const char *label, const char *value)
{
	if (!value || !*value)
		return;
	fprintf(out, LABEL, label);
	terminal_text(out, value);
	fputc('\n', out);
}

static void identity(const struct info *info, FILE *out)
{
	const struct log_meta *m = info->meta;
	char a[UNIT_TEXT], b[UNIT_TEXT];

	line(out, "input", info->src.name);
	line(out, "kind", info->src.capture ? "capture" : "event log");
	line(out, "format", m->format);
	line(out, "buffer", m->buffer && *m->buffer ? m->buffer : "top level");
	if (!info->src.capture)
		line(out, "made from", m->source);
	fprintf(out, LABEL "%s, XXH64 %s\n", "capture size", fmt_bytes(a, m->source_size),
		m->source_hash ? m->source_hash : "unknown");
	if (info->bytes && m->nr_events)
		fprintf(out, LABEL "%s, %s bytes an event\n", "as event log",
			fmt_bytes(a, info->bytes),
			fmt_milli(b, mul_div(info->bytes, 1000, m->nr_events)));
	line(out, "host", m->host);
	line(out, "kernel", m->kernel);
	line(out, "machine", m->machine);
	fprintf(out, LABEL "%" PRIu32 "\n", "CPUs", m->nr_cpus);
	line(out, "clock", m->clock);
	if (m->page_size)
		fprintf(out, LABEL "%" PRIu32 " bytes\n", "page size", m->page_size);
}

static void time_span(const struct info *info, FILE *out)
{
	const struct log_meta *m = info->meta;
	char a[UNIT_TEXT], b[UNIT_TEXT];
	u64 span = m->nr_events ? m->last_time - m->first_time : 0;

	fprintf(out, LABEL "%s to %s s\n", "time", fmt_stamp(a, m->first_time),
		fmt_stamp(b, m->last_time));
	fprintf(out, LABEL "%s\n", "span", fmt_seconds(a, span));
	if (span)
		fprintf(out, LABEL "%s events a second\n", "rate",
			fmt_count(a, mul_div(m->nr_events, NSEC_PER_SEC, span)));
	fprintf(out, LABEL "%s events in the second from %" PRIu64 " s\n", "busiest",
		fmt_count(a, info->scan.busiest_events), info->scan.busiest_second);
	fprintf(out, LABEL "%s without an event, from %s s\n", "largest gap",
		fmt_seconds(a, info->scan.gap_ns), fmt_stamp(b, info->scan.gap_from));
}

static void events(const struct log_meta *m, FILE *out)
{
	const u64 span = m->nr_events ? m->last_time - m->first_time : 0;
	char a[UNIT_TEXT];

	fprintf(out, "\nevents\n");
	for (u32 kind = 0; kind < NR_EVENT_KINDS; kind++) {
		if (!m->count[kind] || !event_kinds[kind].system)
			continue;
		fprintf(out, "  %-26s %12" PRIu64, event_kinds[kind].name, m->count[kind]);
		if (span)
			fprintf(out, "  %s a second",
				fmt_count(a, mul_div(m->count[kind], NSEC_PER_SEC, span)));
		fputc('\n', out);
	}
	fprintf(out, "  %-26s %12" PRIu64 "\n", "unknown, skipped", m->unknown_events);
}

/* When events were lost, one line a loss. */
static void loss_spans(const struct info_scan *s, FILE *out)
{
	char a[UNIT_TEXT], b[UNIT_TEXT];

	for (u32 i = 0; i < s->nr_losses && i < LOSSES_SHOWN; i++) {
		const struct info_loss *l = &s->loss[i];

		fprintf(out, "    CPU %" PRIu32 ", %s to %s s: ", l->cpu,
			l->from ? fmt_stamp(a, l->from) : "before its first event", fmt_stamp(b, l->to));
		if (l->events)
			fprintf(out, "%" PRIu64 " events\n", l->events);
		else
			fprintf(out, "an unknown number of events\n");
	}
	if (s->nr_losses_all > LOSSES_SHOWN)
		fprintf(out, "    and %" PRIu64 " more losses; --json has the first %u\n",
			s->nr_losses_all - LOSSES_SHOWN, INFO_LOSSES_MAX);
}

static void losses(const struct info *info, FILE *out)
{
	const struct log_meta *m = info->meta;
	u64 lost, gaps;

	info_lost(m, &lost, &gaps);
	fprintf(out, "\nquality\n");
	if (!lost && !gaps)
		fprintf(out, "  %-26s %12d\n", "lost events", 0);
	else
		fprintf(out, "  %-26s %12" PRIu64 "  %s\n", "lost events", lost,
			gaps ? "at least: some gaps have no count" : "exact");
	for (u32 i = 0; i < m->nr_lost; i++) {
		if (!m->lost[i].events && !m->lost[i].unknown_gaps)
			continue;
		fprintf(out, "    CPU %-20" PRIu32 " %12" PRIu64, m->lost[i].cpu,
			m->lost[i].events);
		if (m->lost[i].unknown_gaps)
			fprintf(out, "  and %" PRIu64 " gaps of unknown size",
				m->lost[i].unknown_gaps);
		fputc('\n', out);
	}
	loss_spans(&info->scan, out);
}

static void quality(const struct info *info, FILE *out)
{
	const struct log_meta *m = info->meta;
	char a[UNIT_TEXT];

	losses(info, out);
	fprintf(out, "  %-26s %12" PRIu64 "  allocations of a live page; %s a million events\n",
		"causality violations", m->causality,
		fmt_milli(a, mul_div(m->causality, 1000000000, m->nr_events)));
	fprintf(out, "  %-26s %12" PRIu64 "  of %" PRIu64 " (%s)\n", "frees with their alloc",
		m->frees_matched, m->frees_total,
		fmt_share(a, m->frees_matched, m->frees_total));
	fprintf(out, "  %-26s %12" PRIu64 "\n", "equal time stamps", m->equal_stamps);
	if (m->partial)
		fprintf(out, "  %-26s %12s  %s\n", "partial", "yes",
			m->partial_why ? m->partial_why : "");
}

static void batches(const char *label, const struct info_batches *b, FILE *out)
{
	if (b->nr)
		fprintf(out, "  %-26s %12" PRIu64 "  pages in %" PRIu64 " batches; %" PRIu64
			" more could not be moved\n", label, b->moved, b->nr, b->failed);
}

/* Where the capture has the events of compaction and migration. */
static void moves(const struct info *info, FILE *out)
{
	const struct info_moves *m = &info->scan.moves;
	char label[48], t[UNIT_TEXT];

	if (!info->have_moves)
		return;
	fprintf(out, "\nmoved by the host itself\n");
	fprintf(out, "  %-26s %12" PRIu64 "  which took %s\n", "compactions", m->runs,
		fmt_seconds(t, m->runs_ns));
	fprintf(out, "  %-26s %12" PRIu64 "  free pages, and %" PRIu64 " in use\n", "isolated",
		m->isolated_free, m->isolated_used);
	batches("compaction moved", &m->compacted, out);
	for (u32 i = 0; i < INFO_REASONS; i++) {
		snprintf(label, sizeof(label), "migrated, %s", info_moves_reason(i));
		batches(label, &m->migrated[i], out);
	}
}

static void levels(const struct info *info, FILE *out)
{
	const struct level *advised = level_advised(info->have);
	char missing[256];

	fprintf(out, "\ndemand levels\n");
	for (size_t i = 0; i < nr_levels; i++) {
		const struct level *l = &level_table[i];

		kinds_missing(l->needs, info->have, missing, sizeof(missing));
		fprintf(out, "  %-10s %-4s %s", l->name, *missing ? "no" : "yes", l->why);
		if (*missing)
			fprintf(out, "; lacks %s", missing);
		fputc('\n', out);
		kinds_missing(l->wants, info->have, missing, sizeof(missing));
		if (*missing)
			fprintf(out, "  %-15s better with %s\n", "", missing);
	}
	if (advised)
		fprintf(out, "  advised: %s - the best level that the events support\n",
			advised->name);
	else
		fprintf(out, "  advised: none - record with 'trace-cmd record -e kmem:mm_page_*'\n");
}

static void zones(const struct demand_plan *p, FILE *out)
{
	fprintf(out, "\nzones (%s)\n", p->zones_inferred ?
		"inferred from the pages seen: give a snapshot for the true ones" : "known");
	for (u32 i = 0; i < p->nr_zones; i++) {
		char a[UNIT_TEXT];

		fprintf(out, "  %" PRIu32 "/%-24s start_pfn %#" PRIx64 ", %s pages\n",
			p->zones[i].node, p->zones[i].name, p->zones[i].start_pfn,
			fmt_count(a, p->zones[i].spanned));
	}
}

static void demand(const struct info *info, FILE *out)
{
	const struct demand_plan *p = info->plan;

	if (!p) {
		fprintf(out, "\ndemand: none, %s\n", info->no_plan.text);
		return;
	}
	zones(p, out);
	fprintf(out, "\ndemand at %s level\n", demand_level_name(p->opts.level));
	fprintf(out, "  %-26s %12" PRIu64 "\n", "allocations", p->nr_allocs);
	fprintf(out, "  %-26s %12" PRIu64 "\n", "frees", p->nr_frees);
	fprintf(out, "  %-26s %12" PRIu64 "  units live before the capture, %" PRIu64
		" known from their frees\n", "residents", p->nr_residents,
		p->nr_residents_orphan);
	for (size_t i = 0; p->losses.gaps && i < nr_loss_figures; i++)
		fprintf(out, "  %-26s %12" PRIu64 "  %s\n", loss_figure_table[i].name,
			loss_figure(&p->losses, i), loss_figure_table[i].doc);
	if (p->losses.gaps)
		fprintf(out, "  %-26s %12" PRIu32 "  superpageblocks that these operations touch\n",
			"reached", p->losses.reached);
	if (p->opts.level == DEMAND_ZONE)
		fprintf(out, "  %-26s %12s  %s\n", "recorded PCP",
			p->pcp_buddy ? "buddy" : p->pcp_single ? "single" : "vanilla",
			p->pcp_buddy ? "takes every order up to the pageblock" :
			p->pcp_single ? "takes order 0 only, as before Linux 5.14" :
					"takes orders 0-3 and 9");
	fprintf(out, "\nodd events in it (none stops a run)\n");
	for (size_t i = 0; i < demand_nr_oddities; i++)
		fprintf(out, "  %-26s %12" PRIu64 "  %s\n", demand_oddity_table[i].name,
			info_odd(info, i), demand_oddity_table[i].doc);
}

static void answers(const struct info *info, bool can, FILE *out)
{
	fprintf(out, can ? "\ncan answer\n" : "\ncannot answer\n");
	for (size_t i = 0; i < nr_answers; i++) {
		if (answer_table[i].can == can && info_answer(info, i))
			fprintf(out, "  * %s\n", answer_table[i].text);
	}
}

void info_text(const struct info *info, FILE *out)
{
	identity(info, out);
	time_span(info, out);
	events(info->meta, out);
	quality(info, out);
	moves(info, out);
	levels(info, out);
	demand(info, out);
	answers(info, true, out);
	answers(info, false, out);
	fprintf(out, "\nnot modelled\n");
	for (size_t i = 0; not_modelled[i]; i++)
		fprintf(out, "  * %s\n", not_modelled[i]);
}
