// SPDX-License-Identifier: GPL-2.0
#include "replay/log/log_json_types.h"

#include "replay/log/log_json.h"

#include <stdlib.h>
#include <string.h>

static const char wrong_type[] = "header: value of the wrong type";
static const char out_of_range[] = "header: value out of range";

static const void *member(const struct log_meta *meta, const struct meta_key *key)
{
	return (const char *)meta + key->offset;
}

static void *member_mut(struct log_meta *meta, const struct meta_key *key)
{
	return (char *)meta + key->offset;
}

/* Add @value to @obj; NULL means that memory ran out. */
static void add(struct json_object *obj, const char *name, struct json_object *value, bool *failed)
{
	if (!value || json_object_object_add(obj, name, value)) {
		json_object_put(value);
		*failed = true;
	}
}

static void append(struct json_object *array, struct json_object *value, bool *failed)
{
	if (!value || json_object_array_add(array, value)) {
		json_object_put(value);
		*failed = true;
	}
}

static struct json_object *made(struct json_object *obj, bool *failed)
{
	if (!obj)
		*failed = true;
	return obj;
}

/* Return: NULL or what is wrong with @v as an integer 0 .. @max */
static const char *get_number(struct json_object *v, u64 max, u64 *to)
{
	if (!json_object_is_type(v, json_type_int))
		return wrong_type;
	if (json_object_get_int64(v) < 0)
		return out_of_range;
	*to = json_object_get_uint64(v);
	return *to <= max ? NULL : out_of_range;
}

static const char *get_member_number(struct json_object *obj, const char *name, u64 max, u64 *to)
{
	struct json_object *v;

	*to = 0;
	if (!json_object_object_get_ex(obj, name, &v))
		return NULL;
	return get_number(v, max, to);
}

/* Text without NUL inside, at most @max bytes. */
static const char *get_text(struct json_object *v, size_t max)
{
	if (!json_object_is_type(v, json_type_string))
		return wrong_type;
	if ((size_t)json_object_get_string_len(v) > max ||
	    strlen(json_object_get_string(v)) != (size_t)json_object_get_string_len(v))
		return out_of_range;
	return NULL;
}

/* ---- the types ---- */

static struct json_object *put_string(const struct log_meta *meta, const struct meta_key *key,
				      bool *failed)
{
	const char *text = *(char *const *)member(meta, key);

	return text ? made(json_object_new_string(text), failed) : NULL;
}

static const char *get_string(struct log_meta *meta, const struct meta_key *key,
			      struct json_object *v)
{
	const char *why = get_text(v, SIZE_MAX);

	if (!why && log_meta_set(member_mut(meta, key), json_object_get_string(v)))
		why = log_json_nomem;
	return why;
}

static struct json_object *put_u64(const struct log_meta *meta, const struct meta_key *key,
				   bool *failed)
{
	return made(json_object_new_uint64(*(const u64 *)member(meta, key)), failed);
}

static const char *get_u64(struct log_meta *meta, const struct meta_key *key,
			   struct json_object *v)
{
	return get_number(v, key->max, member_mut(meta, key));
}

static struct json_object *put_u32(const struct log_meta *meta, const struct meta_key *key,
				   bool *failed)
{
	return made(json_object_new_uint64(*(const u32 *)member(meta, key)), failed);
}

static const char *get_u32(struct log_meta *meta, const struct meta_key *key,
			   struct json_object *v)
{
	u64 n = 0;
	const char *why = get_number(v, key->max, &n);

	*(u32 *)member_mut(meta, key) = (u32)n;
	return why;
}

static struct json_object *put_bool(const struct log_meta *meta, const struct meta_key *key,
				    bool *failed)
{
	return made(json_object_new_boolean(*(const bool *)member(meta, key)), failed);
}

