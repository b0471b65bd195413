// SPDX-License-Identifier: GPL-2.0
#include "parsers/text/text_fields.h"

#include "replay/log/log.h"

#include <string.h>

/* Keys that print formats use for a field of another name (S1.8). */
static const struct {
	const char *key;
	const char *field;
} aliases[] = {
	{ "mt", "migratetype" },
	{ "start_mt", "start_type" },
	{ "block_mt", "block_type" },
	{ "first_or_last", "is_first_or_last" },
	{ "p1", "phase1_attempts" },
	{ "p2", "phase2_attempts" },
	{ "did_evac", "did_evacuate" },
	{ "gfp", "gfp_mask" },
	{ "fp", "saw_free_pages" },
	{ "fpb", "saw_free_pb" },
	{ "below", "saw_below_reserve" },
	{ "zone", "name" },
};

/* Words that print formats show for numbers (S1.8); a word stands for one number everywhere. */
static const struct {
	const char *word;
	u64 value;
} words[] = {
	{ "SET", 0 }, { "CLEAR", 1 },
	{ "ISOLATE", 0 }, { "CMA", 1 }, { "ZONE_BOUNDARY", 2 }, { "CROSS_TYPE_NOT_FREE", 3 },
	{ "INSUFFICIENT_COMPAT", 4 },
	{ "NORETRY_SKIP", 0 }, { "ADD_TAINTED_OK", 1 }, { "DROP_NOFRAGMENT", 2 },
	{ "NOWARN_LOWER_ORDER", 3 },
	{ "NO_PAGE", 0 }, { "PASS_1", 1 }, { "PASS_2", 2 }, { "PASS_2B", 3 }, { "PASS_2C", 4 },
	{ "PASS_3", 5 }, { "PASS_4", 6 }, { "ZONE_FB", 7 }, { "PASS_2D", 8 },
};

static bool is_word(struct span s, const char *word)
{
	size_t i = 0;

	/* Most words differ in their first letters: cheaper than any call. */
	while (i < s.len && word[i] && word[i] == s.at[i])
		i++;
	return i == s.len && !word[i];
}

static u32 digit_of(char c)
{
	u32 d = (u32)(u8)c - '0';

	if (d < 10)
		return d;
	d = ((u32)(u8)c | 0x20u) - 'a';
	return d < 6 ? d + 10 : 16;
}

/* "12", "-1", "0x1f" */
static bool read_number(struct span s, u64 *value)
{
	bool minus = s.len && *s.at == '-';
	size_t i = minus;
	u32 base = 10;
	u64 v = 0;

	if (s.len > i + 2 && s.at[i] == '0' && s.at[i + 1] == 'x') {
		base = 16;
		i += 2;
	}
	if (i == s.len || s.len - i > 20)
		return false;
	for (; i < s.len; i++) {
		u32 d = digit_of(s.at[i]);

		if (d >= base)
			return false;
		v = v * base + d;
	}
	*value = minus ? 0 - v : v;
	return true;
}

static u64 read_extra(const struct event_field *f, struct span value, struct gfp_cache *gfp,
		      struct log_writer *w)
{
	u64 v;

	if (f->type == EXTRA_STRING)
		return log_writer_string(w, value.at, value.len);
	if (read_number(value, &v))
		return v;
	if (f->type == EXTRA_HEX)
		return text_gfp(gfp, value);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (is_word(value, words[i].word))
			return words[i].value;
	return 0;
}

/* The field of @info that @key names; @hint is where it should be. Returns nr_fields for none. */
static u32 find_field(const struct event_kind_info *info, struct span key, u32 hint)
{
	if (hint < info->nr_fields && is_word(key, info->fields[hint].name))
		return hint;
	for (u32 i = 0; i < info->nr_fields; i++)
		if (is_word(key, info->fields[i].name))
			return i;
	for (size_t a = 0; a < ARRAY_SIZE(aliases); a++)
		for (u32 i = 0; i < info->nr_fields && is_word(key, aliases[a].key); i++)
			if (!strcmp(aliases[a].field, info->fields[i].name))
				return i;
	return info->nr_fields;
}

static u32 extra_index(const struct event_kind_info *info, u32 field)
{
	u32 n = 0;

	for (u32 i = 0; i < field; i++)
		n += info->fields[i].to == FIELD_EXTRA;
	return n;
}

/* Next "key=value" behind *@p; a value that opens a bracket ("walk=[fp=1") has fields inside. */
static bool next_pair(const char **p, const char *end, struct span *key, struct span *value)
{
	const char *at = *p, *eq;

	while (at < end && (*at == ' ' || *at == '\t' || *at == '[' || *at == ','))
		at++;
	eq = at;
	while (eq < end && *eq != '=' && *eq != ' ')
		eq++;
	*key = (struct span){ at, (size_t)(eq - at) };
	*value = (struct span){ eq, 0 };
	if (eq < end && *eq == '=') {
		at = ++eq;
		while (eq < end && *eq != ' ' && *eq != '[' && *eq != ']' && *eq != '\t')
			eq++;
		*value = (struct span){ at, (size_t)(eq - at) };
	}
	*p = eq < end ? eq + 1 : end;
	return key->len > 0;
}

/* Store a value in its column; false when it must be a number and is none. */
static bool store(struct event *ev, const struct event_kind_info *info, u32 field,
		  struct span value, struct gfp_cache *gfp, struct log_writer *w)
{
	const struct event_field *f = &info->fields[field];
	u64 v;

	if (f->to == FIELD_EXTRA) {
		ev->extra[extra_index(info, field)] = read_extra(f, value, gfp, w);
		return true;
	}
	if (!read_number(value, &v))
		return false;
	if (f->to == FIELD_PFN)
		ev->pfn = v;
	else if (f->to == FIELD_ORDER)
		ev->order = (u8)min_u64(v, UINT8_MAX);
	else
		ev->migratetype = v <= INT8_MAX ? (s8)v : EVENT_NO_MT;
	return true;
}

/* The fields that must be there, as bits: without them an event says nothing. */
static u32 needed_fields(const struct event_kind_info *info)
{
	u32 need = 0;

	for (u32 i = 0; i < info->nr_fields; i++)
		if (info->fields[i].to == FIELD_PFN || info->fields[i].to == FIELD_ORDER)
			need |= 1u << i;
	return need;
}

bool text_fields_read(struct event *ev, struct span fields, struct gfp_cache *gfp,
		      struct log_writer *w)
{
	const struct event_kind_info *info = &event_kinds[ev->kind];
	const char *p = fields.at, *end = p + fields.len;
	u32 need = needed_fields(info), hint = 0;
	struct span key, value;

	ev->pfn = EVENT_NO_PFN;
	ev->order = 0;
	ev->migratetype = EVENT_NO_MT;
	memset(ev->extra, 0, info->nr_extra * sizeof(*ev->extra));
	while (p < end) {
		u32 field;

		if (!next_pair(&p, end, &key, &value))
			continue;
		field = find_field(info, key, hint);
		if (field == info->nr_fields)
			continue;
		if (!store(ev, info, field, value, gfp, w))
			return false;
		need &= ~(1u << field);
		hint = field + 1;
	}
	/* A failed mm_page_alloc prints pfn=0x0, which no allocator hands out. */
	if (ev->kind == EVENT_PAGE_ALLOC && !ev->pfn)
		ev->pfn = EVENT_NO_PFN;
	return !need;
}
