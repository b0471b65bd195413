/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One line of ftrace text: "comm-pid [cpu] flags time: event: fields", as trace, trace_pipe,
 * trace-cmd report, perf script and the function graph tracer print it.
 */
#ifndef SPB_PARSERS_TEXT_LINE_H
#define SPB_PARSERS_TEXT_LINE_H

#include "model/types.h"

/** enum text_line_kind - what a line is */
enum text_line_kind {
	TEXT_EVENT,
	TEXT_LOST,		/* "CPU:1 [LOST 27451 EVENTS]", "CPU:1 [EVENTS DROPPED]" */
	TEXT_OTHER,		/* comments, heads, empty lines */
	TEXT_WRONG,
};

/** struct span - bytes of a line; borrowed */
struct span {
	const char *at;
	size_t len;
};

/**
 * struct text_line - a line taken apart
 * @time: ns; @lost: for TEXT_LOST, how many events, 0 = unknown
 * @instance: what trace-cmd report puts before the lines of an instance, else empty
 * @comm: without blanks around it; @event: name without the subsystem
 * @fields: what follows the name
 */
struct text_line {
	u64 time;
	u64 lost;
	u32 pid;
	u32 cpu;
	struct span instance;
	struct span comm;
	struct span event;
	struct span fields;
};

/** text_line_parse - take the line [@p, @end), without its newline, apart */
enum text_line_kind text_line_parse(const char *p, const char *end, struct text_line *l);

#endif /* SPB_PARSERS_TEXT_LINE_H */
