/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Files of a synthetic capture: a trace.dat or an event log, and the snapshot that goes with it.
 */
#ifndef SPB_CMD_SYNTH_OUT_H
#define SPB_CMD_SYNTH_OUT_H

#include "replay/synth/synth.h"

struct log_writer;
struct trace_writer;

/** enum synth_format - what to write */
enum synth_format { SYNTH_V7, SYNTH_V6, SYNTH_LOG, NR_SYNTH_FORMATS };

/** synth_format_name - "v7", "v6", "spblog" */
const char *synth_format_name(u32 format);

/**
 * struct synth_out - a capture on its way
 * @path: its final name, or "-" for a log on standard output; borrowed
 */
struct synth_out {
	const char *path;
	enum synth_format format;
	struct log_writer *log;
	struct trace_writer *trace;
	struct synth_sink sink;
};

/** synth_out_open - begin; events go to @out->sink. @out must stay where it is */
int synth_out_open(struct synth_out *out, const char *path, enum synth_format format,
		   struct error *err) __must_check;
/**
 * synth_out_save - write the file; nothing is left under @path on error
 * @opts, @res: what was run and came of it, for the log's header
 */
int synth_out_save(struct synth_out *out, const struct synth_opts *opts,
		   const struct synth_result *res, struct error *err) __must_check;
/** synth_out_close - free what is left; a file that was not saved is gone */
void synth_out_close(struct synth_out *out);

/** synth_out_snapshot - the empty machine of @spbs superpageblocks as a snapshot file */
int synth_out_snapshot(const char *path, u32 spbs, struct error *err) __must_check;

#endif /* SPB_CMD_SYNTH_OUT_H */
