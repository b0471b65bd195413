// SPDX-License-Identifier: GPL-2.0
#include "cmd/check/check_show.h"

#include <json-c/json.h>

#include "cmd/common/json_rows.h"
#include "replay/check/check_facts.h"

static void add_text(struct json_object *o, const char *name, const char *text)
{
	json_object_object_add(o, name, text && *text ? json_object_new_string(text) : NULL);
}

static void add_uint(struct json_object *o, const char *name, u64 value)
{
	json_object_object_add(o, name, json_object_new_uint64(value));
}

static int add_fact(void *ctx, const struct check_fact *f)
{
	struct json_object *o = json_object_new_object();

	add_text(o, "zone", f->zone);
	add_text(o, "side", f->side);
	add_text(o, "figure", f->figure);
	add_text(o, "key", f->key);
	add_uint(o, "value", f->value);
	return json_object_array_add(ctx, o) ? -ERR_IO : 0;
}

static struct json_object *misses_json(const struct check_report *r)
{
	struct json_object *a = json_object_new_array();

	for (u32 s = 0; s < NR_CHECK_SIDES; s++) {
		for (u32 i = 0; i < r->nr_misses[s]; i++) {
			const struct check_miss *m = &r->misses[s][i];
			struct json_object *o = json_object_new_object();

			add_text(o, "side", check_side_name(m->side));
			if (m->event != UINT64_MAX)
				add_uint(o, "event", m->event);
			add_uint(o, "time_ns", m->time);
			add_uint(o, "cpu", m->cpu);
			add_uint(o, "pid", m->pid);
			add_text(o, "comm", m->comm);
			add_text(o, "recorded", m->recorded);
			add_text(o, "model", m->model);
			json_object_array_add(a, o);
		}
	}
	return a;
}

int check_json(const struct check_report *r, const char *variant, struct error *err)
{
	struct json_object *o = json_object_new_object();
	struct json_object *facts = json_object_new_array();
	int ret;

	add_text(o, "variant", variant);
	json_object_object_add(o, "agrees", json_object_new_boolean(!check_disagrees(r)));
	json_object_object_add(o, "partial", json_object_new_boolean(r->partial));
	ret = check_facts(r, variant, add_fact, facts);
	json_object_object_add(o, "facts", facts);
	json_object_object_add(o, "first_disagreements", misses_json(r));
	if (!ret)
		return json_say(o, err);
	json_object_put(o);
	return err_nomem(err, "JSON");
}
