/* SPDX-License-Identifier: GPL-2.0 */
/* An outcome as a trace that ui.perfetto.dev opens. */
#ifndef SPB_CMD_EXPORT_PERFETTO_H
#define SPB_CMD_EXPORT_PERFETTO_H

#include <stdio.h>

#include "replay/outcome/outcome_view.h"

/**
 * export_perfetto - write TrackEvent packets
 *
 * A group of tracks for each variant and zone: counters (timeline.csv), taints as instants
 * (taint.csv), defrag passes as slices (defrag.csv), and a track of states for each superpageblock
 * that is not empty all the time (spbmap.csv). Times are ns of the capture's clock.
 *
 * Return: 0 or -ERR_IO.
 */
int export_perfetto(const struct outcome_view *v, FILE *out, struct error *err) __must_check;

#endif /* SPB_CMD_EXPORT_PERFETTO_H */
