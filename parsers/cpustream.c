// SPDX-License-Identifier: GPL-2.0
#include "parsers/cpustream.h"

#include <string.h>

/* A CPU's clock may step back a little; more means that a time stamp is damaged. */
#define BACKWARDS_MAX NSEC_PER_MSEC

void cpustream_init(struct cpustream *s, struct stream_source *src, u32 cpu, u64 offset, u64 size,
		    struct error *damage)
{
	memset(s, 0, sizeof(*s));
	s->src = src;
	chunks_init(&s->chunks, &src->chunks, cpu, offset, size, damage);
}

void cpustream_fini(struct cpustream *s)
{
	chunks_fini(&s->chunks);
}

/* Damage at the current record; the stream ends here. */
static void damage(struct cpustream *s, struct batch *b, const char *what)
{
	const struct chunks *c = &s->chunks;
	u64 in_buf = c->buf && s->page.p ? (u64)(s->page.p - c->buf) : 0;

	/* Inside a compressed chunk there is no file offset: name the chunk's. */
	chunks_damage(&s->chunks, &b->damage, what,
		      c->at + (c->src->how == UNPACK_NONE ? in_buf : 0));
	s->ended = true;
}

/* @ns is before the event before it: keep the order, and note what no clock does. */
static u64 went_back(const struct cpustream *s, u64 last, u64 ns, struct batch *b)
{
	if (last - ns > BACKWARDS_MAX)
		err_set(&b->damage, ERR_DAMAGED,
			"%s: CPU %u: time goes back from %llu to %llu ns (offset %llu) - such events take the time before them",
			s->src->chunks.in->path, s->chunks.cpu, (unsigned long long)last,
			(unsigned long long)ns, (unsigned long long)s->chunks.at);
	return last;
}

static inline u64 to_ns(const struct cpustream *s, u64 last, u64 ticks, struct batch *b)
{
	const struct tsc_scale *tsc = &s->src->tsc;
	u64 ns = ticks;

	if (__builtin_expect(tsc->mult, 0))
		ns = (u64)((unsigned __int128)ticks * tsc->mult >> tsc->shift);
	return __builtin_expect(ns < last, 0) ? went_back(s, last, ns, b) : ns;
}

static void add_lost(struct cpustream *s, const struct page_head *head, struct batch *b)
{
	u32 row = b->nr++;

	s->lost_events += head->lost_count;
	s->lost_gaps += !head->lost_count;
	s->time = to_ns(s, s->time, head->time, b);
	b->time[row] = s->time;
	b->kind[row] = EVENT_LOST;
	b->pfn[row] = EVENT_NO_PFN;
	b->order[row] = 0;
	b->migratetype[row] = EVENT_NO_MT;
	b->pid[row] = 0;
	b->lost = true;
	b->word[row] = (u16)b->nr_words;
	b->extra[b->nr_words++] = head->lost_count;
}

/* The length in the word was possible: the events are used. */
static void note_odd(const struct cpustream *s, size_t page, struct batch *b)
{
	const struct chunks *c = &s->chunks;

	err_set(&b->damage, ERR_DAMAGED,
		"%s: CPU %u: the length word of a page has bits that mean nothing (offset %llu) - its events are used, record again to be sure",
		c->src->in->path, c->cpu,
		(unsigned long long)(c->at + (c->src->how == UNPACK_NONE ? page : 0)));
}

/* Open the next page: 1, 0 at the end, or negative. A loss before it becomes an event. */
static int next_page(struct cpustream *s, struct unpack_room *room, struct batch *b,
		     struct error *err)
{
	struct page_head head;
	size_t avail;

