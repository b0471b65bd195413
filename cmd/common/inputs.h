/* SPDX-License-Identifier: GPL-2.0 */
/* What a command reads: nothing that it writes may take the place of that. */
#ifndef SPB_CMD_INPUTS_H
#define SPB_CMD_INPUTS_H

#include "cmd/common/options.h"

/**
 * struct inputs - names as the user gave them; NULL or 0: none
 * @captures: "-" is standard input
 * @variants: as for variant_load(); bases of a file are read, too
 * @snapshot, @after: files, or folders of which snapshot_load() reads some
 * @format_dir: a tracing folder, or a trace.dat
 * @results: a folder that outcome_write() made
 * @files, @nr_files: other files
 */
struct inputs {
	const struct str_list *captures;
	const struct str_list *variants;
	const char *snapshot;
	const char *after;
	const char *format_dir;
	const char *results;
	char *const *files;
	u32 nr_files;
};

/**
 * inputs_spared - is the file @path, which is about to be replaced, none of @in?
 * @in: NULL: nothing is read that could be a file of the user's
 * @opt: option that chose @path, for the message
 *
 * Return: 0 or -ERR_USAGE.
 */
int inputs_spared(const struct inputs *in, const char *path, const char *opt,
		  struct error *err) __must_check;

#endif /* SPB_CMD_INPUTS_H */
