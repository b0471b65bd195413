/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Event formats and the decoding of events. libtraceevent reads each format text once; after
 * that a field is a load, a shift and a mask. The fields are those of event_kinds[].
 */
#ifndef SPB_PARSERS_DECODE_H
#define SPB_PARSERS_DECODE_H

#include "parsers/batch.h"
#include "parsers/page.h"

struct tep_handle;

/** DECODE_NONE - kind of an event id that is not one of event_kinds[] */
#define DECODE_NONE 0xff

/**
 * struct number_load - a number field as one load of 8 bytes, without a branch
 * @offset: of its first byte in the record
 * @shift: bits behind the field in the loaded word; 0 for little endian
 * @mask: bits of the field; 0 when it is absent, its value is 0 then
 * @sign: its sign bit, 0 for unsigned fields
 */
struct number_load {
	u64 mask;
	u64 sign;
	u16 offset;
	u8 shift;
};

/** enum string_how - where a string field has its bytes */
enum string_how {
	STRING_NONE = 0,	/* the field is a number, or absent */
	STRING_DATA_LOC,	/* at (offset, length) in the record */
	STRING_REL_LOC,		/* the same, counted from the end of the field */
	STRING_CHARS,		/* inside the record */
};

/** struct string_load - a string field; @offset, @size: bytes in the record */
struct string_load {
	u16 offset;
	u16 size;
	u8 how;
};

/**
 * struct event_format - one event as this capture stores it
 * @known: the capture has a format for it
 * @nr_extra: extra words of the kind
 * @min_len: bytes that a record must have
 * @room: and so many more it may have: those of fields that are not decoded, of strings, and of
 *	alignment
 * @no_pfn: the value of the pfn field that stands for no page
 * @no_mt: ~0 when there is no migratetype, else 0
 */
struct event_format {
	bool known;
	u8 nr_extra;
	u16 id;
	u32 min_len;
	u32 room;
	u64 no_pfn;
	u64 no_mt;
	struct number_load pid;
	struct number_load pfn;
	struct number_load order;
	struct number_load migratetype;
	struct number_load extra[EVENT_MAX_EXTRA];
	struct string_load string[EVENT_MAX_EXTRA];
};

/**
 * struct decoder - the formats of one capture
 * @big_endian: byte order of the records
 * @nr_known: formats found
 * @type: where a record's event id lies, @id_end: the byte behind it
 * @kind_by_id: event id to kind, or DECODE_NONE
 * @id_seen, @id_twice: ids of all formats of the capture, wanted or not, a bit each
 */
struct decoder {
	struct tep_handle *tep;
	bool big_endian;
	u32 nr_known;
	struct number_load type;
	u32 id_end;
	struct event_format format[NR_EVENT_KINDS];
	u8 kind_by_id[65536];
	u8 id_seen[8192];
	u8 id_twice[8192];
};

/** decoder_new - @long_size is the recorded kernel's. Return: NULL when out of memory */
struct decoder *decoder_new(bool big_endian, u32 long_size);
void decoder_free(struct decoder *d);

/** decoder_wants - is @text (a format file, @len bytes) of @system one that we decode? */
bool decoder_wants(const char *system, const char *text, size_t len);

/**
 * decoder_add - take a format that decoder_wants()
 *
 * Return: 0; -ERR_DAMAGED: the text cannot be used (@err names the event, not the file); -ERR_IO:
 * no memory.
 */
int decoder_add(struct decoder *d, const char *system, const char *text, size_t len,
		struct error *err) __must_check;

/**
 * decoder_see - a format of the capture, wanted or not: no two events have one id
 * @text: the first bytes of a format file of @system, with its first two lines
 *
 * Return: false when an event that we decode stands in a system that is not its own.
 */
bool decoder_see(struct decoder *d, const char *system, const char *text, size_t len);

/** decoder_id_twice - name of an event that we decode whose id another has, too; NULL: none */
const char *decoder_id_twice(const struct decoder *d);

/** decode_unsigned - value of a number field but for its sign; PAGE_SLACK as for decode_number() */
static inline u64 decode_unsigned(const struct number_load *l, const u8 *rec, bool big_endian)
{
	u64 v = page_load64(rec + l->offset, big_endian);

	return (big_endian ? v >> l->shift : v) & l->mask;
}

/** decode_number - value of a number field; @rec has PAGE_SLACK readable bytes behind it */
static inline u64 decode_number(const struct number_load *l, const u8 *rec, bool big_endian)
{
	return (decode_unsigned(l, rec, big_endian) ^ l->sign) - l->sign;
}

/**
 * decode_columns - fill in row @row of @b but for its time, kind and extra words
 * @rec: a record of at least fmt->min_len bytes
 *
 * Signs do not matter here: what is negative is out of range in any case.
 */
static inline void decode_columns(const struct event_format *fmt, const u8 *rec, bool big_endian,
				  struct batch *b, u32 row)
{
	u64 pfn = decode_unsigned(&fmt->pfn, rec, big_endian);
	u64 order = decode_unsigned(&fmt->order, rec, big_endian);
	u64 mt = decode_unsigned(&fmt->migratetype, rec, big_endian) | fmt->no_mt;

	b->pid[row] = (u32)decode_unsigned(&fmt->pid, rec, big_endian);
	b->pfn[row] = pfn == fmt->no_pfn ? EVENT_NO_PFN : pfn;
	b->migratetype[row] = mt <= INT8_MAX ? (s8)mt : EVENT_NO_MT;
	b->order[row] = (u8)(order < UINT8_MAX ? order : UINT8_MAX);
}

/**
 * decode_words - the extra words of a kind that has more than one; strings go to b->text
 * @rec: a record of @len bytes, at least fmt->min_len
 *
 * Return: false when a string lies outside the record.
 */
bool decode_words(const struct event_format *fmt, const u8 *rec, u32 len, bool big_endian,
		  struct batch *b, u64 *words);

#endif /* SPB_PARSERS_DECODE_H */
