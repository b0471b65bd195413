// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/outdir.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Cut the last part of @path off; "." or "/" remain at the end. */
static void to_parent(char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	while (len && path[len - 1] != '/')
		path[--len] = '\0';
	while (len > 1 && path[len - 1] == '/')
		path[--len] = '\0';
	if (!len)
		strcpy(path, ".");
}

int outdir_check(const char *dir, struct error *err)
{
	/* Room for "." at least: to_parent() may leave that. */
	size_t len = strlen(dir) + 2;
	char *path = *dir ? malloc(len) : NULL;
	struct stat st;
	int ret = 0;

	if (!*dir)
		return err_set(err, ERR_USAGE, "-o: the folder has no name - give one");
	if (!path)
		return err_nomem(err, "a path");
	snprintf(path, len, "%s", dir);
	while (stat(path, &st) && errno == ENOENT && strcmp(path, "/") && strcmp(path, "."))
		to_parent(path);
	if (stat(path, &st))
		ret = err_set(err, ERR_IO, "%s: cannot be made (%s) - choose another output folder",
			      dir, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		ret = err_set(err, ERR_IO, "%s: %s is not a folder - choose another output folder",
			      dir, path);
	else if (access(path, W_OK | X_OK))
		ret = err_set(err, ERR_IO, "%s: cannot write there (%s) - choose another output "
			      "folder", dir, strerror(errno));
	free(path);
	return ret;
}
