// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/results.h"
#include "replay/outcome/runjson_read.h"

#include <json-c/json.h>
#include <stdio.h>
#include <string.h>

static const char *const files[NR_RESULT_TABLES] = {
	[RESULT_SUMMARY] = "summary.csv", [RESULT_TAINT] = "taint.csv", [RESULT_SPB] = "spb.csv",
	[RESULT_DEFRAG] = "defrag.csv", [RESULT_CHANCES] = "chances.csv",
	[RESULT_DIVERGENCE] = "divergence.csv", [RESULT_LISTS] = "lists.csv",
};

const struct csv_table *results_columns(enum result_table table)
{
	size_t nr;
	const struct csv_table *const *tables = outcome_tables(&nr);

	for (size_t i = 0; i < nr; i++) {
		if (!strcmp(tables[i]->file, files[table]))
			return tables[i];
	}
	return NULL;
}

static bool is_known(const struct results *r, const char *name)
{
	for (u32 i = 0; i < r->nr_variants; i++) {
		if (!strcmp(r->variants[i], name))
			return true;
	}
	return false;
}

static int find_variants(struct results *r, struct error *err)
{
	const struct csv_data *d = &r->table[RESULT_SUMMARY];

	for (u32 row = 0; row < d->nr_rows; row++) {
		const char *name = csv_text(d, row, "variant");

		if (is_known(r, name))
			continue;
		if (r->nr_variants == RESULTS_MAX_VARIANTS)
			return err_set(err, ERR_DAMAGED, "%s: more than %d variants - write the "
				       "results again", d->path, RESULTS_MAX_VARIANTS);
		r->variants[r->nr_variants++] = name;
	}
	if (!r->nr_variants)
		return err_set(err, ERR_DAMAGED, "%s: holds no variant - write the results again",
			       d->path);
	return 0;
}

static u64 json_u64(struct json_object *o, const char *key)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_uint64(v) : 0;
}

static void read_capture(struct results *r, struct json_object *root)
{
	struct json_object *o = NULL, *hash = NULL;

	if (json_object_object_get_ex(root, "capture", &o) &&
	    json_object_object_get_ex(o, "xxh64", &hash))
		snprintf(r->capture, sizeof(r->capture), "%.40s", json_object_get_string(hash));
}

static int read_run(struct results *r, const char *dir, struct error *err)
{
	int ret = runjson_read(&r->run, dir, err);

	if (ret)
		return ret;
	r->first_ns = json_u64(r->run, "first_ns");
	r->last_ns = json_u64(r->run, "last_ns");
	read_capture(r, r->run);
	for (u32 i = 0; i < NR_RESULT_TABLES && !ret; i++)
		ret = runjson_check_table(r->run, results_columns((enum result_table)i)->file,
					  &r->table[i], err);
	return ret;
}

int results_load(struct results *r, const char *dir, struct error *err)
{
	int ret = 0;

	*r = (struct results){ .name = dir };
	for (u32 i = 0; i < NR_RESULT_TABLES && !ret; i++)
		ret = csv_read(&r->table[i], dir, results_columns((enum result_table)i), err);
	if (!ret)
		ret = find_variants(r, err);
	return ret ? ret : read_run(r, dir, err);
}

int results_take(struct results *r, const struct outcome *o, struct error *err)
{
	int ret = 0;

	*r = (struct results){ .name = "" };
	for (u32 i = 0; i < NR_RESULT_TABLES && !ret; i++) {
		/* The largest tables, and nothing about causes is looked up there. */
		if (i == RESULT_CHANCES || i == RESULT_LISTS)
			continue;
		ret = csv_from_table(&r->table[i], results_columns((enum result_table)i), o, err);
	}
	outcome_times(o, &r->first_ns, &r->last_ns);
	return ret ? ret : find_variants(r, err);
}

void results_fini(struct results *r)
{
	for (u32 i = 0; i < NR_RESULT_TABLES; i++)
		csv_data_fini(&r->table[i]);
	json_object_put(r->run);
}

bool side_has(const struct side *s, enum result_table table, u32 row)
{
	return !strcmp(csv_text(side_table(s, table), row, "variant"), s->variant);
}
