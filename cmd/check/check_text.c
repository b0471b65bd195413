// SPDX-License-Identifier: GPL-2.0
#include "cmd/check/check_show.h"

#include <inttypes.h>

#include "cmd/common/terminal.h"
#include "cmd/common/units.h"

/* A row of up to two sides: the open loop, then following. */
static u32 nr_sides(const struct check_report *r)
{
	return r->follows ? NR_CHECK_SIDES : 1;
}

static void head(const struct check_report *r, const char *title, const char *open,
		 const char *follow, FILE *out)
{
	fprintf(out, "\n%-32s %12s %s", title, "recorded", open);
	if (r->follows)
		fprintf(out, " %s", follow);
	fputc('\n', out);
}

/* ---- events ---- */

static void agreement_row(const struct check_report *r, const char *name,
			  const struct check_agreement *const a[], FILE *out)
{
	char n[UNIT_TEXT], share[UNIT_TEXT];

	if (!a[0]->recorded && !a[0]->model)
		return;
	fprintf(out, "  %-30s %12s", name, fmt_count(n, a[0]->recorded));
	for (u32 s = 0; s < nr_sides(r); s++)
		fprintf(out, " %12s %9s", fmt_count(n, a[s]->model),
			fmt_share(share, a[s]->agree,
				  a[s]->recorded + a[s]->model - a[s]->agree - a[s]->differ));
	fputc('\n', out);
}

static void events(const struct check_report *r, FILE *out)
{
	head(r, "events", "   open loop     agree", "  following     agree", out);
	for (u32 k = 0; k < NR_EVENT_KINDS; k++) {
		const struct check_agreement *const row[] = {
			&r->side[SIDE_OPEN].kinds[k], &r->side[SIDE_FOLLOW].kinds[k],
		};

		agreement_row(r, event_kinds[k].name, row, out);
	}
	agreement_row(r, "by the worker", (const struct check_agreement *const[]){
		      &r->side[SIDE_OPEN].worker, &r->side[SIDE_FOLLOW].worker }, out);
}

static void apart(const struct check_report *r, FILE *out)
{
	const struct check_figures *f = &r->side[SIDE_OPEN];
	char n[UNIT_TEXT];

	if (f->failed_requests)
		fprintf(out, "  %s events of requests that the recorded kernel could not serve: no demand "
			"at this level\n", fmt_count(n, f->failed_requests));
	if (f->flags_differ)
		fprintf(out, "  %s walks whose alloc_flags alone differ: gfp flags are not known at "
			"this level\n", fmt_count(n, f->flags_differ));
}

static void walks(const struct check_report *r, FILE *out)
{
	const struct check_figures *f = &r->side[SIDE_OPEN];
	char n[UNIT_TEXT];
	bool any = false;

	for (u32 rec = 0; rec < NR_SPB_OUTCOMES; rec++) {
		for (u32 model = 0; model < NR_SPB_OUTCOMES; model++) {
			if (!f->walks[rec][model] || rec == model)
				continue;
			if (!any)
				fprintf(out, "\nwalks that end otherwise in the open loop\n");
			any = true;
			fprintf(out, "  %s instead of %s: %s\n", spb_outcome_name(model),
				spb_outcome_name(rec), fmt_count(n, f->walks[rec][model]));
		}
	}
}

/* ---- placement ---- */

static void placement_row(const struct check_report *r, const char *name,
			  const struct check_placement *const p[], FILE *out)
{
	char n[UNIT_TEXT], a[UNIT_TEXT], b[UNIT_TEXT], c[UNIT_TEXT];

	if (!check_placed(p[0]))
		return;
	fprintf(out, "  %-30s %12s", name, fmt_count(n, check_placed(p[0])));
	for (u32 s = 0; s < nr_sides(r); s++) {
		const u64 all = check_placed(p[s]);
		const u64 block = p[s]->pfn + p[s]->block;

		fprintf(out, "   %8s %8s %8s", fmt_share(a, p[s]->pfn, all),
			fmt_share(b, block, all), fmt_share(c, block + p[s]->spb, all));
	}
	fputc('\n', out);
}

static void placement(const struct check_report *r, FILE *out)
{
	const struct check_figures *open = &r->side[SIDE_OPEN], *follow = &r->side[SIDE_FOLLOW];
	char name[32];

	head(r, "allocations in the same", "  open: page    block      SPB",
	     " follow: page  block      SPB", out);
	placement_row(r, "all", (const struct check_placement *const[]){ &open->all,
		      &follow->all }, out);
	for (u32 mt = 0; mt < MIGRATE_TYPES; mt++)
		placement_row(r, migratetype_name(mt), (const struct check_placement *const[]){
			      &open->by_mt[mt], &follow->by_mt[mt] }, out);
	for (u32 o = 0; o < MODEL_MAX_ORDERS; o++) {
		snprintf(name, sizeof(name), "order %u", o);
		placement_row(r, name, (const struct check_placement *const[]){
			      &open->by_order[o], &follow->by_order[o] }, out);
	}
}

static void missed(const struct check_report *r, FILE *out)
{
	const struct check_figures *f = &r->side[SIDE_FOLLOW];
	const u64 all = check_placed(&f->all);
	char n[UNIT_TEXT], share[UNIT_TEXT];
	u64 known;

	if (!r->follows || f->all.pfn == all)
		return;
	known = all - f->causes[CAUSE_START_ORDER] - f->causes[CAUSE_MODEL_START];
	fprintf(out, "\nwhy a followed decision took another page; without those that the unknown order of "
		"lists at the start decided,\n%s of %s are right\n",
		fmt_share(share, f->all.pfn, known), fmt_count(n, known));
	if (f->ghosts)
		fprintf(out, "  (%s pages were not free though snapshot and events say so; %s of them came back "
			"unseen)\n", fmt_count(n, f->ghosts), fmt_count(share, f->ghosts_back));
	for (u32 c = 0; c < NR_CHECK_CAUSES; c++)
		fprintf(out, "  %12s %8s  %s\n", fmt_count(n, f->causes[c]),
			fmt_share(share, f->causes[c], all), check_cause_doc(c));
}

