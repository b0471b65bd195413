// SPDX-License-Identifier: GPL-2.0
#include "cmd/export/export_perfetto.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/common/stamp.h"
#include "cmd/export/protobuf.h"

/* Field numbers of perfetto's protos/perfetto/trace (trace_packet, track_descriptor, ...). */
enum { TRACE_PACKET = 1 };
enum { PACKET_TIMESTAMP = 8, PACKET_SEQUENCE = 10, PACKET_EVENT = 11, PACKET_FLAGS = 13,
       PACKET_TRACK = 60 };
enum { TRACK_UUID = 1, TRACK_NAME = 2, TRACK_PARENT = 5, TRACK_COUNTER = 8 };
enum { COUNTER_UNIT_NAME = 6 };
enum { EVENT_ANNOTATION = 4, EVENT_TYPE = 9, EVENT_TRACK = 11, EVENT_CATEGORY = 22,
       EVENT_NAME = 23, EVENT_COUNTER = 30 };
enum { ANNOTATION_UINT = 3, ANNOTATION_TEXT = 6, ANNOTATION_NAME = 10 };
enum { TYPE_BEGIN = 1, TYPE_END = 2, TYPE_INSTANT = 3, TYPE_COUNTER = 4 };
enum { SEQUENCE_ID = 1, SEQUENCE_CLEARED = 1 };

#define NAME_MAX_BYTES 256

/**
 * struct trace - a trace being written
 * @packet, @event, @note: messages in the making; @all: the packet with its tag
 * @next_uuid: of the next track; @sequence_begun: the first packet is out
 */
struct trace {
	const struct outcome_view *v;
	FILE *out;
	struct bytes packet;
	struct bytes event;
	struct bytes note;
	struct bytes all;
	u64 next_uuid;
	bool sequence_begun;
};

static void put_packet(struct trace *t)
{
	pb_u64(&t->packet, PACKET_SEQUENCE, SEQUENCE_ID);
	if (!t->sequence_begun)
		pb_u64(&t->packet, PACKET_FLAGS, SEQUENCE_CLEARED);
	t->sequence_begun = true;
	pb_message(&t->all, TRACE_PACKET, &t->packet);
	if (t->all.nr)
		fwrite(t->all.at, 1, t->all.nr, t->out);
	t->all.nr = 0;
}

/* A track below @parent (0: none). @unit: of a counter, or NULL. Return: its uuid */
static u64 put_track(struct trace *t, u64 parent, const char *name, const char *unit)
{
	u64 uuid = t->next_uuid++;

	pb_u64(&t->event, TRACK_UUID, uuid);
	pb_text(&t->event, TRACK_NAME, name);
	if (parent)
		pb_u64(&t->event, TRACK_PARENT, parent);
	if (unit) {
		pb_text(&t->note, COUNTER_UNIT_NAME, unit);
		pb_message(&t->event, TRACK_COUNTER, &t->note);
	}
	pb_message(&t->packet, PACKET_TRACK, &t->event);
	put_packet(t);
	return uuid;
}

static void begin_event(struct trace *t, u64 track, u64 time, u32 type)
{
	pb_u64(&t->packet, PACKET_TIMESTAMP, time);
	pb_u64(&t->event, EVENT_TYPE, type);
	pb_u64(&t->event, EVENT_TRACK, track);
}

static void end_event(struct trace *t)
{
	pb_message(&t->packet, PACKET_EVENT, &t->event);
	put_packet(t);
}

static void name_event(struct trace *t, const char *category, const char *name)
{
	pb_text(&t->event, EVENT_CATEGORY, category);
	pb_text(&t->event, EVENT_NAME, name);
}

static void note_text(struct trace *t, const char *name, const char *text)
{
	pb_text(&t->note, ANNOTATION_NAME, name);
	pb_text(&t->note, ANNOTATION_TEXT, text);
	pb_message(&t->event, EVENT_ANNOTATION, &t->note);
}

static void note_number(struct trace *t, const char *name, u64 value)
{
	pb_text(&t->note, ANNOTATION_NAME, name);
	pb_u64(&t->note, ANNOTATION_UINT, value);
	pb_message(&t->event, EVENT_ANNOTATION, &t->note);
}

