// SPDX-License-Identifier: GPL-2.0
/* Variants of a batch: those of -V, each with every combination of the values of --grid. */
#include <stdio.h>
#include <string.h>

#include "cmd/batch/batch.h"
#include "cmd/common/knob_value.h"
#include "cmd/common/variant_json.h"

#define GRID_MAX_VALUES 64

static const char *const usual[] = { "spb-v1-none", "spb-v1-hotpath" };

/** struct grid - knob=value,value,...; @at, @len: each value in @text */
struct grid {
	const char *text;
	int name_len;
	u32 nr;
	const char *at[GRID_MAX_VALUES];
	int len[GRID_MAX_VALUES];
};

static int grid_parse(struct grid *g, const char *text, struct error *err)
{
	const char *p = strchr(text, '=');

	*g = (struct grid){ .text = text };
	if (!p || p == text)
		return err_set(err, ERR_USAGE, "--grid: '%.80s' is not knob=value,value,... - "
			       "'spbreplay variants -v' lists knobs", text);
	g->name_len = (int)(p - text);
	do {
		size_t len = strcspn(++p, ",");

		if (g->nr == GRID_MAX_VALUES || len > 64)
			return err_set(err, ERR_USAGE, "--grid: '%.80s' has too many values, or "
				       "too long ones - use several batches", text);
		g->at[g->nr] = p;
		g->len[g->nr++] = (int)len;
		p += len;
	} while (*p);
	return 0;
}

/* Its name would say two values, of which only one is true. */
static int check_once(const struct grid *g, const struct variant *v, struct error *err)
{
	const char *words = variant_words(v->name);

	if (!words || !variant_says(words, g->text, (size_t)g->name_len))
		return 0;
	return err_set(err, ERR_USAGE, "--grid: %s has a value of %.*s already - say each knob "
		       "once, in one --grid or in -V", v->name, g->name_len, g->text);
}

/* One more knob for @v; its name grows by ":knob=value" or ",knob=value". */
static int grid_apply(const struct grid *g, u32 i, struct variant *v, bool first,
		      struct error *err)
{
	size_t at = strlen(v->name);
	char word[VARIANT_NAME_MAX * 4];
	int len;

	snprintf(word, sizeof(word), "%.*s=%.*s", g->name_len > 64 ? 64 : g->name_len, g->text,
		 g->len[i], g->at[i]);
	if (knob_from_word(word, "--grid", v, err) || check_once(g, v, err))
		return -ERR_USAGE;
	len = snprintf(v->name + at, sizeof(v->name) - at, "%c%s", first ? ':' : ',', word);
	if (len > 0 && at + (size_t)len < sizeof(v->name))
		return 0;
	return err_set(err, ERR_USAGE, "--grid: the name of a variant would be longer than %zu "
		       "letters - write JSON files instead", sizeof(v->name) - 1);
}

/* The combination number @index of all grids. */
static int apply_all(const struct grid *grids, u32 nr, u32 index, struct variant *v,
		     struct error *err)
{
	bool first = !strchr(v->name, '=');

	for (u32 g = 0; g < nr; g++) {
		if (grid_apply(&grids[g], index % grids[g].nr, v, first, err))
			return -ERR_USAGE;
		index /= grids[g].nr;
		first = false;
	}
	return variant_valid(v, v->name, err);
}

/* Does not depend on how the variant was written down. */
static void hash_knobs(const struct variant *v, char out[HASH64_TEXT])
{
	struct hash64 h;

	hash64_init(&h);
	for (size_t i = 0; i < nr_knobs; i++) {
		char value[64], line[160];
		int len;

		knob_to_text(v, &knob_table[i], value, sizeof(value));
		len = snprintf(line, sizeof(line), "%s=%s\n", knob_table[i].name, value);
		hash64_update(&h, line, (size_t)len);
	}
	hash64_text(out, hash64_final(&h));
}

static int check_names(const struct batch *b, struct error *err)
{
	for (u32 i = 0; i < b->nr_variants; i++) {
		for (u32 k = 0; k < i; k++) {
			if (!strcmp(b->variants[i].name, b->variants[k].name))
				return err_set(err, ERR_USAGE, "variant %s comes twice - remove "
					       "one", b->variants[i].name);
		}
	}
	return 0;
}

static int multiply(struct batch *b, const struct grid *grids, u32 nr, u32 times,
		    struct error *err)
{
	const u32 nr_bases = b->nr_variants;
	int ret = 0;

	/* From the back: what is overwritten has been copied. */
	for (u32 i = nr_bases * times; i-- > 0 && !ret;) {
		struct variant v = b->variants[i / times];

		ret = apply_all(grids, nr, i % times, &v, err);
		b->variants[i] = v;
	}
	b->nr_variants = nr_bases * times;
	return ret;
}

int batch_variants(struct batch *b, struct error *err)
{
	struct grid grids[8];
	const u32 nr = b->opts->grid.nr;
	u64 times = 1;
	int ret = run_load_variants(&b->opts->run, usual, ARRAY_SIZE(usual), b->variants, err);

	if (ret < 0)
		return ret;
	b->nr_variants = (u32)ret;
	if (nr > ARRAY_SIZE(grids))
		return err_set(err, ERR_USAGE, "--grid: more than %zu knobs - use several batches",
			       ARRAY_SIZE(grids));
	for (u32 i = 0; i < nr; i++) {
		if (grid_parse(&grids[i], b->opts->grid.at[i], err))
			return -ERR_USAGE;
		times *= grids[i].nr;
	}
	if (times * b->nr_variants > RUN_MAX_VARIANTS)
		return err_set(err, ERR_USAGE, "--grid: more than %d variants in all - use "
			       "several batches, each with its folder", RUN_MAX_VARIANTS);
	ret = nr ? multiply(b, grids, nr, (u32)times, err) : 0;
	if (!ret)
		ret = check_names(b, err);
	for (u32 i = 0; i < b->nr_variants && !ret; i++)
		hash_knobs(&b->variants[i], b->knobs[i]);
	return ret;
}