static const char *get_bool(struct log_meta *meta, const struct meta_key *key,
			    struct json_object *v)
{
	if (!json_object_is_type(v, json_type_boolean))
		return wrong_type;
	*(bool *)member_mut(meta, key) = json_object_get_boolean(v);
	return NULL;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(event_kinds[*(const u8 *)a].name, event_kinds[*(const u8 *)b].name);
}

static struct json_object *put_counts(const struct log_meta *meta,
				      const struct meta_key *key __unused, bool *failed)
{
	struct json_object *obj = made(json_object_new_object(), failed);
	u8 order[NR_EVENT_KINDS];

	for (u8 k = 0; k < NR_EVENT_KINDS; k++)
		order[k] = k;
	qsort(order, NR_EVENT_KINDS, 1, by_name);
	for (u32 i = 0; i < NR_EVENT_KINDS && !*failed; i++) {
		const u8 k = order[i];

		if (meta->count[k])
			add(obj, event_kinds[k].name, json_object_new_uint64(meta->count[k]),
			    failed);
	}
	return obj;
}

/* Events of kinds that a newer program wrote count as unknown. */
static const char *get_counts(struct log_meta *meta, const struct meta_key *key,
			      struct json_object *v)
{
	if (!json_object_is_type(v, json_type_object))
		return wrong_type;
	json_object_object_foreach(v, name, value) {
		u64 n = 0;
		u64 *to = &meta->unknown_events;
		const char *why = get_number(value, key->max, &n);

		if (why)
			return why;
		for (u32 k = 0; k < NR_EVENT_KINDS; k++)
			if (!strcmp(event_kinds[k].name, name))
				to = &meta->count[k];
		*to += n;
	}
	return NULL;
}

/* Sorted by name; docs/log-format.md, section 2.1 says what each level needs. */
static const struct {
	const char *name;
	u32 needs;
} demand_levels[] = {
	{ "implied", 1u << EVENT_ZONE_LOCKED },
	{ "page", 1u << EVENT_PAGE_ALLOC | 1u << EVENT_PAGE_FREE },
	{ "zone", 1u << EVENT_ZONE_LOCKED | 1u << EVENT_PCPU_DRAIN | 1u << EVENT_PAGE_FREE },
};

static struct json_object *put_levels(const struct log_meta *meta,
				      const struct meta_key *key __unused, bool *failed)
{
	struct json_object *array = made(json_object_new_array(), failed);
	u32 have = 0;

	for (u32 k = 0; k < NR_EVENT_KINDS; k++)
		have |= (meta->count[k] != 0 ? 1u : 0u) << k;
	for (u32 l = 0; l < ARRAY_SIZE(demand_levels) && !*failed; l++)
		if ((demand_levels[l].needs & ~have) == 0)
			append(array, json_object_new_string(demand_levels[l].name), failed);
	return array;
}

static const char *get_levels(struct log_meta *meta __unused, const struct meta_key *key __unused,
			      struct json_object *v)
{
	return json_object_is_type(v, json_type_array) ? NULL : wrong_type;
}

static struct json_object *put_lost(const struct log_meta *meta,
				    const struct meta_key *key __unused, bool *failed)
{
	struct json_object *array = made(json_object_new_array(), failed);

	for (u32 i = 0; i < meta->nr_lost && !*failed; i++) {
		const struct log_lost *lost = &meta->lost[i];
		struct json_object *obj = made(json_object_new_object(), failed);

		if (*failed)
			break;
		add(obj, "cpu", json_object_new_uint64(lost->cpu), failed);
		add(obj, "events", json_object_new_uint64(lost->events), failed);
		add(obj, "unknown_gaps", json_object_new_uint64(lost->unknown_gaps), failed);
		append(array, obj, failed);
	}
	return array;
}

/* Zeroed room for the elements of @v. Return: NULL when it is empty or with @why set */
static void *new_array(struct json_object *v, u32 max, size_t size, u32 *nr, const char **why)
{
	void *array;
	size_t n;

	*why = json_object_is_type(v, json_type_array) ? NULL : wrong_type;
	if (*why)
		return NULL;
	n = json_object_array_length(v);
	if (n > max)
		*why = out_of_range;
	if (*why || !n)
		return NULL;
	array = calloc(n, size);
	if (!array)
		*why = log_json_nomem;
	else
		*nr = (u32)n;
	return array;
}

