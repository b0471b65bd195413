// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/modes.h"

#include <stdio.h>

/* The umask is the one place that all writers of files look at. */
static void forbid(mode_t bits)
{
	umask(umask(S_IRWXG | S_IRWXO) | bits);
}

void modes_prepare(void)
{
	forbid(S_IWOTH);
}

void modes_follow(const struct stat *in)
{
	/* A pipe has the mode of whoever made it, which says nothing of what comes through. */
	if (!S_ISREG(in->st_mode))
		return;
	if (!(in->st_mode & S_IRGRP))
		forbid(S_IRWXG);
	if (!(in->st_mode & S_IROTH))
		forbid(S_IRWXO);
}

void modes_follow_results(const char *dir)
{
	char path[4096];
	struct stat st;

	if ((size_t)snprintf(path, sizeof(path), "%s/run.json", dir) < sizeof(path) &&
	    !stat(path, &st))
		modes_follow(&st);
}
