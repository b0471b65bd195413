/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where the frames of a log lie, and the bytes they lie in (a file or a spool).
 */
#ifndef SPB_REPLAY_LOG_INDEX_H
#define SPB_REPLAY_LOG_INDEX_H

#include "replay/base/error.h"
#include "replay/log/log_spool.h"
#include "replay/log/log_wire.h"

/**
 * struct frame_pos - one frame info and the data frame behind it
 * @offset: of the frame info; @info_size, @csize: bytes of the two; @usize: content
 */
struct frame_pos {
	u64 offset;
	u32 info_size;
	u32 csize;
	u32 usize;
};

/** struct frame_index - all of them, in order; owns @pos */
struct frame_index {
	u32 nr;
	u32 room;
	struct frame_pos *pos;
};

void frame_index_fini(struct frame_index *ix);
/** frame_index_add - append a copy of @pos. Return: 0 or -ENOMEM */
int frame_index_add(struct frame_index *ix, const struct frame_pos *pos) __must_check;
/** frame_index_copy - Return: 0 or -ENOMEM, then @to is empty */
int frame_index_copy(struct frame_index *to, const struct frame_index *from) __must_check;

/** seek_table_size - bytes of the seek table of a log with @nr frames */
static inline size_t seek_table_size(u32 nr)
{
	return WIRE_SEEK_FIXED + 8 * (1 + 2 * (size_t)nr);
}

/** seek_table_put - write the seek table of @ix; the file header has @header_size bytes */
void seek_table_put(u8 *p, const struct frame_index *ix, u32 header_size);

/**
 * struct log_source - bytes of a log, read-only
 * @name: for messages, borrowed; @size: bytes
 * @fd: the file, or -1; @spool: the bytes otherwise, borrowed or @own
 * @buf: room for what is read from the file
 */
struct log_source {
	const char *name;
	u64 size;
	int fd;
	const struct spool *spool;
	struct spool own;
	u8 *buf;
	size_t room;
};

/** log_source_open - open @path; "-" and pipes are copied first. Return: 0 or negative err_code */
int log_source_open(struct log_source *src, const char *path, struct error *err) __must_check;
void log_source_fini(struct log_source *src);

/**
 * log_source_at - @len bytes at @offset, valid until the next call
 *
 * Return: the bytes, or NULL with @err set (ERR_IO; ERR_DAMAGED when the file ends before).
 */
const u8 *log_source_at(struct log_source *src, u64 offset, size_t len, struct error *err);

/**
 * log_source_info - read and check the frame info at @offset
 * @info_size: its bytes
 * @why: what is wrong; NULL with a failure is an I/O error in @err
 *
 * Also checks that its data frame lies inside the source. Return: 0 or -1.
 */
int log_source_info(struct log_source *src, u64 offset, struct frame_info *info, u32 *info_size,
		    const char **why, struct error *err) __must_check;

/**
 * seek_table_get - read the seek table at the end of @src
 * @header_size: bytes of the file header
 *
 * Return: NULL, or what is wrong; frame_nomem. @ix is then empty.
 */
const char *seek_table_get(struct frame_index *ix, struct log_source *src, u32 header_size,
			   struct error *err) __must_check;

/**
 * frame_index_scan - find the frames by walking them
 * @end: offset behind the last good frame; @events: in all good frames
 *
 * Return: NULL when a seek table or the end of the file was reached in good order; else what
 * stopped the walk.
 */
const char *frame_index_scan(struct frame_index *ix, struct log_source *src, u32 header_size,
			     u64 *end, u64 *events, struct error *err) __must_check;

#endif /* SPB_REPLAY_LOG_INDEX_H */
