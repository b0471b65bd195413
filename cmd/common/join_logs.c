// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/join_logs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/common/log_copy.h"
#include "cmd/common/spool.h"
#include "cmd/common/units.h"
#include "parsers/quality.h"
#include "replay/base/hash.h"

/** struct part - a log on its way; @ev: its next event, valid while @more */
struct part {
	const char *name;
	struct log_copy copy;
	struct event_block b;
	u32 at;
	u32 word;
	bool more;
	struct event ev;
};

/** struct join - all of them; @w: where they go */
struct join {
	u32 nr;
	struct part *part;
	struct log_writer *w;
	struct quality *quality;
};

/* ---- may they be joined? ---- */

static const struct log_meta *meta_of(const struct part *p)
{
	return log_reader_meta(p->copy.r);
}

static bool differ(const char *a, const char *b)
{
	return a && b && strcmp(a, b);
}

/* log_anon_meta() leaves these. */
static bool is_anonymous(const struct log_meta *m)
{
	return !m->source_hash && m->source && !strcmp(m->source, "capture");
}

static int check_part(const struct part *first, const struct part *p, struct error *err)
{
	const struct log_meta *a = meta_of(first), *b = meta_of(p);
	const struct {
		const char *what;
		const char *a;
		const char *b;
	} same[] = {
		{ "host", a->host, b->host }, { "kernel", a->kernel, b->kernel },
		{ "machine", a->machine, b->machine }, { "clock", a->clock, b->clock },
	};

	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		if (differ(same[i].a, same[i].b))
			return err_set(err, ERR_USAGE, "%s: its %s is \"%.60s\", that of %s is "
				       "\"%.60s\" - give logs of one host", p->name, same[i].what,
				       same[i].b, first->name, same[i].a);
	if (a->page_size && b->page_size && a->page_size != b->page_size)
		return err_set(err, ERR_USAGE, "%s: has pages of %" PRIu32 " bytes, %s of %" PRIu32
			       " - give logs of one host", p->name, b->page_size, first->name,
			       a->page_size);
	if (is_anonymous(a) || is_anonymous(b))
		return err_set(err, ERR_USAGE, "%s: was made anonymous, so its task numbers are not "
			       "those of other logs - join first, then 'cut --anonymize'",
			       is_anonymous(b) ? p->name : first->name);
	return 0;
}

/* ---- events ---- */

/* The part's next event. */
static int advance(struct part *p, struct error *err)
{
	int ret = 1;

	while (p->at == p->b.nr && ret > 0) {
		ret = log_reader_next(p->copy.r, &p->b, err);
		p->at = 0;
		p->word = 0;
		if (ret <= 0)
			p->b.nr = 0;
	}
	p->more = ret > 0;
	if (ret <= 0)
		return ret;
	log_copy_row(&p->b, p->at, p->b.extra + p->word, &p->ev);
	p->word += event_kinds[p->ev.kind].nr_extra;
	p->at++;
	return 0;
}

/* Order of events: by time, by CPU, then as the files were given. */
static bool before(const struct part *a, const struct part *b)
{
	if (a->ev.time != b->ev.time)
		return a->ev.time < b->ev.time;
	if (a->ev.cpu != b->ev.cpu)
		return a->ev.cpu < b->ev.cpu;
	return a < b;
}

/* The parts whose events come next and after that; NULL: no more. */
static void next_two(const struct join *j, struct part **first, struct part **second)
{
	*first = *second = NULL;
	for (u32 i = 0; i < j->nr; i++) {
		struct part *p = &j->part[i];

		if (!p->more)
			continue;
		if (!*first || before(p, *first)) {
			*second = *first;
			*first = p;
		} else if (!*second || before(p, *second)) {
			*second = p;
		}
	}
}

/*
 * A CPU does one thing at a time: the same thing in two logs was recorded once and is there twice.
 */
static int check_twice(const struct part *a, const struct part *b, struct error *err)
{
	char t[UNIT_TEXT];

	if (a->ev.time != b->ev.time || a->ev.cpu != b->ev.cpu || a->ev.kind != b->ev.kind ||
	    a->ev.pfn != b->ev.pfn || a->ev.kind == EVENT_LOST)
		return 0;
	return err_set(err, ERR_USAGE, "%s: holds an event at %s s that %s holds, too - give each part "
		       "of a capture once", b->name, fmt_stamp(t, b->ev.time), a->name);
}

/* Events of @p as long as they come before those of @other, which may be NULL. */
static int copy_run(struct join *j, struct part *p, const struct part *other, struct error *err)
{
	int ret = 0;

	while (p->more && !ret && (!other || before(p, other))) {
		if (other)
			ret = check_twice(p, other, err);
		if (ret)
			break;
		log_copy_ids(&p->copy, &p->ev);
		quality_event(j->quality, &p->ev);
		ret = log_writer_add(j->w, &p->ev, err);
		if (!ret)
			ret = advance(p, err);
	}
	return ret;
}

static int copy_all(struct join *j, struct error *err)
{
	struct part *first, *second;
	int ret = 0;

	for (u32 i = 0; i < j->nr && !ret; i++) {
		ret = log_reader_rewind(j->part[i].copy.r, err);
		if (!ret)
			ret = advance(&j->part[i], err);
	}
	next_two(j, &first, &second);
	while (first && !ret) {
		ret = copy_run(j, first, second, err);
		next_two(j, &first, &second);
	}
	return ret;
}

