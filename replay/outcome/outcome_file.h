/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A set of files that appear in a folder together or not at all: each is written under a temporary
 * name and synced; outcome_files_commit() renames them when all are there.
 */
#ifndef SPB_REPLAY_OUTCOME_FILE_H
#define SPB_REPLAY_OUTCOME_FILE_H

#include "replay/base/error.h"
#include "replay/base/hash.h"
#include "replay/csv/csv.h"

#define OUTCOME_FILES_MAX 16

/**
 * struct outcome_file - one file of the set
 * @name: final name inside the folder; @path, @temp: final and temporary path, owned
 * @fd: open while it is being written, else -1; @bytes, @hash: of what was written
 */
struct outcome_file {
	const char *name;
	char *path;
	char *temp;
	int fd;
	u64 bytes;
	struct hash64 hash;
	struct error *err;
};

/**
 * struct outcome_files - the set
 * @dir: borrowed; @made: folders on the way there that were not there before, until they may stay
 */
struct outcome_files {
	const char *dir;
	char **made;
	size_t nr_made;
	struct outcome_file files[OUTCOME_FILES_MAX];
	u32 nr;
};

/** outcome_files_open - begin a set in @dir, which is made when missing, with its parents */
int outcome_files_open(struct outcome_files *s, const char *dir, struct error *err) __must_check;
/** outcome_files_add - begin the next file. Return: NULL with @err set */
struct outcome_file *outcome_files_add(struct outcome_files *s, const char *name,
				       struct error *err);
/** outcome_file_write - append; @ctx is a struct outcome_file (fits csv_writer.write) */
int outcome_file_write(void *ctx, const void *bytes, size_t len);
/** outcome_file_close - sync and close the file; it keeps its temporary name */
int outcome_file_close(struct outcome_file *f, struct error *err) __must_check;
/** outcome_files_table - the next file is @table over @data, written whole and closed */
int outcome_files_table(struct outcome_files *s, const struct csv_table *table, const void *data,
			struct error *err) __must_check;
/** outcome_files_bytes - the next file is these bytes, written whole and closed */
int outcome_files_bytes(struct outcome_files *s, const char *name, const void *bytes, size_t len,
			struct error *err) __must_check;
/** outcome_files_commit - give all files their final names */
int outcome_files_commit(struct outcome_files *s, struct error *err) __must_check;
/** outcome_files_fini - remove what was not committed, folders made for it, too; free the set */
void outcome_files_fini(struct outcome_files *s);

#endif /* SPB_REPLAY_OUTCOME_FILE_H */