	if (s->page_cut) {
		damage(s, b, "a page is cut off");
		return 0;
	}
	if (s->next_page >= s->chunks.len) {
		int ret = chunks_next(&s->chunks, room, &b->damage, err);

		s->next_page = 0;
		if (ret <= 0)
			return ret;
	}
	avail = min_u64(s->chunks.len - s->next_page, s->src->chunks.layout.size);
	if (!page_open(&s->page, &s->src->chunks.layout, s->chunks.buf + s->next_page, avail,
		       &head)) {
		damage(s, b, "a page header is damaged");
		return 0;
	}
	if (head.odd)
		note_odd(s, s->next_page, b);
	s->next_page += avail;
	s->page_cut = head.cut;
	if (head.lost)
		add_lost(s, &head, b);
	return 1;
}

/*
 * Records of the page at hand into @b until it is full: the loop that every event goes through.
 * @big_endian is a constant of the caller, so that byte order costs nothing inside.
 *
 * Return: PAGE_EVENT when @b is full, otherwise what ended the page; @what: the damage, if any.
 */
static inline __attribute__((always_inline)) enum page_step
take_records(struct cpustream *s, struct batch *b, const bool big_endian, const char **what)
{
	const struct decoder *dec = s->src->dec;
	const struct number_load type = dec->type;
	const u32 id_end = dec->id_end;
	struct page_cursor c = s->page;
	enum page_step step = PAGE_EVENT;
	u64 time = s->time, unknown = 0;
	u32 row = b->nr, words = b->nr_words;

	while (row < BATCH_EVENTS && words <= BATCH_WORDS - EVENT_MAX_EXTRA) {
		const struct event_format *fmt;
		u32 delta, len;
		const u8 *rec;
		u8 kind;

		if (__builtin_expect(page_plain(c.p, c.end, big_endian, &delta, &len), 1)) {
			rec = c.p + 4;
			c.time += delta;
			c.p = rec + len;
		} else {
			step = page_next(&c, &rec, &len);
			if (step != PAGE_EVENT)
				break;
		}
		if (len < id_end) {
			*what = "an event is shorter than its header";
			break;
		}
		kind = dec->kind_by_id[decode_unsigned(&type, rec, big_endian)];
		if (kind == DECODE_NONE) {
			unknown++;
			continue;
		}
		fmt = &dec->format[kind];
		if (len - fmt->min_len > fmt->room) {	/* also when it is shorter */
			*what = "an event is not as long as its format";
			break;
		}
		/* One word or none mostly: written in any case, without a branch. */
		b->extra[words] = decode_number(&fmt->extra[0], rec, big_endian);
		if (fmt->nr_extra > 1 &&
		    !decode_words(fmt, rec, len, big_endian, b, b->extra + words)) {
			*what = "a string lies outside its event";
			break;
		}
		b->word[row] = (u16)words;
		words += fmt->nr_extra;
		time = to_ns(s, time, c.time, b);
		b->time[row] = time;
		decode_columns(fmt, rec, big_endian, b, row);
		b->kind[row++] = kind;
		if (__builtin_expect(b->nr_text > BATCH_TEXT - BATCH_EVENT_TEXT, 0))
			break;
	}
	b->nr = row;
	b->nr_words = words;
	s->page = c;
	s->time = time;
	s->unknown += unknown;
	return step;
}

/* Events of the page at hand; false when it is used up or damaged. */
static bool take_page(struct cpustream *s, struct batch *b)
{
	const char *what = NULL;
	enum page_step step = s->src->dec->big_endian ? take_records(s, b, true, &what) :
							take_records(s, b, false, &what);

	if (!what && step == PAGE_BAD && !s->page_cut)
		what = "a record has an impossible length";
	if (what)
		damage(s, b, what);
	return !what && step == PAGE_EVENT;
}

int cpustream_fill(struct cpustream *s, struct unpack_room *room, struct batch *b,
		   struct error *err)
{
	batch_clear(b);
	while (!s->ended && !take_page(s, b)) {
		int ret;

		if (s->ended)
			break;
		ret = next_page(s, room, b, err);
		if (ret < 0)
			return ret;
		s->ended = !ret;
	}
	b->word[b->nr] = (u16)b->nr_words;
	return b->nr > 0;
}
