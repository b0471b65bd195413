/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How values of each type in the JSON header of a log are written and read.
 */
#ifndef SPB_REPLAY_LOG_JSON_TYPES_H
#define SPB_REPLAY_LOG_JSON_TYPES_H

#include <json-c/json.h>

#include "replay/log/log.h"

struct meta_key;

/**
 * struct meta_type - how values of one type are written and read
 * @put: value of the key, NULL to leave it out; sets @failed when memory runs out
 * @get: take the value @v. Return: NULL or what is wrong
 */
struct meta_type {
	struct json_object *(*put)(const struct log_meta *meta, const struct meta_key *key,
				   bool *failed);
	const char *(*get)(struct log_meta *meta, const struct meta_key *key,
			   struct json_object *v);
};

/** struct meta_key - @offset: of the member in struct log_meta; @max: largest integer */
struct meta_key {
	const char *name;
	const struct meta_type *type;
	size_t offset;
	u64 max;
};

/* Members of struct log_meta by C type. */
extern const struct meta_type meta_string;
extern const struct meta_type meta_u64;
extern const struct meta_type meta_u32;
extern const struct meta_type meta_bool;
/* Objects and arrays: the count array, what it allows, @lost and @zones. */
extern const struct meta_type meta_counts;
extern const struct meta_type meta_levels;
extern const struct meta_type meta_lost;
extern const struct meta_type meta_zones;

#endif /* SPB_REPLAY_LOG_JSON_TYPES_H */
