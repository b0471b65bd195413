// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/say.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <string.h>
#include <unistd.h>

/* One line stays one line, and a file name cannot steer the terminal. */
static void put_line(const char *prefix, char *text)
{
	for (char *p = text; *p; p++)
		*p = plain_char(*p);
	fprintf(stderr, "%s%s\n", prefix, text);
}

int say_error(const struct error *err)
{
	char text[ERR_TEXT_MAX];

	snprintf(text, sizeof(text), "%s", err->text);
	put_line("spbreplay: ", text);
	return (int)err->code;
}

void say_warn(const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	put_line("spbreplay: warning: ", text);
}

void say(const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	put_line("", text);
}

void stdio_prepare(void)
{
	static char buffer[1 << 16];	/* one write for a whole table: its errno is the reason */

	setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
	/*
	 * A closed standard descriptor would be given to the next file opened, and messages
	 * would land in it. Take its place with one that cannot be used the wrong way.
	 */
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) == -1 && errno == EBADF &&
		    open("/dev/null", fd ? O_RDONLY : O_WRONLY) != fd)
			return;
	}
	signal(SIGPIPE, SIG_IGN);	/* a closed pipe becomes EPIPE, and exit status 4 */
}

static int stdout_failed(int why, struct error *err)
{
	err_set(err, ERR_IO, "standard output: cannot write (%s) - results are incomplete",
		why ? strerror(why) : "write error");
	clearerr(stdout);
	__fpurge(stdout);	/* or the next flush would fail again, and say so again */
	return -ERR_IO;
}

int stdout_write(const void *bytes, size_t len, struct error *err)
{
	return fwrite(bytes, 1, len, stdout) == len ? 0 : stdout_failed(errno, err);
}

int stdout_flush(struct error *err)
{
	int failed;

	errno = 0;
	failed = fflush(stdout) | ferror(stdout);
	return failed ? stdout_failed(errno, err) : 0;
}

int stdout_finish(int status)
{
	struct error err = { 0 };

	return stdout_flush(&err) ? say_error(&err) : status;
}
