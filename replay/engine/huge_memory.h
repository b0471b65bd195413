/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page words in huge pages: they are read and written all over, and with 4 KiB pages a sixth of an
 * operation was spent on address translation (bench/replay_speed, made load of 24 GiB). And the
 * state of a machine of TiB is millions of 4 KiB pages: half a second of CPU time for each 4 GiB
 * when it is given back, which is when a user who pressed Ctrl-C waits. A superpageblock in use has
 * the heads of its free blocks in every second 4 KiB page at least, so little is wasted.
 */
#ifndef SPB_REPLAY_HUGE_MEMORY_H
#define SPB_REPLAY_HUGE_MEMORY_H

#include "model/model.h"

extern const struct model_memory huge_memory;

#endif /* SPB_REPLAY_HUGE_MEMORY_H */
