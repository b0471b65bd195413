// SPDX-License-Identifier: GPL-2.0
#include "tests/oracle/duel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/oracle/compare.h"
#include "tests/oracle/event_rows.h"
#include "tests/oracle/round.h"

#define MAX_UNITS 65536
#define MAX_HELD 4

/**
 * struct world - both sides, what is allocated, and the round's dice
 * @held: whole superpageblocks that were taken
 * @pfn, @order: of the unit of each owner; @live, @spare: owners in use and not
 */
struct world {
	struct round round;
	struct model *m;
	struct oracle *o;
	struct event_rows a;
	struct event_rows b;
	u64 pfn[MAX_UNITS];
	u8 order[MAX_UNITS];
	u32 live[MAX_UNITS];
	u32 nr_live;
	u32 spare[MAX_UNITS];
	u32 nr_spare;
	u64 held[MAX_HELD];
	u32 nr_held;
	u64 now;
	u64 pages;
	u64 managed;
	struct duel_result *r;
};

static bool say(struct world *w, const char *what, u64 model, u64 oracle)
{
	snprintf(w->r->why, DUEL_WHY, "%s: model %lld, oracle %lld", what, (long long)model,
		 (long long)oracle);
	return true;
}

static void print_result(char *out, size_t len, int ret, const struct model_result *r)
{
	snprintf(out, len, "returns %d pfn %llu spb %u zone %u %s category %u visits %u fallback %u/%u",
		 ret, (unsigned long long)r->pfn, r->spb, r->zone, spb_outcome_name(r->outcome),
		 r->category, r->visits, r->fallback_order, r->fallback_mt);
}

static bool results_differ(struct world *w, int x, const struct model_result *a, int y,
			   const struct model_result *b)
{
	char model[DUEL_WHY / 4], oracle[DUEL_WHY / 4], events[DUEL_WHY / 3];

	if (x && x == y && a->visits == b->visits)
		return false;	/* a failed request fills in visits only */
	if (x == y && a->pfn == b->pfn && a->spb == b->spb && a->zone == b->zone &&
	    a->outcome == b->outcome && a->category == b->category && a->visits == b->visits &&
	    a->fallback_order == b->fallback_order && a->fallback_mt == b->fallback_mt)
		return false;
	print_result(model, sizeof(model), x, a);
	print_result(oracle, sizeof(oracle), y, b);
	/* What was traced on the way often says more. */
	if (!event_rows_differ(&w->a, &w->b, events, sizeof(events)))
		events[0] = '\0';
	snprintf(w->r->why, DUEL_WHY, "model: %s\n  oracle: %s\n  %s", model, oracle, events);
	return true;
}

/* The hash that pins and ranks units is the model's own (S10 items 6, 7): read what it chose. */
static void copy_luck(struct world *w, u64 pfn)
{
	const struct zone *z = pfn_to_zone(w->m, pfn);
	const struct superpageblock *sb = pfn_to_superpageblock(z, pfn);
	const u64 frame = pfn - sb->start_pfn, word = sb->page[frame];

	oracle_set_luck(w->o, pfn, word & PAGE_PINNED, word & PAGE_CLEAN_CACHE,
			sb->rank ? sb->rank[frame] : 0);
}

static void add_unit(struct world *w, u32 slot, u64 pfn, u8 order)
{
	w->pfn[slot] = pfn;
	w->order[slot] = order;
	w->live[w->nr_live++] = slot;
	w->pages += 1ULL << order;
}

static bool do_alloc(struct world *w)
{
	struct model_req req;
	struct model_result a = { 0 }, b = { 0 };
	int x, y;

	if (!w->nr_spare)
		return false;
	round_request(&w->round, &req);
	req.owner = w->spare[w->nr_spare - 1];
	snprintf(w->r->op, DUEL_WHY,
		 "alloc order %u type %u zone %u cpu %u gfp 0x%x ident %llu at %llu", req.order,
		 req.migratetype, req.zone, req.cpu, req.gfp, (unsigned long long)req.ident,
		 (unsigned long long)w->now);
	x = model_alloc(w->m, w->now, &req, &a);
	y = oracle_alloc(w->o, w->now, &req, &b);
	if (results_differ(w, x, &a, y, &b))
		return true;
	w->r->outcomes[a.outcome]++;
	if (x) {
		w->r->failed_allocs++;
		return false;
	}
	w->nr_spare--;
	add_unit(w, req.owner, a.pfn, req.order);
	copy_luck(w, a.pfn);
	return false;
}

