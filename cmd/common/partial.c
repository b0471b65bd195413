// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/partial.h"

#include <json-c/json.h>

#include "cmd/common/say.h"

/* Return: why, or NULL: the results are whole. */
static const char *partial_why(struct json_object *run)
{
	struct json_object *partial = NULL, *why = NULL;

	if (!json_object_object_get_ex(run, "partial", &partial) ||
	    !json_object_get_boolean(partial))
		return NULL;
	return json_object_object_get_ex(run, "partial_why", &why) && why ?
	       json_object_get_string(why) : "reason unknown";
}

void partial_warn(const char *dir, struct json_object *run)
{
	const char *why = partial_why(run);

	if (why)
		say_warn("%s: results are partial: %s", dir, why);
}

void partial_tell(struct json_object *to, struct json_object *run)
{
	const char *why = partial_why(run);

	json_object_object_add(to, "partial", json_object_new_boolean(why != NULL));
	if (why)
		json_object_object_add(to, "partial_why", json_object_new_string(why));
}
