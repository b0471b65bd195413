/* SPDX-License-Identifier: GPL-2.0 */
/* run.json read back. */
#ifndef SPB_REPLAY_RUNJSON_READ_H
#define SPB_REPLAY_RUNJSON_READ_H

#include "replay/csv/csv_read.h"

struct json_object;

#ifndef RUNJSON_MAX	/* fuzzing: fewer */
#define RUNJSON_MAX (16U << 20)		/* bytes */
#endif

/**
 * runjson_read - the object in @dir's run.json
 * @run: for json_object_put(); members may be missing or of any type
 *
 * Return: 0, -ERR_IO or -ERR_DAMAGED.
 */
int runjson_read(struct json_object **run, const char *dir, struct error *err) __must_check;

/**
 * runjson_check_table - is @d the file @name that the run wrote?
 * @run: by its "files", with a hash of each; a file that is not named there is not checked
 *
 * Return: 0 or -ERR_DAMAGED: changed later, of another run, or left by one that was killed.
 */
int runjson_check_table(struct json_object *run, const char *name, const struct csv_data *d,
			struct error *err) __must_check;

/**
 * runjson_check_files - the same for every file that @run names, read from @dir
 *
 * Return: 0, -ERR_DAMAGED, or -ERR_IO: one is missing or cannot be read.
 */
int runjson_check_files(struct json_object *run, const char *dir, struct error *err) __must_check;

#endif /* SPB_REPLAY_RUNJSON_READ_H */
