// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/save.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/common/stop.h"
#include "replay/outcome/outcome_file.h"

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
	if (len && s->path[len - 1] == '/')
		return err_set(err, ERR_IO, "%s: is a folder - name a file with -o", s->path);
	s->out = open_memstream(&s->text, &s->len);
	return s->out ? 0 : err_nomem(err, "a file");
}

static int write_file(struct save *s, struct error *err)
{
	struct outcome_files files;
	struct outcome_file *f;
	char *slash = strrchr(s->path, '/');
	char dir[SAVE_PATH] = ".";
	int ret;

	if (slash)
		snprintf(dir, sizeof(dir), "%.*s", slash > s->path ? (int)(slash - s->path) : 1,
			 s->path);
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
