/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is damaged: one small file of each kind, and a way to read it that says what was got.
 */
#ifndef TESTS_DAMAGE_SUBJECT_H
#define TESTS_DAMAGE_SUBJECT_H

#include "replay/base/error.h"

/** FACTS_MAX - events, cells or zones of a subject */
#define FACTS_MAX 4096u

/** struct fact - a piece of what was read: @hash of its content, in the sequence of @stream */
struct fact {
	u32 stream;
	u64 hash;
};

/** struct reading - what a reader returned, and what it read: @nr facts */
struct reading {
	int ret;
	struct error err;
	bool partial;
	u32 nr;
	struct fact fact[FACTS_MAX];
};

/**
 * struct subject - a kind of file
 * @ext: the file's name
 * @make: writes the whole file to @path, and what must lie beside it
 * @read: reads it; called with what is damaged
 * @refuses: a damaged file gives nothing at all
 * @checked: any change must be noticed: everything is behind a checksum
 * @lines: a file of lines that ends between two of them is whole
 * @page: bytes of a piece; a file that ends between two is whole, 0: there are none
 * @by_hand: people write it: mistakes may count as the user's (exit status 2), and its last line
 *	needs no end
 */
struct subject {
	const char *name;
	const char *ext;
	void (*make)(const char *path);
	void (*read)(const char *path, struct reading *r);
	bool refuses;
	bool checked;
	bool lines;
	size_t page;
	bool by_hand;
};

extern const struct subject subjects[];
extern const size_t nr_subjects;

#endif /* TESTS_DAMAGE_SUBJECT_H */
