// SPDX-License-Identifier: GPL-2.0
#include "replay/synth/units.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 1024u
#define MAX_UNITS 0xfffffff0U

void units_fini(struct units *u)
{
	free(u->pfn);
	free(u->stream);
	free(u->spare);
	for (u32 i = 0; i < SYNTH_MAX_STREAMS; i++)
		free(u->pool[i].id);
	*u = (struct units){ 0 };
}

static bool resize(void *array, u32 nr, size_t size)
{
	void **p = array;
	void *grown = realloc(*p, nr * size);

	if (grown)
		*p = grown;
	return grown;
}

static u32 next_room(u32 room)
{
	return room ? (u32)min_u64(room + (u64)room / 2, MAX_UNITS) : FIRST_ROOM;
}

int units_new(struct units *u, u32 *unit, struct error *err)
{
	const u32 room = next_room(u->room);

	if (u->nr_spare) {
		*unit = u->spare[--u->nr_spare];
		return 0;
	}
	if (u->nr == u->room) {
		if (room == u->room || !resize(&u->pfn, room, sizeof(*u->pfn)) ||
		    !resize(&u->stream, room, sizeof(*u->stream)) ||
		    !resize(&u->spare, room, sizeof(*u->spare)))
			return err_nomem(err, "the live pages");
		u->room = room;
	}
	*unit = u->nr++;
	u->pfn[*unit] = UNIT_GONE;
	return 0;
}

/* Room for one more at the end: what was taken from the front makes room first. */
static int make_room(struct unit_pool *p, struct error *err)
{
	const u32 room = next_room(p->room);

	if (p->end < p->room)
		return 0;
	if (p->head > p->room / 2) {
		memmove(p->id, p->id + p->head, (p->end - p->head) * sizeof(*p->id));
		p->end -= p->head;
		p->head = 0;
		return 0;
	}
	if (room == p->room || !resize(&p->id, room, sizeof(*p->id)))
		return err_nomem(err, "the live pages");
	p->room = room;
	return 0;
}

int units_add(struct units *u, u32 unit, u32 stream, u64 pfn, struct error *err)
{
	struct unit_pool *p = &u->pool[stream];
	int ret = make_room(p, err);

	if (ret)
		return ret;
	u->pfn[unit] = pfn;
	u->stream[unit] = (u8)stream;
	p->id[p->end++] = unit;
	return 0;
}

void units_put_back(struct units *u, u32 unit)
{
	u->pfn[unit] = UNIT_GONE;
	u->spare[u->nr_spare++] = unit;
}

u32 units_live(const struct units *u, u32 stream)
{
	return u->pool[stream].end - u->pool[stream].head;
}

u32 units_take(struct units *u, u32 stream, enum synth_victim victim, u64 random)
{
	struct unit_pool *p = &u->pool[stream];
	u32 at = p->end - 1, unit;

	if (victim == VICTIM_OLDEST)
		return p->id[p->head++];
	if (victim == VICTIM_RANDOM)
		at = p->head + (u32)(random % (p->end - p->head));
	unit = p->id[at];
	p->id[at] = p->id[--p->end];
	return unit;
}
