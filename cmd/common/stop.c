// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/stop.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replay/base/error.h"

static const int signals[] = { SIGINT, SIGTERM, SIGHUP };

/* Mutable globals, only here: a signal handler has no other way to speak. */
static volatile bool asked;
/* A background job of a shell has signals ignored, and shall not notice them. */
static bool ignored[ARRAY_SIZE(signals)];

static void end_now(int sig __unused)
{
	static const char text[] = "spbreplay: interrupted - run again\n";
	ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)n;
	_exit(ERR_DAMAGED);
}

static void ask(int sig __unused)
{
	asked = true;
	stop_kills();
}

static void watch(void (*handler)(int))
{
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		struct sigaction sa = { .sa_flags = SA_RESTART };

		sa.sa_handler = handler;
		if (!ignored[i])
			sigaction(signals[i], &sa, NULL);
	}
}

void stop_exits(void)
{
	struct sigaction old;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		ignored[i] = !sigaction(signals[i], NULL, &old) && old.sa_handler == SIG_IGN;
	watch(end_now);
}

void stop_asks(void)
{
	/* The second one kills, however often this is called. */
	if (!asked)
		watch(ask);
}

void stop_kills(void)
{
	watch(SIG_DFL);
}

const volatile bool *stop_flag(void)
{
	return &asked;
}

static void hold(int how)
{
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(how, &set, NULL);
}

void stop_hold(void)
{
	hold(SIG_BLOCK);
}

void stop_release(void)
{
	watch(SIG_IGN);
	hold(SIG_UNBLOCK);
	watch(SIG_DFL);
}

void stop_hold_for(const char *path)
{
	struct stat st;

	if (strcmp(path, "-") && (stat(path, &st) || S_ISREG(st.st_mode)))
		stop_hold();
}
