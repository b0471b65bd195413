/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Evacuation for an order: make room in tainted superpageblocks for a type of request (S4.5).
 */
#ifndef SPB_MODEL_EVAC_H
#define SPB_MODEL_EVAC_H

#include "model/internal.h"

/** evac_init - fill the pool of requests */
void evac_init(struct model *m);

/**
 * queue_spb_evacuate - ask the worker for spb_evacuate_for_order() (S4.5)
 *
 * Nothing happens while one is in flight for (type, order), within evac_throttle_ms of the last one
 * for the type, when a tainted SPB has a buddy of exactly this order and type, or when the pool is
 * empty.
 */
void queue_spb_evacuate(struct zone *zone, u32 order, u32 mt);

/**
 * spb_evacuate_for_order - the same at once, by a caller of the slow path (S2.6, S4.5)
 *
 * Takes no time of the model's clock; what it would cost is added to stall_ns.
 *
 * Return: a block was tried, so it is worth to search again.
 */
bool spb_evacuate_for_order(struct zone *zone, u32 order, u32 mt, u16 cpu);

/** evac_begin, evac_next, evac_end - the evacuation as work; see struct work_ops */
void evac_begin(struct worker *w);
bool evac_next(struct worker *w);
void evac_end(struct worker *w);

#endif /* SPB_MODEL_EVAC_H */
