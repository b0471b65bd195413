// SPDX-License-Identifier: GPL-2.0
/* A CSV file of results, or a manifest. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "replay/csv/csv_read.h"
#include "replay/fleet/manifest.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	const char *path = fuzz_path(data, len);
	struct error err = { 0 };
	struct manifest m = { 0 };
	struct csv_data d;
	int ret = csv_read_any(&d, path, &err);

	fuzz_check_error(ret, &err);
	if (!ret) {
		for (u32 r = 0; r < d.nr_rows; r++)
			for (u32 c = 0; c < d.nr_columns; c++)
				FUZZ_CHECK(strlen(csv_cell(&d, r, c)) <= len);
		csv_data_fini(&d);
	}
	err = (struct error){ 0 };
	ret = manifest_load(&m, path, &err);
	fuzz_check_error(ret, &err);
	if (!ret)
		fuzz_taken(0);
	manifest_fini(&m);
	return 0;
}
