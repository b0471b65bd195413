/* SPDX-License-Identifier: GPL-2.0 */
/* Pageblocks by label: the model's, and what pagetypeinfo counted. */
#ifndef SPB_REPLAY_CHECK_LABELS_H
#define SPB_REPLAY_CHECK_LABELS_H

#include "replay/check/check_side.h"

/** check_labels_start - rows of @r for every zone and label, with the counts at the start */
int check_labels_start(struct check_report *r, const struct side *open, struct error *err)
	__must_check;
/** check_labels_end - the counts at the end, and those of @after (may be NULL) */
void check_labels_end(struct check_report *r, const struct side *sides, u32 nr_sides,
		      const struct snapshot *after);

#endif /* SPB_REPLAY_CHECK_LABELS_H */
