/* SPDX-License-Identifier: GPL-2.0 */
/* The heat maps of a report on a terminal. */
#ifndef SPB_CMD_REPORT_TEXT_H
#define SPB_CMD_REPORT_TEXT_H

#include <stdio.h>

#include "replay/outcome/outcome_view.h"

/** struct text_opts - @width: columns; @color: with escapes */
struct text_opts {
	u32 width;
	bool color;
};

/**
 * text_options - find out what the terminal can do
 * @when: auto, always, never; NULL is auto; @width: 0 for that of the terminal
 *
 * Return: 0 or -ERR_USAGE.
 */
int text_options(struct text_opts *t, const char *when, u32 width, struct error *err) __must_check;

/** report_text - maps of all zones with superpageblocks. Return: 0 or -ERR_IO */
int report_text(const struct outcome_view *v, const struct text_opts *t, FILE *out,
		struct error *err) __must_check;

/** report_text_json - the same maps as JSON on stdout, @width columns with the labels */
int report_text_json(const struct outcome_view *v, u32 width, struct error *err) __must_check;

#endif /* SPB_CMD_REPORT_TEXT_H */
