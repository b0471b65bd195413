// SPDX-License-Identifier: GPL-2.0
#include "model/stuck.h"

#include "model/defrag.h"
#include "model/superpageblock.h"

static u64 stuck_from(const struct superpageblock *sb)
{
	const u64 now = sb->zone->m->now;

	if (sb->defrag_active || !spb_wants_defrag(sb))
		return TIME_NEVER;
	return max_u64(now, spb_cooldown_end(sb));
}

static void close_stretch(struct superpageblock *sb, u64 now)
{
	const u64 ns = now - sb->stuck_from;

	sb->stuck_ns += ns;
	if (ns > sb->stuck_longest)
		sb->stuck_longest = ns;
}

void spb_stuck_update(struct superpageblock *sb)
{
	const u64 now = sb->zone->m->now;
	const u64 from = stuck_from(sb);

	/* Free pages can lift a cooldown early, so they matter while one runs. */
	sb->watch_free_pages = from != TIME_NEVER && sb->no_progress_jiffies;
	if (sb->stuck_from <= now) {
		if (from <= now)
			return;
		close_stretch(sb, now);
	}
	sb->stuck_from = from;
}

void spb_stuck_reset(struct superpageblock *sb)
{
	sb->stuck_ns = 0;
	sb->stuck_longest = 0;
	sb->stuck_from = TIME_NEVER;
	spb_stuck_update(sb);
}