static const char *get_lost(struct log_meta *meta, const struct meta_key *key __unused,
			    struct json_object *v)
{
	const char *why;

	meta->lost = new_array(v, LOG_MAX_CPUS, sizeof(*meta->lost), &meta->nr_lost, &why);
	for (u32 i = 0; i < meta->nr_lost && !why; i++) {
		struct json_object *obj = json_object_array_get_idx(v, i);
		struct log_lost *lost = &meta->lost[i];
		u64 cpu = 0;

		if (!json_object_is_type(obj, json_type_object))
			return wrong_type;
		why = get_member_number(obj, "cpu", 65535, &cpu);
		lost->cpu = (u32)cpu;
		if (!why)
			why = get_member_number(obj, "events", ~0ULL, &lost->events);
		if (!why)
			why = get_member_number(obj, "unknown_gaps", ~0ULL, &lost->unknown_gaps);
	}
	return why;
}

static struct json_object *put_zones(const struct log_meta *meta,
				     const struct meta_key *key __unused, bool *failed)
{
	struct json_object *array = made(json_object_new_array(), failed);

	for (u32 i = 0; i < meta->nr_zones && !*failed; i++) {
		const struct log_zone *zone = &meta->zones[i];
		struct json_object *obj = made(json_object_new_object(), failed);

		if (*failed)
			break;
		add(obj, "name", json_object_new_string(zone->name), failed);
		add(obj, "node", json_object_new_uint64(zone->node), failed);
		add(obj, "spanned", json_object_new_uint64(zone->spanned), failed);
		add(obj, "start_pfn", json_object_new_uint64(zone->start_pfn), failed);
		append(array, obj, failed);
	}
	return array;
}

static const char *get_zone(struct log_zone *zone, struct json_object *obj)
{
	struct json_object *name;
	const char *why;
	u64 node = 0;

	if (!json_object_is_type(obj, json_type_object) ||
	    !json_object_object_get_ex(obj, "name", &name))
		return wrong_type;
	why = get_text(name, sizeof(zone->name) - 1);
	if (!why && !json_object_get_string_len(name))
		why = out_of_range;
	if (!why)
		memcpy(zone->name, json_object_get_string(name),
		       (size_t)json_object_get_string_len(name));
	if (!why)
		why = get_member_number(obj, "node", ~0u, &node);
	zone->node = (u32)node;
	if (!why)
		why = get_member_number(obj, "spanned", ~0ULL, &zone->spanned);
	if (!why)
		why = get_member_number(obj, "start_pfn", ~0ULL, &zone->start_pfn);
	if (!why && zone->spanned > ~0ULL - zone->start_pfn)
		why = out_of_range;
	return why;
}

static const char *get_zones(struct log_meta *meta, const struct meta_key *key __unused,
			     struct json_object *v)
{
	const char *why;

	meta->zones = new_array(v, LOG_MAX_ZONES, sizeof(*meta->zones), &meta->nr_zones, &why);
	for (u32 i = 0; i < meta->nr_zones && !why; i++)
		why = get_zone(&meta->zones[i], json_object_array_get_idx(v, i));
	return why;
}

const struct meta_type meta_string = { put_string, get_string };
const struct meta_type meta_u64 = { put_u64, get_u64 };
const struct meta_type meta_u32 = { put_u32, get_u32 };
const struct meta_type meta_bool = { put_bool, get_bool };
const struct meta_type meta_counts = { put_counts, get_counts };
const struct meta_type meta_levels = { put_levels, get_levels };
const struct meta_type meta_lost = { put_lost, get_lost };
const struct meta_type meta_zones = { put_zones, get_zones };
