// SPDX-License-Identifier: GPL-2.0
#include "replay/base/regular.h"

int regular_check(const char *path, const char *hint, struct error *err)
{
	struct stat st;

	if (stat(path, &st) || S_ISREG(st.st_mode))
		return 0;
	return err_set(err, ERR_IO, "%s: is no regular file - %s", path, hint);
}
