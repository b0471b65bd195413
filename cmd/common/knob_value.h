/* SPDX-License-Identifier: GPL-2.0 */
/* Values of knobs: from JSON, from words on the command line, to JSON, and what is allowed. */
#ifndef SPB_CMD_KNOB_VALUE_H
#define SPB_CMD_KNOB_VALUE_H

#include "model/variant.h"
#include "replay/base/error.h"

struct json_object;

/** knob_allowed - what knob @k accepts, for messages and help: "true or false", "0 to 64 pages" */
void knob_allowed(const struct knob *k, char *text, size_t room);

/* Each of these sets @err to one line that names @origin, the knob and what is allowed. */
int knob_unknown(const char *origin, const char *key, struct error *err);
int knob_bad_value(const struct knob *k, const char *origin, const char *value,
		   struct error *err);

/** knob_from_json - value of @k from @o, type checked. Return: 0 or -ERR_USAGE */
int knob_from_json(const struct knob *k, struct json_object *o, u32 *value, const char *origin,
		   struct error *err) __must_check;
/** knob_from_word - set the knob of "name=value" in @v. Return: 0 or -ERR_USAGE */
int knob_from_word(const char *word, const char *origin, struct variant *v,
		   struct error *err) __must_check;

/** knob_to_json - new JSON value of @k in @v */
struct json_object *knob_to_json(const struct variant *v, const struct knob *k);

/** knob_to_text - value of @k in @v as a user would write it */
void knob_to_text(const struct variant *v, const struct knob *k, char *text, size_t room);

#endif /* SPB_CMD_KNOB_VALUE_H */
