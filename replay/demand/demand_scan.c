// SPDX-License-Identifier: GPL-2.0
/*
 * First pass, event by event. It runs the same rules and the same core as the second, and adds
 * hindsight:
 *
 * - A free of frames that no event touched before: they were resident. They are made live just
 *   before the free takes them, so the core sees what it will see in the second pass.
 * - An ALLOC of frames whose last free went towards a PCP and was never drained: the free
 *   bypassed the PCP (trylock failure, S7.5). The free is promoted: the second pass acts on it at
 *   its own time. Nothing touched the block in between, so acting late here changes nothing else.
 * - Events before the window only build the live set that the window begins with. Frees towards
 *   a PCP and targets of the recorded worker from before the window are forgotten at its start.
 */
#include "replay/demand/demand_scanner.h"

#include <stdlib.h>

#include "replay/demand/geometry.h"
#include "replay/demand/recorded_kernel.h"

bool demand_scan_fits(const struct demand_scanner *s, const struct log_meta *meta)
{
	const struct geometry geometry = geometry_of(meta, s->opts.snapshot, s->opts.spb_order);
	struct zone_guess guess;

	zone_guess_init(&guess, meta->machine);
	if (s->plan->zones_inferred && (meta->nr_zones || guess.nr != s->guess.nr))
		return false;
	return geometry.page_shift == s->plan->page_shift &&
	       geometry.pageblock_order == s->plan->pageblock_order &&
	       geometry.max_order == s->plan->max_order &&
	       s->labels.spb_kernel == is_spb_kernel(meta) &&
	       s->plan->pcp_single == has_pcp_single(meta, s->opts.snapshot) &&
	       s->plan->gfp_layout == kernel_gfp_layout(meta->kernel) &&
	       (s->any_lost || !meta->count[EVENT_LOST]) &&
	       s->moves.on == host_moves_in(meta) &&
	       s->moves.evacuates == host_moves_evacuate(meta);
}

/* The block covers or overlaps parked frees: forget them. */
static void unpark(struct demand_scanner *s, u64 pfn, u32 order)
{
	struct frame_chunk *c = framemap_get(&s->parked, pfn);
	const u32 off = frame_off(pfn);

	if (!c || !frame_bits_any(c->live, off, order))
		return;
	if (frame_bit(c->live, off))
		frame_remove(c, frame_head(c, off));
	for (u32 i = frame_next_head(c, off); i < off + (1U << order);
	     i = frame_next_head(c, i + 1))
		frame_remove(c, i);
}

static int park(struct demand_scanner *s, const struct touch *t, u64 event, struct error *err)
{
	struct frame_chunk *c;
	int rc;

	unpark(s, t->pfn, t->order);
	/* Values are 32 bits. Later bypasses are counted as lost frees: later, but still right. */
	if (event > UINT32_MAX)
		return 0;
	rc = framemap_touch(&s->parked, t->pfn, &c, err);
	if (!rc)
		frame_insert(c, frame_off(t->pfn), t->order, (u32)event, 0);
	return rc;
}

/* Frames of the block that no event touched were resident: make them live now. */
static int adopt_unseen(struct demand_scanner *s, struct frame_chunk *c, const struct touch *t,
			struct error *err)
{
	const bool empty = s->opts.initial == INITIAL_EMPTY;
	const u64 end = t->pfn + (1ULL << t->order);
	u64 pfn = t->pfn;
	int rc = 0;

	while (pfn < end && !rc) {
		u64 stop = pfn;
		u32 order;

		while (stop < end && !frame_bit(c->seen, frame_off(stop)))
			stop++;
		if (stop == pfn) {
			pfn++;
			continue;
		}
		order = frame_fit_order(pfn, stop, s->plan->max_order);
		rc = unit_list_add(&s->found, pfn, order, t->mt, true, err);
		/* The handle goes back at once: any that is in use nowhere will do. */
		if (!rc)
			rc = demand_core_adopt(&s->core, pfn, order, t->mt,
					       empty ? HANDLE_NONE : demand_core_handle(&s->core),
					       true, err);
		pfn += 1ULL << order;
	}
	return rc;
}

