/* SPDX-License-Identifier: GPL-2.0 */
/*
 * schema.json: what the columns of the CSV files hold, for programs. Made from the same tables that
 * write the headers.
 */
#ifndef SPB_REPLAY_SCHEMA_H
#define SPB_REPLAY_SCHEMA_H

#include "replay/csv/csv.h"

#define SCHEMA_FILE "schema.json"
/* 2: defrag.csv has passes that the end of the run cut off, and "state" tells them apart. */
#define SCHEMA_VERSION 2

/**
 * schema_text - the text of schema.json
 * @tables, @nr: the CSV files to describe
 *
 * Return: a string the caller frees, or NULL without memory.
 */
char *schema_text(const struct csv_table *const *tables, size_t nr);

#endif /* SPB_REPLAY_SCHEMA_H */
