// SPDX-License-Identifier: GPL-2.0
#include "replay/base/cpulist.h"

#include <string.h>

static bool read_cpu(const char **p, u32 *cpu)
{
	u32 v = 0;

	if (**p < '0' || **p > '9')
		return false;
	for (; **p >= '0' && **p <= '9'; (*p)++) {
		v = v * 10 + (u32)(**p - '0');
		if (v >= LOG_MAX_CPUS)
			return false;
	}
	*cpu = v;
	return true;
}

int cpulist_parse(const char *text, struct cpulist *list, struct error *err)
{
	const char *p = text;

	memset(list, 0, sizeof(*list));
	for (;;) {
		u32 from, to;

		if (!read_cpu(&p, &from))
			break;
		to = from;
		if (*p == '-') {
			p++;
			if (!read_cpu(&p, &to) || to < from)
				break;
		}
		for (u32 c = from; c <= to; c++)
			cpulist_add(list, c);
		if (!*p)
			return 0;
		if (*p++ != ',')
			break;
	}
	return err_set(err, ERR_USAGE, "CPU list '%.80s' cannot be read - write numbers below %u and ranges: 0,2-5",
		       text, LOG_MAX_CPUS);
}
