// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE	/* syscall */
#include "cmd/record/privileges.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cmd/common/outfile.h"

/* What is kept, and for what. tracefs and most of /proc only ask for the user root. */
static const u32 needed[] = {
	CAP_SYS_ADMIN,		/* addresses in /proc/iomem */
	CAP_SYS_PTRACE,		/* names of tasks where /proc hides those of others */
	CAP_DAC_READ_SEARCH,	/* the way to an output folder that is closed to others */
	CAP_SETUID, CAP_SETGID,	/* to make files as the owner of that folder */
	CAP_KILL,		/* to end a command that became another user */
};

void privileges_reduce(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct set[_LINUX_CAPABILITY_U32S_3] = { 0 };
	u32 keep[_LINUX_CAPABILITY_U32S_3] = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(needed); i++)
		keep[CAP_TO_INDEX(needed[i])] |= CAP_TO_MASK(needed[i]);
	if (syscall(SYS_capget, &head, set))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(set); i++) {
		set[i].effective &= keep[i];
		set[i].permitted &= keep[i];
	}
	/* Giving up is always allowed; where a sandbox forbids the call, it decides anyway. */
	(void)syscall(SYS_capset, &head, set);
}

/* As this user; both calls return what was before, and no error. */
static bool become(uid_t uid, gid_t gid)
{
	setfsgid(gid);
	setfsuid(uid);
	return (uid_t)setfsuid((uid_t)-1) == uid && (gid_t)setfsgid((gid_t)-1) == gid;
}

int privileges_as_owner(const char *file, struct error *err)
{
	const char *slash = strrchr(file, '/');
	char folder[4096] = ".";
	struct stat st;

	if (slash)
		snprintf(folder, sizeof(folder), "%.*s",
			 slash == file ? 1 : (int)(slash - file), file);
	/* A folder that is not there is an error of whoever writes to it. */
	if (geteuid() || stat(folder, &st) || !st.st_uid || become(st.st_uid, st.st_gid))
		return 0;
	privileges_as_self();
	return err_set(err, ERR_IO, "%s: cannot make files as its owner (user %u) - write to a "
		       "folder of root's", folder, st.st_uid);
}

void privileges_as_self(void)
{
	setfsuid(geteuid());
	setfsgid(getegid());
}

int privileges_outfile(const char *file, struct error *err)
{
	int ret = privileges_as_owner(file, err);

	if (ret)
		return ret;
	ret = outfile_check(file, OUTFILE_PLAIN, NULL, err);
	privileges_as_self();
	return ret;
}
