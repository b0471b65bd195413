// SPDX-License-Identifier: GPL-2.0
#include "parsers/text/text_gfp.h"

#include <string.h>

/* The table that the format of mm_page_alloc of Linux 6.18 prints with. */
static const struct {
	const char *name;
	u64 value;
} names[] = {
	{ "GFP_TRANSHUGE", 0x1c24ca },
	{ "GFP_TRANSHUGE_LIGHT", 0x1c20ca },
	{ "GFP_HIGHUSER_MOVABLE", 0x100cca },
	{ "GFP_HIGHUSER", 0x100cc2 },
	{ "GFP_USER", 0x100cc0 },
	{ "GFP_KERNEL_ACCOUNT", 0x400cc0 },
	{ "GFP_KERNEL", 0xcc0 },
	{ "GFP_NOFS", 0xc40 },
	{ "GFP_ATOMIC", 0x820 },
	{ "GFP_NOIO", 0xc00 },
	{ "GFP_NOWAIT", 0x2800 },
	{ "GFP_DMA", 0x1 },
	{ "GFP_DMA32", 0x4 },
	{ "__GFP_RECLAIM", 0xc00 },
	{ "__GFP_DMA", 0x1 },
	{ "__GFP_HIGHMEM", 0x2 },
	{ "__GFP_DMA32", 0x4 },
	{ "__GFP_MOVABLE", 0x8 },
	{ "__GFP_RECLAIMABLE", 0x10 },
	{ "__GFP_HIGH", 0x20 },
	{ "__GFP_IO", 0x40 },
	{ "__GFP_FS", 0x80 },
	{ "__GFP_ZERO", 0x100 },
	{ "__GFP_DIRECT_RECLAIM", 0x400 },
	{ "__GFP_KSWAPD_RECLAIM", 0x800 },
	{ "__GFP_WRITE", 0x1000 },
	{ "__GFP_NOWARN", 0x2000 },
	{ "__GFP_RETRY_MAYFAIL", 0x4000 },
	{ "__GFP_NOFAIL", 0x8000 },
	{ "__GFP_NORETRY", 0x10000 },
	{ "__GFP_MEMALLOC", 0x20000 },
	{ "__GFP_COMP", 0x40000 },
	{ "__GFP_NOMEMALLOC", 0x80000 },
	{ "__GFP_HARDWALL", 0x100000 },
	{ "__GFP_THISNODE", 0x200000 },
	{ "__GFP_ACCOUNT", 0x400000 },
	{ "__GFP_ZEROTAGS", 0x800000 },
	{ "__GFP_NO_OBJ_EXT", 0x1000000 },
};

static u64 read_hex(const char *p, const char *end)
{
	u64 v = 0;

	for (; p < end; p++) {
		u32 c = (u8)*p | 0x20u;
		u32 digit = c - '0' < 10 ? c - '0' : c - 'a' < 6 ? c - 'a' + 10 : 16;

		if (digit == 16)
			break;
		v = v << 4 | digit;
	}
	return v;
}

static u64 one_flag(const char *p, size_t len)
{
	if (len > 2 && p[0] == '0' && p[1] == 'x')
		return read_hex(p + 2, p + len);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i].name) == len && !memcmp(names[i].name, p, len))
			return names[i].value;
	return 0;
}

static u64 all_flags(struct span text)
{
	const char *p = text.at, *end = p + text.len;
	u64 v = 0;

	while (p < end) {
		const char *bar = memchr(p, '|', (size_t)(end - p));

		if (!bar)
			bar = end;
		v |= one_flag(p, (size_t)(bar - p));
		p = bar + (bar < end);
	}
	return v;
}

u64 text_gfp(struct gfp_cache *cache, struct span text)
{
	u32 hash = (u32)text.len;

	if (!text.len || text.len > GFP_TEXT_MAX)
		return all_flags(text);
	for (size_t i = 0; i < text.len; i++)
		hash = hash * 31 + (u8)text.at[i];
	hash %= GFP_CACHE_SLOTS;
	if (cache->slot[hash].len != text.len ||
	    memcmp(cache->slot[hash].text, text.at, text.len)) {
		cache->slot[hash].value = all_flags(text);
		cache->slot[hash].len = text.len;
		memcpy(cache->slot[hash].text, text.at, text.len);
	}
	return cache->slot[hash].value;
}
