/* SPDX-License-Identifier: GPL-2.0 */
/* What a run says on stderr around its results. */
#ifndef SPB_CMD_RUN_NOTES_H
#define SPB_CMD_RUN_NOTES_H

#include "cmd/common/source.h"
#include "replay/outcome/outcome.h"

/**
 * warn_before - what makes the results less certain, before they come
 * @snapshot: may be NULL; @quiet: warnings only, no notes
 */
void warn_before(const struct source *src, const struct demand_plan *plan,
		 const struct snapshot *snapshot, bool quiet);
/** warn_after - the same, once the run has met it */
void warn_after(const struct source *src, const struct outcome *o);
/** note_files - which files are in @dir now */
void note_files(const char *dir);
/** note_details - for -v: time, memory, odd events */
void note_details(const struct outcome *o, const struct demand_plan *plan, u64 wall, u64 cpu);

#endif /* SPB_CMD_RUN_NOTES_H */
