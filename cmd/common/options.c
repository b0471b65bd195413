// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/options.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/help/help.h"
#include "cmd/common/suggest.h"

#define MAX_OPTS 40
#define LONG_BASE 256	/* getopt_long values above any letter */

int opts_u64(const char *text, const char *what, u64 min, u64 max, u64 *value, struct error *err)
{
	u64 v = 0;
	const char *p;

	for (p = text; *p >= '0' && *p <= '9'; p++) {
		if (__builtin_mul_overflow(v, 10u, &v) ||
		    __builtin_add_overflow(v, (u64)(*p - '0'), &v))
			break;
	}
	if (*p || p == text)
		return err_set(err, ERR_USAGE, "%s: '%.80s' is not a number - give %" PRIu64
			       " to %" PRIu64, what, text, min, max);
	if (v < min || v > max)
		return err_set(err, ERR_USAGE, "%s: %.40s is out of range - give %" PRIu64
			       " to %" PRIu64, what, text, min, max);
	*value = v;
	return 0;
}

/* What is read or written has a name; "" would become the root of what is looked for in it. */
static int check_name(const struct opt *o, const char *text, struct error *err)
{
	static const struct {
		const char *arg;
		const char *word;
	} named[] = {
		{ "FILE", "file" }, { "FOLDER", "folder" }, { "SNAPSHOT", "snapshot" },
	};
	const char short_name[] = { '-', o->letter, '\0' };

	for (size_t i = 0; i < ARRAY_SIZE(named) && !*text; i++) {
		if (!strcmp(o->arg, named[i].arg))
			return err_set(err, ERR_USAGE, "%s%s: the %s has no name - give one",
				       o->letter ? short_name : "--", o->letter ? "" : o->name,
				       named[i].word);
	}
	return 0;
}

static int set_value(const struct opt *o, const char *text, void *values, struct error *err)
{
	char *at = (char *)values + o->offset;
	struct str_list *list;
	char what[64];
	u64 v = 0;

	snprintf(what, sizeof(what), "--%s", o->name);
	switch (o->type) {
	case OPT_FLAG:
		*(bool *)at = true;
		return 0;
	case OPT_STRING:
		*(const char **)at = text;
		return check_name(o, text, err);
	case OPT_U32:
	case OPT_U64:
		if (opts_u64(text, what, o->min, o->max, &v, err))
			return -ERR_USAGE;
		if (o->type == OPT_U32)
			*(u32 *)at = (u32)v;
		else
			*(u64 *)at = v;
		return 0;
	case OPT_LIST:
		list = (struct str_list *)at;
		if (list->nr == STR_LIST_MAX)
			return err_set(err, ERR_USAGE, "%s: given more than %d times - use fewer",
				       what, STR_LIST_MAX);
		list->at[list->nr++] = text;
		return 0;
	}
	return 0;
}

/* Fill getopt's two tables from ours; -h/--help belongs to every command. */
static void build_tables(const struct command *cmd, struct option *longs, char *shorts)
{
	size_t i;

	*shorts++ = ':';
	for (i = 0; i < cmd->nr_opts && i < MAX_OPTS; i++) {
		const struct opt *o = &cmd->opts[i];

		longs[i] = (struct option){ .name = o->name,
					    .has_arg = o->arg ? required_argument : no_argument,
					    .val = LONG_BASE + (int)i };
		if (!o->letter)
			continue;
		*shorts++ = o->letter;
		if (o->arg)
			*shorts++ = ':';
	}
	longs[i++] = (struct option){ .name = "help", .val = 'h' };
	longs[i] = (struct option){ 0 };
	*shorts++ = 'h';
	*shorts = '\0';
}

static const struct opt *opt_of(const struct command *cmd, int val)
{
	if (val >= LONG_BASE)
		return &cmd->opts[val - LONG_BASE];
	for (size_t i = 0; i < cmd->nr_opts; i++) {
		if (cmd->opts[i].letter == val)
			return &cmd->opts[i];
	}
	return NULL;
}

/* Name of option @i for suggest(). */
static const char *opt_name(const void *ctx, size_t i)
{
	const struct command *cmd = ctx;

	return i < cmd->nr_opts ? cmd->opts[i].name : NULL;
}

