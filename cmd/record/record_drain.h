/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Draining of the per-CPU buffers while events flow: whole pages are spliced into one unlinked
 * file a CPU, beside the capture, without passing through this program.
 */
#ifndef SPB_CMD_RECORD_DRAIN_H
#define SPB_CMD_RECORD_DRAIN_H

#include "cmd/record/record_host.h"

/** struct drain_cpu - @raw: the kernel's pages; @spool: our file with @size bytes of them */
struct drain_cpu {
	u32 id;
	int raw;
	int spool;
	u64 size;
};

/**
 * struct drain - all CPUs of a recording
 * @total: bytes spooled; @full: the disk was full
 */
struct drain {
	u32 nr;
	struct drain_cpu *cpu;
	int pipe[2];
	u8 *page;
	u32 page_size;
	u64 total;
	bool full;
};

/** drain_open - @folder: where the spools go. Return: 0 or -ERR_IO; drain_close() in any case */
int drain_open(struct drain *d, const struct record_host *h, const struct cpulist *cpus,
	       const char *folder, struct error *err) __must_check;
/** drain_full_pages - take the pages that are full. Return: 0 or -ERR_IO, also without room */
int drain_full_pages(struct drain *d, struct error *err) __must_check;
/** drain_rest - take everything; nothing flows any more. As drain_full_pages() */
int drain_rest(struct drain *d, struct error *err) __must_check;
void drain_close(struct drain *d);

#endif /* SPB_CMD_RECORD_DRAIN_H */
