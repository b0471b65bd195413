// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE	/* pipe2 */
#include "cmd/common/packed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/common/spool.h"

#define NO_SUCH_TOOL 127
#define BOMB_RATIO 200u
#define BOMB_FLOOR (64ULL << 20)

static const struct {
	const char *magic;
	size_t len;
	const char *tool;
} tools[] = {
	{ "\x28\xb5\x2f\xfd", 4, "zstd" },
	{ "\x1f\x8b", 2, "gzip" },
	{ "\xfd" "7zXZ", 5, "xz" },
	{ "BZh", 3, "bzip2" },
};

const char *packed_tool(const u8 *bytes, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		if (len >= tools[i].len && !memcmp(bytes, tools[i].magic, tools[i].len))
			return tools[i].tool;
	return NULL;
}

static void run_tool(const char *tool, int from, int to)
{
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (lseek(from, 0, SEEK_SET) || dup2(from, STDIN_FILENO) < 0 ||
	    dup2(to, STDOUT_FILENO) < 0 || (null >= 0 && dup2(null, STDERR_FILENO) < 0))
		_exit(1);
	execlp(tool, tool, "-dc", (char *)NULL);
	_exit(NO_SUCH_TOOL);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* What the tool's end means: a whole file, a part of one, or nothing. */
static int judge(int status, int copy, const char *tool, const char *name, struct error *damage,
		 struct error *err)
{
	struct stat st;

	if (!status)
		return copy;
	if (status == NO_SUCH_TOOL) {
		close(copy);
		return err_set(err, ERR_IO, "%s: is packed and %s is not installed - install it, "
			       "or unpack the file", name, tool);
	}
	err_set(damage, ERR_DAMAGED, "%s: %s cannot unpack it to its end - what came before is "
		"used, copy the file again for the rest", name, tool);
	if (!fstat(copy, &st) && st.st_size)
		return copy;
	close(copy);
	return err_set(err, ERR_DAMAGED, "%s: %s cannot unpack it - copy the file again", name,
		       tool);
}

/* Captures pack 5 to 40 times; a bomb would fill the disk. */
static u64 most_of(int fd)
{
	struct stat st;

	return BOMB_FLOOR + BOMB_RATIO * (fstat(fd, &st) ? 0 : (u64)st.st_size);
}

int packed_open(int fd, const char *tool, const char *name, struct error *damage,
		struct error *err)
{
	int ends[2], copy, status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return err_set(err, ERR_IO, "%s: cannot unpack (%s) - unpack it yourself", name,
			       strerror(errno));
	pid = fork();
	if (!pid)
		run_tool(tool, fd, ends[1]);
	close(ends[1]);
	copy = pid > 0 ? spool_copy(ends[0], most_of(fd), name, err) :
		err_set(err, ERR_IO, "%s: cannot start %s (%s) - unpack it yourself", name, tool,
			strerror(errno));
	close(ends[0]);
	status = pid > 0 ? wait_for(pid) : -1;
	return copy < 0 ? copy : judge(status, copy, tool, name, damage, err);
}
