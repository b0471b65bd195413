/* SPDX-License-Identifier: GPL-2.0 */
/* What replay and compare print when they are done: figures and causes, as text or JSON. */
#ifndef SPB_CMD_RUN_SHOW_H
#define SPB_CMD_RUN_SHOW_H

#include "cmd/run/run.h"
#include "replay/outcome/outcome.h"

/**
 * run_show - print @o on stdout
 * @differs: becomes true when any variant differs from the first one
 *
 * Return: 0 or -ERR_IO.
 */
int run_show(const struct run_opts *opts, const struct outcome *o, bool *differs,
	     struct error *err) __must_check;

#endif /* SPB_CMD_RUN_SHOW_H */
