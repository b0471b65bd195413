// SPDX-License-Identifier: GPL-2.0
#include "replay/initial/snapshot_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define IO_BYTES 65536u
#define TEXT_MEMBER_MAX (16ULL << 20)
#define CLASSES_MAX (1ULL << 32)	/* one byte a frame: 16 TiB of RAM */
#define FIRST_ROOM (1u << 16)

/* Bytes out of the compressed file; @at counts them, for messages. */
struct unpacker {
	const char *path;
	FILE *f;
	ZSTD_DStream *zs;
	ZSTD_inBuffer in;
	u64 at;
	size_t left;
	u8 buf[IO_BYTES];
};

static int damaged(const struct unpacker *u, const char *what, struct error *err)
{
	return err_set(err, ERR_DAMAGED, "%s: %s (at byte %llu of its content) - take the snapshot again",
		       u->path, what, (unsigned long long)u->at);
}

/* Up to @len bytes; fewer only at the end. */
static int unpack(struct unpacker *u, void *to, size_t len, size_t *got, struct error *err)
{
	ZSTD_outBuffer out = { to, len, 0 };

	while (out.pos < len) {
		size_t before = out.pos;

		if (u->in.pos == u->in.size) {
			u->in.size = fread(u->buf, 1, IO_BYTES, u->f);
			u->in.pos = 0;
			if (ferror(u->f))
				return err_set(err, ERR_IO, "%s: cannot read: %s - check the disk",
					       u->path, strerror(errno));
			if (!u->in.size && !u->left)
				break;	/* at the end of a frame; more would begin another */
		}
		u->left = ZSTD_decompressStream(u->zs, &out, &u->in);
		if (ZSTD_isError(u->left))
			return damaged(u, ZSTD_getErrorName(u->left), err);
		if (!u->in.size && out.pos == before)
			break;
	}
	*got = out.pos;
	u->at += out.pos;
	return 0;
}

/* "NAME SIZE\n" */
static int read_line(struct unpacker *u, char *line, size_t size, struct error *err)
{
	size_t n = 0, got = 0;

	do {
		int ret = n + 1 == size ? damaged(u, "no list of members", err) :
			  unpack(u, line + n, 1, &got, err);

		if (ret)
			return ret;
		if (!got)
			return damaged(u, "cut off", err);
	} while (line[n++] != '\n');
	line[n - 1] = '\0';
	return 0;
}

static int read_bytes(struct unpacker *u, struct snapshot_member *m, struct error *err)
{
	u64 room = 0, done = 0;

	do {
		u64 want = min_u64(m->size, room ? room * 2 : FIRST_ROOM);
		char *grown = realloc(m->bytes, want + 1);
		size_t got = 0;
		int ret;

		if (!grown)
			return err_nomem(err, "a snapshot");
		m->bytes = grown;
		room = want;
		ret = unpack(u, m->bytes + done, room - done, &got, err);
		if (ret)
			return ret;
		if (got < room - done)
			return damaged(u, "cut off", err);
		done = room;
	} while (done < m->size);
	m->bytes[m->size] = '\0';
	return 0;
}

static int read_member(struct unpacker *u, struct snapshot_file *f, bool *end, struct error *err)
{
	struct snapshot_member *m = &f->member[f->nr];
	char line[80], *blank, *stop;
	int ret = read_line(u, line, sizeof(line), err);
	bool classes;

	if (ret)
		return ret;
	blank = strchr(line, ' ');
	if (!blank || blank == line || (size_t)(blank - line) >= sizeof(m->name) ||
	    blank[1] < '0' || blank[1] > '9')
		return damaged(u, "no list of members", err);
	*blank = '\0';
	*end = !strcmp(line, SNAPSHOT_END);
	if (*end)
		return 0;
	strcpy(m->name, line);
	m->size = strtoull(blank + 1, &stop, 10);
	classes = !strcmp(m->name, SNAPSHOT_CLASSES);
	if (*stop || m->size > (classes ? CLASSES_MAX : TEXT_MEMBER_MAX) ||
	    f->nr + 1 == SNAPSHOT_MAX_MEMBERS)
		return damaged(u, "a member of impossible size, or too many", err);
	f->nr++;
	return read_bytes(u, m, err);
}

/* Behind the last member comes the checksum of the whole, and nothing else. */
static int read_end(struct unpacker *u, struct error *err)
{
	char byte;
	size_t got = 0;
	int ret = unpack(u, &byte, 1, &got, err);

	if (ret)
		return ret;
	if (got)
		return damaged(u, "more behind its end", err);
	return u->left ? damaged(u, "cut off", err) : 0;
}

static int read_all(struct unpacker *u, struct snapshot_file *f, struct error *err)
{
	char magic[sizeof(SNAPSHOT_MAGIC) - 1];
	size_t got = 0;
	bool end = false;
	int ret = unpack(u, magic, sizeof(magic), &got, err);

	if (!ret && (got < sizeof(magic) || memcmp(magic, SNAPSHOT_MAGIC, sizeof(magic))))
		return err_set(err, ERR_DAMAGED, "%s: not a snapshot - give a folder, or a file that spbreplay snapshot wrote",
			       u->path);
	while (!ret && !end)
		ret = read_member(u, f, &end, err);
	return ret ? ret : read_end(u, err);
}

int snapshot_file_read(struct snapshot_file *f, const char *path, struct error *err)
{
	struct unpacker *u = calloc(1, sizeof(*u));
	int ret;

	memset(f, 0, sizeof(*f));
	if (!u)
		return err_nomem(err, "a snapshot");
	u->path = path;
	u->in.src = u->buf;
	u->zs = ZSTD_createDStream();
	u->f = fopen(path, "rb");
	if (!u->f)
		ret = err_set(err, ERR_IO, "%s: cannot open: %s - check the name", path,
			      strerror(errno));
	else
		ret = u->zs ? read_all(u, f, err) : err_nomem(err, "a snapshot");
	/* Not a zstd file at all is not a damaged one. */
	if (ret == -ERR_DAMAGED && err && !u->at && !strstr(err->text, "not a snapshot"))
		snprintf(err->text, sizeof(err->text), "%s: not a snapshot - give a folder, or a file that spbreplay snapshot wrote",
			 path);
	if (u->f)
		fclose(u->f);
	ZSTD_freeDStream(u->zs);
	free(u);
	return ret;
}

void snapshot_file_fini(struct snapshot_file *f)
{
	for (u32 i = 0; i < f->nr; i++)
		free(f->member[i].bytes);
	memset(f, 0, sizeof(*f));
}

struct snapshot_member *snapshot_file_find(struct snapshot_file *f, const char *name)
{
	for (u32 i = 0; i < f->nr; i++)
		if (!strcmp(f->member[i].name, name))
			return &f->member[i];
	return NULL;
}
