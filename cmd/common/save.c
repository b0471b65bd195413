// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/save.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/common/outfile.h"
#include "cmd/common/say.h"
#include "cmd/common/stop.h"
#include "replay/outcome/outcome_file.h"

/* The folder of @s->path, "." for a bare name. */
static void folder_of(const struct save *s, char dir[SAVE_PATH])
{
	const char *slash = strrchr(s->path, '/');

	if (slash)
		snprintf(dir, SAVE_PATH, "%.*s", slash > s->path ? (int)(slash - s->path) : 1,
			 s->path);
	else
		snprintf(dir, SAVE_PATH, ".");
}

int save_open(struct save *s, const char *output, const char *dir, const char *name,
	      const struct inputs *in, struct error *err)
{
	const size_t dir_len = output ? 0 : strlen(dir);
	char target[SAVE_PATH];
	struct stat st;
	int len = 0;

	*s = (struct save){ 0 };
	if (!output)
		len = snprintf(s->path, sizeof(s->path), "%s%s%s", dir,
			       dir_len && dir[dir_len - 1] == '/' ? "" : "/", name);
	else if (strcmp(output, "-"))
		len = snprintf(s->path, sizeof(s->path), "%s", output);
	if (len >= SAVE_PATH)
		return err_set(err, ERR_IO, "%.80s...: the path is too long - choose a shorter one",
			       s->path);
	/* A named file goes into a folder that is there: a typing error makes none. */
	if (output && outfile_check(output, OUTFILE_STREAM, in, err))
		return -(int)err->code;
	/* Behind a symbolic link: replace the file, keep the link. */
	if (output && len && !stat(output, &st) && S_ISREG(st.st_mode) && realpath(output, target))
		memcpy(s->path, target, sizeof(s->path));
	s->out = open_memstream(&s->text, &s->len);
	return s->out ? 0 : err_nomem(err, "a file");
}

/* Devices and pipes cannot be replaced: write into them. */
static int write_special(const struct save *s, struct error *err)
{
	FILE *f = fopen(s->path, "we");
	int why = f && fwrite(s->text, 1, s->len, f) == s->len ? 0 : errno;

	if (f && fclose(f) && !why)
		why = errno;
	return !why ? 0 : err_set(err, ERR_IO, "%s: cannot write: %s - choose another with -o",
				  s->path, strerror(why));
}

static int write_file(const struct save *s, struct error *err)
{
	struct outcome_files files;
	const char *slash = strrchr(s->path, '/');
	char dir[SAVE_PATH];
	struct stat st;
	int ret;

	if (!stat(s->path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return write_special(s, err);
	folder_of(s, dir);
	stop_hold();
	ret = outcome_files_open(&files, dir, err);
	if (!ret)
		ret = outcome_files_bytes(&files, slash ? slash + 1 : s->path, s->text, s->len, err);
	if (!ret)
		ret = outcome_files_commit(&files, err);
	outcome_files_fini(&files);
	stop_release();
	return ret;
}

int save_close(struct save *s, int ret, struct error *err)
{
	if (!s->out)
		return ret;
	/* In memory: it can fail only for want of it. */
	if ((ferror(s->out) | fclose(s->out)) && !ret)
		ret = err_nomem(err, "a file");
	if (!ret && !s->path[0])
		ret = stdout_write(s->text, s->len, err);
	else if (!ret)
		ret = write_file(s, err);
	free(s->text);
	s->text = NULL;
	return ret;
}
