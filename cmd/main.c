// SPDX-License-Identifier: GPL-2.0
/* The global part of the command line, and the way to the commands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/commands.h"
#include "cmd/help/help.h"
#include "cmd/help/metrics_doc.h"
#include "cmd/common/memory.h"
#include "cmd/common/modes.h"
#include "cmd/common/say.h"
#include "cmd/common/stop.h"
#include "cmd/common/suggest.h"

static const struct command *const commands[] = {
	&cmd_compare, &cmd_replay, &cmd_diff, &cmd_check, &cmd_explain, &cmd_report, &cmd_export,
	&cmd_batch, &cmd_merge, &cmd_record, &cmd_snapshot, &cmd_parse, &cmd_info, &cmd_variants,
	&cmd_cut, &cmd_synth,
};

/* i-th word that may stand where a command stands; @last: the one that is no command. */
static const char *command_name(const void *last, size_t i)
{
	if (i < ARRAY_SIZE(commands))
		return commands[i]->name;
	return i == ARRAY_SIZE(commands) ? last : NULL;
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	}
	return NULL;
}

static void print_usage(FILE *out)
{
	fprintf(out, "usage: spbreplay [--version] [--help] <command> [<options>]\n\n"
		"Replays recorded page-allocator tracepoints under variants of the "
		"superpageblock\nallocator and reports what each would have done to the "
		"machine's superpageblocks.\n\n");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
	fprintf(out, "  %-10s %s\n\n", "help", "help on a command; 'help metrics': all CSV columns");
	fprintf(out, "Start with: spbreplay compare -i trace.dat -o out\n");
	fprintf(out, "Exit status: 0 done, 1 differs, 2 usage, 3 damaged input (used as far as it\n"
		"goes), 4 I/O error, 5 bug in spbreplay.\n");
}

static int unknown_command(const char *word, const char *last)
{
	const char *near = suggest(word, command_name, last);
	struct error err = { 0 };

	if (*word == '-')
		err_set(&err, ERR_USAGE, "unknown option %.80s - see 'spbreplay --help'", word);
	else if (near)
		err_set(&err, ERR_USAGE, "unknown command '%.80s' - did you mean '%s'?", word,
			near);
	else
		err_set(&err, ERR_USAGE, "unknown command '%.80s' - see 'spbreplay --help'", word);
	return say_error(&err);
}

static int run_help(int argc, char **argv)
{
	const struct command_list all = { commands, ARRAY_SIZE(commands) };
	const struct command *cmd;
	int status;

	if (argc < 2) {
		print_usage(stdout);
		return 0;
	}
	if (help_special(&all, argc, argv, &status))
		return status;
	if (!strcmp(argv[1], "metrics")) {
		print_metrics_doc(stdout);
		return 0;
	}
	if (!strcmp(argv[1], "help")) {
		print_usage(stdout);
		return 0;
	}
	cmd = find_command(argv[1]);
	if (!cmd)
		return unknown_command(argv[1], "metrics");
	opts_help(cmd, stdout);
	return 0;
}

static int run_command(const struct command *cmd, int argc, char **argv)
{
	void *values = calloc(1, cmd->opts_size ? cmd->opts_size : 1);
	struct error err = { 0 };
	enum opts_result result;
	int first, status;

	if (!values) {
		err_nomem(&err, "the options");
		return say_error(&err);
	}
	if (cmd->defaults)
		cmd->defaults(values);
	result = opts_parse(cmd, argc, argv, values, &first, &err);
	status = 0;
	if (result == OPTS_ERROR)
		status = say_error(&err);
	else if (result == OPTS_HELP)
		opts_help(cmd, stdout);
	else
		status = cmd->run(cmd, values, argc - first, argv + first);
	free(values);
	return status;
}

static int dispatch(int argc, char **argv)
{
	const struct command *cmd;

	if (argc < 2) {
		print_usage(stderr);
		return ERR_USAGE;
	}
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("spbreplay %s\n", SPBREPLAY_VERSION);
		return 0;
	}
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return run_help(1, argv);
	if (!strcmp(argv[1], "help"))
		return run_help(argc - 1, argv + 1);
	cmd = find_command(argv[1]);
	return cmd ? run_command(cmd, argc - 1, argv + 1) : unknown_command(argv[1], "help");
}

int main(int argc, char **argv)
{
	memory_prepare();
	stdio_prepare();
	modes_prepare();
	stop_exits();
	return stdout_finish(dispatch(argc, argv));
}
