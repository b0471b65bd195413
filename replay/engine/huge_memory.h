/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page words in huge pages: they are read and written all over, and with 4 KiB pages a sixth of an
 * operation was spent on address translation (bench/replay_speed, made load of 24 GiB).
 */
#ifndef SPB_REPLAY_HUGE_MEMORY_H
#define SPB_REPLAY_HUGE_MEMORY_H

#include "model/model.h"

/*
 * On larger machines the words of a superpageblock of which little is used would cost 2 MiB at
 * once: there they stay in pages that come as they are touched.
 */
#define HUGE_MEMORY_MAX_SPBS 128

extern const struct model_memory huge_memory;

#endif /* SPB_REPLAY_HUGE_MEMORY_H */