static int bad_option(const struct command *cmd, char **argv, int index, struct error *err)
{
	const char *word = argv[index];
	const char *near;
	char name[64];

	if (optopt >= LONG_BASE)
		return err_set(err, ERR_USAGE, "%s: option --%s takes no value - see 'spbreplay %s -h'",
			       cmd->name, cmd->opts[optopt - LONG_BASE].name, cmd->name);
	if (optopt == 'h' && word[1] == '-')
		return err_set(err, ERR_USAGE, "%s: option --help takes no value - see 'spbreplay %s -h'",
			       cmd->name, cmd->name);
	if (optopt)
		return err_set(err, ERR_USAGE, "%s: unknown option -%c - see 'spbreplay %s -h'",
			       cmd->name, optopt >= ' ' && optopt < 127 ? optopt : '?', cmd->name);
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word + 2, "="), word + 2);
	near = suggest(name, opt_name, cmd);
	if (near)
		return err_set(err, ERR_USAGE, "%s: unknown option --%s - did you mean --%s?",
			       cmd->name, name, near);
	return err_set(err, ERR_USAGE, "%s: unknown or ambiguous option --%s - see 'spbreplay %s -h'",
		       cmd->name, name, cmd->name);
}

static int missing_argument(const struct command *cmd, int val, struct error *err)
{
	const struct opt *o = opt_of(cmd, val);

	if (!o)
		return err_set(err, ERR_USAGE, "%s: an option lacks its value - see 'spbreplay %s -h'",
			       cmd->name, cmd->name);
	return err_set(err, ERR_USAGE, "%s: option --%s needs a value - give %s", cmd->name,
		       o->name, o->arg);
}

static int check_args(const struct command *cmd, int nr, char **args, struct error *err)
{
	if (nr < cmd->min_args)
		return err_set(err, ERR_USAGE, "%s: an argument is missing - usage: spbreplay %s %s",
			       cmd->name, cmd->name, cmd->usage);
	if (nr > cmd->max_args)
		return err_set(err, ERR_USAGE,
			       "%s: unexpected argument '%.80s' - usage: spbreplay %s %s",
			       cmd->name, args[cmd->max_args], cmd->name, cmd->usage);
	return 0;
}

enum opts_result opts_parse(const struct command *cmd, int argc, char **argv, void *values,
			    int *first_arg, struct error *err)
{
	struct option longs[MAX_OPTS + 2];
	char shorts[2 * MAX_OPTS + 4];
	int val;

	build_tables(cmd, longs, shorts);
	optind = 0;	/* GNU: forget any earlier parse */
	opterr = 0;
	while ((val = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct opt *o;

		if (val == 'h')
			return OPTS_HELP;
		if (val == '?') {
			bad_option(cmd, argv, optind - 1, err);
			return OPTS_ERROR;
		}
		if (val == ':') {
			missing_argument(cmd, optopt, err);
			return OPTS_ERROR;
		}
		o = opt_of(cmd, val);
		if (o && set_value(o, optarg, values, err))
			return OPTS_ERROR;
	}
	*first_arg = optind;
	return check_args(cmd, argc - optind, argv + optind, err) ? OPTS_ERROR : OPTS_RUN;
}

void opts_help(const struct command *cmd, FILE *out)
{
	fprintf(out, "usage: spbreplay %s %s\n\n%s\n\n", cmd->name, cmd->usage, cmd->summary);
	for (size_t i = 0; i <= cmd->nr_opts; i++) {
		const struct opt *o = i < cmd->nr_opts ? &cmd->opts[i] : &help_opt;
		char left[64];

		snprintf(left, sizeof(left), "%c%c%s --%s%s%s", o->letter ? '-' : ' ',
			 o->letter ? o->letter : ' ', o->letter ? "," : " ", o->name,
			 o->arg ? " " : "", o->arg ? o->arg : "");
		fprintf(out, "  %-30s %s\n", left, o->help);
	}
	if (cmd->notes)
		fprintf(out, "\n%s", cmd->notes);
}
