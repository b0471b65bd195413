/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the model tells (model/tracepoint.h) as events of a log: for captures that are made up, and
 * to be held against recorded ones.
 */
#ifndef SPB_REPLAY_MODEL_EVENTS_H
#define SPB_REPLAY_MODEL_EVENTS_H

#include "model/model.h"
#include "replay/log/event.h"

/** model_event_log_kind - enum event_kind of what the model tells as @kind */
u32 model_event_log_kind(enum model_event_kind kind);

/**
 * model_event_to_log - @e as an event of a log, only with what its tracepoint has
 * @ev: filled in, but for task and, where the event names a zone, the id of the name in extra[0]
 *
 * Return: whether it names a zone.
 */
bool model_event_to_log(const struct model_event *e, struct event *ev);

#endif /* SPB_REPLAY_MODEL_EVENTS_H */
