// SPDX-License-Identifier: GPL-2.0
#include "cmd/explain/causes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

const struct side *causes_tainted(const struct causes *c, const struct cause *cause)
{
	return cause->by_variant ? &c->variant : &c->baseline;
}

const struct side *causes_other(const struct causes *c, const struct cause *cause)
{
	return cause->by_variant ? &c->baseline : &c->variant;
}

/* ---- rows of one side ---- */

/**
 * struct rows - rows of one table that are about one side
 * @next: the place from which to go on
 */
struct rows {
	const struct csv_data *d;
	u32 *row;
	u32 nr;
	u32 next;
};

static int rows_find(struct rows *r, const struct side *s, enum result_table table)
{
	*r = (struct rows){ .d = side_table(s, table) };
	r->row = calloc(r->d->nr_rows + 1ULL, sizeof(*r->row));
	if (!r->row)
		return -ENOMEM;
	for (u32 i = 0; i < r->d->nr_rows; i++) {
		if (side_has(s, table, i))
			r->row[r->nr++] = i;
	}
	return 0;
}

static const char *text_at(const struct rows *r, u32 i, const char *column)
{
	return csv_text(r->d, r->row[i], column);
}

static u64 number_at(const struct rows *r, u32 i, const char *column)
{
	return csv_u64(r->d, r->row[i], column);
}

/* ---- the first difference ---- */

static void add_parting(struct causes *c, const struct parting *p)
{
	u32 at = c->nr_partings;

	if (at == MAX_PARTINGS)
		return;
	for (; at && c->partings[at - 1].time > p->time; at--)
		c->partings[at] = c->partings[at - 1];
	c->partings[at] = *p;
	c->nr_partings++;
}

/* Do two rows say the same, but for whom they are about? */
static bool same_row(const struct rows *a, u32 i, const struct rows *b, u32 j)
{
	for (u32 col = 0; col < a->d->nr_columns; col++) {
		const char *name = csv_header(a->d, col);

		if (strcmp(name, "variant") && strcmp(text_at(a, i, name), text_at(b, j, name)))
			return false;
	}
	return true;
}

static bool in_zone(const struct rows *r, const char *zone)
{
	return r->next < r->nr && !strcmp(text_at(r, r->next, "zone"), zone);
}

/* The first difference inside @zone; both sides are left at the end of the zone. */
static void part_in_zone(struct rows *b, struct rows *v, const char *zone, enum result_table table,
			 struct parting *best)
{
	u64 tb = UINT64_MAX, tv = UINT64_MAX;

	while (in_zone(b, zone) && in_zone(v, zone) && same_row(b, b->next, v, v->next)) {
		b->next++;
		v->next++;
	}
	if (in_zone(b, zone))
		tb = number_at(b, b->next, "time_ns");
	if (in_zone(v, zone))
		tv = number_at(v, v->next, "time_ns");
	if (min_u64(tb, tv) < best->time)
		*best = (struct parting){ .table = table, .of_variant = tv <= tb,
					  .row = tv <= tb ? v->row[v->next] : b->row[b->next],
					  .time = min_u64(tb, tv) };
	while (in_zone(b, zone))
		b->next++;
	while (in_zone(v, zone))
		v->next++;
}

static bool has_zone(const struct rows *r, const char *zone)
{
	for (u32 i = r->next; i < r->nr; i++) {
		if (!strcmp(text_at(r, i, "zone"), zone))
			return true;
	}
	return false;
}

/*
 * The zone that both sides come to next: they have them in the same order, but either may lack one.
 */
static const char *next_zone(const struct rows *b, const struct rows *v)
{
	const char *zone;

	if (b->next == b->nr)
		return text_at(v, v->next, "zone");
	zone = text_at(b, b->next, "zone");
	/* The variant has it, but stands before another one: that one the baseline lacks. */
	return has_zone(v, zone) ? text_at(v, v->next, "zone") : zone;
}

