// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/window.h"

#include <string.h>

#include "cmd/common/units.h"

static int bad(const char *text, struct error *err)
{
	return err_set(err, ERR_USAGE, "--window: '%.60s' is not a time - write T0~T1, each as "
		       "123.4 (seconds of the clock), +1.5s (from the start), 10%% or nothing",
		       text);
}

/* Seconds or percent with up to nine decimals, as integer times 1e9. */
static bool parse_nano(const char **text, u64 *value)
{
	const char *p = *text;
	u64 v = 0, decimals = 0;
	u64 scale = NSEC_PER_SEC;
	bool digits = false;

	for (; *p >= '0' && *p <= '9'; p++, digits = true) {
		if (__builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (u64)(*p - '0'), &v))
			return false;
	}
	if (*p == '.') {
		for (p++; *p >= '0' && *p <= '9'; p++, digits = true) {
			scale /= 10;
			decimals += scale * (u64)(*p - '0');
		}
	}
	*text = p;
	return digits && !__builtin_mul_overflow(v, NSEC_PER_SEC, &v) &&
	       !__builtin_add_overflow(v, decimals, value);
}

static int parse_bound(const char *text, size_t len, struct bound *b, const char *whole,
		       struct error *err)
{
	char word[64];
	const char *p = word;

	*b = (struct bound){ .kind = BOUND_OPEN };
	if (!len)
		return 0;
	if (len >= sizeof(word))
		return bad(whole, err);
	memcpy(word, text, len);
	word[len] = '\0';
	b->kind = BOUND_ABSOLUTE;
	if (*p == '+') {
		b->kind = BOUND_RELATIVE;
		p++;
	}
	if (!parse_nano(&p, &b->value))
		return bad(whole, err);
	if (*p == '%' && b->kind == BOUND_ABSOLUTE && b->value <= 100 * NSEC_PER_SEC) {
		b->kind = BOUND_PERCENT;
		p++;
	} else if (*p == 's') {
		p++;
	}
	return *p ? bad(whole, err) : 0;
}

/* A bound in ns; @open where there is none. Sums stop at the largest number. */
static u64 bound_ns(const struct bound *b, u64 first, u64 last, u64 open)
{
	u64 offset = b->value;

	if (b->kind == BOUND_OPEN)
		return open;
	if (b->kind == BOUND_ABSOLUTE)
		return b->value;
	if (b->kind == BOUND_PERCENT) {
		if (b->value == 100 * NSEC_PER_SEC)
			return UINT64_MAX;	/* the last event belongs to it */
		offset = mul_div(last - first, b->value, 100 * NSEC_PER_SEC);
	}
	return first + min_u64(offset, UINT64_MAX - first);
}

int window_time(const char *text, const char *option, u64 first, u64 last, u64 *ns,
		struct error *err)
{
	struct bound b;
	struct error ignored = { 0 };

	if (!*text || parse_bound(text, strlen(text), &b, text, &ignored))
		return err_set(err, ERR_USAGE, "%s: '%.60s' is not a time - write 123.4 (seconds "
			       "of the clock), +1.5s (from the start) or 10%%", option, text);
	*ns = bound_ns(&b, first, last, first);
	return 0;
}

int window_parse(const char *text, struct window *w, struct error *err)
{
	size_t len = strcspn(text, "~:");

	if (!text[len])
		return bad(text, err);
	if (parse_bound(text, len, &w->from, text, err))
		return -ERR_USAGE;
	return parse_bound(text + len + 1, strlen(text + len + 1), &w->to, text, err);
}

int window_order(const struct window *w, const char *text, struct error *err)
{
	if (w->from.kind == BOUND_OPEN || w->from.kind != w->to.kind ||
	    w->from.value < w->to.value)
		return 0;
	if (w->from.value == w->to.value)
		return err_set(err, ERR_USAGE, "--window: '%.60s' is empty - widen it", text);
	return err_set(err, ERR_USAGE, "--window: '%.60s' ends before it begins - swap the sides",
		       text);
}

int window_resolve(const struct window *w, u64 first, u64 last, u64 *t0, u64 *t1,
		   struct error *err)
{
	char a[UNIT_TEXT], b[UNIT_TEXT];

	*t0 = bound_ns(&w->from, first, last, 0);
	*t1 = bound_ns(&w->to, first, last, UINT64_MAX);
	if (*t0 > *t1)
		return err_set(err, ERR_USAGE, "--window: ends at %s s, before it begins at %s s - "
			       "swap the sides", fmt_stamp(a, *t1), fmt_stamp(b, *t0));
	if (*t0 > last || *t1 <= first)
		return err_set(err, ERR_USAGE, "--window: lies outside of the capture - its events "
			       "are from %s to %s s", fmt_stamp(a, first), fmt_stamp(b, last));
	if (*t0 == *t1)
		return err_set(err, ERR_USAGE, "--window: is empty, both sides are %s s - widen it",
			       fmt_stamp(a, *t0));
	return 0;
}
