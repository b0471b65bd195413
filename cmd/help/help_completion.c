// SPDX-License-Identifier: GPL-2.0
/* Completions for bash and zsh. */
#include <string.h>

#include "cmd/common/builtin.h"
#include "cmd/help/help.h"

static void put_names(const struct command_list *all, FILE *out)
{
	for (size_t i = 0; i < all->nr; i++)
		fprintf(out, "%s ", all->list[i]->name);
}

static void put_variants(FILE *out)
{
	for (size_t i = 0; i < nr_builtins; i++)
		fprintf(out, "%s%s", i ? " " : "", builtin_table[i].name);
}

/* ---- bash ---- */

/* What follows an option that takes a value. */
static void bash_value(const struct command *cmd, const struct opt *o, FILE *out)
{
	const struct arg_words *w = arg_words_of(o->arg);

	fprintf(out, "\t%s:--%s", cmd->name, o->name);
	if (o->letter)
		fprintf(out, "|%s:-%c", cmd->name, o->letter);
	fputs(") ", out);
	if (w && (w->variants || *w->words)) {
		fputs("COMPREPLY=($(compgen -W '", out);
		if (w->variants)
			put_variants(out);
		fprintf(out, "%s' -- \"$cur\")); ", w->words);
	}
	if (w && w->files)
		fputs("COMPREPLY+=($(compgen -f -- \"$cur\")); ", out);
	fputs("return ;;\n", out);
}

static void bash_options(const struct command *cmd, FILE *out)
{
	fprintf(out, "\t%s) words='", cmd->name);
	for (size_t i = 0; i <= cmd->nr_opts; i++) {
		const struct opt *o = i < cmd->nr_opts ? &cmd->opts[i] : &help_opt;

		fprintf(out, "--%s ", o->name);
		if (o->letter)
			fprintf(out, "-%c ", o->letter);
	}
	fputs("' ;;\n", out);
}

void bash_completion_print(const struct command_list *all, FILE *out)
{
	fputs("# Written by 'spbreplay help --bash-completion' from the table of options.\n"
	      "_spbreplay()\n{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal cmd=${COMP_WORDS[1]} words=\n\tCOMPREPLY=()\n"
	      "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\tCOMPREPLY=($(compgen -W '", out);
	put_names(all, out);
	fputs("help --help --version' -- \"$cur\"))\n\t\treturn\n\tfi\n", out);
	fputs("\tcase $cmd:$prev in\n", out);
	for (size_t i = 0; i < all->nr; i++) {
		for (size_t j = 0; j < all->list[i]->nr_opts; j++) {
			if (all->list[i]->opts[j].arg)
				bash_value(all->list[i], &all->list[i]->opts[j], out);
		}
	}
	fputs("\tesac\n\tcase $cmd in\n", out);
	for (size_t i = 0; i < all->nr; i++)
		bash_options(all->list[i], out);
	fputs("\thelp) COMPREPLY=($(compgen -W '", out);
	put_names(all, out);
	fputs("metrics' -- \"$cur\")); return ;;\n\tesac\n"
	      "\tif [[ $cur == -* ]]; then\n\t\tCOMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
	      "\t\treturn\n\tfi\n"
	      "\tCOMPREPLY=($(compgen -f -- \"$cur\"))\n"
	      "\t[ \"$cmd\" = variants ] && COMPREPLY+=($(compgen -W '", out);
	put_variants(out);
	fputs("' -- \"$cur\"))\n\treturn 0\n}\ncomplete -o filenames -F _spbreplay spbreplay\n", out);
}

/* ---- zsh ---- */

/* Help text inside '...[text]': quotes, brackets and colons mean something there. */
static void zsh_text(const char *text, FILE *out)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs("'\\''", out);
		else if (strchr("[]:\\", *text))
			fprintf(out, "\\%c", *text);
		else
			fputc(*text, out);
	}
}

static void zsh_value(const struct opt *o, FILE *out)
{
	const struct arg_words *w = o->arg ? arg_words_of(o->arg) : NULL;

	if (!o->arg)
		return;
	fputc(':', out);
	zsh_text(o->arg, out);
	fputc(':', out);
	if (w && (w->variants || *w->words)) {
		fputc('(', out);
		if (w->variants)
			put_variants(out);
		fprintf(out, "%s)", w->words);
	} else if (w && w->files) {
		fputs("_files", out);
	}
}

/* One line an option: '(-i --input)'{-i,--input}'[help]:FILE:_files' */
static void zsh_option(const struct opt *o, FILE *out)
{
	const char *many = o->type == OPT_LIST ? "*" : "";

	fputs("\t\t\t", out);
	if (o->letter && *many)
		fprintf(out, "'*'{-%c,--%s}'[", o->letter, o->name);
	else if (o->letter)
		fprintf(out, "'(-%c --%s)'{-%c,--%s}'[", o->letter, o->name, o->letter, o->name);
	else
		fprintf(out, "'%s--%s[", many, o->name);
	zsh_text(o->help, out);
	fputc(']', out);
	zsh_value(o, out);
	fputs("' \\\n", out);
}

void zsh_completion_print(const struct command_list *all, FILE *out)
{
	fputs("#compdef spbreplay\n"
	      "# Written by 'spbreplay help --zsh-completion' from the table of options.\n"
	      "_spbreplay() {\n\tlocal curcontext=$curcontext state line\n\tlocal -a commands\n"
	      "\tcommands=(\n", out);
	for (size_t i = 0; i < all->nr; i++) {
		fprintf(out, "\t\t'%s:", all->list[i]->name);
		zsh_text(all->list[i]->summary, out);
		fputs("'\n", out);
	}
	fputs("\t\t'help:help on a command'\n\t)\n"
	      "\t_arguments -C '1:command:->command' '*::argument:->argument'\n"
	      "\tcase $state in\n\tcommand) _describe command commands ;;\n"
	      "\targument)\n\t\tcase $words[1] in\n", out);
	for (size_t i = 0; i < all->nr; i++) {
		const struct command *cmd = all->list[i];

		fprintf(out, "\t\t%s) _arguments \\\n", cmd->name);
		for (size_t j = 0; j < cmd->nr_opts; j++)
			zsh_option(&cmd->opts[j], out);
		zsh_option(&help_opt, out);
		fputs("\t\t\t'*:file:_files' ;;\n", out);
	}
	fputs("\t\thelp) _describe command commands ;;\n\t\tesac ;;\n\tesac\n}\n_spbreplay \"$@\"\n",
	      out);
}
