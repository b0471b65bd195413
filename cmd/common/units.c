// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/units.h"

#include <inttypes.h>
#include <stdio.h>

u64 mul_div(u64 a, u64 b, u64 c)
{
	return c ? (u64)((unsigned __int128)a * b / c) : 0;
}

const char *fmt_count(char out[UNIT_TEXT], u64 n)
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
	size_t at = 0;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			out[at++] = ',';
		out[at++] = digits[i];
	}
	out[at] = '\0';
	return out;
}

const char *fmt_milli(char out[UNIT_TEXT], u64 thousandths)
{
	char whole[UNIT_TEXT];

	snprintf(out, UNIT_TEXT, "%.40s.%03u", fmt_count(whole, thousandths / 1000),
		 (unsigned int)(thousandths % 1000));
	return out;
}

const char *fmt_seconds(char out[UNIT_TEXT], u64 ns)
{
	char text[UNIT_TEXT];

	snprintf(out, UNIT_TEXT, "%.40s s", fmt_milli(text, ns / NSEC_PER_MSEC));
	return out;
}

const char *fmt_stamp(char out[UNIT_TEXT], u64 ns)
{
	snprintf(out, UNIT_TEXT, "%" PRIu64 ".%09" PRIu64, (u64)(ns / NSEC_PER_SEC),
		 (u64)(ns % NSEC_PER_SEC));
	return out;
}

const char *fmt_bytes(char out[UNIT_TEXT], u64 bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
	u64 tenths = bytes;
	size_t unit = 0;

	if (bytes < 1024) {
		snprintf(out, UNIT_TEXT, "%" PRIu64 " bytes", bytes);
		return out;
	}
	for (u64 b = bytes; b >= 1024; b /= 1024)
		unit++;
	tenths = mul_div(bytes, 10, 1ULL << (10 * unit));
	snprintf(out, UNIT_TEXT, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10, tenths % 10,
		 units[unit]);
	return out;
}

const char *fmt_share(char out[UNIT_TEXT], u64 part, u64 whole)
{
	u64 tenths = mul_div(part, 1000, whole);

	if (whole)
		snprintf(out, UNIT_TEXT, "%" PRIu64 ".%" PRIu64 " %%", tenths / 10, tenths % 10);
	else
		snprintf(out, UNIT_TEXT, "-");
	return out;
}

const char *fmt_number(char out[UNIT_TEXT], u64 value, bool milli)
{
	return milli ? fmt_milli(out, value) : fmt_count(out, value);
}

/* To the nearest, but 100 % of a loss only where nothing is left. */
static u64 percent_of(u64 delta, u64 base, bool all)
{
	u64 half = mul_div(delta, 200, base);
	u64 percent = half / 2 + half % 2;

	return percent == 100 && delta < base && !all ? 99 : percent;
}

const char *fmt_difference(char out[DIFFERENCE_TEXT], u64 base, u64 value, bool milli)
{
	u64 delta = value > base ? value - base : base - value;
	const char *sign = value > base ? "+" : "-";
	char text[UNIT_TEXT], share[UNIT_TEXT] = "";
	u64 percent = percent_of(delta, base, value > base);

	if (percent && percent < 1000)
		snprintf(share, sizeof(share), " (%s%u %%)", sign, (unsigned int)percent);
	if (delta)
		snprintf(out, DIFFERENCE_TEXT, "%s%s%s", sign, fmt_number(text, delta, milli),
			 share);
	else
		snprintf(out, DIFFERENCE_TEXT, "=");
	return out;
}
