// SPDX-License-Identifier: GPL-2.0
#include "replay/demand/recorded_kernel.h"

#include <stdlib.h>
#include <string.h>

/* Major and minor number in one; 0: not known */
static u32 release_number(const char *release)
{
	const char *dot = release ? strchr(release, '.') : NULL;
	unsigned long major, minor;
	char *end;

	if (!dot)
		return 0;
	major = strtoul(release, &end, 10);
	if (end != dot || dot == release || major > UINT16_MAX)
		return 0;
	minor = strtoul(dot + 1, &end, 10);
	if (end == dot + 1 || minor > UINT16_MAX)
		return 0;
	return (u32)(major << 16 | minor);
}

static bool is_before(const char *release, u32 major, u32 minor)
{
	const u32 number = release_number(release);

	return number && number < (major << 16 | minor);
}

bool kernel_has_pcp_single(const char *release)
{
	return is_before(release, 5, 14);
}

enum gfp_layout kernel_gfp_layout(const char *release)
{
	if (is_before(release, 4, 4))
		return GFP_OLDER;
	if (is_before(release, 4, 18))
		return GFP_4_4;
	return is_before(release, 5, 1) ? GFP_4_18 : GFP_AS_NOW;
}

#define GFP_SAME 0xffU	/* DMA to FS never moved */

/** struct gfp_bit - one flag in each layout that is known */
struct gfp_bit {
	const char *name;
	u32 bit[GFP_OLDER];
};

/* include/linux/gfp.h; "mm: shuffle GFP_* flags" of 2019 packed them */
static const struct gfp_bit gfp_bits[] = {
	{ "ZERO", { 0x100, 0x8000, 0x8000 } },
	{ "DIRECT_RECLAIM", { 0x400, 0x200000, 0x400000 } },
	{ "KSWAPD_RECLAIM", { 0x800, 0x400000, 0x1000000 } },
	{ "WRITE", { 0x1000, 0x100, 0x800000 } },
	{ "NOWARN", { 0x2000, 0x200, 0x200 } },
	{ "RETRY_MAYFAIL", { 0x4000, 0x400, 0x400 } },
	{ "NOFAIL", { 0x8000, 0x800, 0x800 } },
	{ "NORETRY", { 0x10000, 0x1000, 0x1000 } },
	{ "MEMALLOC", { 0x20000, 0x2000, 0x2000 } },
	{ "COMP", { 0x40000, 0x4000, 0x4000 } },
	{ "NOMEMALLOC", { 0x80000, 0x10000, 0x10000 } },
	{ "HARDWALL", { 0x100000, 0x20000, 0x20000 } },
	{ "THISNODE", { 0x200000, 0x40000, 0x40000 } },
	{ "ACCOUNT", { 0x400000, 0x100000, 0x100000 } },
};

u32 gfp_as_now(enum gfp_layout layout, u64 gfp)
{
	u32 now = (u32)gfp & GFP_SAME;

	if (layout == GFP_AS_NOW)
		return (u32)gfp;
	if (layout == GFP_OLDER)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(gfp_bits); i++)
		now |= gfp & gfp_bits[i].bit[layout] ? gfp_bits[i].bit[GFP_AS_NOW] : 0;
	return now;
}
