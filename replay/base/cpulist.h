/* SPDX-License-Identifier: GPL-2.0 */
/* Sets of CPUs as users write them: "0,2-5". */
#ifndef SPB_REPLAY_CPULIST_H
#define SPB_REPLAY_CPULIST_H

#include "replay/base/error.h"
#include "replay/log/log.h"

/** struct cpulist - a set of CPU ids */
struct cpulist {
	u64 bits[LOG_MAX_CPUS / 64];
};

/** cpulist_parse - read "0,2-5". Return: 0 or -ERR_USAGE */
int cpulist_parse(const char *text, struct cpulist *list, struct error *err) __must_check;

/** cpulist_has - is @cpu in the set? NULL is the set of all */
static inline bool cpulist_has(const struct cpulist *list, u32 cpu)
{
	return !list || (cpu < LOG_MAX_CPUS && list->bits[cpu / 64] >> cpu % 64 & 1);
}

static inline void cpulist_add(struct cpulist *list, u32 cpu)
{
	if (cpu < LOG_MAX_CPUS)
		list->bits[cpu / 64] |= 1ULL << cpu % 64;
}

#endif /* SPB_REPLAY_CPULIST_H */
