/* SPDX-License-Identifier: GPL-2.0 */
/*
 * From full blocks to frames of an image, in order: in the caller's thread, or in threads of their
 * own while the caller fills the next block. The bytes are the same.
 */
#ifndef SPB_REPLAY_LOG_PIPE_H
#define SPB_REPLAY_LOG_PIPE_H

#include "replay/log/log_frame.h"
#include "replay/log/log_image.h"

struct frame_pipe;

/**
 * frame_pipe_new - a pipe into @img
 * @names: of the ids in the blocks; copied. With threads its lock must not be NULL
 *
 * Return: NULL when out of memory.
 */
struct frame_pipe *frame_pipe_new(struct log_image *img, const struct frame_names *names);
void frame_pipe_free(struct frame_pipe *p);

/** frame_pipe_watch - as log_writer_watch() */
void frame_pipe_watch(struct frame_pipe *p, const struct block_watch *watch);

/**
 * frame_pipe_threads - encode in @nr threads from now on, before the first block
 *
 * Return: 0 or -ERR_IO (no memory). Fewer threads than asked for only make it slower.
 */
int frame_pipe_threads(struct frame_pipe *p, u32 nr, struct error *err) __must_check;

/** frame_pipe_block - the block to fill; another one after each frame_pipe_push() */
struct event_block *frame_pipe_block(struct frame_pipe *p);
/** frame_pipe_push - hand the block over. Return: 0 or the error of this or an earlier block */
int frame_pipe_push(struct frame_pipe *p, struct error *err) __must_check;
/** frame_pipe_reset - wait for all blocks, then forget them and what they made of the image */
void frame_pipe_reset(struct frame_pipe *p);
/** frame_pipe_drain - push the last block, wait for all, end the threads. Return: as for push */
int frame_pipe_drain(struct frame_pipe *p, struct error *err) __must_check;

#endif /* SPB_REPLAY_LOG_PIPE_H */
