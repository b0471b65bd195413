/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Event formats for the trace writer: texts as Linux 6.18 shows them (page events) and as S1.8
 * describes them (superpageblock events), and the layout of the records.
 */
#ifndef SPB_PARSERS_TRACE_WRITER_FORMAT_H
#define SPB_PARSERS_TRACE_WRITER_FORMAT_H

#include "parsers/outbuf.h"
#include "replay/log/event.h"

/**
 * struct record_layout - where the fields of one kind lie in its record
 * @id: common_type
 * @size: bytes of the fixed part; strings follow
 * @offset, @width: of each of event_kinds[].fields
 */
struct record_layout {
	u16 id;
	u16 size;
	u16 offset[9];
	u16 width[9];
};

/** record_layout_init - lay out @kind (of a tracepoint) for a kernel with @long_size */
void record_layout_init(struct record_layout *l, u8 kind, u32 long_size);
/** record_format_text - append the format file of @kind to @o; no NUL */
void record_format_text(struct outbuf *o, u8 kind, const struct record_layout *l);
/** record_encode - append the record of @ev to @o */
void record_encode(struct outbuf *o, const struct record_layout *l, const struct event *ev,
		   u32 pid, const char *name);

#endif /* SPB_PARSERS_TRACE_WRITER_FORMAT_H */