/* ---- counters ---- */

static void put_counters(struct trace *t, const struct view_arm *arm, u64 parent)
{
	static const struct {
		const char *name;
		const char *unit;
	} counters[NR_VIEW_SERIES] = {
		[SERIES_CLEAN] = { "clean SPBs", "SPBs" },
		[SERIES_TAINTED] = { "tainted SPBs", "SPBs" },
		[SERIES_EMPTY] = { "empty SPBs", "SPBs" },
		[SERIES_FREE_PAGES] = { "free pages", "pages" },
		[SERIES_FREE_PAGES_TAINTED] = { "free pages in tainted SPBs", "pages" },
		[SERIES_FREE_BLOCKS] = { "free pageblocks", "pageblocks" },
		[SERIES_STUCK] = { "stuck SPBs", "SPBs" },
		[SERIES_MIGRATED] = { "pages migrated", "pages" },
	};

	for (u32 s = 0; s < NR_VIEW_SERIES; s++) {
		u64 track = put_track(t, parent, counters[s].name, counters[s].unit);

		for (u32 i = 0; i < t->v->nr_times; i++) {
			if (i && arm->series[s][i] == arm->series[s][i - 1])
				continue;
			begin_event(t, track, t->v->times[i], TYPE_COUNTER);
			pb_u64(&t->event, EVENT_COUNTER, arm->series[s][i]);
			end_event(t);
		}
	}
}

/* ---- taints and passes ---- */

static bool row_is_of(const struct trace *t, const struct csv_data *d, u32 row, u32 variant,
		      u32 zone)
{
	return !strcmp(csv_cell(d, row, 0), t->v->variants[variant]) &&
	       !strcmp(csv_cell(d, row, 1), t->v->zones[zone].name);
}

static void put_taint(struct trace *t, u32 row, u64 track)
{
	const struct csv_data *d = &t->v->tables[VIEW_TAINT];
	char name[NAME_MAX_BYTES];

	snprintf(name, sizeof(name), "SPB %s %s", csv_text(d, row, "spb"),
		 csv_text(d, row, "to"));
	begin_event(t, track, csv_u64(d, row, "time_ns"), TYPE_INSTANT);
	name_event(t, "taint", name);
	note_text(t, "comm", csv_text(d, row, "comm"));
	note_number(t, "pid", csv_u64(d, row, "pid"));
	note_text(t, "cause", csv_text(d, row, "cause"));
	note_number(t, "order", csv_u64(d, row, "order"));
	note_text(t, "migratetype", csv_text(d, row, "migratetype"));
	note_text(t, "from", csv_text(d, row, "from"));
	end_event(t);
}

static void put_pass(struct trace *t, u32 row, u64 track)
{
	static const char *const numbers[] = {
		"nr_free_before", "nr_free_after", "pages_migrated", "pages_failed", "progress",
		"time_ns",
	};
	const struct csv_data *d = &t->v->tables[VIEW_DEFRAG];
	char name[NAME_MAX_BYTES];

	if (!*csv_text(d, row, "start_ns"))
		return;
	snprintf(name, sizeof(name), "defrag SPB %s", csv_text(d, row, "spb"));
	begin_event(t, track, csv_u64(d, row, "start_ns"), TYPE_BEGIN);
	name_event(t, "defrag", name);
	note_text(t, "trigger", csv_text(d, row, "trigger"));
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		if (*csv_text(d, row, numbers[i]))
			note_number(t, numbers[i], csv_u64(d, row, numbers[i]));
	}
	end_event(t);
	/* A slice without an end reaches to the end of the trace. */
	if (pass_is_open(d, row))
		return;
	begin_event(t, track, csv_u64(d, row, "end_ns"), TYPE_END);
	end_event(t);
}

static void put_rows(struct trace *t, enum view_table table, u32 variant, u32 zone, u64 track,
		     void (*put)(struct trace *t, u32 row, u64 track))
{
	const struct csv_data *d = &t->v->tables[table];

	for (u32 row = 0; row < d->nr_rows; row++)
		if (row_is_of(t, d, row, variant, zone))
			put(t, row, track);
}

