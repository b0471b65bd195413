// SPDX-License-Identifier: GPL-2.0
#include "cmd/explain/alike.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

#include "cmd/common/say.h"

/* Settings in run.json that figures depend on; a snapshot and the order are looked at apart. */
static const struct {
	const char *label;
	const char *key[2];
} settings[] = {
	{ "pageblock order", { "pageblock_order" } }, { "zones", { "zones" } },
	{ "level", { "demand", "level" } }, { "zone filter", { "demand", "zone_filter" } },
	{ "initial state", { "initial", "state" } }, { "fill", { "initial", "fill" } },
	{ "seed", { "seed" } }, { "contig", { "contig" } },
};

static struct json_object *member(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) ? v : NULL;
}

static struct json_object *setting(const struct results *r, size_t i)
{
	struct json_object *o = member(r->run, settings[i].key[0]);

	return settings[i].key[1] ? member(o, settings[i].key[1]) : o;
}

static u64 spb_order(const struct results *r)
{
	return json_object_get_uint64(member(r->run, "spb_order"));
}

/* The @i-th of an array, NULL behind its end and of what is no array. */
static struct json_object *item(struct json_object *a, size_t i)
{
	return json_object_is_type(a, json_type_array) && i < json_object_array_length(a) ?
	       json_object_array_get_idx(a, i) : NULL;
}

/* In array @a the object whose member @key is @want. */
static struct json_object *find(struct json_object *a, const char *key, const char *want)
{
	struct json_object *o;

	for (size_t i = 0; (o = item(a, i)); i++) {
		const char *have = json_object_get_string(member(o, key));

		if (have && !strcmp(have, want))
			return o;
	}
	return NULL;
}

static struct json_object *snapshot(const struct results *r)
{
	return member(find(member(r->run, "inputs"), "role", "snapshot"), "xxh64");
}

/* Numbers of superpageblocks count from where their zone begins. */
static bool same_starts(const struct results *a, const struct results *b)
{
	struct json_object *ours = member(a->run, "zones"), *o;
	const u64 order = spb_order(a) & 63;

	for (size_t i = 0; (o = item(ours, i)); i++) {
		const char *name = json_object_get_string(member(o, "zone"));
		struct json_object *other = find(member(b->run, "zones"), "zone", name ? name : "");

		if (other && json_object_get_uint64(member(o, "start_pfn")) >> order !=
			     json_object_get_uint64(member(other, "start_pfn")) >> order)
			return false;
	}
	return true;
}

bool alike_in_place(const struct results *a, const struct results *b)
{
	return !strcmp(a->capture, b->capture) && spb_order(a) == spb_order(b) && same_starts(a, b);
}

/** struct line - text that grows; what has no room is cut off */
struct line {
	char text[ERR_TEXT_MAX];
	size_t len;
};

/* One more setting, when it differs: with both values, if they are short. */
static void compare(struct line *l, const char *name, struct json_object *a, struct json_object *b)
{
	const size_t room = sizeof(l->text) - l->len;
	const char *comma = l->len ? ", " : "";
	int len;

	if (json_object_equal(a, b) || room < 2)
		return;
	if (json_object_is_type(a, json_type_array) || json_object_is_type(b, json_type_array))
		len = snprintf(l->text + l->len, room, "%s%s", comma, name);
	else
		len = snprintf(l->text + l->len, room, "%s%s %.40s and %.40s", comma, name,
			       a ? json_object_get_string(a) : "none",
			       b ? json_object_get_string(b) : "none");
	l->len += len > 0 && (size_t)len < room ? (size_t)len : room - 1;
}

static void warn_settings(const struct results *a, const struct results *b)
{
	struct line l = { .len = 0 };

	compare(&l, "snapshot", snapshot(a), snapshot(b));
	for (size_t i = 0; i < ARRAY_SIZE(settings); i++)
		compare(&l, settings[i].label, setting(a, i), setting(b, i));
	if (l.len)
		say_warn("%s and %s differ in more than variants: %s", a->name, b->name, l.text);
}

void alike_warn(const struct results *a, const struct results *b)
{
	if (strcmp(a->capture, b->capture))
		say_warn("%s and %s come from different captures - figures can be compared, single "
			 "events cannot", a->name, b->name);
	else if (a->first_ns != b->first_ns || a->last_ns != b->last_ns)
		say_warn("%s and %s cover different windows of the capture", a->name, b->name);
	if (spb_order(a) != spb_order(b))
		say_warn("%s and %s have superpageblocks of order %llu and %llu - other figures "
			 "can be compared, counts of superpageblocks and single ones cannot",
			 a->name, b->name, (unsigned long long)spb_order(a),
			 (unsigned long long)spb_order(b));
	else if (!same_starts(a, b))
		say_warn("%s and %s have zones that begin in different places - figures can be "
			 "compared, single superpageblocks cannot", a->name, b->name);
	warn_settings(a, b);
}
