/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rows of option tables that several commands have, so that each is said once. @at: offset of the
 * value in the command's options struct.
 */
#ifndef SPB_CMD_SHARED_OPTS_H
#define SPB_CMD_SHARED_OPTS_H

#include "cmd/common/options.h"

/* ---- which events ---- */

#define SHARED_INPUT(at) \
	{ "input", 'i', "FILE", OPT_LIST, at, 0, 0, \
	  "capture or event log; - is standard input; repeat for more files of one capture" }
#define SHARED_BUFFER(at) \
	{ "buffer", 'B', "NAME", OPT_STRING, at, 0, 0, \
	  "tracing instance to read, \"\" for the top level; default: the one with page events" }
#define SHARED_CPU(at) \
	{ "cpu", 0, "LIST", OPT_STRING, at, 0, 0, \
	  "only events of these CPUs, for example 0,2-5" }
#define SHARED_FORMAT_DIR(at) \
	{ "format-dir", 0, "FOLDER", OPT_STRING, at, 0, 0, \
	  "event formats for raw pages: a tracing folder (events/...), or a trace.dat of that " \
	  "host" }
#define SHARED_SALVAGE(at) \
	{ "salvage", 0, NULL, OPT_FLAG, at, 0, 0, \
	  "search a damaged trace.dat for parts that its index no longer points to" }
#define SHARED_STRICT(at) \
	{ "strict", 'S', NULL, OPT_FLAG, at, 0, 0, \
	  "refuse a damaged log instead of using its intact part" }
#define SHARED_WINDOW(at) \
	{ "window", 'w', "T0~T1", OPT_STRING, at, 0, 0, \
	  "part of the capture; each side is 123.4 (clock, s), +1.5s (from start), 10%, or open" }
#define SHARED_ZONE(at) \
	{ "zone", 'z', "NODE/NAME", OPT_STRING, at, 0, 0, \
	  "only this zone, for example 0/Normal" }
#define SHARED_ANONYMIZE(at) \
	{ "anonymize", 0, NULL, OPT_FLAG, at, 0, 0, \
	  "replace pids, process, host and file names; equal ones stay equal" }

/* ---- how they are replayed ---- */

#define SHARED_SNAPSHOT(at) \
	{ "snapshot", 's', "SNAPSHOT", OPT_STRING, at, 0, 0, \
	  "the host before the capture: a file made by 'snapshot', or a folder with its /proc " \
	  "files" }
#define SHARED_LEVEL(at) \
	{ "level", 'l', "LEVEL", OPT_STRING, at, 0, 0, \
	  "demand level: zone, page, implied or auto (default)" }
#define SHARED_INITIAL(at) \
	{ "initial", 'I', "STATE", OPT_STRING, at, 0, 0, \
	  "memory at the start: repopulate (default), exact or empty" }
#define SHARED_FILL(at) \
	{ "fill", 'F', "PCT:MIX", OPT_STRING, at, 0, 0, \
	  "fill memory up to PCT percent before the start, for example 60:70M20U10R" }
#define SHARED_SPB_ORDER(at) \
	{ "spb-order", 0, "N", OPT_U32, at, 11, 18, \
	  "order of a superpageblock, 11 to 18 (default: 1 GiB, 18 with 4 KiB pages)" }
#define SHARED_SEED(at) \
	{ "seed", 0, "N", OPT_U64, at, 0, UINT64_MAX, \
	  "seed of the hash that decides which pages cannot move (default 1)" }
#define SHARED_CHECK_EVERY(at) \
	{ "check-every", 0, "N", OPT_U64, at, 0, UINT64_MAX, \
	  "check all invariants every N operations (default 0: never)" }

/* ---- what is said about it ---- */

#define SHARED_NO_NOTES(at) \
	{ "quiet", 'q', NULL, OPT_FLAG, at, 0, 0, \
	  "no progress or notes on stderr; errors and warnings stay" }

#endif /* SPB_CMD_SHARED_OPTS_H */
