// SPDX-License-Identifier: GPL-2.0
/*
 * Decoding of one data frame: zstd, then one tight loop per column. Nothing in the content is
 * trusted: a checksum does not stop a hostile writer.
 */
#include "replay/log/log_frame.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "replay/log/log_times.h"
#include "replay/log/log_words.h"
#include "replay/log/varint.h"

const char frame_nomem[] = "out of memory";

/**
 * struct frame_decoder - buffers kept between frames
 * @raw: content, @raw_room bytes
 * @section, @size: its sections
 * @cpus, @task_ids, @string_ids: global id of each local index
 * @cpu_index: local CPU of each event; @last_task: local task by local CPU
 */
struct frame_decoder {
	ZSTD_DCtx *zd;
	u8 *raw;
	size_t raw_room;
	const u8 *section[NR_SECTIONS];
	size_t size[NR_SECTIONS];

	u32 nr_cpus;
	u16 cpus[65536];
	u16 cpu_index[EVENT_BLOCK_MAX];
	u32 nr_tasks;
	u32 task_ids[EVENT_BLOCK_MAX];
	u32 last_task[65536];
	u32 nr_strings;
	u32 string_ids[INTERN_MAX_STRINGS];

	struct time_decoder times;
	struct word_decoder words;
	struct pfn_state pfn;
};

struct frame_decoder *frame_decoder_new(void)
{
	struct frame_decoder *dec = calloc(1, sizeof(*dec));

	if (!dec)
		return NULL;
	dec->zd = ZSTD_createDCtx();
	if (dec->zd)
		return dec;
	free(dec);
	return NULL;
}

void frame_decoder_free(struct frame_decoder *dec)
{
	if (!dec)
		return;
	ZSTD_freeDCtx(dec->zd);
	word_decoder_fini(&dec->words);
	free(dec->raw);
	free(dec);
}

static const char *decompress(struct frame_decoder *dec, const struct frame_info *info,
			      const u8 *data)
{
	size_t ret;

	if (ZSTD_getFrameContentSize(data, info->csize) != info->usize ||
	    ZSTD_findFrameCompressedSize(data, info->csize) != info->csize)
		return "data frame of another size than its info says";
	if (dec->raw_room < info->usize) {
		free(dec->raw);
		dec->raw = malloc(info->usize);
		dec->raw_room = dec->raw ? info->usize : 0;
		if (!dec->raw)
			return frame_nomem;
	}
	ret = ZSTD_decompressDCtx(dec->zd, dec->raw, info->usize, data, info->csize);
	if (ZSTD_isError(ret) || ret != info->usize)
		return "data frame is corrupt or fails its checksum";
	return NULL;
}

static const char *find_sections(struct frame_decoder *dec, const struct frame_info *info)
{
	size_t left = info->usize;
	const u8 *p = dec->raw;

	if (left < FRAME_HEAD)
		return "data frame too short";
	left -= FRAME_HEAD;
	p += FRAME_HEAD;
	for (u32 sec = 0; sec < NR_SECTIONS; sec++) {
		dec->size[sec] = get_le32(dec->raw + 4 * (size_t)sec);
		if (dec->size[sec] > left)
			return "section runs past its frame";
		dec->section[sec] = p;
		p += dec->size[sec];
		left -= dec->size[sec];
	}
	if (left)
		return "bytes behind the last section";
	if (dec->size[SEC_KIND] != info->nr_events || dec->size[SEC_TIME] != info->nr_events ||
	    dec->size[SEC_ORDER_MT] != 2 * (size_t)info->nr_events)
		return "column of wrong length";
	return NULL;
}

static const char *get_cpus(struct frame_decoder *dec)
{
	const u8 *p = dec->section[SEC_CPUS];
	const u8 *const end = p + dec->size[SEC_CPUS];
	u64 nr;

	p = varint_get(p, end, &nr);
	if (!p || !nr || nr > 65536 || (size_t)(end - p) != 2 * nr)
		return "bad table of CPUs";
	dec->nr_cpus = (u32)nr;
	for (u32 c = 0; c < nr; c++, p += 2)
		dec->cpus[c] = get_le16(p);
	return NULL;
}

