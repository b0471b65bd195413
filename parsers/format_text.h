/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guard in front of libtraceevent: it crashes and leaks on format texts that are damaged, so it
 * only gets to see texts that were checked line by line and cut down to what we decode.
 */
#ifndef SPB_PARSERS_FORMAT_TEXT_H
#define SPB_PARSERS_FORMAT_TEXT_H

#include "replay/log/event.h"

/**
 * format_text_reduce - check a format file and keep what is needed of it
 * @text: @len bytes: "name:", "ID:", "format:", fields, print format
 * @kind: whose fields to keep, besides the common ones
 *
 * @nomem: set when there is no memory
 *
 * Return: a new text with those fields and an empty print format, which the caller frees; NULL
 * when the text is not a format, or there is no memory.
 */
char *format_text_reduce(const char *text, size_t len, u8 kind, bool *nomem);

#endif /* SPB_PARSERS_FORMAT_TEXT_H */