static int part_in_table(struct causes *c, enum result_table table)
{
	struct parting best = { .time = UINT64_MAX };
	struct rows b, v = { 0 };
	int ret = rows_find(&b, &c->baseline, table);

	if (!ret)
		ret = rows_find(&v, &c->variant, table);
	while (!ret && (b.next < b.nr || v.next < v.nr))
		part_in_zone(&b, &v, next_zone(&b, &v), table, &best);
	if (!ret && best.time != UINT64_MAX)
		add_parting(c, &best);
	free(b.row);
	free(v.row);
	return ret;
}

static bool is_placement(const char *kind)
{
	return strncmp(kind, "taint_", 6);
}

/* divergence.csv compares with the first variant of its run. */
static bool has_divergence(const struct causes *c)
{
	return c->baseline.r == c->variant.r && c->baseline.variant == c->baseline.r->variants[0];
}

static void part_in_placements(struct causes *c)
{
	const struct csv_data *d = side_table(&c->variant, RESULT_DIVERGENCE);

	for (u32 i = 0; i < d->nr_rows; i++) {
		struct parting p = { .table = RESULT_DIVERGENCE, .row = i, .of_variant = true,
				     .time = csv_u64(d, i, "time_ns") };

		if (side_has(&c->variant, RESULT_DIVERGENCE, i) &&
		    is_placement(csv_text(d, i, "kind")))
			add_parting(c, &p);
	}
}

/* ---- taints of one side only ---- */

/**
 * struct spb_row - one row of taint.csv or defrag.csv, to be sorted by superpageblock
 * @zone: points into the table
 */
struct spb_row {
	const char *zone;
	u64 spb;
	u32 row;
};

static int by_spb(const void *a, const void *b)
{
	const struct spb_row *x = a, *y = b;
	int zone = strcmp(x->zone, y->zone);

	if (zone)
		return zone;
	if (x->spb != y->spb)
		return x->spb < y->spb ? -1 : 1;
	return (x->row > y->row) - (x->row < y->row);
}

static struct spb_row *sorted_rows(const struct side *s, enum result_table table, u32 *nr)
{
	const struct csv_data *d = side_table(s, table);
	struct spb_row *list = calloc(d->nr_rows + 1ULL, sizeof(*list));

	*nr = 0;
	for (u32 i = 0; list && i < d->nr_rows; i++) {
		if (side_has(s, table, i))
			list[(*nr)++] = (struct spb_row){ csv_text(d, i, "zone"),
							    csv_u64(d, i, "spb"), i };
	}
	if (list)
		qsort(list, *nr, sizeof(*list), by_spb);
	return list;
}

/* An SPB that no row speaks of was at the end what it had always been. */
static bool tainted_at_end(const struct side *s, const char *zone, u64 spb,
			   const struct spb_row *last)
{
	const struct csv_data *d = side_table(s, RESULT_SPB);

	if (last)
		return !strcmp(csv_text(side_table(s, RESULT_TAINT), last->row, "to"), "tainted");
	for (u32 i = 0; i < d->nr_rows; i++) {
		if (csv_u64(d, i, "spb") == spb && side_has(s, RESULT_SPB, i) &&
		    !strcmp(csv_text(d, i, "zone"), zone))
			return !strcmp(csv_text(d, i, "category"), "tainted");
	}
	return false;
}

/* Last row of @list about the SPB of @key, or NULL. */
static const struct spb_row *last_of(const struct spb_row *list, u32 nr,
				       const struct spb_row *key)
{
	const struct spb_row end = { key->zone, key->spb, UINT32_MAX };
	u32 low = 0, high = nr;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (by_spb(&list[mid], &end) <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || strcmp(list[low - 1].zone, key->zone) || list[low - 1].spb != key->spb)
		return NULL;
	return &list[low - 1];
}