static const char *get_tasks(struct frame_decoder *dec, struct intern *tasks)
{
	const u8 *p = dec->section[SEC_TASKS];
	const u8 *const end = p + dec->size[SEC_TASKS];
	u64 nr, pid;

	p = varint_get(p, end, &nr);
	if (!p || !nr || nr > EVENT_BLOCK_MAX)
		return "bad table of tasks";
	dec->nr_tasks = (u32)nr;
	for (u32 t = 0; t < nr; t++) {
		p = varint_get(p, end, &pid);
		if (!p || pid > ~0u || p == end || *p > WIRE_COMM_MAX || *p >= end - p)
			return "bad table of tasks";
		if (intern_id(tasks, (u32)pid, (const char *)p + 1, *p, &dec->task_ids[t]))
			return frame_nomem;
		p += 1 + *p;
	}
	return p == end ? NULL : "bad table of tasks";
}

static const char *get_strings(struct frame_decoder *dec, struct intern *strings)
{
	const u8 *p = dec->section[SEC_STRINGS];
	const u8 *const end = p + dec->size[SEC_STRINGS];
	u64 nr;

	p = varint_get(p, end, &nr);
	if (!p || nr > INTERN_MAX_STRINGS)
		return "bad table of strings";
	dec->nr_strings = (u32)nr;
	for (u32 s = 0; s < nr; s++) {
		if (p == end || *p >= end - p)
			return "bad table of strings";
		if (intern_id(strings, 0, (const char *)p + 1, *p, &dec->string_ids[s]))
			return frame_nomem;
		p += 1 + *p;
	}
	return p == end ? NULL : "bad table of strings";
}

static const char *get_kinds(const struct frame_decoder *dec, const struct frame_info *info,
			     struct event_block *b)
{
	u32 count[256] = { 0 };

	b->nr = info->nr_events;
	b->first = info->first_event;
	memcpy(b->kind, dec->section[SEC_KIND], b->nr);
	for (u32 i = 0; i < b->nr; i++)
		count[b->kind[i]]++;
	for (u32 k = 0; k < info->nr_kinds; k++)
		if (count[info->kinds[k].kind] != info->kinds[k].count)
			return "kinds disagree with the frame info";
	return NULL;
}

static const char *get_cpu_column(struct frame_decoder *dec, struct event_block *b)
{
	const u8 *p = dec->section[SEC_CPU];
	u32 most = 0;

	if (dec->size[SEC_CPU] != (dec->nr_cpus <= 256 ? 1 : 2) * (size_t)b->nr)
		return "column of wrong length";
	for (u32 i = 0; i < b->nr; i++) {
		const u16 c = dec->nr_cpus <= 256 ? p[i] : get_le16(p + 2 * (size_t)i);

		dec->cpu_index[i] = c;
		b->cpu[i] = dec->cpus[c];
		most = c > most ? c : most;
	}
	return most < dec->nr_cpus ? NULL : "CPU index out of range";
}

/* Task codes of any width into @b->task. */
static bool widen_tasks(const struct frame_decoder *dec, struct event_block *b)
{
	const u8 *p = dec->section[SEC_TASK];
	const u32 nr = b->nr;

	if (dec->size[SEC_TASK] == nr) {
		for (u32 i = 0; i < nr; i++)
			b->task[i] = p[i];
	} else if (dec->size[SEC_TASK] == 2 * (size_t)nr) {
		for (u32 i = 0; i < nr; i++)
			b->task[i] = get_le16(p + 2 * (size_t)i);
	} else if (dec->size[SEC_TASK] == 4 * (size_t)nr) {
		for (u32 i = 0; i < nr; i++)
			b->task[i] = get_le32(p + 4 * (size_t)i);
	} else {
		return false;
	}
	return true;
}

