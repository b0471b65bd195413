// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE	/* splice, O_TMPFILE */
#include "cmd/record/record_drain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/record/privileges.h"

#define SPLICE_BYTES (64u * 1024)	/* what a pipe holds by default */

/* A file without a name in @folder; @path is one that it may have for a moment. */
static int open_unnamed(const char *folder, char *path)
{
	int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0)
		return fd;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static int open_spool(struct drain_cpu *c, const char *folder, struct error *err)
{
	char path[4096];
	int ret;

	if ((size_t)snprintf(path, sizeof(path), "%s/.spbreplay-XXXXXX", folder) >= sizeof(path))
		return err_set(err, ERR_USAGE, "%.80s...: name too long - use a shorter one",
			       folder);
	ret = privileges_as_owner(path, err);
	if (ret)
		return ret;
	c->spool = open_unnamed(folder, path);
	if (c->spool < 0)
		ret = err_set(err, ERR_IO, "%s: cannot make a temporary file (%s) - check the "
			      "folder", folder, strerror(errno));
	privileges_as_self();
	return ret;
}

static int add_cpu(struct drain *d, const struct record_host *h, u32 cpu, const char *folder,
		   struct error *err)
{
	struct drain_cpu *c = &d->cpu[d->nr];

	c->id = cpu;
	c->raw = host_cpu_file(h, cpu, "trace_pipe_raw", O_RDONLY | O_NONBLOCK);
	if (c->raw < 0)
		return errno == ENOENT || errno == ENXIO ? 0 :
			err_set(err, ERR_IO, "tracefs: cannot read the buffer of CPU %u (%s) - run "
				"as root", cpu, strerror(errno));
	c->spool = -1;
	d->nr++;
	return open_spool(c, folder, err);
}

int drain_open(struct drain *d, const struct record_host *h, const struct cpulist *cpus,
	       const char *folder, struct error *err)
{
	long nr = sysconf(_SC_NPROCESSORS_CONF);
	int ret = 0;

	memset(d, 0, sizeof(*d));
	d->pipe[0] = d->pipe[1] = -1;
	d->page_size = h->subbuf_size;
	d->page = malloc(h->subbuf_size);
	nr = nr < 1 ? 1 : nr > LOG_MAX_CPUS ? LOG_MAX_CPUS : nr;
	d->cpu = calloc((size_t)nr, sizeof(*d->cpu));
	if (!d->cpu || !d->page)
		return err_nomem(err, "the recording");
	if (pipe2(d->pipe, O_CLOEXEC | O_NONBLOCK))
		return err_set(err, ERR_IO, "cannot make a pipe (%s)", strerror(errno));
	for (u32 cpu = 0; cpu < (u32)nr && !ret; cpu++)
		if (cpulist_has(cpus, cpu))
			ret = add_cpu(d, h, cpu, folder, err);
	if (!ret && !d->nr)
		ret = err_set(err, ERR_USAGE, "--cpu: this host has none of these CPUs - it has 0 "
			      "to %ld", nr - 1);
	return ret;
}

static int write_error(struct drain *d, struct error *err)
{
	d->full = errno == ENOSPC || errno == EDQUOT;
	return err_set(err, ERR_IO, "the recorded pages cannot be written (%s) - make room, or "
		       "write elsewhere", strerror(errno));
}

/* From the pipe to the spool: all of @len bytes. */
static int empty_pipe(struct drain *d, struct drain_cpu *c, size_t len, struct error *err)
{
	while (len) {
		ssize_t n = splice(d->pipe[0], NULL, c->spool, NULL, len, SPLICE_F_MOVE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return write_error(d, err);
		len -= (size_t)n;
		c->size += (u64)n;
		d->total += (u64)n;
	}
	return 0;
}

static int drain_cpu(struct drain *d, struct drain_cpu *c, struct error *err)
{
	/* Whole pages only: a part of one would break the rest of the file. */
	const size_t want = SPLICE_BYTES / d->page_size * d->page_size;

	for (;;) {
		ssize_t n = splice(c->raw, NULL, d->pipe[1], NULL, want ? want : d->page_size,
				   SPLICE_F_NONBLOCK | SPLICE_F_MOVE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;	/* nothing more now */
		if (empty_pipe(d, c, (size_t)n, err))
			return -ERR_IO;
	}
}

int drain_full_pages(struct drain *d, struct error *err)
{
	int ret = 0;

	for (u32 i = 0; i < d->nr && !ret; i++)
		ret = drain_cpu(d, &d->cpu[i], err);
	return ret;
}

static int write_page(struct drain *d, struct drain_cpu *c, struct error *err)
{
	size_t done = 0;

	while (done < d->page_size) {
		ssize_t n = pwrite(c->spool, d->page + done, d->page_size - done,
				   (off_t)(c->size + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return write_error(d, err);
		done += (size_t)n;
	}
	c->size += d->page_size;
	d->total += d->page_size;
	return 0;
}

/* Pages that are not full come only by read(). */
static int read_rest(struct drain *d, struct drain_cpu *c, struct error *err)
{
	for (;;) {
		ssize_t n = read(c->raw, d->page, d->page_size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		memset(d->page + n, 0, d->page_size - (size_t)n);
		if (write_page(d, c, err))
			return -ERR_IO;
	}
}

int drain_rest(struct drain *d, struct error *err)
{
	int ret = drain_full_pages(d, err);

	for (u32 i = 0; i < d->nr && !ret; i++)
		ret = read_rest(d, &d->cpu[i], err);
	return ret;
}

void drain_close(struct drain *d)
{
	for (u32 i = 0; d->cpu && i < d->nr; i++) {
		if (d->cpu[i].raw >= 0)
			close(d->cpu[i].raw);
		if (d->cpu[i].spool >= 0)
			close(d->cpu[i].spool);
	}
	for (u32 i = 0; i < 2; i++)
		if (d->pipe[i] >= 0)
			close(d->pipe[i]);
	free(d->cpu);
	free(d->page);
	d->cpu = NULL;
	d->nr = 0;
}
