// SPDX-License-Identifier: GPL-2.0
/* spbreplay variants: what comes with the tool, and every knob of one variant. */
#include <stdio.h>
#include <stdlib.h>

#include "cmd/builtin.h"
#include "cmd/commands.h"
#include "cmd/knob_value.h"
#include "cmd/say.h"
#include "cmd/variant_json.h"

struct variants_opts {
	bool verbose;
};

static const struct opt variants_table[] = {
	{ "verbose", 'v', NULL, OPT_FLAG, offsetof(struct variants_opts, verbose), 0, 0,
	  "one line a knob: value, what is allowed, default, meaning, source in the spec" },
	{ "doc", 0, NULL, OPT_FLAG, offsetof(struct variants_opts, verbose), 0, 0,
	  "the same as --verbose" },
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

static int run_variants(const struct command *cmd __unused, void *values, int nr, char **args)
{
	const struct variants_opts *opts = values;
	struct error err = { 0 };
	struct variant v;

	if (!nr && !opts->verbose)
		return list_builtins();
	if (variant_load(nr ? args[0] : builtin_table[0].name, &v, &err))
		return say_error(&err);
	return opts->verbose ? print_knobs(&v) : print_json(&v);
}

const struct command cmd_variants = {
	.name = "variants",
	.summary = "list the built-in variants, or show one with every knob",
	.usage = "[-v] [NAME|FILE.json|NAME:knob=value,...]",
	.opts = variants_table,
	.nr_opts = ARRAY_SIZE(variants_table),
	.opts_size = sizeof(struct variants_opts),
	.max_args = 1,
	.run = run_variants,
	.notes = "Without a name: the list. With one: JSON that can be saved, changed and given to\n"
		 "-V. A variant file is { \"name\": ..., \"base\": NAME or FILE, \"doc\": ..., knobs }.\n",
};
