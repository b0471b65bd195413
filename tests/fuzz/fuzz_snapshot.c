// SPDX-License-Identifier: GPL-2.0
/*
 * A snapshot that is one file. Byte 0 even: the rest is the file. Odd: the rest is its content,
 * packed here, so that the checksum does not hide the reader.
 */
#include "tests/fuzz/fuzz.h"

#include <zstd.h>

#include "replay/initial/snapshot.h"

static void load(const u8 *data, size_t len)
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
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	static u8 packed[ZSTD_COMPRESSBOUND(1 << 20)];
	static ZSTD_CCtx *zstd;

	if (!len || len > 1 << 20)
		return 0;
	if (!zstd)
		FUZZ_CHECK((zstd = ZSTD_createCCtx()));
	if (data[0] & 1)
		load(packed, ZSTD_compressCCtx(zstd, packed, sizeof(packed), data + 1, len - 1, -5));
	else
		load(data + 1, len - 1);
	return 0;
}
