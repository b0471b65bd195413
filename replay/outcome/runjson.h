/* SPDX-License-Identifier: GPL-2.0 */
/*
 * run.json: everything one needs to know how a set of outcomes came about.
 */
#ifndef SPB_REPLAY_RUNJSON_H
#define SPB_REPLAY_RUNJSON_H

#include "replay/outcome/outcome.h"
#include "replay/outcome/outcome_file.h"

/**
 * runjson_text - the text of run.json
 * @files: the CSV files, already written, whose sizes and hashes it names
 *
 * Return: a string the caller frees, or NULL without memory.
 */
char *runjson_text(const struct outcome *o, const struct outcome_run *run,
		   const struct outcome_files *files);

#endif /* SPB_REPLAY_RUNJSON_H */
