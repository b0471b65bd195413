// SPDX-License-Identifier: GPL-2.0
#include "replay/outcome/outcome_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replay/base/temp_name.h"

#define HINT "check the folder and the space left, or choose another with -o"

static int io_error(struct error *err, const char *path, const char *what)
{
	return err_set(err, ERR_IO, "%s: cannot %s: %s - " HINT, path, what, strerror(errno));
}

/* Make a folder that is not there, and note it. */
static int make_one(struct outcome_files *s, const char *path, struct error *err)
{
	char **made = realloc(s->made, (s->nr_made + 1) * sizeof(*made));
	char *name = made ? strdup(path) : NULL;
	int ret = 0;

	if (made)
		s->made = made;
	if (!name)
		return err_nomem(err, "a path");
	if (!mkdir(name, 0777)) {
		temp_name_add(name);
		s->made[s->nr_made++] = name;
		return 0;
	}
	if (errno != EEXIST)
		ret = io_error(err, path, "make the folder");
	free(name);
	return ret;
}

/* mkdir -p. A parent that exists is fine; a file in its place shows when the folder is used. */
static int make_folder(struct outcome_files *s, struct error *err)
{
	char *path = strdup(s->dir);
	int ret = 0;

	if (!path)
		return err_nomem(err, "a path");
	for (char *p = path + 1; !ret; p++) {
		const char was = *p;

		if (was && was != '/')
			continue;
		*p = '\0';
		ret = make_one(s, path, err);
		*p = was;
		if (!was)
			break;
	}
	free(path);
	return ret;
}

/* What make_folder() made stays; or goes, unless somebody uses it. */
static void settle_folders(struct outcome_files *s, bool stay)
{
	while (s->nr_made) {
		char *name = s->made[--s->nr_made];

		if (!stay)
			rmdir(name);
		temp_name_drop(name);
		free(name);
	}
	free(s->made);
	s->made = NULL;
}

int outcome_files_open(struct outcome_files *s, const char *dir, struct error *err)
{
	struct stat st;
	int ret;

	*s = (struct outcome_files){ .dir = dir };
	if (!*dir)
		return err_set(err, ERR_IO, "the output folder has no name - give one with -o");
	ret = make_folder(s, err);
	if (!ret && stat(dir, &st))
		ret = io_error(err, dir, "use the folder");
	else if (!ret && !S_ISDIR(st.st_mode))
		ret = err_set(err, ERR_IO, "%s: is a file, not a folder - " HINT, dir);
	if (ret)
		settle_folders(s, false);
	return ret;
}

static char *path_of(const char *dir, const char *prefix, const char *name, const char *suffix)
{
	size_t len = strlen(dir) + strlen(prefix) + strlen(name) + strlen(suffix) + 2;
	char *path = malloc(len);

	if (path)
		snprintf(path, len, "%s/%s%s%s", dir, prefix, name, suffix);
	return path;
}

struct outcome_file *outcome_files_add(struct outcome_files *s, const char *name,
				       struct error *err)
{
	struct outcome_file *f = &s->files[s->nr];
	char suffix[32];
	struct stat st;

	if (s->nr == OUTCOME_FILES_MAX) {
		err_set(err, ERR_BUG, "%s/%s: too many files in one set - report this", s->dir,
			name);
		return NULL;
	}
	snprintf(suffix, sizeof(suffix), ".%ld.tmp", (long)getpid());
	*f = (struct outcome_file){ .name = name, .fd = -1, .err = err };
	hash64_init(&f->hash);
	s->nr++;
	f->path = path_of(s->dir, "", name, "");
	f->temp = path_of(s->dir, ".", name, suffix);
	if (!f->path || !f->temp) {
		err_nomem(err, "a path");
		free(f->temp);
		f->temp = NULL;
		return NULL;
	}
	/* Before any file of the set has its name: all or none. */
	if (!stat(f->path, &st) && !S_ISREG(st.st_mode)) {
		err_set(err, ERR_IO, "%s: is no file that could be replaced - move it away, or "
			"choose another folder with -o", f->path);
		return NULL;
	}
	/* A leftover of a killed process that had our number. */
	(void)unlink(f->temp);
	f->fd = open(f->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (f->fd < 0) {
		io_error(err, f->path, "write");
		return NULL;
	}
	temp_name_add(f->temp);
	return f;
}

int outcome_file_write(void *ctx, const void *bytes, size_t len)
{
	struct outcome_file *f = ctx;
	const char *p = bytes;

	hash64_update(&f->hash, bytes, len);
	f->bytes += len;
	while (len) {
		ssize_t n = write(f->fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_error(f->err, f->path, "write");
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

int outcome_file_close(struct outcome_file *f, struct error *err)
{
	int fd = f->fd;

	f->fd = -1;
	/* Some file systems cannot sync; what they hold is as safe as it gets. */
	if (fsync(fd) && errno != EINVAL && errno != ENOSYS) {
		io_error(err, f->path, "write");
		(void)close(fd);
		return -(int)ERR_IO;
	}
	if (close(fd))
		return io_error(err, f->path, "write");
	return 0;
}

int outcome_files_bytes(struct outcome_files *s, const char *name, const void *bytes, size_t len,
			struct error *err)
{
	struct outcome_file *f = outcome_files_add(s, name, err);
	int ret = f ? outcome_file_write(f, bytes, len) : -(int)ERR_IO;

	return ret ? ret : outcome_file_close(f, err);
}

int outcome_files_table(struct outcome_files *s, const struct csv_table *table, const void *data,
			struct error *err)
{
	struct outcome_file *f = outcome_files_add(s, table->file, err);
	struct csv_writer *w = f ? malloc(sizeof(*w)) : NULL;
	int ret;

	if (!w)
		return f ? err_nomem(err, table->file) : -(int)ERR_IO;
	w->write = outcome_file_write;
	w->ctx = f;
	ret = csv_write(w, table, data);
	free(w);
	if (ret && !err->code)
		err_nomem(err, table->file);
	return ret ? ret : outcome_file_close(f, err);
}

int outcome_files_commit(struct outcome_files *s, struct error *err)
{
	int fd;

	for (u32 i = 0; i < s->nr; i++) {
		struct outcome_file *f = &s->files[i];

		if (rename(f->temp, f->path))
			return io_error(err, f->path, "write");
		temp_name_drop(f->temp);
		free(f->temp);
		f->temp = NULL;
	}
	settle_folders(s, true);
	/* The names last only once the folder is on disk; without that they are still right now. */
	fd = open(s->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void)fsync(fd);
		(void)close(fd);
	}
	return 0;
}

void outcome_files_fini(struct outcome_files *s)
{
	for (u32 i = 0; i < s->nr; i++) {
		struct outcome_file *f = &s->files[i];

		if (f->fd >= 0)
			(void)close(f->fd);
		if (f->temp)
			(void)unlink(f->temp);
		temp_name_drop(f->temp);
		free(f->temp);
		free(f->path);
	}
	s->nr = 0;
	settle_folders(s, false);
}
