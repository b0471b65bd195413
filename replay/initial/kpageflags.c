// SPDX-License-Identifier: GPL-2.0
#include "replay/initial/kpageflags.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

/* include/uapi/linux/kernel-page-flags.h and include/linux/kernel-page-flags.h */
enum kpf_bit {
	KPF_LRU = 5,
	KPF_SLAB = 7,
	KPF_BUDDY = 10,
	KPF_ANON = 12,
	KPF_COMPOUND_HEAD = 15,
	KPF_COMPOUND_TAIL = 16,
	KPF_HUGE = 17,
	KPF_HWPOISON = 19,
	KPF_NOPAGE = 20,
	KPF_OFFLINE = 23,
	KPF_ZERO_PAGE = 24,
	KPF_PGTABLE = 26,
	KPF_RESERVED = 32,
};

#define KPF(bit) (1ULL << KPF_##bit)

/* First match wins: slab and page-table pages reuse the fields that ANON is read from. */
static const struct {
	u64 any;
	u8 class;
} class_table[] = {
	{ KPF(NOPAGE), PAGE_CLASS_ABSENT },
	{ KPF(RESERVED) | KPF(HWPOISON), PAGE_CLASS_RESERVED },
	{ KPF(BUDDY), PAGE_CLASS_FREE },
	{ KPF(SLAB), PAGE_CLASS_SLAB },
	{ KPF(PGTABLE) | KPF(OFFLINE) | KPF(ZERO_PAGE), PAGE_CLASS_KERNEL },
	{ KPF(LRU) | KPF(ANON) | KPF(HUGE), PAGE_CLASS_MOVABLE },
};

u8 kpageflags_class(u64 flags)
{
	for (size_t i = 0; i < ARRAY_SIZE(class_table); i++) {
		if (flags & class_table[i].any)
			return class_table[i].class;
	}
	return PAGE_CLASS_KERNEL;
}

u8 kpageflags_next(struct page_class_state *state, u64 flags)
{
	u8 class = kpageflags_class(flags);

	if (flags & KPF(COMPOUND_TAIL) && state->in_compound)
		class = (state->class & PAGE_CLASS_MASK) | PAGE_CLASS_TAIL;
	state->in_compound = flags & KPF(COMPOUND_HEAD) || class & PAGE_CLASS_TAIL;
	state->class = class;
	return class;
}

/** struct flag_words - bytes become words, words become classes */
struct flag_words {
	struct page_classes *out;
	u64 end_pfn;
	u64 max;
	u64 word;
	u32 nr_bytes;		/* of @word so far */
	struct page_class_state state;
};

static void add_word(struct flag_words *w)
{
	w->out->class[w->out->nr++] = kpageflags_next(&w->state, w->word);
	w->word = 0;
	w->nr_bytes = 0;
}

static int make_room(struct flag_words *w, size_t len, struct error *err)
{
	const u64 need = min_u64(w->end_pfn, w->out->nr + len / 8 + 1);
	u64 max = w->max ? w->max : 1 << 16;
	u8 *class;

	if (need <= w->max)
		return 0;
	while (max < need)
		max *= 2;
	max = min_u64(max, w->end_pfn);
	class = realloc(w->out->class, max);
	if (!class)
		return err_nomem(err, "page classes");
	w->out->class = class;
	w->max = max;
	return 0;
}

/* Recorded on a little-endian machine; compilers make this one load. */
static u64 read_le64(const u8 *p)
{
	return p[0] | (u64)p[1] << 8 | (u64)p[2] << 16 | (u64)p[3] << 24 | (u64)p[4] << 32 |
	       (u64)p[5] << 40 | (u64)p[6] << 48 | (u64)p[7] << 56;
}

static int add_bytes(struct flag_words *w, const u8 *p, size_t len, struct error *err)
{
	int rc = make_room(w, len, err);
	size_t i = 0;

	while (i < len && !rc && w->out->nr < w->end_pfn) {
		if (!w->nr_bytes && len - i >= 8) {
			w->word = read_le64(p + i);
			i += 8;
			add_word(w);
			continue;
		}
		w->word |= (u64)p[i++] << (8 * w->nr_bytes);
		if (++w->nr_bytes == 8)
			add_word(w);
	}
	return rc;
}