static int add_cause(struct causes *c, const struct cause *cause)
{
	if (c->nr_causes == c->max_causes) {
		u32 max = c->max_causes ? 2 * c->max_causes : 16;
		struct cause *p = max > c->max_causes ? realloc(c->causes, max * sizeof(*p)) : NULL;

		if (!p)
			return -ENOMEM;
		c->causes = p;
		c->max_causes = max;
	}
	c->causes[c->nr_causes++] = *cause;
	return 0;
}

/* Rows of @own that turn an SPB tainted which is not tainted on the other side from then on. */
static int one_sided(struct causes *c, bool by_variant, const struct spb_row *own, u32 nr_own,
		     const struct spb_row *others, u32 nr_others)
{
	struct cause cause = { .by_variant = by_variant, .divergence = NO_ROW, .pass = NO_ROW };
	const struct csv_data *d = side_table(causes_tainted(c, &cause), RESULT_TAINT);
	const struct side *other = causes_other(c, &cause);
	const struct csv_data *od = side_table(other, RESULT_TAINT);
	const struct spb_row *reported = NULL;
	int ret = 0;

	for (u32 i = 0; i < nr_own && !ret; i++) {
		const struct spb_row *t = &own[i];
		const struct spb_row *last = last_of(others, nr_others, t);
		bool reported_already = reported && reported->spb == t->spb &&
					!strcmp(reported->zone, t->zone);

		cause.time = csv_u64(d, t->row, "time_ns");
		cause.taint = t->row;
		if (reported_already || strcmp(csv_text(d, t->row, "to"), "tainted") ||
		    tainted_at_end(other, t->zone, t->spb, last) ||
		    (last && csv_u64(od, last->row, "time_ns") > cause.time))
			continue;
		reported = t;
		ret = add_cause(c, &cause);
	}
	return ret;
}

static int find_one_sided(struct causes *c)
{
	u32 nr_b, nr_v;
	struct spb_row *b = sorted_rows(&c->baseline, RESULT_TAINT, &nr_b);
	struct spb_row *v = sorted_rows(&c->variant, RESULT_TAINT, &nr_v);
	int ret = b && v ? 0 : -ENOMEM;

	if (!ret)
		ret = one_sided(c, false, b, nr_b, v, nr_v);
	if (!ret)
		ret = one_sided(c, true, v, nr_v, b, nr_b);
	free(b);
	free(v);
	return ret;
}

/* ---- what the other side did ---- */

static u32 find_divergence(const struct causes *c, const struct cause *cause)
{
	const struct csv_data *d = side_table(&c->variant, RESULT_DIVERGENCE);
	const struct csv_data *t = side_table(causes_tainted(c, cause), RESULT_TAINT);
	const char *kind = cause->by_variant ? "taint_only_variant" : "taint_only_baseline";

	for (u32 i = 0; i < d->nr_rows; i++) {
		if (side_has(&c->variant, RESULT_DIVERGENCE, i) &&
		    !strcmp(csv_text(d, i, "kind"), kind) &&
		    csv_u64(d, i, "spb") == csv_u64(t, cause->taint, "spb") &&
		    !strcmp(csv_text(d, i, "zone"), csv_text(t, cause->taint, "zone")))
			return i;
	}
	return NO_ROW;
}

/* The SPB in which the other side placed the operation, from "PASS_2C in tainted spb 3". */
static bool placed_spb(const struct causes *c, const struct cause *cause, u64 *spb)
{
	const char *column = cause->by_variant ? "baseline_did" : "variant_did";
	const char *did, *p;
	u64 v = 0;

	if (cause->divergence == NO_ROW)
		return false;
	did = csv_text(side_table(&c->variant, RESULT_DIVERGENCE), cause->divergence, column);
	p = strstr(did, " in ") ? strstr(did, " spb ") : NULL;
	if (!p || strstr(did, " of "))
		return false;
	for (p += 5; *p >= '0' && *p <= '9' && v < UINT32_MAX; p++)
		v = v * 10 + (u64)(*p - '0');
	*spb = v;
	return true;
}

