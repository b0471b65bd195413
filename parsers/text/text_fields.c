// SPDX-License-Identifier: GPL-2.0
#include "parsers/text/text_fields.h"

#include "parsers/page.h"
#include "replay/log/log.h"

#include <string.h>

/* Longer ones, "0x" included, are no numbers of 64 bits. */
#define NUMBER_MAX 20

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
	{ "range", "start_pfn" },
	{ "mode", "sync" },
	{ "nr_succeeded", "succeeded" },
	{ "nr_failed", "failed" },
	{ "nr_thp_succeeded", "thp_succeeded" },
	{ "nr_thp_failed", "thp_failed" },
	{ "nr_thp_split", "thp_split" },
};

/*
 * Words that print formats show for numbers (S1.8; include/trace/events/compaction.h and
 * migrate.h); a word stands for one number everywhere.
 */
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
	{ "async", 0 }, { "sync", 1 },
	{ "not_suitable_zone", 0 }, { "skipped", 1 }, { "deferred", 2 }, { "no_suitable_page", 3 },
	{ "continue", 4 }, { "complete", 5 }, { "partial_skipped", 6 }, { "contended", 7 },
	{ "success", 8 },
	{ "MIGRATE_ASYNC", 0 }, { "MIGRATE_SYNC_LIGHT", 1 }, { "MIGRATE_SYNC", 2 },
	{ "compaction", 0 }, { "memory_failure", 1 }, { "memory_hotplug", 2 },
	{ "syscall_or_cpuset", 3 }, { "mempolicy_mbind", 4 }, { "numa_misplaced", 5 },
	{ "contig_range", 6 }, { "cma", 6 }, { "longterm_pin", 7 }, { "demotion", 8 },
	{ "damon", 9 },
};

static bool is_word(struct span s, const char *word)
{
	size_t i = 0;

	/* Most words differ in their first letters: cheaper than any call. */
	while (i < s.len && word[i] && word[i] == s.at[i])
		i++;
	return i == s.len && !word[i];
}

/* Hexadecimal digits, each one more than its value; 0 for all other characters. */
static const u8 digits[256] = {
	['0'] = 1, ['1'] = 2, ['2'] = 3, ['3'] = 4, ['4'] = 5, ['5'] = 6, ['6'] = 7, ['7'] = 8,
	['8'] = 9, ['9'] = 10, ['a'] = 11, ['b'] = 12, ['c'] = 13, ['d'] = 14, ['e'] = 15,
	['f'] = 16, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14, ['E'] = 15, ['F'] = 16,
};

static u64 read_extra(const struct text_key *k, struct span value, struct gfp_cache *gfp,
		      struct log_writer *w)
{
	if (k->type == EXTRA_STRING)
		return log_writer_string(w, value.at, value.len);
	if (k->type == EXTRA_HEX)
		return text_gfp(gfp, value);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (is_word(value, words[i].word))
			return words[i].value;
	return 0;
}

/* ---- keys ---- */

/* The first 8 bytes of a key; those behind its end are 0. */
static inline u64 first_bytes(const char *key, size_t len)
{
	u64 v = page_load64((const u8 *)key, false);

	return len < 8 ? v & ((1ULL << 8 * len) - 1) : v;
}

static void add_key(struct text_keys *keys, const char *name, u8 field,
		    const struct event_field *f, u8 extra)
{
	struct text_key *k = &keys->key[keys->nr++];
	char text[2 * 8] = { 0 };

	k->len = strlen(name);
	memcpy(text, name, k->len < sizeof(text) ? k->len : sizeof(text));
	k->first = first_bytes(text, 8);
	k->second = first_bytes(text + 8, 8);
	k->name = name;
	k->field = field;
	k->to = f ? (u8)f->to : FIELD_EXTRA;
	k->type = f ? (u8)f->type : EXTRA_UINT;
	k->extra = extra;
	k->range = !strcmp(name, "range");
}

/* In the order in which most lines hold them: the search begins where the last one ended. */
static void init_keys(struct text_keys *keys, const struct event_kind_info *info)
{
	u8 extra = 0;

	add_key(keys, "page", TEXT_NO_FIELD, NULL, 0);
	for (u8 i = 0; i < info->nr_fields; i++) {
		const struct event_field *f = &info->fields[i];

		add_key(keys, f->name, i, f, extra);
		for (size_t a = 0; a < ARRAY_SIZE(aliases); a++)
			if (!strcmp(aliases[a].field, f->name))
				add_key(keys, aliases[a].key, i, f, extra);
		extra = (u8)(extra + (f->to == FIELD_EXTRA));
		/* Old kernels' compaction events name no pages; they still happened. */
		if ((f->to == FIELD_PFN || f->to == FIELD_ORDER) && !strcmp(info->system, "kmem"))
			keys->needed |= 1u << i;
	}
}

void text_fields_init(struct text_fields *t)
{
	memset(t, 0, sizeof(*t));
	for (u32 k = 0; k < NR_EVENT_KINDS; k++)
		if (event_kinds[k].system)
			init_keys(&t->keys[k], &event_kinds[k]);
}

/* Do the bytes at @p begin with key @k? FIELDS_SLACK bytes behind the line can be read. */
static inline bool is_key(const struct text_key *k, const char *p)
{
	if (first_bytes(p, k->len) != k->first)
		return false;
	if (k->len <= 8)
		return true;
	if (k->len <= 16)
		return first_bytes(p + 8, k->len - 8) == k->second;
	return !memcmp(k->name + 8, p + 8, k->len - 8);
}

