/* SPDX-License-Identifier: GPL-2.0 */
/* How many threads to use. */
#ifndef SPB_CMD_JOBS_H
#define SPB_CMD_JOBS_H

#include "model/types.h"

#define JOBS_MAX 1024

/** jobs_or_cpus - @jobs as the user gave it; 0: as many as CPUs are online */
u32 jobs_or_cpus(u32 jobs);

#endif /* SPB_CMD_JOBS_H */
