/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names that say nothing: what a log shows instead of process ids, command lines, the host and file
 * names. The same one everywhere in a log, numbered as they come; no byte of the original is kept
 * but for names that every kernel has.
 */
#ifndef SPB_REPLAY_LOG_ANON_H
#define SPB_REPLAY_LOG_ANON_H

#include "replay/log/log.h"
#include "replay/log/log_intern.h"

#define ANON_TEXT 24

/** struct log_anon - pids, command lines and strings met so far */
struct log_anon {
	struct intern pids;
	struct intern comms;
	struct intern strings;
};

/** log_anon_new - NULL without memory */
struct log_anon *log_anon_new(void);
void log_anon_free(struct log_anon *a);

/**
 * log_anon_task - what to write for task (@pid, @comm)
 * @text: gets "task-N"; the name of a kernel thread, without what may follow it, when @comm begins
 *	with one; "" for ""
 *
 * Pid 0 stays 0: it is idle everywhere. Return: 0 or -ENOMEM.
 */
int log_anon_task(struct log_anon *a, u32 *pid, const char *comm, size_t len,
		  char text[ANON_TEXT]) __must_check;
/** log_anon_string - the same for other strings: zone names stay. Return: 0 or -ENOMEM */
int log_anon_string(struct log_anon *a, const char *s, size_t len,
		    char text[ANON_TEXT]) __must_check;
/**
 * log_anon_meta - host, file and buffer names, and messages, which may quote. Return: 0, -ENOMEM
 */
int log_anon_meta(struct log_meta *meta) __must_check;

#endif /* SPB_REPLAY_LOG_ANON_H */
