/* SPDX-License-Identifier: GPL-2.0 */
/* Time windows: T0~T1 or T0:T1, either side open. */
#ifndef SPB_CMD_WINDOW_H
#define SPB_CMD_WINDOW_H

#include "replay/base/error.h"

enum bound_kind {
	BOUND_OPEN,
	BOUND_ABSOLUTE,		/* ns of the capture's clock */
	BOUND_RELATIVE,		/* ns from the first event */
	BOUND_PERCENT,		/* 1e-9 percent of the capture's span */
};

struct bound {
	enum bound_kind kind;
	u64 value;
};

/** struct window - [from, to), as typed; needs the capture's times to become ns */
struct window {
	struct bound from;
	struct bound to;
};

/** window_parse - read @text. Return: 0 or -ERR_USAGE */
int window_parse(const char *text, struct window *w, struct error *err) __must_check;

/**
 * window_order - does @w, parsed from @text, hold nothing whatever the capture is?
 *
 * Only sides typed in the same way can be told apart without one. Return: 0 or -ERR_USAGE.
 */
int window_order(const struct window *w, const char *text, struct error *err) __must_check;

/**
 * window_resolve - to ns
 * @first, @last: times of the capture's first and last event
 * @t0, @t1: the window [t0, t1); 0 and UINT64_MAX where it is open
 *
 * Return: 0 or -ERR_USAGE: empty, or outside of the capture.
 */
int window_resolve(const struct window *w, u64 first, u64 last, u64 *t0, u64 *t1,
		   struct error *err) __must_check;

/**
 * window_time - one moment, typed like a side of a window, in ns
 * @option: which option it is from, for the message
 *
 * Return: 0 or -ERR_USAGE.
 */
int window_time(const char *text, const char *option, u64 first, u64 last, u64 *ns,
		struct error *err) __must_check;

#endif /* SPB_CMD_WINDOW_H */
