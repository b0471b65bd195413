/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A growing run of bytes: in memory up to SPOOL_MEMORY, then in an unlinked temporary file.
 */
#ifndef SPB_REPLAY_LOG_SPOOL_H
#define SPB_REPLAY_LOG_SPOOL_H

#include <stdio.h>

#include "replay/base/error.h"

#define SPOOL_MEMORY (64u << 20)

/**
 * struct spool - the bytes
 * @limit: bytes kept in memory; @dir: where the file goes (temp_file()), borrowed
 * @mem: all bytes while @file is NULL; @file: all bytes otherwise
 */
struct spool {
	u64 size;
	size_t limit;
	const char *dir;
	size_t room;
	u8 *mem;
	FILE *file;
};

/** spool_init - no bytes; beyond @limit they go to an unlinked temporary file */
void spool_init(struct spool *s, size_t limit);
void spool_fini(struct spool *s);

/** spool_clear - no bytes, the same limit and folder */
void spool_clear(struct spool *s);

/** spool_append - add @len bytes. Return: 0 or negative enum err_code */
int spool_append(struct spool *s, const void *bytes, size_t len, struct error *err) __must_check;

/** spool_sync - make everything appended visible to spool_at(). Return: 0 or -ERR_IO */
int spool_sync(struct spool *s, struct error *err) __must_check;

/**
 * spool_at - @len bytes at @offset; the range must lie inside
 * @buf: room for @len bytes, used when the bytes are in the file
 *
 * Safe from several threads once spool_sync() is done. Return: the bytes, or NULL with @err set.
 */
const u8 *spool_at(const struct spool *s, u64 offset, size_t len, u8 *buf, struct error *err);

/** spool_fill - append everything that can be read from @fd. Return: 0 or negative err_code */
int spool_fill(struct spool *s, int fd, const char *name, struct error *err) __must_check;

#endif /* SPB_REPLAY_LOG_SPOOL_H */
