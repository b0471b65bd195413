// SPDX-License-Identifier: GPL-2.0
/* A variant's JSON file; up to the first 0 byte. What loads must print and load again the same. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/common/variant_json.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t len)
{
	struct variant v, again;
	struct error err = { 0 };
	char *json;
	int ret;

	/* A base may be any file of this machine: not of interest here, and slow. */
	if (memchr(data, '/', len))
		return 0;
	ret = variant_load(fuzz_path(data, len), &v, &err);
	fuzz_check_error(ret, &err);
	if (ret)
		return 0;
	json = variant_to_json(&v);
	FUZZ_CHECK(json);
	ret = variant_load(fuzz_path((const u8 *)json, strlen(json)), &again, &err);
	FUZZ_CHECK(!ret);
	FUZZ_CHECK(!strcmp(v.name, again.name) && !strcmp(v.doc, again.doc));
	for (size_t i = 0; i < nr_knobs; i++)
		FUZZ_CHECK(knob_get(&v, &knob_table[i]) == knob_get(&again, &knob_table[i]));
	free(json);
	fuzz_taken(0);
	return 0;
}
