/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Options of a command as one table: it drives getopt_long(), --help, and whatever else needs
 * to know them (manual pages, completion).
 */
#ifndef SPB_CMD_OPTIONS_H
#define SPB_CMD_OPTIONS_H

#include <stdio.h>

#include "replay/base/error.h"

enum opt_type {
	OPT_FLAG,	/* bool: becomes true */
	OPT_STRING,	/* const char *: borrowed from argv */
	OPT_U32,	/* u32 in [min, max] */
	OPT_U64,	/* u64 in [min, max] */
	OPT_LIST,	/* struct str_list: one more entry each time */
};

/** struct str_list - values of an option that may be given several times */
#define STR_LIST_MAX 64
struct str_list {
	u32 nr;
	const char *at[STR_LIST_MAX];
};

/**
 * struct opt - one option
 * @name: long name; @letter: short one, 0 for none; @arg: name of its argument, NULL for none
 * @type, @offset: how to read the value and where it goes in the command's options struct
 * @min, @max: allowed numbers
 * @help: one line
 */
struct opt {
	const char *name;
	char letter;
	const char *arg;
	enum opt_type type;
	size_t offset;
	u64 min;
	u64 max;
	const char *help;
};

/** struct example - @line: a whole command line; @what: what it is for */
struct example {
	const char *what;
	const char *line;
};

/**
 * struct command - one subcommand
 * @name: as typed; @summary: one line; @usage: what follows the name
 * @opts, @nr_opts: its options; @opts_size: bytes of its options struct
 * @min_args, @max_args: how many words that are not options
 * @defaults: sets the defaults of the options struct (already zeroed), may be NULL
 * @run: does it. Return: exit status as in enum err_code; every error was printed
 * @notes: further help text, may be NULL
 * @examples, @nr_examples: for the manual page
 */
struct command {
	const char *name;
	const char *summary;
	const char *usage;
	const struct opt *opts;
	size_t nr_opts;
	size_t opts_size;
	int min_args;
	int max_args;
	void (*defaults)(void *opts);
	int (*run)(const struct command *cmd, void *opts, int nr_args, char **args);
	const char *notes;
	const struct example *examples;
	size_t nr_examples;
};

/** enum opts_result - what the words of a command line asked for */
enum opts_result { OPTS_RUN, OPTS_HELP, OPTS_ERROR };

/**
 * opts_parse - read the words of @cmd
 * @argc, @argv: argv[0] is the command's name; words that are not options move to the end
 * @values: the command's options struct
 * @first_arg: index of the first word that is not an option
 */
enum opts_result opts_parse(const struct command *cmd, int argc, char **argv, void *values,
			    int *first_arg, struct error *err);

/** opts_help - print the help of @cmd */
void opts_help(const struct command *cmd, FILE *out);

/**
 * opts_u64 - read a whole number in [min, max]
 *
 * Return: 0, or -ERR_USAGE with @err set; @what names the thing in the message.
 */
int opts_u64(const char *text, const char *what, u64 min, u64 max, u64 *value,
	     struct error *err) __must_check;

#endif /* SPB_CMD_OPTIONS_H */
