/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of the trace writer: its state, and the assembly of the file from finished pages.
 */
#ifndef SPB_PARSERS_TRACE_WRITER_FILE_H
#define SPB_PARSERS_TRACE_WRITER_FILE_H

#include "parsers/outbuf.h"
#include "parsers/writer/page_store.h"
#include "parsers/writer/trace_writer.h"
#include "parsers/writer/trace_writer_format.h"
#include "replay/log/log.h"

/** struct writer_comm - a task seen; owned */
struct writer_comm {
	u32 pid;
	char *comm;
};

/**
 * struct writer_cpu - pages of one CPU
 * @pages: whole pages of the chunk to come; the last one is still being filled when @open
 * @chunks: those that were full
 * @at, @bytes: place of its data in the file, and bytes as the table of CPUs gives them
 * @time: of the last record of the open page, or of the page
 * @used: bytes of records in the open page
 * @lost, @lost_count: mark of the open page
 */
struct writer_cpu {
	struct outbuf pages;
	struct page_chunks chunks;
	u64 at;
	u64 bytes;
	u64 time;
	u32 used;
	bool open;
	bool lost;
	u64 lost_count;
};

/** struct trace_writer - @cpu by id, NULL where no event came; @comm sorted by pid */
struct trace_writer {
	char *path;
	struct trace_writer_opts opts;
	struct record_layout layout[NR_EVENT_KINDS];
	bool used[NR_EVENT_KINDS];
	struct outbuf record;
	struct outbuf packed;
	struct page_store store;
	u32 nr_comms;
	struct writer_comm *comm;
	struct writer_cpu *cpu[LOG_MAX_CPUS];
};

/** trace_writer_chunk - the pages of @c are a whole chunk: into the store. Return: 0 or -ERR_IO */
int trace_writer_chunk(struct trace_writer *w, struct writer_cpu *c, struct error *err)
	__must_check;

/**
 * trace_writer_assemble - write the whole file to @f; every page is in the store
 *
 * Return: 0 or -ERR_IO.
 */
int trace_writer_assemble(struct trace_writer *w, FILE *f, struct error *err) __must_check;

#endif /* SPB_PARSERS_TRACE_WRITER_FILE_H */
