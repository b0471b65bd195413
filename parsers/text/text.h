/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text captures: what the files trace and trace_pipe of tracefs, trace-cmd report and perf script
 * print. Times have microseconds mostly; what a line does not say (clock, host) stays unknown.
 */
#ifndef SPB_PARSERS_TEXT_H
#define SPB_PARSERS_TEXT_H

#include "parsers/capture.h"
#include "parsers/input.h"

/** text_sniff - do these bytes, the first of a file, hold a line of ftrace text? */
bool text_sniff(const u8 *bytes, size_t len);

/**
 * text_parse - read the files of one host as one capture
 * @in: @nr of them
 *
 * Return: as capture_parse().
 */
int text_parse(struct input *in, u32 nr, const struct capture_opts *opts,
	       struct log_writer *w, struct error *err) __must_check;

#endif /* SPB_PARSERS_TEXT_H */
