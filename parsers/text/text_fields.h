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

#define FIELDS_SLACK 16u
#define TEXT_NO_FIELD 0xff
#define TEXT_KEYS_MAX 24

/**
 * struct text_key - a key that a line may hold
 * @first, @second: its first 16 bytes; @name: all @len of them
 * @field: of the kind, or TEXT_NO_FIELD: passed over
 * @range: its value is two numbers, "(A ~ B)": B is that of the next key
 * @to, @type: as in struct event_field; @extra: which extra word
 */
struct text_key {
	u64 first;
	u64 second;
	const char *name;
	size_t len;
	u8 field;
	u8 to;
	u8 type;
	u8 extra;
	bool range;
};

/** struct text_keys - those of a kind; @needed: fields that must be there, a bit each */
struct text_keys {
	u32 nr;
	u32 needed;
	struct text_key key[TEXT_KEYS_MAX];
};

/** struct text_fields - tables for reading fields */
struct text_fields {
	struct gfp_cache gfp;
	struct text_keys keys[NR_EVENT_KINDS];
};

/** text_fields_init - which keys each kind of event has, before the first line */
void text_fields_init(struct text_fields *t);

/**
 * text_fields_read - fill in the columns of @ev from @fields
 * @ev: its kind is set; time, cpu and task are left alone
 * @fields: FIELDS_SLACK bytes behind them can be read
 *
 * Return: false when a field that the event cannot do without (pfn, order) is missing or is no
 * number; others become 0 or none, as in the decoder.
 */
bool text_fields_read(struct event *ev, struct span fields, struct text_fields *t,
		      struct log_writer *w);

#endif /* SPB_PARSERS_TEXT_FIELDS_H */
