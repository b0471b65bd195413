// SPDX-License-Identifier: GPL-2.0
#include "replay/log/log_spool.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay/base/temp_file.h"

void spool_init(struct spool *s, size_t limit)
{
	memset(s, 0, sizeof(*s));
	s->limit = limit;
}

void spool_fini(struct spool *s)
{
	if (s->file)
		fclose(s->file);
	free(s->mem);
	memset(s, 0, sizeof(*s));
}

void spool_clear(struct spool *s)
{
	const char *dir = s->dir;
	size_t limit = s->limit;

	spool_fini(s);
	spool_init(s, limit);
	s->dir = dir;
}

static int file_error(struct error *err)
{
	return err_set(err, ERR_IO,
		       "temporary file: %s - free some space in the temporary folder",
		       strerror(errno));
}

/* From memory to a file. */
static int spill(struct spool *s, struct error *err)
{
	s->file = temp_file(s->dir);
	if (!s->file)
		return temp_error(s->dir, err);
	if (s->size && fwrite(s->mem, s->size, 1, s->file) != 1)
		return file_error(err);
	free(s->mem);
	s->mem = NULL;
	s->room = 0;
	return 0;
}

static int grow(struct spool *s, size_t len, struct error *err)
{
	size_t room = s->room ? s->room : 1u << 16;
	u8 *mem;

	while (room < s->size + len)
		room *= 2;
	if (room == s->room)
		return 0;
	mem = realloc(s->mem, room);
	if (!mem)
		return err_nomem(err, "the event log");
	s->mem = mem;
	s->room = room;
	return 0;
}

int spool_append(struct spool *s, const void *bytes, size_t len, struct error *err)
{
	int ret = 0;

	if (!len)
		return 0;
	if (!s->file && s->size + len > s->limit)
		ret = spill(s, err);
	if (!s->file && !ret)
		ret = grow(s, len, err);
	if (ret)
		return ret;
	if (!s->file)
		memcpy(s->mem + s->size, bytes, len);
	else if (fwrite(bytes, len, 1, s->file) != 1)
		return file_error(err);
	s->size += len;
	return 0;
}

int spool_sync(struct spool *s, struct error *err)
{
	if (s->file && fflush(s->file))
		return file_error(err);
	return 0;
}

const u8 *spool_at(const struct spool *s, u64 offset, size_t len, u8 *buf, struct error *err)
{
	size_t done = 0;

	if (!s->file)
		return s->mem + offset;
	while (done < len) {
		const ssize_t n = pread(fileno(s->file), buf + done, len - done,
					(off_t)(offset + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : EIO;
			file_error(err);
			return NULL;
		}
		done += (size_t)n;
	}
	return buf;
}

int spool_fill(struct spool *s, int fd, const char *name, struct error *err)
{
	u8 buf[65536];

	for (;;) {
		const ssize_t n = read(fd, buf, sizeof(buf));
		int ret;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(err, ERR_IO, "%s: %s - cannot be read", name,
				       strerror(errno));
		if (!n)
			return spool_sync(s, err);
		ret = spool_append(s, buf, (size_t)n, err);
		if (ret)
			return ret;
	}
}
