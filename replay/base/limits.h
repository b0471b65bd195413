/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What this version does not model: said by info, by run.json and in docs/model.md.
 */
#ifndef SPB_REPLAY_LIMITS_H
#define SPB_REPLAY_LIMITS_H

/** not_modelled - one sentence each, NULL-terminated; what a reader must know before a number */
extern const char *const not_modelled[];

#endif /* SPB_REPLAY_LIMITS_H */
