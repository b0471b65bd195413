// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/save.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

/* A file that the user named goes into a folder that is there: a typing error makes none. */
static int check_named(const struct save *s, struct error *err)
{
	char dir[SAVE_PATH];
	struct stat st;

	if (!stat(s->path, &st) && S_ISDIR(st.st_mode))
		return err_set(err, ERR_IO, "%s: is a folder - name a file with -o", s->path);
	folder_of(s, dir);
	if (stat(dir, &st))
		return err_set(err, ERR_IO, "%s: cannot write: %s - make the folder, or choose "
			       "another with -o", s->path, strerror(errno));
	return 0;
}

int save_open(struct save *s, const char *output, const char *dir, const char *name,
	      struct error *err)
{
	const size_t dir_len = output ? 0 : strlen(dir);
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
	if (output && len && check_named(s, err))
		return -(int)ERR_IO;
	s->out = open_memstream(&s->text, &s->len);
	return s->out ? 0 : err_nomem(err, "a file");
}

static int write_file(struct save *s, struct error *err)
{
	struct outcome_files files;
	struct outcome_file *f;
	const char *slash = strrchr(s->path, '/');
	char dir[SAVE_PATH];
	int ret;

	folder_of(s, dir);
	stop_hold();
	ret = outcome_files_open(&files, dir, err);
	if (ret) {
		stop_release();
		return ret;
	}
	f = outcome_files_add(&files, slash ? slash + 1 : s->path, err);
	ret = f ? outcome_file_write(f, s->text, s->len) : -(int)ERR_IO;
	if (!ret)
		ret = outcome_file_close(f, err);
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
		fwrite(s->text, 1, s->len, stdout);	/* what fails there is told at the end */
	else if (!ret)
		ret = write_file(s, err);
	free(s->text);
	s->text = NULL;
	return ret;
}
