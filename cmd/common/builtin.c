// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/builtin.h"

#include <string.h>

/* The first four are the arms of patch 43/45 (S6, S10 row 3). */
const struct builtin builtin_table[] = {
	{ "spb-v1-none",
	  "{ \"name\": \"spb-v1-none\","
	  " \"doc\": \"SPB series v1 before patch 43/45: defrag is queued by spb_update_list() only\","
	  " \"update_list_mode\": \"bucket\", \"trigger_update\": true,"
	  " \"trigger_alloc\": false, \"trigger_fallthrough\": false }" },
	{ "spb-v1-alloc",
	  "{ \"name\": \"spb-v1-alloc\", \"base\": \"spb-v1-none\","
	  " \"doc\": \"trigger 1 of the patch: allocations from a tainted SPB below its high water\","
	  " \"trigger_alloc\": true }" },
	{ "spb-v1-fallthrough",
	  "{ \"name\": \"spb-v1-fallthrough\", \"base\": \"spb-v1-none\","
	  " \"doc\": \"trigger 2 of the patch: a walk over all tainted SPBs before PASS_3\","
	  " \"trigger_fallthrough\": true }" },
	{ "spb-v1-hotpath",
	  "{ \"name\": \"spb-v1-hotpath\", \"base\": \"spb-v1-none\","
	  " \"doc\": \"patch 43/45 as posted: both triggers\","
	  " \"trigger_alloc\": true, \"trigger_fallthrough\": true }" },
	/* v2: the stored code, patch folded in (S6.4); deferred evacuation (S4.5) */
	{ "spb-v2",
	  "{ \"name\": \"spb-v2\", \"base\": \"spb-v1-hotpath\","
	  " \"doc\": \"SPB series v2: lists are updated on every call, evacuation is deferred to the worker\","
	  " \"update_list_mode\": \"always\", \"evac_deferred\": true, \"relax_nowarn\": true,"
	  " \"pcp_mode\": \"buddy\" }" },
	/* The redesign proposed in review (S8); hints only shorten list walks */
	{ "spb-bitmap",
	  "{ \"name\": \"spb-bitmap\", \"base\": \"spb-v2\","
	  " \"doc\": \"v2 policy with SPBs found through bitmaps instead of list walks and hints\","
	  " \"search\": \"bitmap\", \"hints\": false }" },
	{ "vanilla",
	  "{ \"name\": \"vanilla\","
	  " \"doc\": \"upstream without the series: zone-wide free lists, claim and steal\","
	  " \"allocator\": \"vanilla\", \"slowpath_unrecorded\": \"nofragment\","
	  " \"trigger_update\": false, \"shrink_enable\": false }" },
};
const size_t nr_builtins = ARRAY_SIZE(builtin_table);

const struct builtin *builtin_find(const char *name)
{
	for (size_t i = 0; i < nr_builtins; i++) {
		if (!strcmp(builtin_table[i].name, name))
			return &builtin_table[i];
	}
	return NULL;
}

const char *builtin_name(const void *ctx __unused, size_t i)
{
	return i < nr_builtins ? builtin_table[i].name : NULL;
}
