// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/outdir.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/common/outfile.h"

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

/*
 * Make a file in @path, which is there; or in a folder made there, when @deeper. Rights alone do
 * not tell: root has them in /proc, too. Nobody else takes these names or minds that they go.
 */
static int probe(const char *path, bool deeper)
{
	char name[PATH_MAX];
	int n = snprintf(name, sizeof(name) - 4, "%s/.%ld.tmp", path, (long)getpid()), why;

	if (n >= (int)sizeof(name) - 4)
		return ENAMETOOLONG;
	if (!deeper)
		return outfile_probe(name);
	if (mkdir(name, 0700) && errno != EEXIST)
		return errno;
	strcpy(name + n, "/x");
	why = outfile_probe(name);
	name[n] = '\0';
	return rmdir(name) && !why ? errno : why;
}

/* What is there already on the way to @dir. A link that leads nowhere is in the way, too. */
static int find_existing(const char *dir, char *path, size_t len, struct stat *st)
{
	snprintf(path, len, "%s", dir);
	while (stat(path, st)) {
		if (errno != ENOENT || !lstat(path, st) || !strcmp(path, "/") || !strcmp(path, "."))
			return errno ? errno : ENOENT;
		to_parent(path);
	}
	return S_ISDIR(st->st_mode) ? 0 : ENOTDIR;
}

/* A path too long to be an input is found too long to be written, later. */
int outdir_spares(const char *dir, const char *(*name)(u32 i), const struct inputs *in,
		  struct error *err)
{
	char path[PATH_MAX];
	int ret = 0;

	for (u32 i = 0; in && name(i) && !ret; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", dir, name(i)) < (int)sizeof(path))
			ret = inputs_spared(in, path, "-o", err);
	}
	return ret;
}

int outdir_check(const char *dir, const char *(*name)(u32 i), const struct inputs *in,
		 struct error *err)
{
	/* Room for "." at least: to_parent() may leave that. */
	size_t len = strlen(dir) + 2;
	struct stat st;
	char *path;
	int why;

	if (!*dir)
		return err_set(err, ERR_USAGE, "-o: the folder has no name - give one");
	if (!strcmp(dir, "-"))
		return err_set(err, ERR_USAGE, "-o: this goes into a folder, not to standard "
			       "output - name one");
	if (outdir_spares(dir, name, in, err))
		return -ERR_USAGE;
	path = malloc(len);
	if (!path)
		return err_nomem(err, "a path");
	why = find_existing(dir, path, len, &st);
	if (!why)
		why = probe(path, strcmp(path, dir) != 0);
	free(path);
	return !why ? 0 : err_set(err, ERR_IO, "%s: cannot be an output folder (%s) - choose "
				  "another with -o", dir, strerror(why));
}
