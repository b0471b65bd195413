// SPDX-License-Identifier: GPL-2.0
#include "replay/fleet/fleet_unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replay/base/regular.h"
#include "replay/base/temp_name.h"
#include "replay/csv/csv_read.h"
#include "replay/initial/snapshot.h"

#define FIRST_CELL ((u32)FLEET_VARIANT)	/* a unit's file holds the cells from here on */
#define PIECE 65536

/* ---- hashes ---- */

static int read_error(const char *path, struct error *err)
{
	return err_set(err, ERR_IO, "%s: cannot read (%s) - check the path and rights", path,
		       strerror(errno));
}

static int hash_fd(struct hash64 *h, int fd, const char *path, struct error *err)
{
	char *piece = malloc(PIECE);
	ssize_t n;

	if (!piece)
		return err_nomem(err, "a hash");
	do {
		n = read(fd, piece, PIECE);
		if (n > 0)
			hash64_update(h, piece, (size_t)n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	free(piece);
	return n < 0 ? read_error(path, err) : 0;
}

int fleet_hash_file(const char *path, u64 *hash, u64 *bytes, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct hash64 h;
	int ret;

	hash64_init(&h);
	ret = fd < 0 ? read_error(path, err) : hash_fd(&h, fd, path, err);
	if (fd >= 0)
		close(fd);
	*hash = hash64_final(&h);
	*bytes = h.total;
	return ret;
}

int fleet_hash_snapshot(const char *folder, u64 *hash, struct error *err)
{
	const char *name;
	struct hash64 h;
	struct stat st;
	u64 size;
	int ret = 0;

	if (!stat(folder, &st) && !S_ISDIR(st.st_mode))
		return fleet_hash_file(folder, hash, &size, err);
	hash64_init(&h);
	for (u32 i = 0; (name = snapshot_folder_name(i)) && !ret; i++) {
		char path[FLEET_PATH_MAX];
		u64 one[2];

		snprintf(path, sizeof(path), "%s/%s", folder, name);
		if (access(path, F_OK) && errno == ENOENT && i)
			continue;
		ret = fleet_hash_file(path, &one[0], &one[1], err);
		hash64_update(&h, name, strlen(name) + 1);
		hash64_update(&h, one, sizeof(one));
	}
	*hash = hash64_final(&h);
	return ret;
}

static void hash_cell(struct hash64 *h, const char *text)
{
	hash64_update(h, text, strlen(text) + 1);
}

void fleet_unit_id(const struct fleet_row *row, char out[HASH64_TEXT])
{
	static const u8 cells[] = { FLEET_CAPTURE_HASH, FLEET_SNAPSHOT_HASH, FLEET_VARIANT,
				    FLEET_KNOBS, FLEET_OPTIONS, FLEET_VERSION };
	struct hash64 h;

	hash64_init(&h);
	hash_cell(&h, "spbreplay unit 1");
	for (size_t i = 0; i < ARRAY_SIZE(cells); i++)
		hash_cell(&h, row->cell[cells[i]]);
	hash64_text(out, hash64_final(&h));
}

/* Of the cells in the unit's file, which come one behind the other. */
static void row_hash(const char *const *cells, u32 nr, char out[HASH64_TEXT])
{
	struct hash64 h;

	hash64_init(&h);
	for (u32 i = 0; i < nr; i++)
		hash_cell(&h, cells[i]);
	hash64_text(out, hash64_final(&h));
}

/* ---- places ---- */

int fleet_entry_folder(const char *folder, const struct fleet_row *row, char out[FLEET_PATH_MAX],
		       struct error *err)
{
	const char *entry = row->cell[FLEET_ENTRY];
	int len = snprintf(out, FLEET_PATH_MAX, "%s/units/%.2s/%s", folder, entry, entry);

	if (len > 0 && len < FLEET_PATH_MAX - 64)
		return 0;
	return err_set(err, ERR_USAGE, "%.200s: the path is too long - use a shorter one", folder);
}

static void unit_path(const char *dir, const struct fleet_row *row, bool temporary,
		      char out[FLEET_PATH_MAX])
{
	struct hash64 h;
	char name[HASH64_TEXT];
	char file[64];

	hash64_init(&h);
	hash_cell(&h, row->cell[FLEET_VARIANT]);
	hash64_text(name, hash64_final(&h));
	snprintf(file, sizeof(file), temporary ? ".%s.tmp" : "%s.csv", name);
	snprintf(out, FLEET_PATH_MAX, "%.4000s/%s", dir, file);
}

/* ---- writing ---- */

/** struct unit_line - the row and its last cell; @row comes first: the columns expect it there */
struct unit_line {
	struct fleet_row row;
	const char *hash;
};

/** struct unit_file - where csv_write() puts its text */
struct unit_file {
	const char *path;
	int fd;
	struct error *err;
};

static int write_bytes(void *ctx, const void *bytes, size_t len)
{
	struct unit_file *f = ctx;
	const char *p = bytes;

	while (len) {
		ssize_t n = write(f->fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(f->err, ERR_IO, "%s: cannot write: %s - check the space "
				       "left", f->path, strerror(errno));
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int each_line(const void *data, struct csv_writer *w)
{
	return csv_row(w, data);
}

static int write_line(struct unit_file *f, const struct unit_line *line)
{
	const u32 end = fleet_nr_cells();
	struct csv_writer *w = malloc(sizeof(*w));
	struct fleet_table t;
	int ret;

	if (!w)
		return err_nomem(f->err, "a result");
	fleet_table_init(&t, "unit.csv", FIRST_CELL, end);
	t.columns[end - FIRST_CELL] = (struct csv_column){
		.name = "row_hash", .type = CSV_TEXT, .unit = "", .get = csv_get_text,
		.offset = offsetof(struct unit_line, hash),
		.doc = "XXH64 of the cells before, each with a NUL",
	};
	t.table.nr_columns++;
	t.table.each = each_line;
	w->write = write_bytes;
	w->ctx = f;
	ret = csv_write(w, &t.table, line);
	free(w);
	return ret;
}

int fleet_unit_write(const char *dir, const struct fleet_row *row, struct error *err)
{
	char path[FLEET_PATH_MAX], temp[FLEET_PATH_MAX], hash[HASH64_TEXT];
	struct unit_line line = { .row = *row, .hash = hash };
	struct unit_file f = { .path = temp, .err = err };
	int ret;

	unit_path(dir, row, false, path);
	unit_path(dir, row, true, temp);
	row_hash(row->cell + FIRST_CELL, fleet_nr_cells() - FIRST_CELL, hash);
	/* A leftover of a killed process; the folder is locked. Never through a link. */
	(void)unlink(temp);
	f.fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (f.fd < 0)
		return err_set(err, ERR_IO, "%s: cannot write: %s - check the folder", temp,
			       strerror(errno));
	temp_name_add(temp);
	ret = write_line(&f, &line);
	if (close(f.fd) && !ret)
		ret = err_set(err, ERR_IO, "%s: cannot write: %s - check the space left", temp,
			      strerror(errno));
	/* No fsync: it would cost more than many a unit, and a torn file shows by its hash. */
	if (!ret && rename(temp, path))
		ret = err_set(err, ERR_IO, "%s: cannot write: %s - check the folder", path,
			      strerror(errno));
	if (ret)
		(void)unlink(temp);
	temp_name_drop(temp);
	return ret;
}

/* ---- reading ---- */

/* Is @d a whole file of this version? Then @cells get its row. */
static bool whole_row(const struct csv_data *d, const char *cells[FLEET_CELLS_MAX])
{
	const u32 nr = fleet_nr_cells() - FIRST_CELL;
	char hash[HASH64_TEXT];

	if (d->nr_rows != 1 || d->nr_columns != nr + 1)
		return false;
	for (u32 i = 0; i <= nr; i++)
		cells[i] = csv_cell(d, 0, i);
	row_hash(cells, nr, hash);
	return !strcmp(cells[nr], hash);
}

int fleet_unit_read(const char *dir, const struct fleet_row *plan, struct fleet_set *set,
		    struct error *err)
{
	struct fleet_row row = *plan;
	struct error why = { 0 };
	char path[FLEET_PATH_MAX];
	const char *cells[FLEET_CELLS_MAX];
	struct csv_data d;
	bool same;
	int ret;

	unit_path(dir, plan, false, path);
	if (regular_check(path, "remove it", &why) || csv_read_any(&d, path, &why))
		return 0;
	same = whole_row(&d, cells);
	for (u32 i = FIRST_CELL; i < FLEET_STATUS && same; i++)
		same = !strcmp(plan->cell[i], cells[i - FIRST_CELL]);
	for (u32 i = FLEET_STATUS; i < fleet_nr_cells() && same; i++)
		row.cell[i] = cells[i - FIRST_CELL];
	if (same)
		same = fleet_status(&row) > FLEET_MISSING;
	ret = same ? fleet_set_add(set, &row, err) : 0;
	csv_data_fini(&d);
	return ret ? ret : same;
}
