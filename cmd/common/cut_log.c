// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/cut_log.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/common/log_copy.h"
#include "cmd/common/spool.h"
#include "parsers/quality.h"

/* One cut on its way; @lost by CPU. */
struct cutter {
	struct log_copy copy;
	const struct log_cut *cut;
	struct quality *quality;
	struct log_lost lost[LOG_MAX_CPUS];
};

static bool wanted(const struct log_cut *cut, const struct event *ev)
{
	const struct log_zone *z = cut->zone;

	if (ev->time < cut->t0 || ev->time >= cut->t1 || !cpulist_has(cut->cpus, ev->cpu))
		return false;
	return !z || ev->pfn == EVENT_NO_PFN ||
		(ev->pfn >= z->start_pfn && ev->pfn - z->start_pfn < z->spanned);
}

static int add(struct cutter *c, struct event *ev, struct error *err)
{
	log_copy_ids(&c->copy, ev);
	if (ev->kind == EVENT_LOST && ev->cpu < LOG_MAX_CPUS) {
		c->lost[ev->cpu].events += ev->extra[0];
		c->lost[ev->cpu].unknown_gaps += !ev->extra[0];
	}
	quality_event(c->quality, ev);
	return log_writer_add(c->copy.w, ev, err);
}

static int add_block(struct cutter *c, const struct event_block *b, struct error *err)
{
	const u64 *extra = b->extra;
	int ret = 0;

	for (u32 i = 0; i < b->nr && !ret; i++) {
		struct event ev;

		log_copy_row(b, i, extra, &ev);
		extra += event_kinds[ev.kind].nr_extra;
		if (wanted(c->cut, &ev))
			ret = add(c, &ev, err);
	}
	return ret;
}

static int copy_events(struct cutter *c, struct error *err)
{
	struct event_block b;
	int ret;

	if (event_block_init(&b))
		return err_nomem(err, "events");
	ret = c->cut->t0 ? log_reader_seek(c->copy.r, c->cut->t0, err)
			 : log_reader_rewind(c->copy.r, err);
	while (!ret) {
		ret = log_reader_next(c->copy.r, &b, err);
		if (ret <= 0)
			break;
		ret = b.nr && b.time[0] >= c->cut->t1 ? 1 : add_block(c, &b, err);
	}
	event_block_fini(&b);
	return ret < 0 ? ret : 0;
}

/* The whole's losses hold more than its marks say; where no time is cut off they still hold. */
static int set_lost(const struct cutter *c, struct log_meta *meta, const struct log_meta *whole)
{
	const bool all = c->cut->t0 <= whole->first_time && c->cut->t1 > whole->last_time;

	free(meta->lost);
	meta->nr_lost = 0;
	meta->lost = calloc(LOG_MAX_CPUS, sizeof(*meta->lost));
	if (!meta->lost)
		return -1;
	for (u32 i = 0; all && i < whole->nr_lost; i++)
		if (cpulist_has(c->cut->cpus, whole->lost[i].cpu))
			meta->lost[meta->nr_lost++] = whole->lost[i];
	for (u32 cpu = 0; !all && cpu < LOG_MAX_CPUS; cpu++) {
		if (!c->lost[cpu].events && !c->lost[cpu].unknown_gaps)
			continue;
		meta->lost[meta->nr_lost] = c->lost[cpu];
		meta->lost[meta->nr_lost++].cpu = cpu;
	}
	return 0;
}

static int set_meta(const struct cutter *c, struct error *err)
{
	const struct log_meta *whole = log_reader_meta(c->copy.r);
	struct log_meta *meta = log_writer_meta(c->copy.w), kept = *meta, copy = { 0 };

	if (log_meta_copy(&copy, whole) || set_lost(c, &copy, whole)) {
		log_meta_fini(&copy);
		return err_nomem(err, "the description of the log");
	}
	*meta = copy;
	meta->nr_events = kept.nr_events;
	memcpy(meta->count, kept.count, sizeof(meta->count));
	meta->first_time = kept.first_time;
	meta->last_time = kept.last_time;
	meta->equal_stamps = kept.equal_stamps;
	meta->unknown_events = 0;
	meta->causality = c->quality->causality;
	meta->frees_matched = c->quality->frees_matched;
	meta->frees_total = c->quality->frees_total;
	return 0;
}

struct log_writer *cut_log(struct log_reader *r, const struct log_cut *cut, struct error *err)
{
	struct cutter *c = calloc(1, sizeof(*c));
	struct log_writer *w;
	int ret = 0;

	if (!c) {
		err_nomem(err, "cutting a log");
		return NULL;
	}
	c->copy.r = r;
	c->cut = cut;
	c->copy.w = log_writer_new(err);
	c->quality = quality_new();
	if (!c->copy.w || !c->quality)
		ret = err_nomem(err, "cutting a log");
	if (!ret)
		log_writer_temp(c->copy.w, spool_folder());
	if (!ret && cut->anonymize)
		ret = log_writer_anonymize(c->copy.w, err);
	if (!ret)
		ret = copy_events(c, err);
	if (!ret)
		ret = set_meta(c, err);
	quality_free(c->quality);
	w = c->copy.w;
	free(c);
	if (!ret)
		return w;
	log_writer_free(w);
	return NULL;
}
