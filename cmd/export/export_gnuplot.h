/* SPDX-License-Identifier: GPL-2.0 */
/* An outcome as data and a script for gnuplot: figures for mails and papers. */
#ifndef SPB_CMD_EXPORT_GNUPLOT_H
#define SPB_CMD_EXPORT_GNUPLOT_H

#include "replay/outcome/outcome_view.h"

/**
 * export_gnuplot - write timeline.dat, map.dat and plot.gp into @dir, of the largest zone: all or none
 *
 * Return: 0 or -ERR_IO.
 */
int export_gnuplot(const struct outcome_view *v, const char *dir, struct error *err) __must_check;

#endif /* SPB_CMD_EXPORT_GNUPLOT_H */
