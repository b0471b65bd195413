/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Snapshots as one compressed file: docs/snapshot-format.md. Members are the texts of /proc by
 * their names there, and the page classes.
 */
#ifndef SPB_REPLAY_SNAPSHOT_FILE_H
#define SPB_REPLAY_SNAPSHOT_FILE_H

#include "replay/base/error.h"

#define SNAPSHOT_MAGIC "spbsnap 1\n"
#define SNAPSHOT_CLASSES "page_classes"
#define SNAPSHOT_END "end"
#define SNAPSHOT_MAX_MEMBERS 32u

/** struct snapshot_member - @size bytes and a NUL; owned */
struct snapshot_member {
	char name[32];
	u64 size;
	char *bytes;
};

/** struct snapshot_file - all members of a file; all zero is an empty one */
struct snapshot_file {
	u32 nr;
	struct snapshot_member member[SNAPSHOT_MAX_MEMBERS];
};

/**
 * snapshot_file_read - read @path
 * @f: filled in; snapshot_file_fini() it in any case
 *
 * Memory grows with what is really there, whatever sizes the file claims. Return: 0, -ERR_IO or
 * -ERR_DAMAGED (no snapshot, cut off, damaged: nothing of it is used).
 */
int snapshot_file_read(struct snapshot_file *f, const char *path, struct error *err) __must_check;
void snapshot_file_fini(struct snapshot_file *f);
/** snapshot_file_find - member @name, NULL when there is none */
struct snapshot_member *snapshot_file_find(struct snapshot_file *f, const char *name);

#endif /* SPB_REPLAY_SNAPSHOT_FILE_H */
