// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replay/base/regular.h"

int outfile_probe(const char *path)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno == EEXIST ? 0 : errno;
	close(fd);
	return unlink(path) ? errno : 0;
}

/* Beside @path, under a name as long as those that writers take on the way. */
static int probe_beside(const char *path)
{
	char temp[PATH_MAX];
	const int n = snprintf(temp, sizeof(temp), "%s.%ld-0.tmp", path, (long)getpid());

	return n < (int)sizeof(temp) ? outfile_probe(temp) : ENAMETOOLONG;
}

int outfile_check(const char *path, enum outfile_use use, const struct inputs *in,
		  struct error *err)
{
	char target[PATH_MAX];
	struct stat st;
	int why;

	if (!*path)
		return err_set(err, ERR_USAGE, "-o: the file has no name - give one");
	if (!strcmp(path, "-"))
		return use == OUTFILE_STREAM ? 0 :
			err_set(err, ERR_USAGE, "-o: this goes into a file, not to standard output "
				"- name one");
	if (!stat(path, &st) && !S_ISREG(st.st_mode)) {
		if (S_ISDIR(st.st_mode))
			return err_set(err, ERR_IO, "%s: is a folder - name a file with -o", path);
		return use == OUTFILE_STREAM ? 0 :
			err_set(err, ERR_IO, "%s: is no file that could be replaced - name another "
				"with -o", path);
	}
	if (inputs_spared(in, path, "-o", err))
		return -ERR_USAGE;
	why = probe_beside(use == OUTFILE_STREAM && realpath(path, target) ? target : path);
	return !why ? 0 : err_set(err, ERR_IO, "%s: cannot write: %s - %s the folder, or choose "
				  "another with -o", path, strerror(why), why == ENOENT ? "make" : "check");
}

bool outfile_same(const char *a, const char *b)
{
	struct stat x, y;

	return !strcmp(a, b) || (!stat(a, &x) && !stat(b, &y) && same_file(&x, &y));
}
