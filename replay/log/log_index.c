// SPDX-License-Identifier: GPL-2.0
#include "replay/log/log_index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "replay/log/log_frame.h"

void frame_index_fini(struct frame_index *ix)
{
	free(ix->pos);
	memset(ix, 0, sizeof(*ix));
}

int frame_index_add(struct frame_index *ix, const struct frame_pos *pos)
{
	if (ix->nr == ix->room) {
		const u32 room = ix->room ? ix->room * 2 : 64;
		struct frame_pos *p = realloc(ix->pos, room * sizeof(*p));

		if (!p)
			return -ENOMEM;
		ix->pos = p;
		ix->room = room;
	}
	ix->pos[ix->nr++] = *pos;
	return 0;
}

int frame_index_copy(struct frame_index *to, const struct frame_index *from)
{
	memset(to, 0, sizeof(*to));
	for (u32 i = 0; i < from->nr; i++) {
		if (frame_index_add(to, &from->pos[i])) {
			frame_index_fini(to);
			return -ENOMEM;
		}
	}
	return 0;
}

static u8 *put_entry(u8 *p, u32 csize, u32 usize)
{
	put_le32(p, csize);
	put_le32(p + 4, usize);
	return p + 8;
}

void seek_table_put(u8 *p, const struct frame_index *ix, u32 header_size)
{
	put_le32(p, WIRE_MAGIC_SEEK);
	put_le32(p + 4, (u32)seek_table_size(ix->nr) - 8);
	p = put_entry(p + 8, header_size, 0);
	for (u32 i = 0; i < ix->nr; i++) {
		p = put_entry(p, ix->pos[i].info_size, 0);
		p = put_entry(p, ix->pos[i].csize, ix->pos[i].usize);
	}
	put_le32(p, 1 + 2 * ix->nr);
	p[4] = 0;
	put_le32(p + 5, WIRE_SEEK_FOOTER);
}

/* The table's size and place; what it holds is checked by get_entries(). */
static const char *find_table(struct log_source *src, u32 header_size, u32 *nr,
			      struct error *err)
{
	const u64 size = src->size;
	const u8 *p;
	u32 entries;

	if (size < header_size + seek_table_size(0))
		return "seek table missing";
	p = log_source_at(src, size - 9, 9, err);
	if (!p)
		return "seek table cannot be read";
	entries = get_le32(p);
	if (get_le32(p + 5) != WIRE_SEEK_FOOTER || p[4])
		return "seek table missing";
	*nr = (entries - 1) / 2;
	if (entries != 1 + 2 * (u64)*nr || seek_table_size(*nr) > size - header_size)
		return "seek table damaged";
	p = log_source_at(src, size - seek_table_size(*nr), 16, err);
	if (!p)
		return "seek table cannot be read";
	if (get_le32(p) != WIRE_MAGIC_SEEK || get_le32(p + 4) != seek_table_size(*nr) - 8 ||
	    get_le32(p + 8) != header_size || get_le32(p + 12))
		return "seek table damaged";
	return NULL;
}

static const char *get_entries(struct frame_index *ix, struct log_source *src, u32 header_size,
			       u32 nr, struct error *err)
{
	const u64 table = src->size - seek_table_size(nr);
	u64 offset = header_size;

	for (u32 i = 0; i < nr; i++) {
		const u8 *p = log_source_at(src, table + 16 + 16 * (u64)i, 16, err);
		struct frame_pos pos;

		if (!p)
			return "seek table cannot be read";
		pos = (struct frame_pos){ offset, get_le32(p), get_le32(p + 8),
					  get_le32(p + 12) };
		offset += (u64)pos.info_size + pos.csize;
		if (get_le32(p + 4) || pos.info_size > WIRE_INFO_MAX || offset > table)
			return "seek table damaged";
		if (frame_index_add(ix, &pos))
			return frame_nomem;
	}
	return offset == table ? NULL : "seek table does not cover the file";
}

const char *seek_table_get(struct frame_index *ix, struct log_source *src, u32 header_size,
			   struct error *err)
{
	const char *why;
	u32 nr = 0;

	memset(ix, 0, sizeof(*ix));
	why = find_table(src, header_size, &nr, err);
	if (!why)
		why = get_entries(ix, src, header_size, nr, err);
	if (why)
		frame_index_fini(ix);
	return why;
}

/* Does a seek table begin at @offset? */
static bool at_seek_table(struct log_source *src, u64 offset, struct error *err)
{
	const u8 *p = src->size - offset < 4 ? NULL : log_source_at(src, offset, 4, err);

	return p && get_le32(p) == WIRE_MAGIC_SEEK;
}

const char *frame_index_scan(struct frame_index *ix, struct log_source *src, u32 header_size,
			     u64 *end, u64 *events, struct error *err)
{
	u64 offset = header_size;
	struct frame_info info;
	const char *why = NULL;

	memset(ix, 0, sizeof(*ix));
	*events = 0;
	while (offset < src->size && !at_seek_table(src, offset, err)) {
		struct frame_pos pos = { offset, 0, 0, 0 };

		if (log_source_info(src, offset, &info, &pos.info_size, &why, err))
			break;
		if (info.seq != ix->nr || info.first_event != *events) {
			why = "frame out of sequence";
			break;
		}
		pos.csize = info.csize;
		pos.usize = info.usize;
		if (frame_index_add(ix, &pos)) {
			why = frame_nomem;
			break;
		}
		*events += info.nr_events;
		offset += (u64)pos.info_size + pos.csize;
	}
	*end = offset;
	return why;
}