static void forget_unit(struct world *w, u32 at)
{
	const u32 slot = w->live[at];

	w->pages -= 1ULL << w->order[slot];
	w->live[at] = w->live[--w->nr_live];
	w->spare[w->nr_spare++] = slot;
}

/* Units that the worker dropped; the model's word, event_rows_differ() judges it. */
static void follow_events(struct world *w)
{
	for (u32 i = 0; w->a.n[ROW_DROPPED] && i < w->nr_live; ) {
		if (w->pfn[w->live[i]] == PFN_GONE)
			forget_unit(w, i);
		else
			i++;
	}
	for (u32 i = 0; i < w->a.n[ROW_EVENT] && i < ROWS_KEPT; i++) {
		const u64 *row = w->a.row[ROW_EVENT][i];

		w->r->events[row[ROW_EVENT_KIND]]++;
		if (row[ROW_EVENT_KIND] == MODEL_ATOMIC_RELAX)
			w->r->relaxed[row[ROW_EVENT_DETAIL + 1]]++;
	}
	w->r->moves += w->a.n[ROW_MOVED];
	w->r->drops += w->a.n[ROW_DROPPED];
	w->r->taints += w->a.n[ROW_TAINT];
	w->r->passes += w->a.n[ROW_PASS];
	event_rows_clear(&w->a);
	event_rows_clear(&w->b);
}

static bool do_run(struct world *w)
{
	snprintf(w->r->op, DUEL_WHY, "run to %llu", (unsigned long long)w->now);
	model_run(w->m, w->now);
	oracle_run(w->o, w->now);
	return false;
}

/* The worker runs first: it may move the unit that is to be freed. */
static bool do_free(struct world *w, u32 at)
{
	const u64 pfn = w->pfn[w->live[at]];
	const u32 order = w->order[w->live[at]];
	const u32 cpu = (u32)(round_dice(&w->round) % 4);
	int x, y;

	snprintf(w->r->op, DUEL_WHY, "free pfn %llu order %u (owner %u) cpu %u at %llu",
		 (unsigned long long)pfn, order, w->live[at], cpu, (unsigned long long)w->now);
	x = model_free_pages(w->m, w->now, cpu, pfn, order);
	y = oracle_free_pages(w->o, w->now, cpu, pfn, order);
	if (x != y)
		return say(w, "return of free", (u64)x, (u64)y);
	if (!x)
		forget_unit(w, at);
	return false;
}

static bool do_split(struct world *w, u32 at)
{
	const u32 lower = w->live[at];
	const u64 pfn = w->pfn[lower];
	const u8 order = w->order[lower];
	u32 upper;
	int x, y;

	if (!w->nr_spare || !order)
		return false;
	upper = w->spare[--w->nr_spare];
	snprintf(w->r->op, DUEL_WHY, "split pfn %llu order %u", (unsigned long long)pfn, order);
	x = model_split(w->m, pfn, order, upper, round_dice(&w->round));
	y = oracle_split(w->o, pfn, order, upper);
	if (x || y)
		return say(w, "return of split", (u64)x, (u64)y);
	w->order[lower]--;
	w->pages -= 1ULL << w->order[lower];
	add_unit(w, upper, pfn + (1ULL << w->order[lower]), w->order[lower]);
	copy_luck(w, pfn);
	copy_luck(w, w->pfn[upper]);
	return false;
}

