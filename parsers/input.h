/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bytes of a capture: a file, or standard input spooled to an unlinked temporary file.
 *
 * Reading is by pread() and never by mmap(): a file that is cut while it is being read gives a
 * short read, not SIGBUS.
 */
#ifndef SPB_PARSERS_INPUT_H
#define SPB_PARSERS_INPUT_H

#include <pthread.h>

#include "replay/base/error.h"

/**
 * struct input - an open capture
 * @path: as the user wrote it, "standard input" for "-"; borrowed
 * @size: bytes
 * @hash: XXH64 of all bytes, once @hashed
 * @io: gets what went wrong where nobody asked for an error, so that it cannot be taken for
 *	damage: reading, memory; may be NULL
 */
struct input {
	int fd;
	struct error *io;
	const char *path;
	u64 size;
	u64 hash;
	bool hashed;
};

/** input_open - open @path ("-": spool standard input). Return: 0 or -ERR_IO */
int input_open(struct input *in, const char *path, struct error *err) __must_check;
void input_close(struct input *in);

/** input_hash - make sure that in->hash is known: read all bytes. Return: 0 or -ERR_IO */
int input_hash(struct input *in, struct error *err) __must_check;

/**
 * struct input_hasher - inputs hashed beside other work
 * @ret, @err: what became of it
 */
struct input_hasher {
	pthread_t thread;
	bool running;
	struct input *in;
	u32 nr;
	int ret;
	struct error err;
};

/**
 * input_hasher_start - hash @nr inputs
 * @beside: in a thread; otherwise when input_hasher_finish() is called
 *
 * Until then only input_read() may be used on them.
 */
void input_hasher_start(struct input_hasher *h, struct input *in, u32 nr, bool beside);
/** input_hasher_finish - all are hashed now. Call it exactly once. Return: 0 or -ERR_IO */
int input_hasher_finish(struct input_hasher *h, struct error *err);

/**
 * input_read - read up to @len bytes at @offset
 *
 * Return: 0 with the bytes read in @got (short only at the end of the file), or -ERR_IO.
 */
int input_read(const struct input *in, u64 offset, void *buf, size_t len, size_t *got,
	       struct error *err) __must_check;

#endif /* SPB_PARSERS_INPUT_H */