/* A page that the snapshot shows in use and no event touched was there from the start. */
static bool moved_here(struct demand_scanner *s, const struct frame_chunk *c, const struct touch *t)
{
	if (!frame_bit(c->seen, frame_off(t->pfn)) &&
	    page_class_in_use(snapshot_class(s->opts.snapshot, t->pfn)))
		return false;
	return host_moves_free(&s->moves, &s->core, t);
}

static int scan_free(struct demand_scanner *s, const struct touch *t, bool promoted,
		     struct error *err)
{
	const u32 off = frame_off(t->pfn);
	struct frame_chunk *c;
	int rc = framemap_touch(&s->core.live, t->pfn, &c, err);

	if (rc)
		return rc;
	unpark(s, t->pfn, t->order);
	if (s->moves.on && !promoted && moved_here(s, c, t)) {
		frame_bits_set(c->seen, off, t->order);
		return 0;
	}
	if (!frame_bits_all(c->seen, off, t->order)) {
		rc = adopt_unseen(s, c, t, err);
		if (rc)
			return rc;
		frame_bits_set(c->seen, off, t->order);
	}
	demand_core_free(&s->core, t);
	return 0;
}

static int promote(struct demand_scanner *s, const struct touch *t, u64 event, struct error *err)
{
	struct demand_plan *plan = s->plan;

	if (plan->nr_promoted == s->max_promoted) {
		u64 max = s->max_promoted ? 2 * s->max_promoted : 256;
		u64 *promoted = realloc(plan->promoted, max * sizeof(*promoted));

		if (!promoted)
			return err_nomem(err, "promoted frees");
		plan->promoted = promoted;
		s->max_promoted = max;
	}
	plan->promoted[plan->nr_promoted++] = event;
	return scan_free(s, t, true, err);
}

/* Is there anything in the block to free: live, or resident since before the capture? */
static bool holds_pages(struct demand_scanner *s, u64 pfn, u32 order)
{
	const struct frame_chunk *c = framemap_get(&s->core.live, pfn);
	const u32 off = frame_off(pfn);

	return !c || frame_bits_any(c->live, off, order) || !frame_bits_all(c->seen, off, order);
}

/* The block is allocated: parked frees in it never reached the PCP. */
static int promote_parked(struct demand_scanner *s, const struct touch *t, struct error *err)
{
	struct frame_chunk *c = framemap_get(&s->parked, t->pfn);
	const u32 off = frame_off(t->pfn), end = off + (1U << t->order);
	const u64 base = t->pfn & ~(u64)FRAMES_MASK;
	u32 head = off;
	int rc = 0;

	if (!c || !frame_bits_any(c->live, off, t->order))
		return 0;
	if (frame_bit(c->live, off))
		head = frame_head(c, off);
	for (head = frame_next_head(c, head); head < end && !rc;
	     head = frame_next_head(c, head + 1)) {
		const u64 event = c->value[head];
		const struct touch freed = {
			.pfn = base + head, .zone = t->zone, .mt = MT_UNKNOWN,
			.order = (u8)unit_order(c->unit[head]),
		};

		frame_remove(c, head);
		if (holds_pages(s, freed.pfn, freed.order))
			rc = promote(s, &freed, event, err);
	}
	return rc;
}

static int scan_alloc(struct demand_scanner *s, const struct touch *t, struct error *err)
{
	struct frame_chunk *c;
	int rc = promote_parked(s, t, err);

	if (!rc)
		rc = demand_core_alloc(&s->core, t, err);
	if (!rc)
		rc = framemap_touch(&s->core.live, t->pfn, &c, err);
	if (!rc)
		frame_bits_set(c->seen, frame_off(t->pfn), t->order);
	return rc;
}

/* As in the second pass; a resident that the worker moves is found before it goes. */
static int scan_worker(struct demand_scanner *s, const struct event_block *b, u32 i,
		       enum verdict *verdict, const struct touch *t, struct error *err)
{
	const bool taken = *verdict == VERDICT_ALLOC || *verdict == VERDICT_REUSED;
	const u32 off = frame_off(t->pfn);
	struct frame_chunk *c;
	int rc = framemap_touch(&s->core.live, t->pfn, &c, err);

	if (!rc && !taken && !frame_bits_all(c->seen, off, t->order))
		rc = adopt_unseen(s, c, t, err);
	if (rc)
		return rc;
	frame_bits_set(c->seen, off, t->order);
	unpark(s, t->pfn, t->order);
	return worker_judge(&s->worker, &s->core, b->task[i], t, verdict, err);
}

