// SPDX-License-Identifier: GPL-2.0
#include "replay/log/log_wire.h"

#include <string.h>

static const u8 signature[8] = { 's', 'p', 'b', 'l', 'o', 'g', '\r', '\n' };

/* Half a byte at a time: headers are small, a big table is not worth its cache lines. */
static const u32 crc_nibble[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
	0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
	0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

u32 wire_crc32(const u8 *p, size_t len)
{
	u32 crc = ~0u;

	while (len--) {
		crc ^= *p++;
		crc = crc >> 4 ^ crc_nibble[crc & 15];
		crc = crc >> 4 ^ crc_nibble[crc & 15];
	}
	return ~crc;
}

bool wire_is_header(const u8 *p, size_t len)
{
	return len >= 16 && get_le32(p) == WIRE_MAGIC_HEADER && !memcmp(p + 8, signature, 8);
}

void wire_put_header(u8 *p, const char *json, u32 len)
{
	put_le32(p, WIRE_MAGIC_HEADER);
	put_le32(p + 4, (u32)wire_header_size(len) - 8);
	memcpy(p + 8, signature, 8);
	put_le16(p + 16, WIRE_VERSION);
	put_le16(p + 18, 0);
	put_le32(p + 20, len);
	memcpy(p + WIRE_HEADER_FIXED, json, len);
	put_le32(p + WIRE_HEADER_FIXED + len, wire_crc32(p, WIRE_HEADER_FIXED + len));
}

const char *wire_check_header_start(const u8 *p, u32 *json_len)
{
	if (!wire_is_header(p, WIRE_HEADER_FIXED))
		return "not an event log";
	if (get_le16(p + 16) != WIRE_VERSION)
		return "event log of another format version";
	if (get_le16(p + 18))
		return "event log uses features of a newer program";
	*json_len = get_le32(p + 20);
	if (*json_len > WIRE_JSON_MAX || get_le32(p + 4) != wire_header_size(*json_len) - 8)
		return "header length out of range";
	return NULL;
}

u64 frame_max_content(const struct frame_info *info)
{
	u64 words = 0;

	for (u32 k = 0; k < info->nr_kinds; k++)
		words = max_u64(words, info->kinds[k].nr_extra);
	return WIRE_TABLES_MAX + info->nr_events * (128 + 11 * words);
}

void wire_put_info(u8 *p, const struct frame_info *info)
{
	const size_t size = frame_info_size(info);

	put_le32(p, WIRE_MAGIC_INFO);
	put_le32(p + 4, (u32)size - 8);
	put_le32(p + 8, info->seq);
	put_le32(p + 12, info->nr_events);
	put_le64(p + 16, info->first_event);
	put_le64(p + 24, info->first_time);
	put_le64(p + 32, info->last_time);
	put_le32(p + 40, info->csize);
	put_le32(p + 44, info->usize);
	put_le32(p + 48, info->nr_kinds);
	for (u32 k = 0; k < info->nr_kinds; k++) {
		u8 *q = p + WIRE_INFO_FIXED + 8 * (size_t)k;

		q[0] = info->kinds[k].kind;
		q[1] = info->kinds[k].nr_extra;
		put_le16(q + 2, info->kinds[k].string_mask);
		put_le32(q + 4, info->kinds[k].count);
	}
	put_le32(p + size - 4, wire_crc32(p, size - 4));
}

static const char *get_kinds(const u8 *p, struct frame_info *info)
{
	u64 sum = 0;

	for (u32 k = 0; k < info->nr_kinds; k++, p += 8) {
		struct frame_kind *fk = &info->kinds[k];

		*fk = (struct frame_kind){ p[0], p[1], get_le16(p + 2), get_le32(p + 4) };
		if (k && fk->kind <= fk[-1].kind)
			return "kinds of a frame out of order";
		if (fk->nr_extra > WIRE_MAX_EXTRA)
			return "too many extra words";
		if (!fk->count)
			return "kind without events";
		sum += fk->count;
	}
	return sum == info->nr_events ? NULL : "event counts of a frame disagree";
}

const char *wire_get_info(const u8 *p, size_t len, struct frame_info *info)
{
	const char *why;
	size_t size;

	if (len < WIRE_INFO_FIXED)
		return "cut off";
	if (get_le32(p) != WIRE_MAGIC_INFO)
		return "no frame where one should begin";
	info->nr_kinds = get_le32(p + 48);	/* with the three reserved bytes, which are 0 */
	if (!info->nr_kinds || info->nr_kinds > WIRE_MAX_KINDS)
		return "number of kinds out of range";
	size = frame_info_size(info);
	if (get_le32(p + 4) != size - 8)
		return "frame info of wrong size";
	if (len < size)
		return "cut off";
	if (get_le32(p + size - 4) != wire_crc32(p, size - 4))
		return "frame info fails its checksum";
	info->seq = get_le32(p + 8);
	info->nr_events = get_le32(p + 12);
	info->first_event = get_le64(p + 16);
	info->first_time = get_le64(p + 24);
	info->last_time = get_le64(p + 32);
	info->csize = get_le32(p + 40);
	info->usize = get_le32(p + 44);
	if (!info->nr_events || info->nr_events > EVENT_BLOCK_MAX)
		return "number of events out of range";
	if (info->last_time < info->first_time)
		return "times of a frame run backwards";
	why = get_kinds(p + WIRE_INFO_FIXED, info);
	if (why)
		return why;
	return info->usize <= frame_max_content(info) ? NULL : "frame too large for its events";
}
