// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE	/* mkostemp */
#include "replay/base/temp_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *folder(const char *dir)
{
	return dir ? dir : "/tmp";
}

int temp_fd(const char *dir)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/spbreplay-XXXXXX", folder(dir));
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

FILE *temp_file(const char *dir)
{
	const int fd = temp_fd(dir);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w+");

	if (!f && fd >= 0)
		close(fd);
	return f;
}

int temp_error(const char *dir, struct error *err)
{
	return err_set(err, ERR_IO, "%s: cannot make a temporary file (%s) - set TMPDIR",
		       folder(dir), strerror(errno));
}
