/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bytes of a capture: a file, or standard input spooled to an unlinked temporary file.
 *
 * Reading is by pread() and never by mmap(): a file that is cut while it is being read gives a
 * short read, not SIGBUS.
 */
#ifndef SPB_PARSERS_INPUT_H
#define SPB_PARSERS_INPUT_H

#include "replay/base/error.h"

/**
 * struct input - an open capture
 * @path: as the user wrote it, "standard input" for "-"; borrowed
 * @size: bytes
 * @hash: XXH64 of all bytes
 */
struct input {
	int fd;
	const char *path;
	u64 size;
	u64 hash;
};

/** input_open - open @path ("-": spool standard input). Return: 0 or -ERR_IO */
int input_open(struct input *in, const char *path, struct error *err) __must_check;
void input_close(struct input *in);

/**
 * input_read - read up to @len bytes at @offset
 *
 * Return: 0 with the bytes read in @got (short only at the end of the file), or -ERR_IO.
 */
int input_read(const struct input *in, u64 offset, void *buf, size_t len, size_t *got,
	       struct error *err) __must_check;

#endif /* SPB_PARSERS_INPUT_H */