/* Take a superpageblock, or give one back that was taken. */
static bool do_whole_spb(struct world *w)
{
	const u32 zone = (u32)(round_dice(&w->round) % w->round.config.nr_zones);
	const bool give = w->nr_held && round_dice(&w->round) % 3;
	u64 a = 0, b = 0;
	int x, y;

	snprintf(w->r->op, DUEL_WHY, "%s a whole SPB, zone %u at %llu", give ? "give" : "take", zone,
		 (unsigned long long)w->now);
	if (give) {
		const u64 pfn = w->held[--w->nr_held];

		x = model_free_contig(w->m, w->now, zone, pfn);
		y = oracle_free_contig(w->o, w->now, zone, pfn);
		w->pages -= 1ULL << w->round.config.spb_order;
		return x != y && say(w, "return of free_contig", (u64)x, (u64)y);
	}
	if (w->nr_held == MAX_HELD)
		return false;
	x = model_alloc_contig(w->m, w->now, zone, zone, &a);
	y = oracle_alloc_contig(w->o, w->now, zone, zone, &b);
	if (x != y || a != b)
		return say(w, "pfn of alloc_contig", x ? (u64)x : a, y ? (u64)y : b);
	if (!x) {
		w->held[w->nr_held++] = a;
		w->pages += 1ULL << w->round.config.spb_order;
	}
	return false;
}

/* One operation. Return: the two sides disagree */
static bool operation(struct world *w)
{
	const enum round_op op = round_next(&w->round, w->pages * 1000 / w->managed, &w->now);
	const u32 at = w->nr_live ? (u32)(round_dice(&w->round) % w->nr_live) : 0;
	bool bad;

	if (op == ROUND_FREE && w->nr_live) {
		/* Let due steps be seen before the unit to free is picked. */
		bad = do_run(w) || event_rows_differ(&w->a, &w->b, w->r->why, DUEL_WHY);
		follow_events(w);
		if (bad)
			return true;
		bad = at < w->nr_live && do_free(w, at);
	} else if (op == ROUND_SPLIT && w->nr_live) {
		bad = do_split(w, at);
	} else if (op == ROUND_WAIT) {
		bad = do_run(w);
	} else if (op == ROUND_WHOLE_SPB) {
		bad = do_whole_spb(w);
	} else {
		bad = do_alloc(w);
	}
	bad = bad || event_rows_differ(&w->a, &w->b, w->r->why, DUEL_WHY);
	follow_events(w);
	return bad;
}

static bool open_world(struct world *w, u64 seed, u32 arm)
{
	const char *why = NULL;

	round_init(&w->round, seed, arm);
	round_describe(&w->round, w->r->round, DUEL_WHY);
	w->m = model_new(&w->round.config, &w->round.v, &event_rows_observer, &w->a, &why);
	if (!w->m) {
		snprintf(w->r->why, DUEL_WHY, "model_new: %s", why ? why : "no memory");
		return false;
	}
	w->o = oracle_new(&w->round.config, &w->round.v, &event_rows_observer, &w->b);
	w->now = 600 * NSEC_PER_SEC;
	model_start(w->m, w->now);
	oracle_start(w->o, w->now);
	for (u32 z = 0; z < w->round.config.nr_zones; z++)
		w->managed += w->m->zones[z].nr_free_pages;
	for (u32 i = 0; i < MAX_UNITS; i++)
		w->spare[w->nr_spare++] = MAX_UNITS - 1 - i;
	return true;
}

static void count_evacuations(const struct model_counters *c, struct duel_result *r)
{
	r->evacuations += c->evac_runs;
	r->direct_evacuations += c->evac_direct;
	r->refused += c->highorder_refused;
}

void duel(u64 seed, u32 arm, u64 nr_ops, u64 full_every, struct duel_result *r)
{
	struct world *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	memset(r, 0, sizeof(*r));
	w->r = r;
	w->a.pfn = w->pfn;
	r->failed = !open_world(w, seed, arm) || compare_full(w->m, w->o, r->why, DUEL_WHY);
	if (r->failed)
		snprintf(r->op, DUEL_WHY, "boot");
	while (!r->failed && r->ops < nr_ops) {
		r->ops++;
		r->failed = operation(w);
		if (r->failed)
			break;
		if (r->ops % full_every == 0 || r->ops == nr_ops)
			r->failed = compare_full(w->m, w->o, r->why, DUEL_WHY);
	}
	for (u32 z = 0; w->m && z < w->round.config.nr_zones; z++)
		count_evacuations(model_counters(w->m, z), r);
	if (w->m)
		model_free(w->m);
	if (w->o) {
		memcpy(r->sites, w->o->sites, sizeof(r->sites));
		oracle_free(w->o);
	}
	free(w);
}
