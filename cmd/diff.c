// SPDX-License-Identifier: GPL-2.0
/* spbreplay diff: what differs between earlier runs, or between the variants of one, and why. */
#include <stdio.h>
#include <string.h>

#include "cmd/explain/alike.h"
#include "cmd/explain/causes_text.h"
#include "cmd/commands.h"
#include "cmd/common/figures.h"
#include "cmd/common/json_rows.h"
#include "cmd/common/partial.h"
#include "cmd/explain/pairs.h"
#include "cmd/common/say.h"
#include "cmd/common/terminal.h"

#define FEW_CAUSES 20

struct diff_opts {
	const char *sort;
	bool full;
	bool exit_code;
	bool json;
};

#define AT(member) offsetof(struct diff_opts, member)

static const struct opt diff_opts_table[] = {
	{ "full", 'f', NULL, OPT_FLAG, AT(full), 0, 0,
	  "all figures and superpageblocks, including those that are the same" },
	{ "sort", 0, "KEY", OPT_STRING, AT(sort), 0, 0,
	  "sort figures by table (default), name, delta or percent; largest change first" },
	{ "exit-code", 0, NULL, OPT_FLAG, AT(exit_code), 0, 0,
	  "exit with 1 if results differ" },
	{ "json", 0, NULL, OPT_FLAG, AT(json), 0, 0, "print JSON" },
};

static void put_sides(const struct causes *c)
{
	terminal_text(stdout, c->variant.variant);
	fputs(" of ", stdout);
	terminal_text(stdout, c->variant.r->name);
	fputs(" against ", stdout);
	terminal_text(stdout, c->baseline.variant);
	fputs(" of ", stdout);
	terminal_text(stdout, c->baseline.r->name);
	putchar('\n');
}

static void show_text(const struct diff_opts *opts, const struct figures *f,
		      const struct causes *c, bool same)
{
	if (same)
		causes_print(c, opts->full ? UINT32_MAX : FEW_CAUSES, stdout);
	else
		put_sides(c);
	putchar('\n');
	figures_print(f, opts->full, c->baseline.variant, c->variant.variant, stdout);
}

static void show_json(struct json_object *list, const struct figures *f, const struct causes *c)
{
	struct json_object *o = causes_json(c);

	json_object_object_add(o, "metrics", figures_json(f));
	json_object_array_add(list, o);
}

/* Return: 0, or a negative code. *@differs becomes true when anything does. */
static int diff_pair(const struct diff_opts *opts, const struct pair *p, enum figure_order order,
		     struct json_object *list, bool *differs, struct error *err)
{
	struct figures f;
	struct causes c = { .baseline = p->baseline, .variant = p->variant };
	const bool same = p->baseline.r == p->variant.r ||
			  alike_in_place(p->baseline.r, p->variant.r);
	int ret = figures_find(&f, &p->baseline, &p->variant);

	if (!ret && same)
		ret = causes_find(&c, &p->baseline, &p->variant);
	if (ret) {
		err_nomem(err, "the comparison");
	} else {
		figures_sort(&f, order);
		*differs |= f.nr_equal != f.nr || c.nr_partings || c.nr_causes;
		if (list)
			show_json(list, &f, &c);
		else
			show_text(opts, &f, &c, same);
	}
	causes_fini(&c);
	figures_fini(&f);
	return ret ? -(int)ERR_IO : 0;
}

static int diff_pairs(const struct diff_opts *opts, const struct pairs *pairs,
		      enum figure_order order, struct error *err)
{
	struct json_object *list = opts->json ? json_object_new_array() : NULL;
	bool differs = false;
	int ret = 0;

	for (u32 i = 0; i < pairs->nr && !ret; i++) {
		if (i && !list)
			putchar('\n');
		ret = diff_pair(opts, &pairs->list[i], order, list, &differs, err);
	}
	if (!ret && list)
		ret = json_say(list, err);
	if (ret)
		return -ret;
	return opts->exit_code && differs ? ERR_DIFFERS : 0;
}

static int load(struct results *r, const char *dir, struct error *err)
{
	if (results_load(r, dir, err))
		return -(int)err->code;
	partial_warn(dir, r->run);
	return 0;
}

static int run_diff(const struct command *cmd __unused, void *values, int nr, char **args)
{
	const struct diff_opts *opts = values;
	struct results a = { 0 }, b = { 0 };
	struct pairs pairs = { .nr = 0 };
	enum figure_order order;
	struct error err = { 0 };
	int status = 0;

	if (figure_order_parse(opts->sort, &order, &err))
		return say_error(&err);
	if (!load(&a, args[0], &err) && nr > 1 && !load(&b, args[1], &err)) {
		alike_warn(&a, &b);
		pairs_between(&pairs, &a, &b);
	} else if (!err.code) {
		pairs_inside(&pairs, &a);
		if (!pairs.nr)
			err_set(&err, ERR_USAGE, "%s: holds one variant - give a second folder",
				args[0]);
	}
	if (!err.code)
		status = diff_pairs(opts, &pairs, order, &err);
	results_fini(&a);
	results_fini(&b);
	return err.code ? say_error(&err) : status;
}

static const struct example examples[] = {
	{ "what the patch changed, and why a superpageblock is tainted on one side only",
	  "spbreplay diff out/" },
	{ "two runs of replay, for a script", "spbreplay diff --exit-code before-run/ after-run/" },
	{ "all figures, largest change first", "spbreplay diff --full --sort percent out/" },
};

const struct command cmd_diff = {
	.name = "diff",
	.summary = "show differences between earlier results, and their causes",
	.usage = "FOLDER [FOLDER_B] [--full] [--sort KEY] [--exit-code] [--json]",
	.opts = diff_opts_table,
	.nr_opts = ARRAY_SIZE(diff_opts_table),
	.opts_size = sizeof(struct diff_opts),
	.min_args = 1,
	.max_args = 2,
	.run = run_diff,
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
	.notes = "One folder: its first variant against each of the others. Two folders: variants of\n"
		 "the same name or, if they have no name in common, the first of FOLDER against each of\n"
		 "FOLDER_B. What the other side did with the allocation that tainted a superpageblock is\n"
		 "known only if both sides come from one compare.\n",
};
