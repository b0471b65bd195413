/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a file is by its first bytes, so that a refusal can say what was given instead of a
 * capture, and what to do with it.
 */
#ifndef SPB_PARSERS_SNIFF_H
#define SPB_PARSERS_SNIFF_H

#include "replay/base/error.h"

/** SNIFF_BYTES - how many first bytes to look at */
#define SNIFF_BYTES 4096

/** sniff_unknown - could these bytes be anything, raw pages too? */
bool sniff_unknown(const u8 *bytes, size_t len);

/**
 * sniff_refuse - say what @path is instead of a capture that can be read
 * @bytes, @len: its first bytes; @len 0 = the file is empty
 *
 * Return: -ERR_DAMAGED with @err set.
 */
int sniff_refuse(const char *path, const u8 *bytes, size_t len, struct error *err);

#endif /* SPB_PARSERS_SNIFF_H */
