/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers as people read them. Integer arithmetic only: the same on every machine. */
#ifndef SPB_CMD_UNITS_H
#define SPB_CMD_UNITS_H

#include "model/types.h"

#define UNIT_TEXT 48	/* bytes any of these needs */

/** fmt_count - "1,712,345" */
const char *fmt_count(char out[UNIT_TEXT], u64 n);
/** fmt_milli - thousandths as "1,712.345" */
const char *fmt_milli(char out[UNIT_TEXT], u64 thousandths);
/** fmt_seconds - ns as "12.345 s" (rounded down to ms) */
const char *fmt_seconds(char out[UNIT_TEXT], u64 ns);
/** fmt_stamp - ns as seconds with all nine digits, "1234.567890123" */
const char *fmt_stamp(char out[UNIT_TEXT], u64 ns);
/** fmt_bytes - "7.9 MiB" */
const char *fmt_bytes(char out[UNIT_TEXT], u64 bytes);
/** fmt_share - @part of @whole as "99.3 %", "-" when @whole is 0 */
const char *fmt_share(char out[UNIT_TEXT], u64 part, u64 whole);

#define DIFFERENCE_TEXT (2 * UNIT_TEXT)

/** fmt_number - fmt_milli() or fmt_count() */
const char *fmt_number(char out[UNIT_TEXT], u64 value, bool milli);
/** fmt_difference - from @base to @value: "+12", "-12 (-40 %)", "=" when nothing changed */
const char *fmt_difference(char out[DIFFERENCE_TEXT], u64 base, u64 value, bool milli);

/** mul_div - a * b / c without overflow; 0 when c is 0 */
u64 mul_div(u64 a, u64 b, u64 c);

#endif /* SPB_CMD_UNITS_H */
