// SPDX-License-Identifier: GPL-2.0
#include "replay/check/check_follow.h"

#include <errno.h>

static struct check_figures *figures(const struct side *side)
{
	return &side->report->side[side->which];
}

bool follow_knows(const struct side *side, u64 pfn)
{
	const struct frame_chunk *c = framemap_get(&side->touched, pfn);

	return c && frame_bit(c->seen, frame_off(pfn));
}

int follow_touch(struct side *side, u64 pfn, struct error *err)
{
	struct frame_chunk *c;
	u64 head;
	const int order = model_free_unit(side->arm.model, pfn, &head);
	const int rc = order < 0 ? 0 : framemap_touch(&side->touched, pfn, &c, err);

	if (!rc && order >= 0)
		frame_bits_set(c->seen, frame_off(head), (u32)order);
	return rc;
}

void follow_label(struct side *side, u64 pfn, s8 mt)
{
	if (mt < 0 || mt >= MIGRATE_PCPTYPES || model_label(side->arm.model, pfn) == mt)
		return;
	if (!model_set_label(side->arm.model, pfn, (u32)mt))
		figures(side)->labels_set++;
}

/*
 * Undo the model's own choice as far as it can be undone: the page goes back, a claimed block gets
 * its label back, and a bit that no page stands for any more is cleared.
 */
static int undo(struct side *side, const struct op *op, u64 pfn, int label)
{
	struct model *m = side->arm.model;

	if (model_free_pages(m, side->arm.now, op->cpu, pfn, op->order))
		return -EINVAL;
	if (label >= 0 && model_label(m, pfn) != label)
		(void)!model_set_label(m, pfn, (u32)label);
	model_forget_type(m, pfn, op->migratetype);
	return 0;
}

/* The label that the block of the model's page had before the model took it: a claim changed it. */
static int label_before(const struct side *side)
{
	const struct event_list *told = &side->matcher.told;

	for (u32 i = 0; i < told->nr; i++) {
		if (told->ev[i].kind == EVENT_EXTFRAG && told->ev[i].extra[1] < MIGRATE_PCPTYPES)
			return (int)told->ev[i].extra[1];
	}
	return -1;
}

static int place(struct side *side, const struct op *op, u64 pfn)
{
	const struct model_req req = {
		.owner = op->handle, .ident = op->ident, .zone = op->zone, .cpu = op->cpu,
		.order = op->order, .migratetype = op->migratetype,
	};

	return model_place(side->arm.model, &req, pfn);
}

/* ---- ghosts ---- */

#define GHOST_OWNER (UNIT_NONE - 1)

static int add_ghost(struct side *side, u64 pfn, u32 order, struct error *err)
{
	const struct model_req req = { .owner = GHOST_OWNER, .ident = pfn, .order = (u8)order,
				       .migratetype = MIGRATE_MOVABLE };
	struct frame_chunk *c;
	int rc = framemap_touch(&side->ghosts, pfn, &c, err);

	if (rc)
		return rc;
	if (model_place(side->arm.model, &req, pfn))
		return err_set(err, ERR_BUG, "page 0x%llx: the model's free unit is not free - "
			       "report it with the capture", (unsigned long long)pfn);
	frame_insert(c, frame_off(pfn), order, 0, 0);
	figures(side)->ghosts += 1ULL << order;
	return 0;
}

/* The recorded kernel takes [pfn, pfn + 2^order): what is a ghost there came back unseen. */
static bool free_ghosts(struct side *side, u64 pfn, u32 order)
{
	struct frame_chunk *c = framemap_get(&side->ghosts, pfn);
	const u32 off = frame_off(pfn), end = off + (1U << order);
	const u64 base = pfn & ~(u64)FRAMES_MASK;
	bool any = false;
	u32 head;

	if (!c || !frame_bits_any(c->live, off, order))
		return false;
	head = frame_bit(c->live, off) ? frame_head(c, off) : frame_next_head(c, off);
	for (; head < end; head = frame_next_head(c, head)) {
		const u32 size = unit_order(c->unit[head]);

		frame_remove(c, head);
		any |= !model_free_pages(side->arm.model, side->arm.now, 0, base + head, size);
		figures(side)->ghosts_back += 1ULL << size;
	}
	return any;
}

