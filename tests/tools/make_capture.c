// SPDX-License-Identifier: GPL-2.0
/*
 * usage: make_capture FILE VERSION ZSTD BIG_ENDIAN LONG_SIZE INSTANCE [EVENTS [PAGE_BYTES]]
 *
 * Writes a trace.dat with some thousand (or EVENTS) made-up events of all kinds, for other readers
 * to open.
 */
#include "tests/lib/read_capture.h"

#include <stdio.h>
#include <stdlib.h>

#define NR_EVENTS 5000

int main(int argc, char **argv)
{
	static const u16 cpus[] = { 0, 1, 4 };
	struct trace_writer_opts opts = { 0 };
	struct seen_event *v;
	u64 nr = NR_EVENTS;

	if (argc < 7 || argc > 9) {
		fprintf(stderr, "usage: make_capture FILE VERSION ZSTD BIG_ENDIAN LONG_SIZE "
			"INSTANCE [EVENTS [PAGE_BYTES]]\n");
		return 2;
	}
	opts.version = (u32)atoi(argv[2]);
	opts.zstd = atoi(argv[3]);
	opts.big_endian = atoi(argv[4]);
	opts.long_size = (u32)atoi(argv[5]);
	opts.buffer = argv[6];
	if (argc > 7)
		nr = strtoull(argv[7], NULL, 10);
	if (argc > 8)
		opts.subbuf_size = (u32)atoi(argv[8]);
	v = make_events(nr, cpus, ARRAY_SIZE(cpus));
	write_capture(argv[1], &opts, v, nr);
	free(v);
	return 0;
}
