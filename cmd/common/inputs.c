// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/inputs.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/common/variant_json.h"
#include "replay/base/regular.h"
#include "replay/initial/snapshot.h"
#include "replay/log/event.h"
#include "replay/outcome/outcome.h"

static bool is_file(const struct stat *out, const char *path)
{
	struct stat st;

	return path && !stat(path, &st) && same_file(out, &st);
}

static bool is_inside(const struct stat *out, const char *dir, const char *name)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%s/%s", dir, name) < (int)sizeof(path) &&
	       is_file(out, path);
}

static bool is_capture(const struct stat *out, const struct str_list *captures)
{
	struct stat st;

	for (u32 i = 0; captures && i < captures->nr; i++) {
		if (strcmp(captures->at[i], "-") ? is_file(out, captures->at[i]) :
						   !fstat(STDIN_FILENO, &st) && same_file(out, &st))
			return true;
	}
	return false;
}

static bool is_variant(const struct stat *out, const struct str_list *variants)
{
	for (u32 i = 0; variants && i < variants->nr; i++) {
		if (variant_reads(variants->at[i], out))
			return true;
	}
	return false;
}

/* Of a folder, the files @name(0), @name(1), ... */
static bool is_one_of(const struct stat *out, const char *dir, const char *(*name)(u32 i))
{
	for (u32 i = 0; dir && name(i); i++) {
		if (is_inside(out, dir, name(i)))
			return true;
	}
	return false;
}

static bool is_snapshot(const struct stat *out, const char *path)
{
	return is_file(out, path) || is_one_of(out, path, snapshot_folder_name);
}

/* The folder is a tracing folder, or the events/ of one. */
static bool is_format(const struct stat *out, const char *dir)
{
	char name[256];

	if (!dir)
		return false;
	if (is_file(out, dir) || is_inside(out, dir, "events/header_page") ||
	    is_inside(out, dir, "header_page"))
		return true;
	for (u32 k = 0; k < NR_EVENT_KINDS; k++) {
		const struct event_kind_info *info = &event_kinds[k];

		if (!info->system)
			continue;
		snprintf(name, sizeof(name), "events/%s/%s/format", info->system, info->name);
		if (is_inside(out, dir, name) || is_inside(out, dir, name + strlen("events/")))
			return true;
	}
	return false;
}

static bool is_other(const struct stat *out, const struct inputs *in)
{
	for (u32 i = 0; i < in->nr_files; i++) {
		if (is_file(out, in->files[i]))
			return true;
	}
	return false;
}

int inputs_spared(const struct inputs *in, const char *path, const char *opt, struct error *err)
{
	struct stat out;

	/* What is no file is written into, and stays. */
	if (!in || !strcmp(path, "-") || stat(path, &out) || !S_ISREG(out.st_mode))
		return 0;
	if (!is_capture(&out, in->captures) && !is_variant(&out, in->variants) &&
	    !is_snapshot(&out, in->snapshot) && !is_snapshot(&out, in->after) &&
	    !is_format(&out, in->format_dir) &&
	    !is_one_of(&out, in->results, outcome_file_name) && !is_other(&out, in))
		return 0;
	return err_set(err, ERR_USAGE, "%s: is an input - give another %s", path, opt);
}
