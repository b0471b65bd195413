/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which buffer of a trace.dat file to read: the one named, or the one that holds page events.
 */
#ifndef SPB_PARSERS_PICK_H
#define SPB_PARSERS_PICK_H

#include "parsers/tracedat/tracedat.h"

/** pick_source - fill in @src for buffer @b of @td */
void pick_source(struct stream_source *src, const struct tracedat *td,
		 const struct tracedat_buffer *b);

/**
 * pick_buffer - choose
 * @name: "" for the top-level buffer, NULL: of the buffers that hold a known event, the one with
 *	most data
 * @picked: result, borrowed from @td
 *
 * Return: 0; -ERR_USAGE when there is no buffer @name; -ERR_DAMAGED when none holds page events;
 * -ERR_IO.
 */
int pick_buffer(const struct tracedat *td, const char *name, const struct tracedat_buffer **picked,
		struct error *err) __must_check;

#endif /* SPB_PARSERS_PICK_H */
