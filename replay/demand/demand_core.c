// SPDX-License-Identifier: GPL-2.0
#include "replay/demand/demand_core.h"

#include <stdlib.h>
#include <string.h>

/*
 * The most one event can do is to take the largest block apart frame by frame: as many frees as
 * frames, one split less, and in the scan one resident found for each frame.
 */
static u32 ops_per_event(const struct demand_core *core)
{
	return (2U << core->max_order) + 2 * core->max_order;
}

/** struct released - what a freed range held */
struct released {
	u32 units;	/* units, or parts of one, freed */
	bool partial;	/* the range was a part of a unit */
	bool gap;	/* some of it was not live */
	bool orphan;	/* some of it was known from this free only */
};

void demand_core_fini(struct demand_core *core)
{
	framemap_fini(&core->live);
	free(core->free_handle);
	core->free_handle = NULL;
	for (u32 o = 0; o <= FRAME_MAX_ORDER; o++) {
		free(core->moved[o].unit);
		core->moved[o] = (struct moved_units){ 0 };
	}
}

void op_block_fini(struct op_block *out)
{
	free(out->ops);
	*out = (struct op_block){ 0 };
}

static int reserve_ops(struct op_block *out, u32 room, struct error *err)
{
	u64 max = out->max ? out->max : EVENT_BLOCK_MAX;
	struct op *ops;

	if (out->max - out->nr >= room)
		return 0;
	while (max - out->nr < room)
		max *= 2;
	if (max > UINT32_MAX / 2)
		return err_nomem(err, "operations");
	ops = realloc(out->ops, max * sizeof(*ops));
	if (!ops)
		return err_nomem(err, "operations");
	out->ops = ops;
	out->max = (u32)max;
	return 0;
}

int demand_core_reserve_handles(struct demand_core *core, u64 nr, struct error *err)
{
	u64 max = core->max_free_handles ? core->max_free_handles : 4096;
	u32 *stack;

	if (nr <= core->max_free_handles)
		return 0;
	while (max < nr)
		max *= 2;
	max = min_u64(max, HANDLE_MAX);
	stack = nr <= HANDLE_MAX ? realloc(core->free_handle, max * sizeof(*stack)) : NULL;
	if (!stack)
		return err_nomem(err, "handles of live units");
	core->free_handle = stack;
	core->max_free_handles = (u32)max;
	return 0;
}

int demand_core_begin(struct demand_core *core, struct op_block *out, const struct event_block *b,
		      u32 i, struct error *err)
{
	const u32 room = ops_per_event(core);
	int rc = reserve_ops(out, room, err);

	if (!rc)
		rc = demand_core_reserve_handles(core, (u64)core->nr_handles + room, err);
	core->out = out;
	core->stamp = (struct op){
		.time = b->time[i], .event = b->first + i, .task = b->task[i], .cpu = b->cpu[i],
	};
	return rc;
}

u32 demand_core_handle(struct demand_core *core)
{
	if (core->nr_free_handles)
		return core->free_handle[--core->nr_free_handles];
	return core->nr_handles++;
}

static void handle_put(struct demand_core *core, u32 handle)
{
	core->free_handle[core->nr_free_handles++] = handle;
}

static struct op *push_op(struct demand_core *core, enum op_kind kind, u32 handle, u8 unit,
			  u16 zone)
{
	struct op *op = &core->out->ops[core->out->nr++];

	*op = core->stamp;
	op->kind = (u8)kind;
	op->handle = handle;
	op->order = (u8)unit_order(unit);
	op->migratetype = unit_mt(unit);
	op->zone = zone;
	return op;
}

static void free_unit(struct demand_core *core, struct frame_chunk *c, u32 head, u16 zone,
		      struct released *rel)
{
	const u8 unit = c->unit[head];
	const u32 handle = c->value[head];

	frame_remove(c, head);
	rel->units++;
	rel->orphan |= !!(unit & UNIT_ORPHAN);
	if (handle == HANDLE_NONE)
		return;
	push_op(core, OP_FREE, handle, unit, zone);
	core->nr_frees++;
	handle_put(core, handle);
}

/* Halve the unit at @head of @order; @pfn is that of the upper half. */
static void split_unit(struct demand_core *core, struct frame_chunk *c, u32 head, u64 pfn,
		       u16 zone)
{
	const u8 unit = c->unit[head];
	const u32 upper = head + (1U << (unit_order(unit) - 1));
	struct op *op;

	c->unit[head] = (u8)(unit - 1);
	c->unit[upper] = (u8)(unit - 1);
	c->value[upper] = HANDLE_NONE;
	if (c->value[head] == HANDLE_NONE)
		return;
	c->value[upper] = demand_core_handle(core);
	op = push_op(core, OP_SPLIT, c->value[head], unit, zone);
	op->upper = c->value[upper];
	op->ident = demand_mix(demand_mix(pfn) ^ op->event);
}

/* The block lies inside the larger unit at @head: split until it is a unit of its own. */
static void carve(struct demand_core *core, struct frame_chunk *c, u32 head, const struct touch *t)
{
	const u32 off = frame_off(t->pfn);
	u32 order = unit_order(c->unit[head]);

	while (order > t->order) {
		u32 upper;

		order--;
		upper = head + (1U << order);
		split_unit(core, c, head, (t->pfn & ~(u64)FRAMES_MASK) + upper, t->zone);
		if (off >= upper)
			head = upper;
	}
}

