// SPDX-License-Identifier: GPL-2.0
/* Manual pages. */
#include <string.h>

#include "cmd/help/help.h"

/* Text that roff takes as it stands: its control characters escaped, lines kept. */
static void put(const char *text, FILE *out)
{
	bool at_start = true;

	for (; *text; text++) {
		if (at_start && (*text == '.' || *text == '\''))
			fputs("\\&", out);
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else
			fputc(*text, out);
		at_start = *text == '\n';
	}
}

static void put_name(const char *name, const char *summary, FILE *out)
{
	fprintf(out, ".SH NAME\n");
	put(name, out);
	fputs(" \\- ", out);
	put(summary, out);
	fputc('\n', out);
}

static void put_option(const struct opt *o, FILE *out)
{
	fputs(".TP\n", out);
	if (o->letter)
		fprintf(out, "\\fB\\-%c\\fR, ", o->letter);
	fputs("\\fB\\-\\-", out);
	put(o->name, out);
	fputs("\\fR", out);
	if (o->arg) {
		fputs(" \\fI", out);
		put(o->arg, out);
		fputs("\\fR", out);
	}
	fputc('\n', out);
	put(o->help, out);
	fputc('\n', out);
}

static void put_exit_status(FILE *out)
{
	static const struct {
		int status;
		const char *meaning;
	} table[] = {
		{ ERR_NONE, "done" },
		{ ERR_DIFFERS, "results differ (only with --exit-code)" },
		{ ERR_USAGE, "the command line asks for something impossible" },
		{ ERR_DAMAGED, "damaged input; what could be used was used, results are partial" },
		{ ERR_IO, "input or output failed" },
		{ ERR_BUG, "an invariant of the model broke: a bug" },
	};

	fputs(".SH EXIT STATUS\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		fprintf(out, ".TP\n.B %d\n", table[i].status);
		put(table[i].meaning, out);
		fputc('\n', out);
	}
}

static void put_examples(const struct command *cmd, FILE *out)
{
	if (!cmd->nr_examples)
		return;
	fputs(".SH EXAMPLES\n", out);
	for (size_t i = 0; i < cmd->nr_examples; i++) {
		if (i)
			fputs(".PP\n", out);
		put(cmd->examples[i].what, out);
		fputs(":\n.PP\n.RS 4\n.nf\n", out);
		put(cmd->examples[i].line, out);
		fputs("\n.fi\n.RE\n", out);
	}
}

static void put_command(const struct command *cmd, FILE *out)
{
	char name[80];

	snprintf(name, sizeof(name), "spbreplay-%.60s", cmd->name);
	put_name(name, cmd->summary, out);
	fputs(".SH SYNOPSIS\n\\fBspbreplay ", out);
	put(cmd->name, out);
	fputs("\\fR ", out);
	put(cmd->usage, out);
	fputs("\n", out);
	if (cmd->notes) {
		fputs(".SH DESCRIPTION\n", out);
		put(cmd->notes, out);
	}
	fputs(".SH OPTIONS\n", out);
	for (size_t i = 0; i < cmd->nr_opts; i++)
		put_option(&cmd->opts[i], out);
	put_option(&help_opt, out);
	put_examples(cmd, out);
	put_exit_status(out);
	fputs(".SH SEE ALSO\n.BR spbreplay (1)\n", out);
}

static void put_tool(const struct command_list *all, FILE *out)
{
	put_name("spbreplay", "replay page allocator traces under patch variants", out);
	fputs(".SH SYNOPSIS\n\\fBspbreplay\\fR [\\-\\-version] [\\-\\-help] "
	      "\\fIcommand\\fR [\\fIoptions\\fR]\n.SH DESCRIPTION\n"
	      "Replays recorded page allocator tracepoints through a model of the superpageblock\n"
	      "allocator, under several patch variants, and says what each would have done to the\n"
	      "superpageblocks of the machine.\n.SH COMMANDS\n", out);
	for (size_t i = 0; i < all->nr; i++) {
		fprintf(out, ".TP\n.BR spbreplay\\-%s (1)\n", all->list[i]->name);
		put(all->list[i]->summary, out);
		fputc('\n', out);
	}
	fputs(".TP\n.B spbreplay help\nhelp on a command; \\fBhelp metrics\\fR explains every "
	      "column of the CSV files\n", out);
	put_exit_status(out);
}

void man_print(const struct command_list *all, const struct command *cmd, FILE *out)
{
	const char *c = cmd ? cmd->name : "";

	fputs(".\\\" Written by 'spbreplay help --man' from the table of options.\n", out);
	fputs(".TH SPBREPLAY", out);
	if (*c)
		fputs("\\-", out);
	for (; *c; c++)
		fputc(*c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c, out);
	fputs(" 1 \"\" \"spbreplay " SPBREPLAY_VERSION "\" \"spbreplay\"\n", out);
	if (cmd)
		put_command(cmd, out);
	else
		put_tool(all, out);
}