/* ---- fallbacks, labels, taint ---- */

static void fallbacks(const struct check_report *r, FILE *out)
{
	char n[UNIT_TEXT];

	if (r->nr_fallbacks)
		head(r, "fallbacks", "   open loop", "  following", out);
	for (u32 i = 0; i < r->nr_fallbacks; i++) {
		const struct check_fallback *f = &r->fallbacks[i];
		char name[64];

		snprintf(name, sizeof(name), "%.5s/%u from %.5s/%u", migratetype_name(f->mt),
			 f->order, migratetype_name(f->fallback_mt), f->fallback_order);
		fprintf(out, "  %-30s %12s", name, fmt_count(n, f->recorded));
		for (u32 s = 0; s < nr_sides(r); s++)
			fprintf(out, " %12s", fmt_count(n, f->model[s]));
		fputc('\n', out);
	}
}

static void label_row(const struct check_report *r, const struct check_labels *l, FILE *out)
{
	char name[48], n[UNIT_TEXT];

	snprintf(name, sizeof(name), "%s %s", r->zone_names[l->zone], migratetype_name(l->mt));
	fprintf(out, "  %-30s %12s", name, l->known_before ? fmt_count(n, l->before) : "-");
	fprintf(out, " %12s", fmt_count(n, l->start));
	fprintf(out, " %12s", l->known_after ? fmt_count(n, l->after) : "-");
	for (u32 s = 0; s < nr_sides(r); s++)
		fprintf(out, " %12s", fmt_count(n, l->end[s]));
	fputc('\n', out);
}

static void labels(const struct check_report *r, FILE *out)
{
	fprintf(out, "\n%-32s %12s %12s %12s %12s%s\n", "pageblocks", "before", "model", "after",
		"open loop", r->follows ? "    following" : "");
	for (u32 i = 0; i < r->nr_labels; i++) {
		const struct check_labels *l = &r->labels[i];

		if (l->before || l->start || l->after || l->end[SIDE_OPEN] || l->end[SIDE_FOLLOW])
			label_row(r, l, out);
	}
}

static void shown(const struct check_report *r, FILE *out)
{
	char a[UNIT_TEXT], b[UNIT_TEXT];

	for (u32 s = 0; s < nr_sides(r); s++) {
		const struct check_figures *f = &r->side[s];

		if (f->labels_shown)
			fprintf(out, "  %s: %s of the %s labels that drains show\n",
				s == SIDE_OPEN ? "open loop" : "following",
				fmt_share(a, f->labels_agree, f->labels_shown),
				fmt_count(b, f->labels_shown));
	}
}

static void taint(const struct check_report *r, FILE *out)
{
	char a[UNIT_TEXT], b[UNIT_TEXT], at[UNIT_TEXT];

	if (!r->recorded_taint && !r->follows)
		return;
	fprintf(out, "\ntainted superpageblocks in common (Jaccard), against %s\n",
		r->recorded_taint ? "spb_pb_taint" : "the following side");
	for (u32 s = 0; s < (r->recorded_taint ? nr_sides(r) : 1); s++) {
		const struct check_taint *c = &r->side[s].taint;

		if (!c->samples)
			continue;
		fprintf(out, "  %s: mean %s, least %s at %s s; at the end %" PRIu64 " recorded, %"
			PRIu64 " modelled, %" PRIu64 " both\n",
			s == SIDE_OPEN ? "open loop" : "following",
			fmt_share(a, c->sum / c->samples, 1000000), fmt_share(b, c->min, 1000000),
			fmt_stamp(at, c->min_time), c->recorded, c->model, c->both);
	}
}

/* ---- disagreements ---- */

static void misses(const struct check_report *r, enum check_side side, FILE *out)
{
	char at[UNIT_TEXT];

	if (r->nr_misses[side])
		fprintf(out, "\nfirst disagreements, %s\n",
			side == SIDE_OPEN ? "open loop" : "following");
	for (u32 i = 0; i < r->nr_misses[side]; i++) {
		const struct check_miss *m = &r->misses[side][i];

		fprintf(out, "  %s s, cpu %u", fmt_stamp(at, m->time), m->cpu);
		if (m->event != UINT64_MAX)
			fprintf(out, ", event %" PRIu64, m->event);
		if (m->comm[0]) {
			fputs(", ", out);
			terminal_text(out, m->comm);
			fprintf(out, "-%u", m->pid);
		}
		fprintf(out, "\n    recorded  %s\n    model     %s\n",
			m->recorded[0] ? m->recorded : "nothing",
			m->model[0] ? m->model : "nothing");
	}
}

void check_text(const struct check_report *r, const char *variant, FILE *out)
{
	char n[UNIT_TEXT];

	fprintf(out, "%s, %s operations", variant, fmt_count(n, r->ops));
	if (r->residents_failed)
		fprintf(out, "; %s residents without a place", fmt_count(n, r->residents_failed));
	fprintf(out, "\n%s\n", check_disagrees(r) ? "the model disagrees with the recording" :
						   "the model agrees with the recording in all");
	events(r, out);
	apart(r, out);
	walks(r, out);
	placement(r, out);
	missed(r, out);
	fallbacks(r, out);
	labels(r, out);
	shown(r, out);
	taint(r, out);
	for (u32 s = 0; s < nr_sides(r); s++)
		misses(r, (enum check_side)s, out);
}
