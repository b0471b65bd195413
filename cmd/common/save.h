/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file made in memory and written as a whole under a temporary name, then renamed; or standard
 * output, for "-".
 */
#ifndef SPB_CMD_SAVE_H
#define SPB_CMD_SAVE_H

#include <limits.h>
#include <stdio.h>

#include "cmd/common/inputs.h"

#define SAVE_PATH PATH_MAX

/**
 * struct save - one file on its way
 * @out: write here; @path: what it will be, "" for standard output
 */
struct save {
	FILE *out;
	char *text;
	size_t len;
	char path[SAVE_PATH];
};

/**
 * save_open - begin the file @output, or @name in @dir when @output is NULL
 * @in: what @output must not overwrite, may be NULL
 */
int save_open(struct save *s, const char *output, const char *dir, const char *name,
	      const struct inputs *in, struct error *err) __must_check;
/** save_close - write it, unless @ret says that it failed. Return: @ret, or a negative error */
int save_close(struct save *s, int ret, struct error *err);

#endif /* SPB_CMD_SAVE_H */
