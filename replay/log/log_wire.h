/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes of the event log that are not event data: magic numbers, limits, the file header, frame
 * infos and the seek table (docs/log-format.md, sections 1-3 and 5).
 */
#ifndef SPB_REPLAY_LOG_WIRE_H
#define SPB_REPLAY_LOG_WIRE_H

#include "replay/log/event.h"

#define WIRE_MAGIC_HEADER 0x184D2A53u
#define WIRE_MAGIC_INFO 0x184D2A54u
#define WIRE_MAGIC_SEEK 0x184D2A5Eu
#define WIRE_SEEK_FOOTER 0x8F92EAB1u
#define WIRE_VERSION 1

#define WIRE_HEADER_FIXED 24		/* bytes before the JSON text */
#define WIRE_JSON_MAX (1u << 20)
#define WIRE_INFO_FIXED 52		/* bytes before the kinds */
#define WIRE_MAX_KINDS 64
#define WIRE_MAX_EXTRA 16
#define WIRE_INFO_MAX (WIRE_INFO_FIXED + 8 * WIRE_MAX_KINDS + 4)
#define WIRE_SEEK_FIXED 17		/* skippable header and footer */
#define WIRE_TABLES_MAX (2u << 20)	/* content of a frame that does not grow with its events */
#define WIRE_COMM_MAX 63
#define WIRE_STRING_MAX 255

/** struct frame_kind - one kind that occurs in a frame; @string_mask: words that are strings */
struct frame_kind {
	u8 kind;
	u8 nr_extra;
	u16 string_mask;
	u32 count;
};

/**
 * struct frame_info - what the skippable frame before a data frame says
 * @seq: sequence number; @first_event: index in the log; times in ns
 * @csize, @usize: bytes of the data frame in the file and decoded
 */
struct frame_info {
	u32 seq;
	u32 nr_events;
	u64 first_event;
	u64 first_time;
	u64 last_time;
	u32 csize;
	u32 usize;
	u32 nr_kinds;
	struct frame_kind kinds[WIRE_MAX_KINDS];
};

static inline void put_le16(u8 *p, u16 v)
{
	p[0] = (u8)v;
	p[1] = (u8)(v >> 8);
}

static inline void put_le32(u8 *p, u32 v)
{
	put_le16(p, (u16)v);
	put_le16(p + 2, (u16)(v >> 16));
}

static inline void put_le64(u8 *p, u64 v)
{
	put_le32(p, (u32)v);
	put_le32(p + 4, (u32)(v >> 32));
}

static inline u16 get_le16(const u8 *p)
{
	return (u16)(p[0] | p[1] << 8);
}

static inline u32 get_le32(const u8 *p)
{
	return get_le16(p) | (u32)get_le16(p + 2) << 16;
}

static inline u64 get_le64(const u8 *p)
{
	return get_le32(p) | (u64)get_le32(p + 4) << 32;
}

/** wire_crc32 - CRC-32 of zlib over @len bytes */
u32 wire_crc32(const u8 *p, size_t len);

/** wire_is_header - do these bytes begin a log? */
bool wire_is_header(const u8 *p, size_t len);

/** wire_header_size - size of a file header with @json_len bytes of JSON */
static inline size_t wire_header_size(size_t json_len)
{
	return WIRE_HEADER_FIXED + json_len + 4;
}

/** wire_put_header - write the file header, wire_header_size(@len) bytes */
void wire_put_header(u8 *p, const char *json, u32 len);

/**
 * wire_check_header_start - check the first WIRE_HEADER_FIXED bytes of a log
 * @json_len: length of the JSON text that follows
 *
 * Return: NULL, or what is wrong (a constant string). The same holds for all checks below.
 */
const char *wire_check_header_start(const u8 *p, u32 *json_len) __must_check;

/** frame_max_content - largest decoded size a frame with @info may claim */
u64 frame_max_content(const struct frame_info *info);

/** frame_info_size - bytes of @info in the file */
static inline size_t frame_info_size(const struct frame_info *info)
{
	return WIRE_INFO_FIXED + 8 * (size_t)info->nr_kinds + 4;
}

/** wire_put_info - write @info, frame_info_size() bytes */
void wire_put_info(u8 *p, const struct frame_info *info);
/** wire_get_info - read a frame info from the @len bytes at @p, which may be more than it has */
const char *wire_get_info(const u8 *p, size_t len, struct frame_info *info) __must_check;

#endif /* SPB_REPLAY_LOG_WIRE_H */
