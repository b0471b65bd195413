/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A finished log in memory (or a temporary file): what a writer leaves behind.
 */
#ifndef SPB_REPLAY_LOG_IMAGE_H
#define SPB_REPLAY_LOG_IMAGE_H

#include "replay/log/log.h"
#include "replay/log/log_index.h"

/**
 * struct log_image - frames without file header and seek table; never changes
 * @meta: what the header would say
 * @body: frame infos and data frames; @index: where they are in it
 */
struct log_image {
	struct log_meta meta;
	struct spool body;
	struct frame_index index;
};

/**
 * log_save - write @img as a log file
 * @path: file name or "-"
 *
 * Return: 0 or negative enum err_code; on error nothing is left under @path.
 */
int log_save(const struct log_image *img, const char *path, struct error *err) __must_check;

#endif /* SPB_REPLAY_LOG_IMAGE_H */
