/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fields of an event in ftrace text: "pfn=0x12 order=0 ...", read by key and never by place, since
 * kernels add fields of their own. Symbols (gfp flags, outcomes) become the numbers they stand for.
 */
#ifndef SPB_PARSERS_TEXT_FIELDS_H
#define SPB_PARSERS_TEXT_FIELDS_H

#include "parsers/text/text_gfp.h"
#include "replay/log/event.h"

struct log_writer;

/**
 * text_fields_read - fill in the columns of @ev from @fields
 * @ev: its kind is set; time, cpu and task are left alone
 *
 * Return: false when a field that the event cannot do without (pfn, order) is missing or is no
 * number; others become 0 or none, as in the decoder.
 */
bool text_fields_read(struct event *ev, struct span fields, struct gfp_cache *gfp,
		      struct log_writer *w);

#endif /* SPB_PARSERS_TEXT_FIELDS_H */