static const char *get_task_column(struct frame_decoder *dec, struct event_block *b)
{
	if (!widen_tasks(dec, b))
		return "column of wrong length";
	memset(dec->last_task, 0, dec->nr_cpus * sizeof(dec->last_task[0]));
	for (u32 i = 0; i < b->nr; i++) {
		const u32 code = b->task[i];
		u32 *last = &dec->last_task[dec->cpu_index[i]];

		if (code > dec->nr_tasks)
			return "task index out of range";
		if (code)
			*last = code - 1;
		b->task[i] = dec->task_ids[*last];
	}
	return NULL;
}

static const char *get_pfns(struct frame_decoder *dec, struct event_block *b)
{
	const u8 *p = dec->section[SEC_PFN];
	const u8 *const end = p + dec->size[SEC_PFN];
	struct pfn_state *s = &dec->pfn;

	memset(s, 0, sizeof(*s));
	for (u32 i = 0; i < b->nr; i++) {
		const u8 mt = (u8)b->migratetype[i], order = b->order[i];
		const u32 cpu = dec->cpu_index[i];
		u64 *base = &s->base[pfn_slot(cpu, b->kind[i], mt, order)];
		u64 *last = &s->last[pfn_slot(cpu, b->kind[i], mt, mt == 0xff ? 0 : order)];
		u32 *next = &s->next[pfn_hash(*last)];
		u64 code, pfn = *next;

		p = varint_get(p, end, &code);
		if (!p)
			return "page frame numbers cut off";
		if (code >= PFN_CODE_DELTA) {
			pfn = *base + (u64)unzigzag(code - PFN_CODE_DELTA);
		} else if (code == PFN_CODE_LITERAL) {
			p = varint_get(p, end, &pfn);
			if (!p)
				return "page frame numbers cut off";
		}
		*next = (u32)pfn;
		*last = pfn;
		*base = pfn;
		b->pfn[i] = pfn;
	}
	return p == end ? NULL : "bytes behind the page frame numbers";
}

static bool all_known(const struct frame_info *info)
{
	return info->kinds[info->nr_kinds - 1].kind < NR_EVENT_KINDS;
}

/* Events of kinds that this program does not know have no words in @b->extra; drop the rest. */
static void drop_unknown(struct event_block *b)
{
	u32 to = 0;

	for (u32 i = 0; i < b->nr; i++) {
		if (b->kind[i] >= NR_EVENT_KINDS)
			continue;
		b->time[to] = b->time[i];
		b->pfn[to] = b->pfn[i];
		b->task[to] = b->task[i];
		b->cpu[to] = b->cpu[i];
		b->kind[to] = b->kind[i];
		b->order[to] = b->order[i];
		b->migratetype[to++] = b->migratetype[i];
	}
	b->nr = to;
}

static const char *get_columns(struct frame_decoder *dec, const struct frame_info *info,
			       struct event_block *b)
{
	const char *why = get_kinds(dec, info, b);

	if (!why)
		why = times_decode(&dec->times, info, dec->section, dec->size, b);
	if (!why)
		why = get_cpu_column(dec, b);
	if (!why)
		why = get_task_column(dec, b);
	if (why)
		return why;
	memcpy(b->order, dec->section[SEC_ORDER_MT], b->nr);
	memcpy(b->migratetype, dec->section[SEC_ORDER_MT] + b->nr, b->nr);
	why = get_pfns(dec, b);
	if (!why)
		why = words_decode(&dec->words, info, dec->section[SEC_EXTRA],
				   dec->size[SEC_EXTRA], dec->string_ids, dec->nr_strings, b);
	return why;
}

const char *frame_decode(struct frame_decoder *dec, const struct frame_info *info, const u8 *data,
			 struct intern *tasks, struct intern *strings, struct event_block *b)
{
	const char *why = decompress(dec, info, data);

	if (!why)
		why = find_sections(dec, info);
	if (!why)
		why = get_cpus(dec);
	if (!why)
		why = get_tasks(dec, tasks);
	if (!why)
		why = get_strings(dec, strings);
	if (!why)
		why = get_columns(dec, info, b);
	if (!why && !all_known(info))
		drop_unknown(b);
	return why;
}