/* ---- what the log says of itself ---- */

static struct log_lost *lost_of(struct log_meta *m, u32 cpu)
{
	for (u32 i = 0; i < m->nr_lost; i++)
		if (m->lost[i].cpu == cpu)
			return &m->lost[i];
	m->lost[m->nr_lost] = (struct log_lost){ .cpu = cpu };
	return &m->lost[m->nr_lost++];
}

static void add_losses(struct log_meta *to, const struct log_meta *m)
{
	for (u32 i = 0; i < m->nr_lost; i++) {
		struct log_lost *lost =
			m->lost[i].cpu < LOG_MAX_CPUS ? lost_of(to, m->lost[i].cpu) : NULL;

		if (!lost)
			continue;
		lost->events += m->lost[i].events;
		lost->unknown_gaps += m->lost[i].unknown_gaps;
	}
}

/* Parts of one capture: its name and hash; of several: the first one's name, a hash of hashes. */
static int set_source(const struct join *j, struct log_meta *to)
{
	const struct log_meta *first = meta_of(&j->part[0]);
	char name[512], hex[HASH64_TEXT];
	struct hash64 h;
	u32 others = 0;

	hash64_init(&h);
	for (u32 i = 0; i < j->nr; i++) {
		const struct log_meta *m = meta_of(&j->part[i]);
		const char *hash = m->source_hash ? m->source_hash : "";

		hash64_update(&h, hash, strlen(hash));
		others += differ(first->source_hash ? first->source_hash : "", hash);
		to->source_size += others ? m->source_size : 0;
	}
	if (!others)
		return 0;
	hash64_text(hex, hash64_final(&h));
	snprintf(name, sizeof(name), "%.400s and %u more", first->source ? first->source : "a capture",
		 j->nr - 1);
	return log_meta_set(&to->source, name) || log_meta_set(&to->source_hash, hex) ? -ENOMEM : 0;
}

/* The first part that knows them tells the zones; one that is partial makes the whole so. */
static int add_part(struct log_meta *to, const struct log_meta *m)
{
	if (to->nr_cpus < m->nr_cpus)
		to->nr_cpus = m->nr_cpus;
	to->unknown_events += m->unknown_events;
	add_losses(to, m);
	if (!to->pageblock_order)
		to->pageblock_order = m->pageblock_order;
	if (!to->page_size)
		to->page_size = m->page_size;
	if (m->partial && !to->partial_why && m->partial_why &&
	    log_meta_set(&to->partial_why, m->partial_why))
		return -ENOMEM;
	to->partial |= m->partial;
	if (to->nr_zones || !m->nr_zones)
		return 0;
	to->zones = malloc(m->nr_zones * sizeof(*to->zones));
	if (!to->zones)
		return -ENOMEM;
	memcpy(to->zones, m->zones, m->nr_zones * sizeof(*to->zones));
	to->nr_zones = m->nr_zones;
	return 0;
}

static int set_meta(const struct join *j, struct error *err)
{
	struct log_meta *meta = log_writer_meta(j->w), copy = { 0 };
	int ret = log_meta_copy(&copy, meta_of(&j->part[0]));

	free(copy.lost);
	copy.nr_lost = 0;
	copy.unknown_events = 0;
	copy.lost = calloc(LOG_MAX_CPUS, sizeof(*copy.lost));
	if (!ret)
		ret = copy.lost ? set_source(j, &copy) : -ENOMEM;
	for (u32 i = 0; i < j->nr && !ret; i++)
		ret = add_part(&copy, meta_of(&j->part[i]));
	copy.nr_events = meta->nr_events;
	memcpy(copy.count, meta->count, sizeof(copy.count));
	copy.first_time = meta->first_time;
	copy.last_time = meta->last_time;
	copy.equal_stamps = meta->equal_stamps;
	copy.causality = j->quality->causality;
	copy.frees_matched = j->quality->frees_matched;
	copy.frees_total = j->quality->frees_total;
	*meta = copy;
	return ret ? err_nomem(err, "the description of the log") : 0;
}

/* ---- all together ---- */

static int open_parts(struct join *j, const struct log_part *parts, struct error *err)
{
	int ret = 0;

	j->part = calloc(j->nr, sizeof(*j->part));
	j->w = log_writer_new(err);
	j->quality = quality_new();
	if (!j->part || !j->w || !j->quality)
		return err_nomem(err, "joining logs");
	log_writer_temp(j->w, spool_folder());
	for (u32 i = 0; i < j->nr && !ret; i++) {
		struct part *p = &j->part[i];

		p->name = parts[i].name;
		p->copy = (struct log_copy){ .r = parts[i].r, .w = j->w };
		ret = event_block_init(&p->b) ? err_nomem(err, "events") :
						check_part(&j->part[0], p, err);
	}
	return ret;
}

struct log_writer *join_logs(const struct log_part *parts, u32 nr, struct error *err)
{
	struct join j = { .nr = nr };
	int ret = open_parts(&j, parts, err);

	if (!ret)
		ret = copy_all(&j, err);
	if (!ret)
		ret = set_meta(&j, err);
	for (u32 i = 0; j.part && i < nr; i++)
		event_block_fini(&j.part[i].b);
	free(j.part);
	quality_free(j.quality);
	if (!ret)
		return j.w;
	log_writer_free(j.w);
	return NULL;
}
