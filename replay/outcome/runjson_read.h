/* SPDX-License-Identifier: GPL-2.0 */
/* run.json read back. */
#ifndef SPB_REPLAY_RUNJSON_READ_H
#define SPB_REPLAY_RUNJSON_READ_H

#include "replay/base/error.h"

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

#endif /* SPB_REPLAY_RUNJSON_READ_H */
