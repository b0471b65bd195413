/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of a report that are files of their own (report.html, .css, .js), built in. */
#ifndef SPB_CMD_ASSETS_H
#define SPB_CMD_ASSETS_H

extern const char asset_report_html[];
extern const char asset_report_css[];
extern const char asset_report_js[];

#endif /* SPB_CMD_ASSETS_H */
