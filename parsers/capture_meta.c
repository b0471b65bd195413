// SPDX-License-Identifier: GPL-2.0
#include "parsers/capture_meta.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *capture_clock(const struct tracedat *td, const struct tracedat_buffer *b)
{
	return b->clock ? b->clock : td->clock;
}

/* "Linux HOST RELEASE MACHINE"; the release and the machine hold no blanks. */
static int set_uname(struct log_meta *meta, const char *uname)
{
	char **to[] = { NULL, &meta->host, &meta->kernel, &meta->machine };
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(to) && *uname && !ret; i++) {
		size_t len = strcspn(uname, " ");
		char *word = strndup(uname, len);

		if (!word)
			return -1;
		if (to[i])
			ret = log_meta_set(to[i], word);
		free(word);
		uname += len;
		uname += strspn(uname, " ");
	}
	return ret;
}

static int set_strings(struct log_meta *meta, const struct tracedat *td,
		       const struct tracedat_buffer *b)
{
	const char *slash = strrchr(td->in->path, '/');
	char format[64], hash[17];
	int ret;

	snprintf(format, sizeof(format), "trace.dat v%u%s%s", td->version,
		 td->version == 7 ? " " : "", td->version == 7 ? td->compression : "");
	snprintf(hash, sizeof(hash), "%016llx", (unsigned long long)td->in->hash);
	ret = log_meta_set(&meta->format, format);
	if (!ret)
		ret = log_meta_set(&meta->source_hash, hash);
	if (!ret)
		ret = log_meta_set(&meta->source, slash ? slash + 1 : td->in->path);
	if (!ret)
		ret = log_meta_set(&meta->buffer, b->name);
	if (!ret && capture_clock(td, b))
		ret = log_meta_set(&meta->clock, capture_clock(td, b));
	if (!ret && td->uname)
		ret = set_uname(meta, td->uname);
	return ret;
}

int capture_meta_source(struct log_meta *meta, const struct tracedat *td,
			const struct tracedat_buffer *b, struct error *err)
{
	meta->source_size = td->in->size;
	meta->page_size = td->page_size;
	meta->nr_cpus = b->nr_cpus;
	return set_strings(meta, td, b) ? err_nomem(err, "the description of the capture") : 0;
}

/* What the kernel's own statistics say was lost on @cpu of @b. */
static u64 stat_lost(const struct tracedat *td, const struct tracedat_buffer *b, u32 cpu)
{
	u64 lost = 0;

	for (u32 i = 0; i < td->nr_stats; i++)
		if (td->stat[i].cpu == cpu && !strcmp(td->stat[i].buffer, b->name))
			lost = max_u64(lost, td->stat[i].lost);
	return lost;
}

/*
 * Marks in the pages and the kernel's statistics count the same losses, and each misses some:
 * marks those at the end of the capture, statistics those before their last reset. The larger
 * figure is the better one.
 */
static int set_lost(struct log_meta *meta, const struct tracedat *td,
		    const struct tracedat_buffer *b, const struct cpustream *streams)
{
	free(meta->lost);
	meta->nr_lost = 0;
	meta->lost = calloc(b->nr_cpus ? b->nr_cpus : 1, sizeof(*meta->lost));
	if (!meta->lost)
		return -1;
	for (u32 i = 0; i < b->nr_cpus; i++) {
		struct log_lost lost = {
			.cpu = b->cpu[i].id,
			.events = max_u64(streams[i].lost_events, stat_lost(td, b, b->cpu[i].id)),
			.unknown_gaps = streams[i].lost_gaps,
		};

		if (lost.events || lost.unknown_gaps)
			meta->lost[meta->nr_lost++] = lost;
	}
	return 0;
}

int capture_meta_events(struct log_meta *meta, const struct tracedat *td,
			const struct tracedat_buffer *b, const struct cpustream *streams,
			const struct quality *q, const struct error *damage, struct error *err)
{
	meta->unknown_events = 0;
	for (u32 i = 0; i < b->nr_cpus; i++)
		meta->unknown_events += streams[i].unknown;
	meta->causality = q->causality;
	meta->frees_matched = q->frees_matched;
	meta->frees_total = q->frees_total;
	meta->partial = damage->code != ERR_NONE;
	if (set_lost(meta, td, b, streams) ||
	    (meta->partial && log_meta_set(&meta->partial_why, damage->text)))
		return err_nomem(err, "the description of the capture");
	return 0;
}
