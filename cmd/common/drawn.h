/* SPDX-License-Identifier: GPL-2.0 */
/* Files that report and export draw of a folder's results, under these names when none is given. */
#ifndef SPB_CMD_DRAWN_H
#define SPB_CMD_DRAWN_H

#define REPORT_NAME "report.html"
#define PERFETTO_NAME "spbreplay.pftrace"
#define GNUPLOT_NAME "gnuplot"

/**
 * drawn_warn - say which of them lie in @dir, whose results are new, and how to draw them again
 *
 * They show the results that were there before; nothing of the user's is removed.
 */
void drawn_warn(const char *dir);

#endif /* SPB_CMD_DRAWN_H */