/* Frames of the block are known from here on; a resident among them is found before it goes. */
static int see_block(struct demand_scanner *s, const struct touch *t, bool adopt, struct error *err)
{
	const u32 off = frame_off(t->pfn);
	struct frame_chunk *c;
	int rc = framemap_touch(&s->core.live, t->pfn, &c, err);

	if (!rc && adopt && !frame_bits_all(c->seen, off, t->order))
		rc = adopt_unseen(s, c, t, err);
	if (!rc)
		frame_bits_set(c->seen, off, t->order);
	return rc;
}

/* As in the second pass. A page that compaction gives back was free before. */
static int scan_moves(struct demand_scanner *s, const struct event_block *b, u32 i,
		      enum verdict *verdict, const struct touch *t, struct error *err)
{
	int rc = 0;

	if (host_moves_is_source(&s->moves, b, i, t)) {
		unpark(s, t->pfn, t->order);
		rc = see_block(s, t, true, err);
	}
	if (!rc)
		rc = host_moves_apply(&s->moves, &s->core, b, i, verdict, t, err);
	return !rc && *verdict == VERDICT_NONE ? see_block(s, t, false, err) : rc;
}

static int scan_event(struct demand_scanner *s, const struct event_block *b, u32 i,
		      const u64 *extra, struct error *err)
{
	struct touch t;
	enum verdict verdict = demand_judge(&s->rules, b, i, &s->core.live, &s->parked,
					    &s->core.odd, &t);
	int rc;

	if (verdict == VERDICT_NONE) {
		/* No operation, but it may name a label: the second event of a claim, a drain. */
		if (s->labels.wanted && b->pfn[i] < FRAME_MAX_PFN &&
		    b->order[i] <= FRAME_MAX_ORDER &&
		    zonemap_find(&s->rules.zones, b->pfn[i], b->order[i]) != ZONE_NONE)
			return label_scan_event(&s->labels, b, i, extra, err);
		return 0;
	}
	if (s->plan->zones_inferred)
		zone_guess_note(&s->guess, t.zone, t.pfn, t.order);
	rc = demand_core_begin(&s->core, &s->scratch, b, i, err);
	if (!rc && s->labels.wanted)
		rc = label_scan_event(&s->labels, b, i, extra, err);
	if (!rc && is_worker_task(&s->plan->worker_tasks, b->task[i]))
		rc = scan_worker(s, b, i, &verdict, &t, err);
	else if (!rc && s->moves.on)
		rc = scan_moves(s, b, i, &verdict, &t, err);
	if (rc)
		return rc;
	switch (verdict) {
	case VERDICT_ALLOC:
		rc = scan_alloc(s, &t, err);
		break;
	case VERDICT_FREE:
		rc = scan_free(s, &t, false, err);
		break;
	case VERDICT_PARKED:
		rc = park(s, &t, b->first + i, err);
		break;
	case VERDICT_NONE:
		break;
	default:
		unpark(s, t.pfn, t.order);
		break;
	}
	s->scratch.nr = 0;
	return rc;
}

int demand_scan_enter(struct demand_scanner *s, struct error *err)
{
	struct demand_core *core = &s->core;

	s->in_window = true;
	s->labels.in_window = true;
	s->found.nr = 0;
	s->plan->nr_promoted = 0;
	framemap_fini(&s->parked);
	/* The second pass begins with no targets either. */
	s->worker.nr = 0;
	host_moves_enter(&s->moves);
	demand_core_forget_moved(core);
	core->nr_allocs = 0;
	core->nr_frees = 0;
	if (s->any_lost)
		loss_scan_reset(&s->losses);
	for (u64 n = 0; n < core->live.nr_dir; n++) {
		struct frame_chunk *c = core->live.dir[n];

		for (u32 off = c ? frame_next_head(c, 0) : FRAMES_NR; off < FRAMES_NR;
		     off = frame_next_head(c, off + 1)) {
			int rc = unit_list_add(&s->found, n << FRAMES_SHIFT | off,
					       unit_order(c->unit[off]), unit_mt(c->unit[off]),
					       false, err);

			if (rc)
				return rc;
			if (s->opts.initial == INITIAL_EMPTY)
				c->value[off] = HANDLE_NONE;
		}
	}
	s->plan->nr_residents_earlier = s->found.nr;
	return 0;
}