/* ---- states ---- */

static bool same_state(const struct spbmap_row *a, const struct spbmap_row *b)
{
	return a->state == b->state && a->stuck == b->stuck;
}

/**
 * struct states - what the tracks of one zone show so far, by superpageblock
 * @used: not empty all the time; @track: uuid; @now: the open slice
 */
struct states {
	bool *used;
	u64 *track;
	const struct spbmap_row **now;
};

static void close_state(struct trace *t, const struct states *s, u32 spb, u64 time)
{
	if (!s->now[spb])
		return;
	begin_event(t, s->track[spb], time, TYPE_END);
	end_event(t);
}

static void open_state(struct trace *t, struct states *s, const struct spbmap_row *row)
{
	u64 time = t->v->times[row->sample];

	if (s->now[row->spb] && same_state(s->now[row->spb], row))
		return;
	close_state(t, s, row->spb, time);
	begin_event(t, s->track[row->spb], time, TYPE_BEGIN);
	name_event(t, "spb", row->stuck ? "stuck" : spb_state_name(row->state));
	note_number(t, "free_blocks", row->free_blocks);
	end_event(t);
	s->now[row->spb] = row;
}

static void put_states_of(struct trace *t, const struct view_arm *arm, u32 nr_spbs, u64 parent,
			  struct states *s)
{
	char name[NAME_MAX_BYTES];

	for (u32 i = 0; i < arm->nr_map; i++)
		s->used[arm->map[i].spb] |= arm->map[i].state != SPB_STATE_EMPTY;
	for (u32 spb = 0; spb < nr_spbs; spb++) {
		snprintf(name, sizeof(name), "SPB %" PRIu32, spb);
		if (s->used[spb])
			s->track[spb] = put_track(t, parent, name, NULL);
	}
	for (u32 i = 0; i < arm->nr_map; i++)
		if (s->used[arm->map[i].spb])
			open_state(t, s, &arm->map[i]);
	for (u32 spb = 0; spb < nr_spbs; spb++)
		close_state(t, s, spb, t->v->times[t->v->nr_times - 1]);
}

static int put_states(struct trace *t, u32 variant, u32 zone, u64 parent)
{
	u32 nr = t->v->zones[zone].nr_spbs;
	struct states s = { .used = calloc(nr + 1ULL, sizeof(*s.used)),
			    .track = calloc(nr + 1ULL, sizeof(*s.track)),
			    .now = calloc(nr + 1ULL, sizeof(*s.now)) };
	bool ok = s.used && s.track && s.now;

	if (ok)
		put_states_of(t, view_arm(t->v, variant, zone), nr, parent, &s);
	free(s.used);
	free(s.track);
	free(s.now);
	return ok ? 0 : -1;
}

/* ---- the trace ---- */

static int put_arm(struct trace *t, u32 variant, u32 zone)
{
	char name[NAME_MAX_BYTES];
	u64 group;

	snprintf(name, sizeof(name), "%s %s", t->v->variants[variant], t->v->zones[zone].name);
	group = put_track(t, 0, name, NULL);
	put_counters(t, view_arm(t->v, variant, zone), group);
	put_rows(t, VIEW_TAINT, variant, zone, put_track(t, group, "taints", NULL), put_taint);
	put_rows(t, VIEW_DEFRAG, variant, zone, put_track(t, group, "defrag", NULL), put_pass);
	return put_states(t, variant, zone, group);
}

int export_perfetto(const struct outcome_view *v, FILE *out, struct error *err)
{
	struct trace t = { .v = v, .out = out, .next_uuid = 1 };
	int ret = 0;

	for (u32 i = 0; i < v->nr_variants; i++)
		for (u32 z = 0; z < v->nr_zones && !ret; z++)
			ret = v->zones[z].nr_spbs ? put_arm(&t, i, z) : 0;
	if (t.packet.failed || t.event.failed || t.note.failed || t.all.failed || ferror(out))
		ret = -1;
	bytes_fini(&t.packet);
	bytes_fini(&t.event);
	bytes_fini(&t.note);
	bytes_fini(&t.all);
	return ret ? err_nomem(err, "the trace") : 0;
}