/* The key @name, or NULL; *@hint becomes the one behind it. */
static const struct text_key *find_key(const struct text_keys *keys, struct span name, u32 *hint)
{
	for (u32 i = 0; i < keys->nr; i++) {
		const struct text_key *k = &keys->key[i];

		if (k->len == name.len && is_key(k, name.at)) {
			*hint = i + 1;
			return k;
		}
	}
	return NULL;
}

/* ---- values ---- */

/* A value that opens a bracket ("walk=[fp=1") has fields inside. */
static bool ends_value(char c)
{
	return c == ' ' || c == ',' || c == '[' || c == ']' || c == ')' || c == '\t';
}

/*
 * The value at *@p, and behind it; *@number when it is "12", "-1" or "0x1f".
 * Return: whether it is.
 */
static bool read_value(const char **p, const char *end, struct span *value, u64 *number)
{
	const char *at = *p, *q = at, *start;
	const bool minus = q < end && *q == '-';
	u32 base = 10;
	u64 v = 0;

	q += minus;
	if (end - q > 2 && q[0] == '0' && q[1] == 'x' && !ends_value(q[2])) {
		base = 16;
		q += 2;
	}
	for (start = q; q < end; q++) {
		u32 d = digits[(u8)*q] - 1u;

		if (d >= base)
			break;
		v = v * base + d;
	}
	*number = minus ? 0 - v : v;
	if ((q == end || ends_value(*q)) && q > start && q - at <= NUMBER_MAX + minus) {
		*value = (struct span){ at, (size_t)(q - at) };
		*p = q < end ? q + 1 : end;
		return true;
	}
	while (q < end && !ends_value(*q))
		q++;
	*value = (struct span){ at, (size_t)(q - at) };
	*p = q < end ? q + 1 : end;
	return false;
}

/*
 * The next key with "=" behind it: NULL for one that the kind has not, or at the end of the line,
 * where *@p == @end. *@p goes to its value. Words without "=" are passed over.
 */
static const struct text_key *next_key(const struct text_keys *keys, const char **p,
				       const char *end, u32 *hint)
{
	const char *q = *p;

	while (q < end) {
		const struct text_key *k = &keys->key[*hint < keys->nr ? *hint : 0];
		const char *at;

		while (q < end && (*q == ' ' || *q == '\t' || *q == '[' || *q == ','))
			q++;
		/* Mostly the key that follows the last one in the format. */
		if ((size_t)(end - q) > k->len && q[k->len] == '=' && is_key(k, q)) {
			*hint = (u32)(k - keys->key) + 1;
			*p = q + k->len + 1;
			return k;
		}
		at = q;
		while (q < end && *q != '=' && *q != ' ')
			q++;
		if (q < end && *q == '=') {
			*p = q + 1;
			return find_key(keys, (struct span){ at, (size_t)(q - at) }, hint);
		}
	}
	*p = end;
	return NULL;
}

/* The second number of "range=(0x200 ~ 0x400)", with @p behind the first. */
static bool read_range_end(const char **p, const char *end, u64 *number)
{
	const char *q = *p;
	struct span value;

	while (q < end && (*q == ' ' || *q == '~'))
		q++;
	if (q == *p || !read_value(&q, end, &value, number))
		return false;
	*p = q;
	return true;
}

/* Store a number in its column. */
static void store(struct event *ev, const struct text_key *k, u64 v)
{
	switch (k->to) {
	case FIELD_PFN:
		ev->pfn = v;
		break;
	case FIELD_ORDER:
		ev->order = (u8)min_u64(v, UINT8_MAX);
		break;
	case FIELD_MT:
		ev->migratetype = v <= INT8_MAX ? (s8)v : EVENT_NO_MT;
		break;
	default:
		ev->extra[k->extra] = v;
	}
}

bool text_fields_read(struct event *ev, struct span fields, struct text_fields *t,
		      struct log_writer *w)
{
	const struct text_keys *keys = &t->keys[ev->kind];
	const char *p = fields.at, *end = p + fields.len;
	u32 need = keys->needed, hint = 0;
	struct span value;

	ev->pfn = EVENT_NO_PFN;
	ev->order = 0;
	ev->migratetype = EVENT_NO_MT;
	memset(ev->extra, 0, event_kinds[ev->kind].nr_extra * sizeof(*ev->extra));
	for (;;) {
		const struct text_key *k = next_key(keys, &p, end, &hint);
		bool number;
		u64 v;

		if (!k && p == end)
			break;
		p += p < end && *p == '(';
		number = read_value(&p, end, &value, &v);
		if (!k || k->field == TEXT_NO_FIELD)
			continue;
		/* Strings may look like numbers. */
		if (k->to == FIELD_EXTRA && (!number || k->type == EXTRA_STRING))
			v = read_extra(k, value, &t->gfp, w);
		else if (!number)
			return false;
		store(ev, k, v);
		need &= ~(1u << k->field);
		/*
		 * The alias is the last key of its field, so the next is that of the range's end.
		 */
		if (k->range && read_range_end(&p, end, &v))
			store(ev, k + 1, v);
	}
	/* A failed mm_page_alloc prints pfn=0x0, which no allocator hands out. */
	if (ev->kind == EVENT_PAGE_ALLOC && !ev->pfn)
		ev->pfn = EVENT_NO_PFN;
	return !need;
}
