/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Results of units on disk: FOLDER/units/XX/ENTRY/VARIANT.csv, one row each, where ENTRY is the
 * hash in FLEET_ENTRY, XX its first two digits and VARIANT the hash of the variant's name. A file
 * gets its name when it is complete, and its last cell is a hash of the others, so that a torn one
 * (power failure) counts as missing.
 */
#ifndef SPB_REPLAY_FLEET_UNIT_H
#define SPB_REPLAY_FLEET_UNIT_H

#include "replay/fleet/fleet.h"
#include "replay/base/hash.h"

#define FLEET_PATH_MAX 4096

/** fleet_hash_file - XXH64 and size of file @path. Return: 0 or -ERR_IO */
int fleet_hash_file(const char *path, u64 *hash, u64 *bytes, struct error *err) __must_check;
/**
 * fleet_hash_snapshot - XXH64 of the names and bytes of what snapshot_load() reads from a folder, or
 * of the bytes of a snapshot file
 */
int fleet_hash_snapshot(const char *folder, u64 *hash, struct error *err) __must_check;

/**
 * fleet_unit_id - id of the unit of @row: XXH64 of the hashes of its inputs, its variant's name
 * and knobs, the options and the version
 */
void fleet_unit_id(const struct fleet_row *row, char out[HASH64_TEXT]);

/** fleet_entry_folder - folder of the results of @row's entry below @folder */
int fleet_entry_folder(const char *folder, const struct fleet_row *row, char out[FLEET_PATH_MAX],
		       struct error *err) __must_check;

/** fleet_unit_write - write @row's result into its entry's folder @dir, which exists */
int fleet_unit_write(const char *dir, const struct fleet_row *row, struct error *err) __must_check;

/**
 * fleet_unit_read - find the result of @plan in its entry's folder @dir
 * @set: the row (plan and result) is added there
 *
 * Return: 1 with a row; 0 when there is no result for just this variant, knobs, options and
 * version; -ERR_IO (memory).
 */
int fleet_unit_read(const char *dir, const struct fleet_row *plan, struct fleet_set *set,
		    struct error *err) __must_check;

#endif /* SPB_REPLAY_FLEET_UNIT_H */
