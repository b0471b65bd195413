// SPDX-License-Identifier: GPL-2.0
/*
 * usage: make_capture FILE VERSION ZSTD BIG_ENDIAN LONG_SIZE INSTANCE
 *
 * Writes a trace.dat with some thousand made-up events of all kinds, for other readers to open.
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

	if (argc != 7) {
		fprintf(stderr, "usage: make_capture FILE VERSION ZSTD BIG_ENDIAN LONG_SIZE "
			"INSTANCE\n");
		return 2;
	}
	opts.version = (u32)atoi(argv[2]);
	opts.zstd = atoi(argv[3]);
	opts.big_endian = atoi(argv[4]);
	opts.long_size = (u32)atoi(argv[5]);
	opts.buffer = argv[6];
	v = make_events(NR_EVENTS, cpus, ARRAY_SIZE(cpus));
	write_capture(argv[1], &opts, v, NR_EVENTS);
	free(v);
	return 0;
}
