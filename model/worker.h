/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Workers of the nodes' evacuate_wq, in event time: works wait in FIFOs, a step costs time, and the
 * steps that are due run before the next operation (S1.4, S10 item 5).
 *
 * The series allocates the workqueue with WQ_MEM_RECLAIM and max_active 1, neither ordered nor
 * unbound: a work runs on the CPU that queued it, one at a time on each CPU (worker_threads 0).
 * Works are raised with irq_work while the zone is locked and reach their queue when the lock is
 * dropped; irq_work_run_list() takes the last raised one first (irq_work_order).
 */
#ifndef SPB_MODEL_WORKER_H
#define SPB_MODEL_WORKER_H

#include "model/internal.h"

/** workers_init - room for the workers of a new node. Return: false without memory */
bool workers_init(struct model *m, struct node *node);
void workers_fini(struct model *m, struct node *node);

/** workers_start - model_start(): pages of works under way count from now on */
void workers_start(struct model *m);

/** worker_raise - irq_work_queue(): @work, which is in no queue, from m->op.cpu */
void worker_raise(struct model *m, struct work *work);

/** worker_queue_raised - irq_work_run_list(): see worker_interrupt() */
void worker_queue_raised(struct model *m);

/** worker_interrupt - the zone lock is dropped: raised works go to their queues */
static inline void worker_interrupt(struct model *m)
{
	if (unlikely(m->raised_head))
		worker_queue_raised(m);
}

/** worker_run - run all steps due up to @now, in time order; m->now moves with them */
void worker_run(struct model *m, u64 now);

#endif /* SPB_MODEL_WORKER_H */
