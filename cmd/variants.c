// SPDX-License-Identifier: GPL-2.0
/* spbreplay variants: what comes with the tool, and every knob of one variant. */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/common/builtin.h"
#include "cmd/commands.h"
#include "cmd/common/json_rows.h"
#include "cmd/common/knob_value.h"
#include "cmd/common/say.h"
#include "cmd/common/variant_json.h"

struct variants_opts {
	bool verbose;
	bool json;
};

static const struct opt variants_table[] = {
	{ "verbose", 'v', NULL, OPT_FLAG, offsetof(struct variants_opts, verbose), 0, 0,
	  "one line per knob: value, allowed values, default, meaning, [section of the "
	  "specification]" },
	{ "doc", 0, NULL, OPT_FLAG, offsetof(struct variants_opts, verbose), 0, 0,
	  "the same as --verbose" },
	{ "json", 0, NULL, OPT_FLAG, offsetof(struct variants_opts, json), 0, 0,
	  "print the list, or with -v the knobs, as JSON" },
};

static int list_builtins(void)
{
	struct error err = { 0 };

	for (size_t i = 0; i < nr_builtins; i++) {
		struct variant v;

		if (variant_load(builtin_table[i].name, &v, &err))
			return say_error(&err);
		printf("%-20s %s\n", v.name, v.doc);
	}
	return 0;
}

static int print_json(const struct variant *v)
{
	char *text = variant_to_json(v);
	struct error err = { 0 };

	if (!text) {
		err_nomem(&err, "a variant");
		return say_error(&err);
	}
	puts(text);
	free(text);
	return 0;
}

static int print_knobs(const struct variant *v)
{
	struct variant defaults;

	variant_init(&defaults);
	printf("# %s: %s\n# knob = value (allowed; default): meaning [source]\n", v->name, v->doc);
	for (size_t i = 0; i < nr_knobs; i++) {
		const struct knob *k = &knob_table[i];
		char value[32], initial[32], allowed[128];

		knob_to_text(v, k, value, sizeof(value));
		knob_to_text(&defaults, k, initial, sizeof(initial));
		knob_allowed(k, allowed, sizeof(allowed));
		printf("%s = %s (%s; default %s): %s [%s]\n", k->name, value, allowed, initial,
		       k->doc, k->source);
	}
	return 0;
}

static int list_json(void)
{
	struct json_object *list = json_object_new_array();
	struct error err = { 0 };

	for (size_t i = 0; i < nr_builtins && !err.code; i++) {
		struct json_object *o = json_object_new_object();
		struct variant v;

		json_object_array_add(list, o);
		if (variant_load(builtin_table[i].name, &v, &err))
			break;
		json_object_object_add(o, "name", json_object_new_string(v.name));
		json_object_object_add(o, "doc", json_object_new_string(v.doc));
	}
	if (err.code) {
		json_object_put(list);
		return say_error(&err);
	}
	return json_say(list, &err) ? say_error(&err) : 0;
}

static int knobs_json(const struct variant *v)
{
	struct json_object *list = json_object_new_array();
	struct error err = { 0 };
	struct variant defaults;

	variant_init(&defaults);
	for (size_t i = 0; i < nr_knobs; i++) {
		const struct knob *k = &knob_table[i];
		struct json_object *o = json_object_new_object();
		char text[128];

		json_object_object_add(o, "knob", json_object_new_string(k->name));
		knob_to_text(v, k, text, sizeof(text));
		json_object_object_add(o, "value", json_object_new_string(text));
		knob_to_text(&defaults, k, text, sizeof(text));
		json_object_object_add(o, "default", json_object_new_string(text));
		knob_allowed(k, text, sizeof(text));
		json_object_object_add(o, "allowed", json_object_new_string(text));
		json_object_object_add(o, "meaning", json_object_new_string(k->doc));
		json_object_object_add(o, "source", json_object_new_string(k->source));
		json_object_array_add(list, o);
	}
	return json_say(list, &err) ? say_error(&err) : 0;
}

static int run_variants(const struct command *cmd __unused, void *values, int nr, char **args)
{
	const struct variants_opts *opts = values;
	struct error err = { 0 };
	struct variant v;

	if (!nr && !opts->verbose)
		return opts->json ? list_json() : list_builtins();
	if (variant_load(nr ? args[0] : builtin_table[0].name, &v, &err))
		return say_error(&err);
	if (!opts->verbose)
		return print_json(&v);
	return opts->json ? knobs_json(&v) : print_knobs(&v);
}

static const struct example examples[] = {
	{ "the built-in ones", "spbreplay variants" },
	{ "a variant of one's own: save, change, and give the file to -V",
	  "spbreplay variants spb-v1-hotpath >mine.json" },
	{ "every knob, what is allowed and what it means", "spbreplay variants -v spb-v1-hotpath" },
};

const struct command cmd_variants = {
	.name = "variants",
	.summary = "list the built-in variants, or show one with every knob",
	.usage = "[-v] [NAME|FILE.json|NAME:knob=value,...]",
	.opts = variants_table,
	.nr_opts = ARRAY_SIZE(variants_table),
	.opts_size = sizeof(struct variants_opts),
	.max_args = 1,
	.run = run_variants,
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
	.notes = "Without a name, prints the list; with one, JSON that can be saved, edited and passed to\n"
		 "-V. A variant file is { \"name\": ..., \"base\": NAME or FILE, \"doc\": ..., knobs };\n"
		 "without a base it starts from spb-v1-none, whose knobs are the defaults.\n",
};
