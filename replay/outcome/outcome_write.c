// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "replay/outcome/outcome.h"
#include "replay/outcome/outcome_file.h"
#include "replay/outcome/runjson.h"
#include "replay/csv/schema.h"

/* Takes @text over; NULL: there was no memory for it. */
static int write_text(struct outcome_files *files, const char *name, char *text, struct error *err)
{
	int ret = text ? outcome_files_bytes(files, name, text, strlen(text), err) :
			 err_nomem(err, name);

	free(text);
	return ret;
}

const char *outcome_file_name(u32 i)
{
	static const char *const texts[] = { SCHEMA_FILE, "run.json" };
	size_t nr;
	const struct csv_table *const *tables = outcome_tables(&nr);

	if (i < nr)
		return tables[i]->file;
	return i - nr < ARRAY_SIZE(texts) ? texts[i - nr] : NULL;
}

int outcome_write(const struct outcome *o, const char *dir, const struct outcome_run *run,
		  struct error *err)
{
	struct outcome_files files;
	size_t nr;
	const struct csv_table *const *tables = outcome_tables(&nr);
	int ret = outcome_files_open(&files, dir, err);

	for (size_t i = 0; i < nr && !ret; i++)
		ret = outcome_files_table(&files, tables[i], o, err);
	if (!ret)
		ret = write_text(&files, SCHEMA_FILE, schema_text(tables, nr), err);
	if (!ret)
		ret = write_text(&files, "run.json", runjson_text(o, run, &files), err);
	if (!ret)
		ret = outcome_files_commit(&files, err);
	outcome_files_fini(&files);
	return ret;
}
