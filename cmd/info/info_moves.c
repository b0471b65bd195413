// SPDX-License-Identifier: GPL-2.0
#include "cmd/info/info_moves.h"

/* Extra words, as event_kinds[] orders them. */
enum { ISOLATE_TAKEN = 2 };
enum { BATCH_MOVED, BATCH_FAILED, MIGRATE_REASON = 6 };

const char *info_moves_reason(u32 reason)
{
	static const char *const names[INFO_REASONS] = {
		"compaction", "memory_failure", "memory_hotplug", "syscall_or_cpuset",
		"mempolicy_mbind", "numa_misplaced", "contig_range", "longterm_pin", "demotion",
		"damon", "other",
	};

	return names[reason < INFO_REASONS ? reason : INFO_REASONS - 1];
}

static void begin(struct info_moves *m, u32 task, u64 time)
{
	u32 i = 0;

	while (i < m->nr_open && m->run[i].task != task)
		i++;
	if (i == INFO_RUNS_MAX)
		return;
	m->nr_open += i == m->nr_open;
	m->run[i].task = task;
	m->run[i].from = time;
}

static void end(struct info_moves *m, u32 task, u64 time)
{
	m->runs++;
	for (u32 i = 0; i < m->nr_open; i++) {
		if (m->run[i].task != task)
			continue;
		m->runs_ns += time - m->run[i].from;
		m->run[i] = m->run[--m->nr_open];
		return;
	}
}

static void batch(struct info_batches *b, const u64 *extra)
{
	b->nr++;
	b->moved += extra[BATCH_MOVED];
	b->failed += extra[BATCH_FAILED];
}

void info_moves_event(struct info_moves *m, const struct event_block *b, u32 i, const u64 *extra)
{
	switch (b->kind[i]) {
	case EVENT_COMPACTION_BEGIN:
		begin(m, b->task[i], b->time[i]);
		break;
	case EVENT_COMPACTION_END:
		end(m, b->task[i], b->time[i]);
		break;
	case EVENT_COMPACTION_ISOLATE_MIGRATEPAGES:
		m->isolated_used += extra[ISOLATE_TAKEN];
		break;
	case EVENT_COMPACTION_ISOLATE_FREEPAGES:
	case EVENT_COMPACTION_FAST_ISOLATE_FREEPAGES:
		m->isolated_free += extra[ISOLATE_TAKEN];
		break;
	case EVENT_COMPACTION_MIGRATEPAGES:
		batch(&m->compacted, extra);
		break;
	case EVENT_MIGRATE_PAGES:
		batch(&m->migrated[min_u64(extra[MIGRATE_REASON], INFO_REASONS - 1)], extra);
		break;
	default:
		break;
	}
}
