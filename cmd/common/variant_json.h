/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Variants from JSON: { "name", "base", "doc", knobs... }. "base" names a built-in or a file
 * (relative to the file that says so); knobs not named come from the base, or from variant_init().
 */
#ifndef SPB_CMD_VARIANT_JSON_H
#define SPB_CMD_VARIANT_JSON_H

#include "model/variant.h"
#include "replay/base/error.h"

#ifndef VARIANT_JSON_MAX	/* fuzzing: fewer */
#define VARIANT_JSON_MAX (1u << 20)	/* bytes of a file */
#endif
#define VARIANT_BASE_MAX 16		/* files in a chain of bases */

/**
 * variant_load - variant by what the user typed
 * @spec: name of a built-in, path of a JSON file, or either followed by ":knob=value,...";
 *	the variant's name is then the whole of it
 *
 * Return: 0; -ERR_USAGE (unknown, or not valid), -ERR_IO (file cannot be read), @err set.
 */
int variant_load(const char *spec, struct variant *v, struct error *err) __must_check;

struct stat;

/** variant_reads - is @file read for @spec, as the variant or as a base of it? */
bool variant_reads(const char *spec, const struct stat *file);

/** variant_valid - knobs that fit together? @where: said them. Return: 0 or -ERR_USAGE, @err set */
int variant_valid(const struct variant *v, const char *where, struct error *err) __must_check;

/** variant_words - in "NAME:knob=value,...", what is behind NAME:; NULL: nothing */
const char *variant_words(const char *name);

/** variant_says - does @words, "knob=value,...", give a value of @knob (@len bytes)? */
bool variant_says(const char *words, const char *knob, size_t len);

/** variant_to_json - @v with every knob, as text; free() it. NULL without memory */
char *variant_to_json(const struct variant *v);

#endif /* SPB_CMD_VARIANT_JSON_H */
