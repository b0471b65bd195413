// SPDX-License-Identifier: GPL-2.0
#include "replay/log/log_words.h"

#include <stdlib.h>
#include <string.h>

#include "replay/log/log_frame.h"
#include "replay/log/varint.h"

/* ---- encoding ---- */

/* From words event by event to column after column; strings get their local index. */
static void gather(struct word_encoder *we, const struct event_block *b,
		   const struct frame_info *info, const u32 *string_map)
{
	struct {
		u64 *at;
		u32 stride;
		u32 strings;
	} column[NR_EVENT_KINDS] = { { NULL, 0, 0 } };
	const u64 *word = b->extra;
	u64 *at = we->value;

	for (u32 k = 0; k < info->nr_kinds; k++) {
		const struct frame_kind *fk = &info->kinds[k];

		column[fk->kind].at = at;
		column[fk->kind].stride = fk->count;
		column[fk->kind].strings = fk->string_mask;
		at += (size_t)fk->nr_extra * fk->count;
	}
	for (u32 i = 0; i < b->nr; i++) {
		const u8 kind = b->kind[i];
		const u32 strings = column[kind].strings;
		u64 *to = column[kind].at++;

		for (u32 j = 0; j < event_kinds[kind].nr_extra; j++, word++) {
			*to = strings >> j & 1 ? string_map[*word] - 1 : *word;
			to += column[kind].stride;
		}
	}
}

/* Code every value through a table of distinct values. Return: their number, 0 if too many */
static u32 build_table(struct word_encoder *we, const u64 *value, u32 nr)
{
	u32 nr_table = 0;

	memset(we->hash, 0, sizeof(we->hash));
	for (u32 i = 0; i < nr; i++) {
		u32 h = (u32)(value[i] * 0x9E3779B97F4A7C15ULL >> 54);

		while (we->hash[h] && we->table[we->hash[h] - 1] != value[i])
			h = (h + 1) % WORDS_HASH;
		if (!we->hash[h]) {
			if (nr_table == WORDS_TABLE_MAX)
				return 0;
			we->table[nr_table++] = value[i];
			we->hash[h] = (u16)nr_table;
		}
		we->code[i] = (u8)(we->hash[h] - 1);
	}
	return nr_table;
}

static u8 *put_column(struct word_encoder *we, const u64 *value, u32 nr, u8 *p)
{
	const u32 nr_table = build_table(we, value, nr);

	if (!nr_table) {
		*p++ = WORDS_VARINT;
		for (u32 i = 0; i < nr; i++)
			p = varint_put(p, value[i]);
		return p;
	}
	*p++ = WORDS_TABLE;
	*p++ = (u8)nr_table;
	for (u32 t = 0; t < nr_table; t++)
		p = varint_put(p, we->table[t]);
	memcpy(p, we->code, nr);
	return p + nr;
}

u8 *words_put(struct word_encoder *we, const struct event_block *b, const struct frame_info *info,
	      const u32 *string_map, u8 *p)
{
	const u64 *value = we->value;

	gather(we, b, info, string_map);
	for (u32 k = 0; k < info->nr_kinds; k++) {
		for (u32 j = 0; j < info->kinds[k].nr_extra; j++) {
			p = put_column(we, value, info->kinds[k].count, p);
			value += info->kinds[k].count;
		}
	}
	return p;
}

/* ---- decoding ---- */

void word_decoder_fini(struct word_decoder *wd)
{
	free(wd->value);
	memset(wd, 0, sizeof(*wd));
}

static u8 words_known(u8 kind)
{
	return kind < NR_EVENT_KINDS ? event_kinds[kind].nr_extra : 0;
}

/* Columns kept for a kind: what the frame has, and what this program wants. */
static u32 columns_kept(const struct frame_kind *fk)
{
	const u8 known = words_known(fk->kind);

	return fk->nr_extra > known ? fk->nr_extra : known;
}

static const char *make_room(struct word_decoder *wd, const struct frame_info *info)
{
	size_t words = 1;

	for (u32 k = 0; k < info->nr_kinds; k++)
		words += (size_t)columns_kept(&info->kinds[k]) * info->kinds[k].count;
	if (wd->room >= words)
		return NULL;
	free(wd->value);
	wd->value = malloc(words * sizeof(*wd->value));
	wd->room = wd->value ? words : 0;
	return wd->value ? NULL : frame_nomem;
}

