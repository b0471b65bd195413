/* SPDX-License-Identifier: GPL-2.0 */
/* The fleet tables as one HTML file: no scripts, nothing loaded from elsewhere. */
#ifndef SPB_REPLAY_FLEET_HTML_H
#define SPB_REPLAY_FLEET_HTML_H

#include "replay/fleet/fleet_report.h"

/** struct html_out - where text goes; @error: first failure, later calls do nothing */
struct html_out {
	int (*write)(void *ctx, const void *bytes, size_t len);
	void *ctx;
	int error;
};

/** fleet_html - write the page. Return: 0 or a negative enum err_code */
int fleet_html(const struct fleet_report *r, struct html_out *out) __must_check;

#endif /* SPB_REPLAY_FLEET_HTML_H */
