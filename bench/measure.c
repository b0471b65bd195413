// SPDX-License-Identifier: GPL-2.0
/*
 * Wall and CPU time and peak memory of one command, as the kernel counted them for it and the
 * children it waited for; /usr/bin/time is not everywhere, and shells count in hundredths.
 *
 * usage: measure RESULT_FILE COMMAND [ARGUMENT...]	(writes: wall s, user + system s, peak KiB)
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + 1e-6 * (double)t.tv_usec;
}

int main(int argc, char **argv)
{
	const double begin = now();
	struct rusage used;
	int status = 0;
	pid_t pid;
	FILE *f;

	if (argc < 3) {
		fputs("usage: measure RESULT_FILE COMMAND [ARGUMENT...]\n", stderr);
		return 2;
	}
	pid = fork();
	if (!pid) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &used) != pid)
		return 4;
	f = fopen(argv[1], "w");
	if (!f)
		return 4;
	fprintf(f, "%.6f %.6f %ld\n", now() - begin,
		seconds(used.ru_utime) + seconds(used.ru_stime), used.ru_maxrss);
	if (fclose(f))
		return 4;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
