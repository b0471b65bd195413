// SPDX-License-Identifier: GPL-2.0
#include "parsers/capture_meta.h"

#include "replay/base/hash.h"

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

int capture_meta_files(struct log_meta *meta, const struct input *in, u32 nr, const char *format,
		       struct error *err)
{
	const char *slash = strrchr(in->path, '/');
	char name[4096], hex[17], copy[64];
	u64 hash = in->hash;
	struct hash64 h;

	hash64_init(&h);
	meta->source_size = 0;
	for (u32 i = 0; i < nr; i++) {
		meta->source_size += in[i].size;
		hash64_update(&h, &in[i].hash, sizeof(in[i].hash));
	}
	if (nr > 1)
		hash = hash64_final(&h);
	snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)hash);
	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : in->path);
	if (nr > 1)
		snprintf(name + strlen(name), sizeof(name) - strlen(name), " and %u more",
			 nr - 1);
	snprintf(copy, sizeof(copy), "%s", format);
	if (log_meta_set(&meta->format, copy) || log_meta_set(&meta->source_hash, hex) ||
	    log_meta_set(&meta->source, name))
		return err_nomem(err, "the description of the capture");
	return 0;
}

static int set_strings(struct log_meta *meta, const struct tracedat *td,
		       const struct tracedat_buffer *b)
{
	char format[64];
	int ret;

	if (td->version)
		snprintf(format, sizeof(format), "trace.dat v%u%s%s", td->version,
			 td->version == 7 ? " " : "", td->version == 7 ? td->compression : "");
	else
		snprintf(format, sizeof(format), "raw pages");
	ret = log_meta_set(&meta->format, format);
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
	meta->page_size = td->page_size;
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

static struct log_lost *lost_of(struct log_meta *meta, u32 cpu)
{
	struct log_lost *grown;

	for (u32 i = 0; i < meta->nr_lost; i++)
		if (meta->lost[i].cpu == cpu)
			return &meta->lost[i];
	grown = realloc(meta->lost, (meta->nr_lost + 1) * sizeof(*grown));
	if (!grown)
		return NULL;
	meta->lost = grown;
	grown[meta->nr_lost] = (struct log_lost){ .cpu = cpu };
	return &grown[meta->nr_lost++];
}

/*
 * Marks in the pages and the kernel's statistics count the same losses, and each misses some:
 * marks those at the end of the capture, statistics those before their last reset. The larger
 * figure is the better one.
 */
int capture_meta_losses(struct log_meta *meta, const struct tracedat *td,
			const struct tracedat_buffer *b, const struct cpustream *streams, u32 nr,
			struct error *err)
{
	for (u32 i = 0; i < nr; i++) {
		const struct cpustream *s = &streams[i];
		u64 events = max_u64(s->lost_events, stat_lost(td, b, s->chunks.cpu));
		struct log_lost *lost;

		meta->unknown_events += s->unknown;
		if (!events && !s->lost_gaps)
			continue;
		lost = lost_of(meta, s->chunks.cpu);
		if (!lost)
			return err_nomem(err, "lost events");
		lost->events += events;
		lost->unknown_gaps += s->lost_gaps;
	}
	return 0;
}

int capture_meta_events(struct log_meta *meta, const struct quality *q,
			const struct error *damage, struct error *err)
{
	meta->causality = q->causality;
	meta->frees_matched = q->frees_matched;
	meta->frees_total = q->frees_total;
	meta->partial = damage != NULL;
	if (damage && log_meta_set(&meta->partial_why, damage->text))
		return err_nomem(err, "the description of the capture");
	return 0;
}
