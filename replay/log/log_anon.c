// SPDX-License-Identifier: GPL-2.0
#include "replay/log/log_anon.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Threads of every kernel, which matter to memory management; a number or more may follow. */
static const char *const kernel_threads[] = {
	"<idle>", "swapper", "kswapd", "kcompactd", "khugepaged", "ksoftirqd", "kworker",
	"migration", "kthreadd", "rcu_preempt", "rcu_sched", "oom_reaper", "ksmd", "kdamond",
	"kevacuate",
};
#define RESCUER "kworker/R-kevac"	/* of the queue kevacuate/N: the same worker */
static const char *const zone_names[] = {
	"DMA", "DMA32", "Normal", "HighMem", "Movable", "Device",
};

struct log_anon *log_anon_new(void)
{
	struct log_anon *a = calloc(1, sizeof(*a));

	if (a && !intern_init(&a->pids, INTERN_MAX_TASKS) &&
	    !intern_init(&a->comms, INTERN_MAX_TASKS) &&
	    !intern_init(&a->strings, INTERN_MAX_STRINGS))
		return a;
	log_anon_free(a);
	return NULL;
}

void log_anon_free(struct log_anon *a)
{
	if (!a)
		return;
	intern_fini(&a->pids);
	intern_fini(&a->comms);
	intern_fini(&a->strings);
	free(a);
}

/* "kswapd0" and "kworker/1:2" are kernel threads, "kworkerd" is not. */
static const char *kernel_thread(const char *comm, size_t len)
{
	if (len == strlen(RESCUER) && !memcmp(comm, RESCUER, len))
		return "kevacuate";
	for (size_t i = 0; i < ARRAY_SIZE(kernel_threads); i++) {
		const size_t n = strlen(kernel_threads[i]);
		const char next = len > n ? comm[n] : '\0';

		if (len >= n && !memcmp(comm, kernel_threads[i], n) &&
		    (!next || next == '/' || next == '.' || (next >= '0' && next <= '9')))
			return kernel_threads[i];
	}
	return NULL;
}

static int number(struct intern *t, u32 tag, const char *s, size_t len, const char *prefix,
		  char text[ANON_TEXT])
{
	u32 id;

	if (intern_id(t, tag, s, len, &id))
		return -ENOMEM;
	snprintf(text, ANON_TEXT, "%s-%u", prefix, id + 1);
	return 0;
}

int log_anon_task(struct log_anon *a, u32 *pid, const char *comm, size_t len,
		  char text[ANON_TEXT])
{
	const char *known = kernel_thread(comm, len);
	u32 id;

	if (*pid) {
		if (intern_id(&a->pids, *pid, "", 0, &id))
			return -ENOMEM;
		*pid = id + 1;
	}
	text[0] = '\0';
	if (known)
		snprintf(text, ANON_TEXT, "%s", known);
	else if (len)
		return number(&a->comms, 0, comm, len, "task", text);
	return 0;
}

int log_anon_string(struct log_anon *a, const char *s, size_t len, char text[ANON_TEXT])
{
	for (size_t i = 0; i < ARRAY_SIZE(zone_names); i++)
		if (strlen(zone_names[i]) == len && !memcmp(s, zone_names[i], len))
			return snprintf(text, ANON_TEXT, "%s", zone_names[i]) < 0 ? -ENOMEM : 0;
	text[0] = '\0';
	return len ? number(&a->strings, 0, s, len, "string", text) : 0;
}

int log_anon_meta(struct log_meta *meta)
{
	const struct {
		char **field;
		const char *text;
	} all[] = {
		{ &meta->host, "host" }, { &meta->source, "capture" }, { &meta->buffer, "buffer" },
		{ &meta->partial_why, "the capture is damaged (no details: made anonymous)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (*all[i].field && **all[i].field && log_meta_set(all[i].field, all[i].text))
			return -ENOMEM;
	/* The hash would tell whose capture it is to anyone who has it. */
	return meta->source_hash && log_meta_set(&meta->source_hash, NULL) ? -ENOMEM : 0;
}
