/* SPDX-License-Identifier: GPL-2.0 */
/* Packed inputs: gzip, zstd, xz and bzip2 files, unpacked by the usual tools. */
#ifndef SPB_CMD_PACKED_H
#define SPB_CMD_PACKED_H

#include "replay/base/error.h"

/** packed_tool - name of the tool that unpacks a file with these first bytes, NULL: not packed */
const char *packed_tool(const u8 *bytes, size_t len);

/**
 * packed_open - unpack @fd, from its start, into an unlinked temporary file
 * @name: of the input, for messages
 * @damage: set (ERR_DAMAGED) when the tool found the end damaged; what came before it is there
 *
 * Return: file descriptor of the copy, or a negative code.
 */
int packed_open(int fd, const char *tool, const char *name, struct error *damage,
		struct error *err) __must_check;

#endif /* SPB_CMD_PACKED_H */
