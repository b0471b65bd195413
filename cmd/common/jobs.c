// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/jobs.h"

#include <unistd.h>

u32 jobs_or_cpus(u32 jobs)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (jobs)
		return jobs;
	return cpus > 0 && cpus < JOBS_MAX ? (u32)cpus : 1;
}