static bool enough(const struct flag_words *w)
{
	return w->out->nr >= w->end_pfn;
}

static int read_plain(FILE *f, struct flag_words *w, const char *path, struct error *err)
{
	u8 buf[65536];
	int rc = 0;

	while (!rc && !enough(w)) {
		size_t n = fread(buf, 1, sizeof(buf), f);

		if (!n)
			break;
		rc = add_bytes(w, buf, n, err);
	}
	if (!rc && ferror(f))
		return err_set(err, ERR_IO, "%s: cannot read: %s - check the disk", path,
			       strerror(errno));
	return rc;
}

static int not_zstd(const char *path, u64 at, const char *why, struct error *err)
{
	return err_set(err, ERR_DAMAGED,
		       "%s: %s (at byte %llu) - take the snapshot again, or remove the file to go without page classes",
		       path, why, (unsigned long long)at);
}

static int read_zstd(FILE *f, ZSTD_DStream *zs, struct flag_words *w, const char *path,
		     struct error *err)
{
	u8 in_buf[65536], out_buf[65536];
	size_t left = 1, n;
	u64 at = 0;

	/* To the end of the frame, where its checksum is, even when no zone reaches so far. */
	while ((n = fread(in_buf, 1, sizeof(in_buf), f)) > 0) {
		ZSTD_inBuffer in = { in_buf, n, 0 };
		bool more = true;

		while (more) {
			ZSTD_outBuffer out = { out_buf, sizeof(out_buf), 0 };
			int rc;

			left = ZSTD_decompressStream(zs, &out, &in);
			if (ZSTD_isError(left))
				return not_zstd(path, at + in.pos, ZSTD_getErrorName(left), err);
			rc = add_bytes(w, out_buf, out.pos, err);
			if (rc)
				return rc;
			more = in.pos < in.size || (left && out.pos == out.size);
		}
		at += n;
	}
	if (ferror(f))
		return err_set(err, ERR_IO, "%s: cannot read: %s - check the disk", path,
			       strerror(errno));
	return left ? not_zstd(path, at, "cut off", err) : 0;
}

static int read_words(FILE *f, struct flag_words *w, const char *path, struct error *err)
{
	const size_t len = strlen(path);
	ZSTD_DStream *zs;
	int rc;

	if (len < 4 || strcmp(path + len - 4, ".zst") != 0)
		return read_plain(f, w, path, err);
	zs = ZSTD_createDStream();
	if (!zs)
		return err_nomem(err, "decompression");
	rc = read_zstd(f, zs, w, path, err);
	ZSTD_freeDStream(zs);
	return rc;
}

int kpageflags_load(const char *path, u64 end_pfn, struct page_classes *out, struct error *err)
{
	struct flag_words w = { .out = out, .end_pfn = end_pfn };
	FILE *f = fopen(path, "rb");
	int rc;

	*out = (struct page_classes){ 0 };
	if (!f)
		return err_set(err, ERR_IO, "%s: cannot open: %s - check the name", path,
			       strerror(errno));
	rc = read_words(f, &w, path, err);
	fclose(f);
	if (!rc && w.nr_bytes)
		rc = err_set(err, ERR_DAMAGED, "%s: ends inside the flags of pfn 0x%llx - take the snapshot again",
			     path, (unsigned long long)out->nr);
	else if (!rc && out->nr && out->nr < end_pfn)
		rc = err_set(err, ERR_DAMAGED,
			     "%s: ends at pfn 0x%llx, zones reach to 0x%llx - copy the whole of /proc/kpageflags",
			     path, (unsigned long long)out->nr, (unsigned long long)end_pfn);
	if (!rc)
		return 0;
	free(out->class);
	*out = (struct page_classes){ 0 };
	return rc;
}
