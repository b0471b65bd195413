// SPDX-License-Identifier: GPL-2.0
/*
 * A snapshot that is one file. Byte 0 even: the rest is the file. Odd: the rest is its content,
 * packed here, so that the checksum does not hide the reader. With bit 1, the rest are the members,
 * a NUL behind each, so that a member may change its length.
 */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>
#include <zstd.h>

#include "replay/initial/snapshot.h"
#include "replay/initial/snapshot_file.h"

#define CONTENT_MAX (1u << 18)

static const char *const members[] = {
	"host", "kernel", "zoneinfo", "pagetypeinfo", "iomem", "superpageblocks", SNAPSHOT_CLASSES,
};

/* Ways into the code, for fuzz_taken() */
enum { WAY_FILE, WAY_CONTENT, WAY_MEMBERS };

static void load(const u8 *data, size_t len, unsigned int way)
{
	struct error err = { 0 };
	struct snapshot *s = snapshot_load(fuzz_path(data, len), &err);

	if (!s) {
		FUZZ_CHECK(err.code);
		fuzz_check_error(-(int)err.code, &err);
		return;
	}
	FUZZ_CHECK(s->nr_zones);
	for (u32 i = 1; i < s->nr_ram; i++)
		FUZZ_CHECK(s->ram[i].start > s->ram[i - 1].end);
	snapshot_free(s);
	fuzz_taken(way);
}

static void load_content(const u8 *content, size_t len, unsigned int way)
{
	static u8 packed[ZSTD_COMPRESSBOUND(CONTENT_MAX)];
	static ZSTD_CCtx *zstd;

	if (!zstd)
		FUZZ_CHECK((zstd = ZSTD_createCCtx()));
	load(packed, ZSTD_compressCCtx(zstd, packed, sizeof(packed), content, len, -5),
	     way);
}

static void load_members(const u8 *data, size_t len)
{
	static char content[CONTENT_MAX];
	size_t at = (size_t)sprintf(content, "%s", SNAPSHOT_MAGIC);

	for (size_t m = 0; m < ARRAY_SIZE(members) && len; m++) {
		const u8 *nul = m + 1 < ARRAY_SIZE(members) ? memchr(data, '\0', len) : NULL;
		const size_t size = nul ? (size_t)(nul - data) : len;

		at += (size_t)sprintf(content + at, "%s %zu\n", members[m], size);
		memcpy(content + at, data, size);
		at += size;
		data += size + !!nul;
		len -= size + !!nul;
	}
	at += (size_t)sprintf(content + at, "%s 0\n", SNAPSHOT_END);
	load_content((const u8 *)content, at, WAY_MEMBERS);
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	if (!len || len > CONTENT_MAX / 2)
		return 0;
	if (data[0] & 2)
		load_members(data + 1, len - 1);
	else if (data[0] & 1)
		load_content(data + 1, len - 1, WAY_CONTENT);
	else
		load(data + 1, len - 1, WAY_FILE);
	return 0;
}
