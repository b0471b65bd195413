/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is damaged: one small file of each kind, and a way to read it that says what was got.
 */
#ifndef TESTS_DAMAGE_SUBJECT_H
#define TESTS_DAMAGE_SUBJECT_H

#include "parsers/capture.h"
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
 * @by_hand: mistakes may count as the user's (exit status 2)
 * @open_end: people write it, line by line: the last one needs no end
 * @closed: the last byte but for a line end closes it
 * @fixed: may byte @at never change without a word? NULL: nothing is said of single bytes
 * @clean: removes what @make left beside the file; NULL: nothing
 * @costly: reading takes long: only every so many-th damage, 0: all
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
	bool open_end;
	bool closed;
	bool (*fixed)(const u8 *whole, size_t len, size_t at);
	void (*clean)(const char *path);
	u32 costly;
};

/** subjects - captures, logs, snapshots, results; file_subjects - what else users hand in */
extern const struct subject subjects[];
extern const size_t nr_subjects;
extern const struct subject file_subjects[];
extern const size_t nr_file_subjects;

/* ---- for the subjects ---- */

/** reading_add - one more fact; reading_hash - of some bytes */
void reading_add(struct reading *r, u32 stream, u64 hash);
u64 reading_hash(const void *bytes, size_t len);

/** read_events - the rest of an open log; read_parsed - a capture */
void read_events(struct reading *r, struct log_reader *log, const char *path);
void read_parsed(const char *path, const struct capture_opts *opts, struct reading *r);

/** make_v6 - a trace.dat */
void make_v6(const char *path);
/** make_from_data - what stands packed in tests/data: its first @want bytes, whole @lines of it */
void make_from_data(const char *path, const char *data, size_t want, bool lines);
/** make_member - the text files of a snapshot folder; read_member - the folder of @path */
void make_member(const char *path);
void read_member(const char *path, struct reading *r);

#endif /* TESTS_DAMAGE_SUBJECT_H */
