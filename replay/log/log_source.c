// SPDX-License-Identifier: GPL-2.0
/*
 * The bytes of a log: a file, or a spool that a pipe was copied to or a writer left behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replay/log/log_index.h"

/* A pipe cannot be read twice: copy it. */
static int copy_pipe(struct log_source *src, struct error *err)
{
	int ret;

	spool_init(&src->own, SPOOL_MEMORY);
	src->spool = &src->own;
	ret = spool_fill(&src->own, src->fd, src->name, err);
	src->size = src->own.size;
	if (src->fd != STDIN_FILENO)
		close(src->fd);
	src->fd = -1;
	return ret;
}

int log_source_open(struct log_source *src, const char *path, struct error *err)
{
	const bool is_stdin = !strcmp(path, "-");
	struct stat st;

	memset(src, 0, sizeof(*src));
	src->name = is_stdin ? "standard input" : path;
	src->fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (src->fd < 0 || fstat(src->fd, &st))
		return err_set(err, ERR_IO, "%s: cannot open: %s - check the name and permissions",
			       src->name, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_IO, "%s: is a folder - name a log file", src->name);
	if (is_stdin || !S_ISREG(st.st_mode))
		return copy_pipe(src, err);
	src->size = (u64)st.st_size;
	return 0;
}

void log_source_fini(struct log_source *src)
{
	if (src->fd > STDIN_FILENO)
		close(src->fd);
	spool_fini(&src->own);
	free(src->buf);
	memset(src, 0, sizeof(*src));
	src->fd = -1;
}

static int read_file(struct log_source *src, u64 offset, size_t len, struct error *err)
{
	size_t done = 0;

	while (done < len) {
		const ssize_t n = pread(src->fd, src->buf + done, len - done,
					(off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_IO, "%s: cannot read at offset %llu: %s - "
				       "check the disk", src->name,
				       (unsigned long long)(offset + done), strerror(errno));
		if (!n)
			return err_set(err, ERR_DAMAGED, "%s: became shorter while it was read "
				       "- wait until it is written", src->name);
		done += (size_t)n;
	}
	return 0;
}

const u8 *log_source_at(struct log_source *src, u64 offset, size_t len, struct error *err)
{
	if (offset > src->size || len > src->size - offset) {
		err_set(err, ERR_DAMAGED, "%s: ends at offset %llu, inside a frame - "
			"copy it again", src->name, (unsigned long long)src->size);
		return NULL;
	}
	if (src->room < len) {
		free(src->buf);
		src->buf = malloc(len);
		src->room = src->buf ? len : 0;
		if (!src->buf) {
			err_nomem(err, src->name);
			return NULL;
		}
	}
	if (src->spool)
		return spool_at(src->spool, offset, len, src->buf, err);
	return read_file(src, offset, len, err) ? NULL : src->buf;
}

int log_source_info(struct log_source *src, u64 offset, struct frame_info *info, u32 *info_size,
		    const char **why, struct error *err)
{
	const u64 left = offset < src->size ? src->size - offset : 0;
	const size_t len = (size_t)min_u64(left, WIRE_INFO_MAX);
	const u8 *p = log_source_at(src, offset, len, err);

	*why = NULL;
	if (!p)
		return -1;
	*why = wire_get_info(p, len, info);
	if (*why)
		return -1;
	*info_size = (u32)frame_info_size(info);
	if (info->csize > left - *info_size)
		*why = "data frame cut off";
	return *why ? -1 : 0;
}
