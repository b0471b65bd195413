// SPDX-License-Identifier: GPL-2.0
#include "parsers/input.h"

#include "replay/base/hash.h"
#include "replay/base/temp_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef COPY_BYTES	/* fuzzing: fewer */
#define COPY_BYTES (256u * 1024)
#endif

static int io_error(const struct input *in, const char *what, struct error *err)
{
	return err_set(err, ERR_IO, "%s: cannot %s (%s) - check the file", in->path, what,
		       strerror(errno));
}

int input_read(const struct input *in, u64 offset, void *buf, size_t len, size_t *got,
	       struct error *err)
{
	u8 *p = buf;

	*got = 0;
	if (offset >= in->size)
		return 0;
	len = min_u64(len, in->size - offset);
	while (*got < len) {
		ssize_t n = pread(in->fd, p + *got, len - *got, (off_t)(offset + *got));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return io_error(in, "read", err ? err : in->io);
		if (!n)
			break;
		*got += (size_t)n;
	}
	return 0;
}

static int write_all(int fd, const u8 *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Read @fd to its end: hash it, and copy it to in->fd when that is another file. */
static int drain(struct input *in, int fd, struct error *err)
{
	u8 *buf = malloc(COPY_BYTES);
	struct hash64 h;
	int ret = 0;

	if (!buf)
		return err_nomem(err, "the capture");
	hash64_init(&h);
	for (;;) {
		ssize_t n = read(fd, buf, COPY_BYTES);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			ret = io_error(in, "read", err);
		else if (n && fd != in->fd && write_all(in->fd, buf, (size_t)n))
			ret = io_error(in, "spool to a temporary file", err);
		if (ret || n <= 0)
			break;
		hash64_update(&h, buf, (size_t)n);
		in->size += (u64)n;
	}
	in->hash = hash64_final(&h);
	in->hashed = true;
	free(buf);
	return ret;
}

int input_hash(struct input *in, struct error *err)
{
	u8 *buf = in->hashed ? NULL : malloc(COPY_BYTES);
	struct hash64 h;
	size_t got = 1;
	int ret = 0;

	if (in->hashed)
		return 0;
	if (!buf)
		return err_nomem(err, "the capture");
	hash64_init(&h);
	for (u64 at = 0; !ret && got; at += got) {
		ret = input_read(in, at, buf, COPY_BYTES, &got, err);
		if (!ret)
			hash64_update(&h, buf, got);
	}
	in->hash = hash64_final(&h);
	in->hashed = !ret;
	free(buf);
	return ret;
}

static void *hash_all(void *ctx)
{
	struct input_hasher *h = ctx;

	for (u32 i = 0; i < h->nr && !h->ret; i++)
		h->ret = input_hash(&h->in[i], &h->err);
	return NULL;
}

void input_hasher_start(struct input_hasher *h, struct input *in, u32 nr, bool beside)
{
	*h = (struct input_hasher){ .in = in, .nr = nr };
	h->running = beside && !pthread_create(&h->thread, NULL, hash_all, h);
}

int input_hasher_finish(struct input_hasher *h, struct error *err)
{
	if (h->running)
		pthread_join(h->thread, NULL);
	else
		hash_all(h);
	h->running = false;
	return h->ret ? err_set(err, h->err.code, "%s", h->err.text) : 0;
}

/* Pipes cannot be read at an offset: keep the bytes in a file that has no name. */
static int spool_pipe(struct input *in, int fd, struct error *err)
{
	in->fd = temp_fd(NULL);
	if (in->fd < 0)
		return io_error(in, "make a temporary file for", err);
	return drain(in, fd, err);
}

static int open_file(struct input *in, const char *path, struct error *err)
{
	struct stat st;

	in->path = path;
	in->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (in->fd < 0)
		return io_error(in, "open", err);
	if (fstat(in->fd, &st))
		return io_error(in, "stat", err);
	if (S_ISFIFO(st.st_mode)) {
		int fd = in->fd, ret;

		in->fd = -1;
		ret = spool_pipe(in, fd, err);
		close(fd);
		return ret;
	}
	if (!S_ISREG(st.st_mode))
		return err_set(err, ERR_IO, "%s: neither a file nor a pipe - give a capture", path);
	/* Files of procfs and tracefs have no size before they are read. */
	if (!st.st_size)
		return drain(in, in->fd, err);
	in->size = (u64)st.st_size;
	return 0;
}

int input_open(struct input *in, const char *path, struct error *err)
{
	int ret;

	memset(in, 0, sizeof(*in));
	in->fd = -1;
	if (strcmp(path, "-")) {
		ret = open_file(in, path, err);
	} else {
		in->path = "standard input";
		ret = spool_pipe(in, STDIN_FILENO, err);
	}
	if (ret)
		input_close(in);
	return ret;
}

void input_close(struct input *in)
{
	if (in->fd >= 0)
		close(in->fd);
	in->fd = -1;
}
