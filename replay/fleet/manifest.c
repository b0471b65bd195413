// SPDX-License-Identifier: GPL-2.0
#include "replay/fleet/manifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "replay/csv/csv_read.h"

/* Columns of a manifest that have a cell of their own. */
static const struct {
	const char *name;
	enum fleet_cell cell;
} known[] = {
	{ "capture", FLEET_CAPTURE }, { "snapshot", FLEET_SNAPSHOT }, { "host", FLEET_HOST },
	{ "kernel", FLEET_KERNEL }, { "workload", FLEET_WORKLOAD },
};

/** struct load - a manifest being read; @from: column of each of known[], -1: not there */
struct load {
	struct manifest *m;
	struct csv_data csv;
	int from[ARRAY_SIZE(known)];
	struct error *err;
};

static bool is_known(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!strcmp(known[i].name, name))
			return true;
	}
	return false;
}

static const char *keep(struct load *l, const char *text)
{
	const char *copy = text_store_add(&l->m->texts, text);

	if (!copy)
		err_nomem(l->err, "the manifest");
	return copy;
}

/* @path as seen from the manifest's folder. */
static const char *resolve(struct load *l, const char *path)
{
	const char *slash = strrchr(l->csv.path, '/');
	const char *kept;
	char *joined;
	size_t len;

	if (*path == '/' || !slash)
		return keep(l, path);
	len = (size_t)(slash - l->csv.path) + strlen(path) + 2;
	joined = malloc(len);
	if (!joined) {
		err_nomem(l->err, "the manifest");
		return NULL;
	}
	snprintf(joined, len, "%.*s/%s", (int)(slash - l->csv.path), l->csv.path, path);
	kept = keep(l, joined);
	free(joined);
	return kept;
}

/* Labels without a cell of their own: name=value;name=value, empty ones left out. */
static const char *other_labels(struct load *l, u32 row)
{
	const struct csv_data *d = &l->csv;
	const char *kept;
	size_t room = 1, at = 0;
	char *text;

	for (u32 c = 0; c < d->nr_columns; c++)
		room += strlen(csv_header(d, c)) + strlen(csv_cell(d, row, c)) + 2;
	text = calloc(1, room);
	if (!text) {
		err_nomem(l->err, "the manifest");
		return NULL;
	}
	for (u32 c = 0; c < d->nr_columns; c++) {
		const char *name = csv_header(d, c), *value = csv_cell(d, row, c);

		if (!is_known(name) && *value)
			at += (size_t)snprintf(text + at, room - at, "%s%s=%s", at ? ";" : "",
					       name, value);
	}
	kept = keep(l, text);
	free(text);
	return kept;
}

static u64 entry_id(const char *capture, const char *snapshot)
{
	struct hash64 h;

	hash64_init(&h);
	hash64_update(&h, capture, strlen(capture) + 1);
	hash64_update(&h, snapshot, strlen(snapshot) + 1);
	return hash64_final(&h);
}

static int check_row(struct load *l, u32 row)
{
	const struct csv_data *d = &l->csv;

	for (u32 c = 0; c < d->nr_columns; c++) {
		if (strlen(csv_cell(d, row, c)) > MANIFEST_MAX_CELL)
			return err_set(l->err, ERR_USAGE, "%s: column %.40s is longer than %u "
				       "bytes (line %u) - shorten it", d->path,
				       csv_header(d, c), MANIFEST_MAX_CELL, csv_line(d, row));
	}
	if (*csv_cell(d, row, (u32)l->from[0]))
		return 0;
	return err_set(l->err, ERR_USAGE, "%s: no capture (line %u) - name a trace.dat or a log",
		       d->path, csv_line(d, row));
}