static int scan_window(struct demand_scanner *s, u64 time, struct error *err)
{
	if (time >= s->opts.t1)
		return SCAN_DONE;
	if (!s->in_window && time >= s->opts.t0) {
		int rc = demand_scan_enter(s, err);

		if (rc)
			return rc;
	}
	if (s->in_window) {
		if (!s->any_event)
			s->plan->t_first = time;
		s->any_event = true;
		s->plan->t_last = time;
	}
	return SCAN_MORE;
}

static __always_inline void prefetch(const struct demand_scanner *s, u64 pfn)
{
	const struct frame_chunk *c = framemap_get(&s->core.live, pfn);

	framemap_prefetch(&s->core.live, pfn);
	framemap_prefetch(&s->parked, pfn);
	if (c)
		__builtin_prefetch(&c->seen[frame_off(pfn) >> 6], 1);
}

/*
 * Pages of the event that a lost one would explain; a resident that the snapshot knows needs none.
 */
static u64 take_unexplained(struct demand_scanner *s, u64 pfn)
{
	const struct demand_oddities *odd = &s->core.odd;
	const u64 wrong = odd->lost_free + odd->double_free, orphans = odd->orphan_free;
	u64 nr = wrong - s->wrong;

	if (orphans > s->orphans && !page_class_in_use(snapshot_class(s->opts.snapshot, pfn)))
		nr += orphans - s->orphans;
	s->wrong = wrong;
	s->orphans = orphans;
	return nr;
}

/* After the event: what it did lies in, beside or outside a gap. */
static int scan_losses(struct demand_scanner *s, const struct event_block *b, u32 i,
		       const u64 *extra, struct error *err)
{
	const u64 ops = s->core.nr_allocs + s->core.nr_frees;
	const u64 unexplained = take_unexplained(s, b->pfn[i]);
	int rc = 0;

	if (b->kind[i] == EVENT_LOST)
		rc = loss_scan_gap(&s->losses, b->cpu[i], extra[0], err);
	else if (ops > s->losses.done)
		rc = loss_scan_ops(&s->losses, b->cpu[i], b->pfn[i], ops - s->losses.done, err);
	else
		loss_scan_seen(&s->losses, b->cpu[i]);
	return unexplained && !rc ? loss_scan_unexplained(&s->losses, b->pfn[i], unexplained, err)
				  : rc;
}

int demand_scan_block(struct demand_scanner *s, const struct event_block *b, struct error *err)
{
	const u64 *extra = b->extra;

	for (u32 i = 0; i < b->nr; i++) {
		const u64 *words = extra;
		int rc = scan_window(s, b->time[i], err);

		if (i + DEMAND_PREFETCH < b->nr)
			prefetch(s, b->pfn[i + DEMAND_PREFETCH]);
		if (rc)
			return rc;
		if (b->kind[i] < NR_EVENT_KINDS)
			extra += event_kinds[b->kind[i]].nr_extra;
		if (!s->plan->pcp_buddy && demand_event_proves_pcp_buddy(b, i))
			return SCAN_PCP_BUDDY;
		if (b->cpu[i] >= LOG_MAX_CPUS)
			return err_set(err, ERR_DAMAGED, "an event of CPU %u, the last possible one is %u - parse the capture again",
				       b->cpu[i], LOG_MAX_CPUS - 1);
		if (b->cpu[i] > s->plan->max_cpu)
			s->plan->max_cpu = b->cpu[i];
		if (s->moves.on)
			rc = host_moves_follow(&s->moves, b, i, words, err);
		if (!rc)
			rc = scan_event(s, b, i, words, err);
		if (!rc && s->any_lost)
			rc = scan_losses(s, b, i, words, err);
		if (rc)
			return rc;
	}
	return SCAN_MORE;
}

int demand_scan_tasks(struct demand_scanner *s, const struct log_reader *r,
		      const struct event_block *b, struct error *err)
{
	return s->labels.spb_kernel ? worker_tasks_learn(&s->plan->worker_tasks, r, b, err) : 0;
}
