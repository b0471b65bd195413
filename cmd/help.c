// SPDX-License-Identifier: GPL-2.0
#include "cmd/help/help.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/common/say.h"
#include "replay/outcome/outcome.h"
#include "replay/csv/schema.h"

const struct opt help_opt = { .name = "help", .letter = 'h', .type = OPT_FLAG,
			      .help = "show this help" };

static const struct arg_words arg_table[] = {
	{ "FILE", "", true, false },
	{ "FOLDER", "", true, false },
	{ "CAPTURE", "", true, false },
	{ "SNAPSHOT", "", true, false },
	{ "VARIANT", "", true, true },
	{ "LEVEL", "auto zone page implied", false, false },
	{ "STATE", "repopulate exact empty", false, false },
	{ "KEY", "table name delta percent", false, false },
};

const struct arg_words *arg_words_of(const char *arg)
{
	for (size_t i = 0; i < ARRAY_SIZE(arg_table); i++) {
		if (!strcmp(arg_table[i].arg, arg))
			return &arg_table[i];
	}
	return NULL;
}

static int print_schema(void)
{
	size_t nr;
	const struct csv_table *const *tables = outcome_tables(&nr);
	char *text = schema_text(tables, nr);
	struct error err = { 0 };

	if (!text) {
		err_nomem(&err, "the schema");
		return say_error(&err);
	}
	fputs(text, stdout);
	free(text);
	return 0;
}

static int print_man(const struct command_list *all, const char *name)
{
	struct error err = { 0 };

	if (!name || !strcmp(name, "spbreplay")) {
		man_print(all, NULL, stdout);
		return 0;
	}
	for (size_t i = 0; i < all->nr; i++) {
		if (!strcmp(all->list[i]->name, name)) {
			man_print(all, all->list[i], stdout);
			return 0;
		}
	}
	err_set(&err, ERR_USAGE, "help --man: no command '%.40s' - see 'spbreplay --help'", name);
	return say_error(&err);
}

/* One name a line, for the Makefile and for tests. */
static void print_names(const struct command_list *all)
{
	for (size_t i = 0; i < all->nr; i++)
		puts(all->list[i]->name);
}

bool help_special(const struct command_list *all, int argc, char **argv, int *status)
{
	const char *what = argc > 1 ? argv[1] : "";

	*status = 0;
	if (!strcmp(what, "--man"))
		*status = print_man(all, argc > 2 ? argv[2] : NULL);
	else if (!strcmp(what, "--commands"))
		print_names(all);
	else if (!strcmp(what, "--bash-completion"))
		bash_completion_print(all, stdout);
	else if (!strcmp(what, "--zsh-completion"))
		zsh_completion_print(all, stdout);
	else if (argc > 2 && !strcmp(what, "metrics") && !strcmp(argv[2], "--json"))
		*status = print_schema();
	else
		return false;
	return true;
}