static int read_entry(struct load *l, u32 row)
{
	struct manifest_entry *e = &l->m->entries[l->m->nr];
	char id[HASH64_TEXT];

	if (check_row(l, row))
		return -(int)ERR_USAGE;
	*e = (struct manifest_entry){ .line = csv_line(&l->csv, row) };
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		const char *text = l->from[i] < 0 ? "" :
				   csv_cell(&l->csv, row, (u32)l->from[i]);

		e->cells.cell[known[i].cell] = keep(l, text);
	}
	if (l->err->code)
		return -(int)l->err->code;
	if (!*e->cells.cell[FLEET_HOST])
		e->cells.cell[FLEET_HOST] = e->cells.cell[FLEET_CAPTURE];
	e->cells.cell[FLEET_LABELS] = other_labels(l, row);
	e->id = entry_id(e->cells.cell[FLEET_CAPTURE], e->cells.cell[FLEET_SNAPSHOT]);
	hash64_text(id, e->id);
	e->cells.cell[FLEET_ENTRY] = keep(l, id);
	e->capture = resolve(l, e->cells.cell[FLEET_CAPTURE]);
	if (*e->cells.cell[FLEET_SNAPSHOT])
		e->snapshot = resolve(l, e->cells.cell[FLEET_SNAPSHOT]);
	l->m->nr++;
	return -(int)l->err->code;
}

static int find_columns(struct load *l)
{
	const struct csv_data *d = &l->csv;

	for (u32 c = 0; c < d->nr_columns; c++) {
		if (csv_column(d, csv_header(d, c)) != (int)c)
			return err_set(l->err, ERR_USAGE, "%s: column %.40s comes twice (line 1) - "
				       "name it otherwise", d->path, csv_header(d, c));
	}
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		l->from[i] = csv_column(d, known[i].name);
	if (l->from[0] < 0)
		return err_set(l->err, ERR_USAGE, "%s: no column capture (line 1) - begin with a "
			       "header such as capture,snapshot,host", d->path);
	if (!d->nr_rows)
		return err_set(l->err, ERR_USAGE, "%s: names no capture - add rows", d->path);
	if (d->nr_rows > MANIFEST_MAX_ENTRIES)
		return err_set(l->err, ERR_USAGE, "%s: more than %u captures - split it", d->path,
			       MANIFEST_MAX_ENTRIES);
	return 0;
}

static int entry_order(const void *a, const void *b)
{
	const struct manifest_entry *x = a, *y = b;
	static const u8 keys[] = { FLEET_HOST, FLEET_CAPTURE, FLEET_SNAPSHOT };
	int c = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && !c; i++)
		c = strcmp(x->cells.cell[keys[i]], y->cells.cell[keys[i]]);
	return c ? c : (x->line > y->line) - (x->line < y->line);
}

static int id_order(const void *a, const void *b)
{
	const struct manifest_entry *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->line > y->line) - (x->line < y->line);
}

static int check_twice(struct load *l)
{
	struct manifest *m = l->m;

	qsort(m->entries, m->nr, sizeof(*m->entries), id_order);
	for (u32 i = 1; i < m->nr; i++) {
		if (m->entries[i].id == m->entries[i - 1].id)
			return err_set(l->err, ERR_USAGE, "%s: lines %u and %u name the same "
				       "capture and snapshot - remove one", l->csv.path,
				       m->entries[i - 1].line, m->entries[i].line);
	}
	qsort(m->entries, m->nr, sizeof(*m->entries), entry_order);
	return 0;
}

int manifest_load(struct manifest *m, const char *path, struct error *err)
{
	struct load l = { .m = m, .err = err };
	int ret;

	*m = (struct manifest){ 0 };
	ret = csv_read_any(&l.csv, path, err);
	if (ret)
		return ret;
	ret = find_columns(&l);
	if (!ret) {
		m->entries = calloc(l.csv.nr_rows, sizeof(*m->entries));
		ret = m->entries ? 0 : err_nomem(err, "the manifest");
	}
	for (u32 row = 0; row < l.csv.nr_rows && !ret; row++)
		ret = read_entry(&l, row);
	if (!ret)
		ret = check_twice(&l);
	csv_data_fini(&l.csv);
	if (ret)
		manifest_fini(m);
	return ret;
}

void manifest_fini(struct manifest *m)
{
	free(m->entries);
	text_store_fini(&m->texts);
	*m = (struct manifest){ 0 };
}

bool manifest_in_shard(const struct manifest_entry *e, u32 shard, u32 nr)
{
	return e->id % nr == shard;
}