static const u8 *get_varints(const u8 *p, const u8 *end, u64 *value, u32 nr)
{
	for (u32 i = 0; i < nr && p; i++)
		p = varint_get(p, end, &value[i]);
	return p;
}

static const u8 *get_table_column(const u8 *p, const u8 *end, u64 *value, u32 nr)
{
	u64 table[WORDS_TABLE_MAX];
	u32 nr_table;

	if (p == end)
		return NULL;
	nr_table = *p++;
	if (!nr_table || nr_table > WORDS_TABLE_MAX)
		return NULL;
	p = get_varints(p, end, table, nr_table);
	if (!p || (size_t)(end - p) < nr)
		return NULL;
	for (u32 i = 0; i < nr; i++) {
		if (p[i] >= nr_table)
			return NULL;
		value[i] = table[p[i]];
	}
	return p + nr;
}

/* Return: the byte after the column, NULL when it is damaged */
static const u8 *get_column(const u8 *p, const u8 *end, u64 *value, u32 nr)
{
	if (p == end)
		return NULL;
	switch (*p++) {
	case WORDS_VARINT:
		return get_varints(p, end, value, nr);
	case WORDS_TABLE:
		return get_table_column(p, end, value, nr);
	default:
		return NULL;
	}
}

static bool map_strings(u64 *value, u32 nr, const u32 *string_ids, u32 nr_strings)
{
	for (u32 i = 0; i < nr; i++) {
		if (value[i] >= nr_strings)
			return false;
		value[i] = string_ids[value[i]];
	}
	return true;
}

static const char *get_kind(const struct frame_kind *fk, const u8 **p, const u8 *end, u64 *value,
			    const u32 *string_ids, u32 nr_strings)
{
	const u8 known = words_known(fk->kind);
	const u16 mask = known ? event_string_mask(fk->kind) : 0;

	for (u32 j = 0; j < columns_kept(fk); j++, value += fk->count) {
		const bool string = mask >> j & 1;

		if (j >= fk->nr_extra) {
			memset(value, 0, fk->count * sizeof(*value));
			continue;
		}
		*p = get_column(*p, end, value, fk->count);
		if (!*p)
			return "bad column of extra words";
		if (j < known && string != (fk->string_mask >> j & 1))
			return "strings where the kind has none";
		if (string && !map_strings(value, fk->count, string_ids, nr_strings))
			return "string index out of range";
	}
	return NULL;
}

/* From columns to words event by event. Most kinds have no word or one: no branch for them. */
static void scatter(const struct word_decoder *wd, const struct frame_info *info,
		    struct event_block *b)
{
	struct {
		const u64 *at;
		u32 stride;
		u32 nr;
	} column[256];
	const u64 *at = wd->value;
	u64 *out = b->extra;

	for (u32 k = 0; k < info->nr_kinds; k++) {
		const struct frame_kind *fk = &info->kinds[k];

		column[fk->kind].at = at;
		column[fk->kind].stride = fk->count;
		column[fk->kind].nr = words_known(fk->kind);
		at += (size_t)columns_kept(fk) * fk->count;
	}
	for (u32 i = 0; i < info->nr_events; i++) {
		const u8 kind = b->kind[i];
		const u32 nr = column[kind].nr;
		const u64 *from = column[kind].at;

		if (nr < 2) {
			*out = *from;
		} else {
			for (u32 j = 0; j < nr; j++)
				out[j] = from[(size_t)j * column[kind].stride];
		}
		out += nr;
		column[kind].at += nr != 0;
	}
	b->nr_extra = (u32)(out - b->extra);
}

const char *words_decode(struct word_decoder *wd, const struct frame_info *info, const u8 *p,
			 size_t len, const u32 *string_ids, u32 nr_strings, struct event_block *b)
{
	const u8 *const end = p + len;
	const char *why = make_room(wd, info);
	u64 *value = wd->value;

	for (u32 k = 0; k < info->nr_kinds && !why; k++) {
		why = get_kind(&info->kinds[k], &p, end, value, string_ids, nr_strings);
		value += (size_t)columns_kept(&info->kinds[k]) * info->kinds[k].count;
	}
	if (why)
		return why;
	if (p != end)
		return "bytes behind the extra words";
	scatter(wd, info, b);
	return NULL;
}
