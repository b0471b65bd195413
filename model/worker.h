/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One ordered worker per node, in event time: requests wait in a FIFO, a step costs time, and the
 * steps that are due run before the next operation (S1.4, design section 7).
 */
#ifndef SPB_MODEL_WORKER_H
#define SPB_MODEL_WORKER_H

#include "model/internal.h"

/** worker_queue - append @work to the queue of @zone's node; the caller made sure it is in none */
void worker_queue(struct zone *zone, struct work *work);

/** worker_run - run all steps due up to @now, in time order; m->now moves with them */
void worker_run(struct model *m, u64 now);

#endif /* SPB_MODEL_WORKER_H */