/* The recorded page is the lowest of its unit: cut the model's unit where it is larger. */
static int cut_before(struct side *side, u64 pfn, bool *cut, struct error *err)
{
	u64 head;
	int rc = 0;

	while (!rc && model_free_unit(side->arm.model, pfn, &head) >= 0 && head != pfn) {
		const u32 bit = 63 - (u32)__builtin_clzll(head ^ pfn);

		*cut = true;
		rc = add_ghost(side, head + (1ULL << bit) - 1, 0, err);
	}
	return rc;
}

/* Units of the list that are large enough for @order and smaller than @found were not there. */
static int clear_smaller(struct side *side, const struct op *op, u32 found, struct error *err)
{
	int rc = 0;

	for (u32 o = op->order; o < found && !rc;) {
		u64 pfn;

		if (!model_list_head(side->arm.model, op->zone, o, op->migratetype, &pfn))
			o++;
		else
			rc = add_ghost(side, pfn, o, err);
	}
	return rc;
}

/* What the removal of @e proves about the model's free lists; *@proof: it proves them wrong. */
static int learn(struct side *side, const struct op *op, const struct event *e, bool *proof,
		 struct error *err)
{
	const u64 before = figures(side)->ghosts;
	bool cut = false;
	u64 head;
	int order, rc;

	if (!side->vanilla || e->kind != EVENT_ZONE_LOCKED || e->migratetype >= MIGRATE_PCPTYPES ||
	    model_label(side->arm.model, e->pfn) != e->migratetype)
		return 0;
	rc = cut_before(side, e->pfn, &cut, err);
	order = model_free_unit(side->arm.model, e->pfn, &head);
	if (!rc && order > op->order)
		rc = clear_smaller(side, op, (u32)order, err);
	*proof = figures(side)->ghosts != before;
	return rc;
}

#define PASSED_OVER 3	/* times in a row that show that a page is not at the head */

/* Once is a matter of two CPUs; again and again, the page is not where the model has it. */
static void pass_over(struct side *side, u64 pfn)
{
	side->nr_passed = side->passed == pfn ? side->nr_passed + 1 : 1;
	side->passed = pfn;
	if (side->nr_passed >= PASSED_OVER)
		model_requeue(side->arm.model, pfn);
}

/* ---- one allocation ---- */

static enum check_cause cause_of(const struct side *side, const struct event *e, u64 pfn,
				 bool known, bool ghosts)
{
	if (ghosts)
		return CAUSE_GHOST;
	if (side->vanilla && e->kind == EVENT_ZONE_LOCKED &&
	    model_label(side->arm.model, e->pfn) != e->migratetype)
		return CAUSE_LABEL;
	if (!known)
		return CAUSE_START_ORDER;
	if (pfn <= UNIT_MAX_PFN && !follow_knows(side, pfn))
		return CAUSE_MODEL_START;
	return CAUSE_OTHER_BUDDY;
}

/* Put the unit on the recorded page, or else back where the model had it. */
static void settle(struct side *side, const struct op *op, const struct event *e, u64 pfn,
		   enum check_cause cause)
{
	struct check_figures *f = figures(side);
	int ret = place(side, op, e->pfn);

	if (!ret) {
		f->causes[cause]++;
		side->arm.units[op->handle] = (u32)e->pfn;
		return;
	}
	f->causes[CAUSE_NOT_FREE]++;
	f->not_followed++;
	if (pfn <= UNIT_MAX_PFN)
		ret = place(side, op, pfn);
	side->arm.units[op->handle] = ret ? UNIT_FAILED : (u32)pfn;
}

int follow_alloc(struct side *side, const struct op *op, const struct event *e, bool known,
		 struct error *err)
{
	const u64 pfn = side->arm.units[op->handle];
	const u32 told = side->matcher.told.nr;
	enum check_cause cause;
	bool ghosts = false;
	int rc;

	if (pfn == e->pfn)
		return 0;
	if (pfn <= UNIT_MAX_PFN && undo(side, op, pfn, label_before(side)))
		return err_set(err, ERR_BUG, "event %llu: the model cannot take back a page - "
			       "report it with the capture", (unsigned long long)op->event);
	if (free_ghosts(side, e->pfn, e->order))
		ghosts = true;
	rc = learn(side, op, e, &ghosts, err);
	if (rc)
		return rc;
	cause = cause_of(side, e, pfn, known, ghosts);
	settle(side, op, e, pfn, cause);
	if (cause == CAUSE_OTHER_BUDDY)
		pass_over(side, pfn);
	/* Not what a kernel would have traced. */
	side->matcher.told.nr = told;
	if (side->vanilla && e->kind == EVENT_ZONE_LOCKED)
		follow_label(side, e->pfn, e->migratetype);
	return 0;
}
