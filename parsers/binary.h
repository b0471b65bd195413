/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Captures of ring-buffer pages: trace.dat files, and raw pages of single CPUs. Several files of
 * one host are one capture, whose CPUs are merged by time.
 */
#ifndef SPB_PARSERS_BINARY_H
#define SPB_PARSERS_BINARY_H

#include "parsers/capture.h"
#include "parsers/input.h"

/**
 * binary_parse - read @nr files; those that are no trace.dat are raw pages, and
 * @opts->format_dir is set
 *
 * Return: as capture_parse().
 */
int binary_parse(struct input *in, u32 nr, const struct capture_opts *opts,
		 struct log_writer *w, struct error *err) __must_check;

#endif /* SPB_PARSERS_BINARY_H */
