/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An input as users give it: a capture, a log, "-" for standard input, a pipe. Whatever it is, it
 * becomes something that log readers and the engine can open.
 */
#ifndef SPB_CMD_SOURCE_H
#define SPB_CMD_SOURCE_H

#include "cmd/common/options.h"
#include "parsers/capture.h"
#include "replay/base/error.h"
#include "replay/log/log.h"

/**
 * struct source_opts - how to open
 * @buffer, @format_dir, @salvage, @jobs: as in struct capture_opts
 * @cpus: CPU list as typed, NULL: all
 * @quiet: no progress; @strict: refuse a damaged log
 * @anonymize: as log_writer_anonymize()
 * @keep_part: a signal ends the reading of a capture early, instead of the program
 * @watch: looks at the events of a capture while it is read, may be NULL
 */
struct source_opts {
	const char *buffer;
	const char *format_dir;
	const char *cpus;
	bool salvage;
	u32 jobs;
	bool quiet;
	bool strict;
	bool anonymize;
	bool keep_part;
	const struct block_watch *watch;
};

/** SOURCE_MAX_FILES - files of one capture */
#define SOURCE_MAX_FILES STR_LIST_MAX

/**
 * struct source_file - one file of an input
 * @name: as the user would say it: the path, or "standard input"
 * @real: what libraries open: the user's path, /dev/stdin, or @path for pipes and packed files,
 *	which are copied to a temporary file first
 * @spool: file descriptor of the temporary file, -1 for none
 */
struct source_file {
	const char *name;
	const char *real;
	char path[64];
	int spool;
};

/**
 * struct source - an open input
 * @name, @real: of the first file
 * @file: all of them, @nr
 * @capture: it was a capture; @image: its log, or that of several logs, owned (NULL for one log)
 * @reader: open reader, owned
 * @status: ERR_DAMAGED when only a part could be used, otherwise 0
 * @damage: what was wrong, for a warning
 */
struct source {
	const char *name;
	const char *real;
	u32 nr;
	struct source_file file[SOURCE_MAX_FILES];
	bool capture;
	struct log_image *image;
	struct log_reader *reader;
	int status;
	struct error damage;
};

/**
 * source_parse - parse a capture and leave it in a writer, for log_writer_save()
 *
 * Return: the writer, owned by the caller; @src holds name and status, close it afterwards. NULL
 * with @err set: nothing to use, nothing to close.
 */
struct log_writer *source_parse(struct source *src, const struct str_list *paths,
				const struct source_opts *opts, struct error *err);

/**
 * source_open - open the files @paths, captures or logs of one host, for reading
 *
 * Return: 0, or negative code; then nothing to close.
 */
int source_open(struct source *src, const struct str_list *paths, const struct source_opts *opts,
		struct error *err) __must_check;
void source_close(struct source *src);

/** source_meta - what the log says about itself */
const struct log_meta *source_meta(const struct source *src);

/**
 * source_damage - is only a part of the input used?
 *
 * Ask when everything has been read: a log shows its damage on the way.
 *
 * Return: 0, or -ERR_DAMAGED with one line in @err.
 */
int source_damage(const struct source *src, struct error *err);
/** source_useless - the same where that part holds nothing to replay */
int source_useless(const struct source *src, struct error *err);

/** source_rename - in a library's message, say the user's name for the input */
void source_rename(const struct source *src, struct error *err);

#endif /* SPB_CMD_SOURCE_H */