/* Free all that is live in the block. */
static struct released release(struct demand_core *core, struct frame_chunk *c,
			       const struct touch *t)
{
	const u32 off = frame_off(t->pfn), end = off + (1U << t->order);
	struct released rel = { 0 };
	u32 pos = off;

	if (frame_bit(c->live, off)) {
		u32 head = frame_head(c, off);

		rel.partial = unit_order(c->unit[head]) > t->order;
		if (rel.partial)
			carve(core, c, head, t);
	}
	/* Blocks are aligned, so from here on no unit sticks out of the range. */
	while (pos < end) {
		const u8 unit = c->unit[pos];

		if (unit) {
			free_unit(core, c, pos, t->zone, &rel);
			pos += 1U << unit_order(unit);
		} else {
			rel.gap = true;
			pos++;
		}
	}
	return rel;
}

int demand_core_adopt(struct demand_core *core, u64 pfn, u32 order, u8 mt, u32 handle,
		      bool orphan, struct error *err)
{
	struct frame_chunk *c;
	int rc = framemap_touch(&core->live, pfn, &c, err);

	if (!rc)
		frame_insert(c, frame_off(pfn), order, handle,
			     (u8)(mt << UNIT_MT_SHIFT | (orphan ? UNIT_ORPHAN : 0)));
	return rc;
}

int demand_core_alloc(struct demand_core *core, const struct touch *t, struct error *err)
{
	const u32 off = frame_off(t->pfn);
	struct frame_chunk *c;
	struct op *op;
	u32 handle;
	int rc = framemap_touch(&core->live, t->pfn, &c, err);

	if (rc)
		return rc;
	if (frame_bits_any(c->live, off, t->order)) {
		struct released rel = release(core, c, t);

		core->odd.lost_free++;
		core->odd.overlap_alloc += rel.partial || rel.units > 1;
	}
	handle = demand_core_handle(core);
	frame_insert(c, off, t->order, handle, (u8)(t->mt << UNIT_MT_SHIFT));
	op = push_op(core, OP_ALLOC, handle, c->unit[off], t->zone);
	op->ident = demand_mix(core->nr_taken++);
	core->nr_allocs++;
	return 0;
}

int demand_core_move(struct demand_core *core, const struct touch *from, u64 to,
		     struct error *err)
{
	struct frame_chunk *src = framemap_get(&core->live, from->pfn);
	const u32 at = frame_off(from->pfn), off = frame_off(to);
	struct touch target = *from;
	struct frame_chunk *dst;
	int rc = framemap_touch(&core->live, to, &dst, err);
	u32 value;
	u8 unit;

	if (rc)
		return rc;
	target.pfn = to;
	value = src->value[at];
	unit = src->unit[at];
	frame_remove(src, at);
	if (frame_bits_any(dst->live, off, from->order)) {
		release(core, dst, &target);
		core->odd.lost_free++;
	}
	frame_insert(dst, off, from->order, value, (u8)(unit & ~UNIT_ORDER_MASK));
	core->odd.worker_move++;
	return 0;
}

void demand_core_free(struct demand_core *core, const struct touch *t)
{
	struct frame_chunk *c = framemap_get(&core->live, t->pfn);
	struct released rel = { .gap = true };

	if (c)
		rel = release(core, c, t);
	core->odd.partial_free += rel.partial;
	core->odd.spanning_free += rel.units > 1;
	core->odd.double_free += rel.gap;
	core->odd.orphan_free += rel.orphan;
}

/* Room for one more behind the last. */
static int grow_moved(struct moved_units *m, struct error *err)
{
	struct moved_unit *unit;
	u64 max = m->max ? 2ULL * m->max : 64;

	if (m->first + m->nr < m->max)
		return 0;
	if (m->first && m->first >= m->max / 2) {
		memmove(m->unit, m->unit + m->first, m->nr * sizeof(*unit));
		m->first = 0;
		return 0;
	}
	unit = max <= UINT32_MAX ? realloc(m->unit, max * sizeof(*unit)) : NULL;
	if (!unit)
		return err_nomem(err, "moved units");
	m->unit = unit;
	m->max = (u32)max;
	return 0;
}

int demand_core_leave(struct demand_core *core, const struct touch *from, struct error *err)
{
	struct frame_chunk *c = framemap_get(&core->live, from->pfn);
	struct moved_units *m = &core->moved[from->order];
	const u32 off = frame_off(from->pfn);
	int rc;

	if (!c || !c->unit[off] || unit_order(c->unit[off]) != from->order)
		return 0;
	rc = grow_moved(m, err);
	if (rc)
		return rc;
	m->unit[m->first + m->nr++] = (struct moved_unit){
		.handle = c->value[off], .unit = c->unit[off], .zone = from->zone,
	};
	frame_remove(c, off);
	return 1;
}

bool demand_core_free_moved(struct demand_core *core, u32 order)
{
	struct moved_units *m = &core->moved[order];
	const struct moved_unit *u;

	if (!m->nr)
		return false;
	u = &m->unit[m->first++];
	m->nr--;
	if (u->handle == HANDLE_NONE)
		return true;
	push_op(core, OP_FREE, u->handle, u->unit, u->zone);
	core->nr_frees++;
	handle_put(core, u->handle);
	return true;
}

void demand_core_forget_moved(struct demand_core *core)
{
	for (u32 o = 0; o <= FRAME_MAX_ORDER; o++) {
		struct moved_units *m = &core->moved[o];

		for (u32 i = m->first; i < m->first + m->nr; i++)
			if (m->unit[i].handle != HANDLE_NONE)
				handle_put(core, m->unit[i].handle);
		m->first = m->nr = 0;
	}
}
