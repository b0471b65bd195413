/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Event formats and the decoding of events. libtraceevent reads each format text once; after
 * that a field is a load at a cached offset. The fields are those of event_kinds[].
 */
#ifndef SPB_PARSERS_DECODE_H
#define SPB_PARSERS_DECODE_H

#include "parsers/page.h"
#include "replay/base/error.h"
#include "replay/log/event.h"

struct log_writer;
struct tep_handle;

/** DECODE_NONE - kind of an event id that is not one of event_kinds[] */
#define DECODE_NONE 0xff

/** enum load_how - how to read a field's bytes */
enum load_how {
	LOAD_ABSENT = 0,
	LOAD_NUMBER,
	LOAD_DATA_LOC,		/* string at (offset, length) in the record */
	LOAD_REL_LOC,		/* the same, counted from the end of the field */
	LOAD_CHARS,		/* string inside the record */
};

/**
 * struct field_load - one field of one event
 * @offset, @size: bytes in the record; a number has 1, 2, 4 or 8
 */
struct field_load {
	u16 offset;
	u16 size;
	u8 how;
	bool is_signed;
};

/**
 * struct event_format - one event as this capture stores it
 * @known: the capture has a format for it
 * @min_len: bytes that a record must have
 */
struct event_format {
	bool known;
	u16 id;
	u32 min_len;
	struct field_load pid;
	struct field_load pfn;
	struct field_load order;
	struct field_load migratetype;
	struct field_load extra[EVENT_MAX_EXTRA];
};

/**
 * struct decoder - the formats of one capture
 * @big_endian: byte order of the records
 * @nr_known: formats found
 * @type: where a record's event id lies
 * @kind_by_id: event id to kind, or DECODE_NONE
 */
struct decoder {
	struct tep_handle *tep;
	bool big_endian;
	u32 nr_known;
	struct field_load type;
	struct event_format format[NR_EVENT_KINDS];
	u8 kind_by_id[65536];
};

/** decoder_new - @long_size is the recorded kernel's. Return: NULL when out of memory */
struct decoder *decoder_new(bool big_endian, u32 long_size);
void decoder_free(struct decoder *d);

/** decoder_wants - is @text (a format file, @len bytes) of @system one that we decode? */
bool decoder_wants(const char *system, const char *text, size_t len);

/**
 * decoder_add - take a format that decoder_wants()
 *
 * Return: 0, or -ERR_DAMAGED: the text cannot be used (@err names the event, not the file).
 */
int decoder_add(struct decoder *d, const char *system, const char *text, size_t len,
		struct error *err) __must_check;

/** decode_load - value of a number field; @rec has PAGE_SLACK readable bytes behind it */
static inline u64 decode_load(const struct field_load *f, const u8 *rec, bool big_endian)
{
	unsigned int spare = 64 - 8u * f->size;
	u64 v = page_load64(rec + f->offset, big_endian);

	/* Put the field's bytes on top, then shift them down with or without sign. */
	if (!big_endian)
		v <<= spare;
	return f->is_signed ? (u64)((s64)v >> spare) : v >> spare;
}

/**
 * decode_event - fill in all of @ev but time, cpu and task
 * @rec: a record of at least format[kind].min_len bytes
 * @pid: the recorded pid
 *
 * Return: false when a string lies outside the record.
 */
bool decode_event(const struct decoder *d, u8 kind, const u8 *rec, u32 len, struct event *ev,
		  u32 *pid, struct log_writer *w);

#endif /* SPB_PARSERS_DECODE_H */
