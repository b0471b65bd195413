// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay/base/temp_file.h"

const char *spool_folder(void)
{
	const char *dir = getenv("TMPDIR");

	return dir && *dir ? dir : "/tmp";
}

static int open_temp(struct error *err)
{
	const int fd = temp_fd(spool_folder());

	return fd < 0 ? temp_error(spool_folder(), err) : fd;
}

static bool write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

int spool_copy(int fd, u64 max, const char *name, struct error *err)
{
	int to = open_temp(err);
	char *buffer = to < 0 ? NULL : malloc(1 << 16);
	u64 done = 0;
	ssize_t n;

	if (to < 0)
		return to;
	if (!buffer) {
		close(to);
		return err_nomem(err, "a copy of the input");
	}
	while ((n = read(fd, buffer, 1 << 16))) {
		if (n < 0 && errno == EINTR)
			continue;
		done += n < 0 ? 0 : (u64)n;
		if (n < 0 || done > max || !write_all(to, buffer, (size_t)n))
			break;
	}
	free(buffer);
	if (!n)
		return to;
	close(to);
	if (done > max)
		return err_set(err, ERR_DAMAGED, "%s: holds more than %llu bytes when unpacked, as "
			       "no capture would - unpack it yourself to use it", name,
			       (unsigned long long)max);
	return err_set(err, ERR_IO, "%s: cannot %s (%s) - %s", name,
		       n < 0 ? "read" : "copy to a temporary file", strerror(errno),
		       n < 0 ? "check the input" : "point TMPDIR at a folder with more room");
}