/**
 * struct passes - the passes of both sides, sorted by superpageblock
 * @of: the baseline's, the variant's
 */
struct passes {
	struct spb_row *of[2];
	u32 nr[2];
};

/* Did the side @by_variant have the pass of row @row of @d, by the moment it was queued? */
static bool has_pass(const struct causes *c, const struct passes *p, bool by_variant,
		     const struct csv_data *d, u32 row)
{
	const struct side *s = by_variant ? &c->variant : &c->baseline;
	const struct csv_data *own = side_table(s, RESULT_DEFRAG);
	const struct spb_row key = { csv_text(d, row, "zone"), csv_u64(d, row, "spb"), 0 };
	const struct spb_row *first = p->of[by_variant];
	const struct spb_row *at = last_of(first, p->nr[by_variant], &key);

	for (; at && at->spb == key.spb && !strcmp(at->zone, key.zone);
	     at = at > first ? at - 1 : NULL) {
		if (csv_u64(own, at->row, "time_ns") == csv_u64(d, row, "time_ns"))
			return true;
	}
	return false;
}

/* The last pass before the taint that only the other side had. */
static u32 find_pass(const struct causes *c, const struct passes *p, const struct cause *cause)
{
	const struct side *other = causes_other(c, cause);
	const struct csv_data *d = side_table(other, RESULT_DEFRAG);
	const char *zone = csv_text(side_table(causes_tainted(c, cause), RESULT_TAINT),
				    cause->taint, "zone");
	u64 spb = 0;
	bool known = placed_spb(c, cause, &spb);

	for (u32 i = d->nr_rows; i--;) {
		if (*csv_text(d, i, "start_ns") && csv_u64(d, i, "start_ns") <= cause->time &&
		    side_has(other, RESULT_DEFRAG, i) &&
		    (!known || csv_u64(d, i, "spb") == spb) &&
		    !strcmp(csv_text(d, i, "zone"), zone) &&
		    !has_pass(c, p, cause->by_variant, d, i))
			return i;
	}
	return NO_ROW;
}

static int by_time(const void *a, const void *b)
{
	const struct cause *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	if (x->by_variant != y->by_variant)
		return x->by_variant ? 1 : -1;
	return (x->taint > y->taint) - (x->taint < y->taint);
}

static int find_passes(struct causes *c)
{
	struct passes p;
	int ret;

	p.of[0] = sorted_rows(&c->baseline, RESULT_DEFRAG, &p.nr[0]);
	p.of[1] = sorted_rows(&c->variant, RESULT_DEFRAG, &p.nr[1]);
	ret = p.of[0] && p.of[1] ? 0 : -ENOMEM;
	for (u32 i = 0; i < c->nr_causes && !ret; i++)
		c->causes[i].pass = find_pass(c, &p, &c->causes[i]);
	free(p.of[0]);
	free(p.of[1]);
	return ret;
}

int causes_find(struct causes *c, const struct side *baseline, const struct side *variant)
{
	int ret;

	*c = (struct causes){ .baseline = *baseline, .variant = *variant };
	ret = part_in_table(c, RESULT_DEFRAG);
	if (!ret)
		ret = part_in_table(c, RESULT_TAINT);
	if (!ret)
		ret = find_one_sided(c);
	if (ret)
		return ret;
	if (has_divergence(c))
		part_in_placements(c);
	if (c->nr_causes)
		qsort(c->causes, c->nr_causes, sizeof(*c->causes), by_time);
	for (u32 i = 0; i < c->nr_causes && has_divergence(c); i++)
		c->causes[i].divergence = find_divergence(c, &c->causes[i]);
	return find_passes(c);
}

void causes_fini(struct causes *c)
{
	free(c->causes);
	*c = (struct causes){ 0 };
}
