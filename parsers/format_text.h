/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guard in front of libtraceevent: it crashes and leaks on format texts that are damaged, so it
 * only gets to see texts that were checked line by line and cut down to what we decode.
 */
#ifndef SPB_PARSERS_FORMAT_TEXT_H
#define SPB_PARSERS_FORMAT_TEXT_H

#include "replay/log/event.h"

/**
 * struct format_shape - what the fields of a format add up to
 * @end: byte behind the last one
 * @open: bytes follow that no field counts: strings and other fields of any length
 */
struct format_shape {
	u32 end;
	bool open;
};

/**
 * format_text_reduce - check a format file and keep what is needed of it
 * @text: @len bytes: "name:", "ID:", "format:", fields, print format
 * @kind: whose fields to keep, besides the common ones
 * @long_size: of the recorded kernel
 * @shape: of all fields, kept or not
 * @nomem: set when there is no memory
 *
 * What the text says twice must agree: fields do not overlap and leave out no more than alignment
 * asks for, sizes and signs are those of the types, and the print format names fields that are
 * there.
 *
 * Return: a new text with those fields and an empty print format, which the caller frees; NULL
 * when the text is not a format, or there is no memory.
 */
char *format_text_reduce(const char *text, size_t len, u8 kind, u32 long_size,
			 struct format_shape *shape, bool *nomem);

/**
 * format_text_head - name and id of a format
 * @name_at, @name_len: where the name stands in @text
 *
 * Return: false when the text does not begin as a format does.
 */
bool format_text_head(const char *text, size_t len, size_t *name_at, size_t *name_len, u32 *id);

#endif /* SPB_PARSERS_FORMAT_TEXT_H */
