/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Help for other readers than people at a prompt: manual pages and shell completions, all from the
 * option tables of the commands, so none can lack an option.
 */
#ifndef SPB_CMD_HELP_H
#define SPB_CMD_HELP_H

#include <stdio.h>

#include "cmd/common/options.h"

/** struct command_list - all commands, as main.c lists them */
struct command_list {
	const struct command *const *list;
	size_t nr;
};

/** help_opt - -h, --help, which every command has */
extern const struct opt help_opt;

/** struct arg_words - what may stand for the argument @arg of an option or command */
struct arg_words {
	const char *arg;
	const char *words;
	bool files;
	bool variants;
};

/** arg_words_of - what to offer for @arg; NULL: nothing is known of it */
const struct arg_words *arg_words_of(const char *arg);

/** man_print - manual page of @cmd in roff; NULL: of the whole tool */
void man_print(const struct command_list *all, const struct command *cmd, FILE *out);
/** bash_completion_print, zsh_completion_print - scripts for the shells */
void bash_completion_print(const struct command_list *all, FILE *out);
void zsh_completion_print(const struct command_list *all, FILE *out);

/**
 * help_special - help --man [NAME], --bash-completion, --zsh-completion, metrics --json
 * @argc, @argv: argv[0] is "help"
 *
 * Return: false when it is none of these; true: *@status is the exit status.
 */
bool help_special(const struct command_list *all, int argc, char **argv, int *status);

#endif /* SPB_CMD_HELP_H */
