// SPDX-License-Identifier: GPL-2.0
/* spbreplay cut: a part of a capture or log as a smaller log. */
#include <string.h>

#include "cmd/commands.h"
#include "cmd/common/cut_log.h"
#include "cmd/common/jobs.h"
#include "cmd/common/outfile.h"
#include "cmd/common/say.h"
#include "cmd/common/shared_opts.h"
#include "cmd/common/source.h"
#include "cmd/common/stop.h"
#include "cmd/common/units.h"
#include "cmd/common/window.h"
#include "replay/initial/snapshot.h"

struct cut_opts {
	struct str_list inputs;
	const char *output;
	const char *window;
	const char *cpus;
	const char *zone;
	const char *snapshot;
	const char *buffer;
	const char *format_dir;
	bool salvage;
	bool quiet;
	bool anonymize;
};

#define AT(member) offsetof(struct cut_opts, member)

static const struct opt cut_table[] = {
	SHARED_INPUT(AT(inputs)),
	{ "output", 'o', "FILE", OPT_STRING, AT(output), 0, 0,
	  "log to write, replaced if it exists; - is standard output" },
	SHARED_WINDOW(AT(window)),
	SHARED_CPU(AT(cpus)),
	{ "zone", 'z', "NODE/NAME", OPT_STRING, AT(zone), 0, 0,
	  "only pages of this zone, for example 0/Normal; needs a snapshot" },
	{ "snapshot", 's', "SNAPSHOT", OPT_STRING, AT(snapshot), 0, 0,
	  "snapshot of the host: where its zones are" },
	SHARED_BUFFER(AT(buffer)),
	SHARED_FORMAT_DIR(AT(format_dir)),
	SHARED_SALVAGE(AT(salvage)),
	SHARED_ANONYMIZE(AT(anonymize)),
	{ "quiet", 'q', NULL, OPT_FLAG, AT(quiet), 0, 0, "print only errors and warnings" },
};

static const struct log_zone *find_zone(const struct log_zone *zones, u32 nr, const char *name)
{
	for (u32 i = 0; i < nr; i++) {
		char text[40];

		snprintf(text, sizeof(text), "%u/%s", zones[i].node, zones[i].name);
		if (!strcmp(text, name))
			return &zones[i];
	}
	return NULL;
}

static int set_zone(struct log_cut *cut, const struct cut_opts *o, const struct log_meta *meta,
		    const struct snapshot *s, struct error *err)
{
	cut->zone = s ? find_zone(s->zones, s->nr_zones, o->zone) :
			find_zone(meta->zones, meta->nr_zones, o->zone);
	if (cut->zone)
		return 0;
	if (!s && !meta->nr_zones)
		return err_set(err, ERR_USAGE, "--zone: the capture does not say where its zones "
			       "are - give a snapshot (-s)");
	return err_set(err, ERR_USAGE, "--zone: no zone '%.40s' on this host - write NODE/NAME, "
		       "for example 0/Normal", o->zone);
}

static int write_part(struct source *src, const struct cut_opts *o, const struct log_cut *cut,
		      struct error *err)
{
	struct log_writer *w = cut_log(src->reader, cut, err);
	char n[UNIT_TEXT];
	int ret;

	if (!w)
		return -(int)err->code;
	if (!log_writer_meta(w)->nr_events) {
		log_writer_free(w);
		if (source_damage(src, err))
			return -ERR_DAMAGED;
		return err_set(err, ERR_USAGE, "%s: no events in this part - choose another",
			       src->name);
	}
	stop_hold_for(o->output);
	ret = log_writer_save(w, o->output, err);
	stop_release();
	if (!ret && !o->quiet)
		say("%s: %s events", o->output, fmt_count(n, log_writer_meta(w)->nr_events));
	log_writer_free(w);
	return ret;
}

static int cut_source(struct source *src, const struct cut_opts *o, const struct window *window,
		      const struct snapshot *s, struct error *err)
{
	const struct log_meta *meta = source_meta(src);
	struct log_cut cut = { .t1 = UINT64_MAX, .anonymize = o->anonymize };

	if (o->window && window_resolve(window, meta->first_time, meta->last_time, &cut.t0,
					&cut.t1, err))
		return -ERR_USAGE;
	if (o->zone && set_zone(&cut, o, meta, s, err))
		return -ERR_USAGE;
	if (write_part(src, o, &cut, err))
		return -(int)err->code;
	return source_damage(src, err);
}

static int check(const struct cut_opts *o, struct window *window, struct error *err)
{
	const struct inputs in = { .captures = &o->inputs, .snapshot = o->snapshot,
				   .format_dir = o->format_dir };

	if (!o->inputs.nr)
		return err_set(err, ERR_USAGE, "cut: no input - give -i CAPTURE_OR_LOG");
	if (!o->output)
		return err_set(err, ERR_USAGE, "cut: no output - give -o FILE.spblog");
	if (!o->window && !o->cpus && !o->zone && !o->anonymize && o->inputs.nr < 2)
		return err_set(err, ERR_USAGE, "cut: nothing to cut by - give --window, --cpu, "
			       "--zone or --anonymize, or several inputs to join");
	if (o->window && window_parse(o->window, window, err))
		return -ERR_USAGE;
	return outfile_check(o->output, OUTFILE_STREAM, &in, err);
}

static int run_cut(const struct command *cmd __unused, void *values, int nr __unused,
		   char **args __unused)
{
	const struct cut_opts *o = values;
	struct source_opts so = { .buffer = o->buffer, .format_dir = o->format_dir,
				  .salvage = o->salvage,
				  .cpus = o->cpus, .quiet = o->quiet,
				  .jobs = jobs_or_cpus(0) };
	struct snapshot *s = NULL;
	struct error err = { 0 };
	struct window window;
	struct source src;

	if (check(o, &window, &err))
		return say_error(&err);
	if (o->snapshot)
		s = snapshot_load(o->snapshot, &err);
	if (!err.code && !source_open(&src, &o->inputs, &so, &err)) {
		cut_source(&src, o, &window, s, &err);
		source_close(&src);
	}
	snapshot_free(s);
	return err.code ? say_error(&err) : 0;
}

static const struct example examples[] = {
	{ "the second half of a capture",
	  "spbreplay cut -i trace.dat -o half.spblog --window 50%~" },
};

const struct command cmd_cut = {
	.name = "cut",
	.examples = examples,
	.nr_examples = ARRAY_SIZE(examples),
	.summary = "write part of a capture or log as a smaller log, or join several",
	.usage = "-i FILE -o F.spblog [--window T0~T1] [--cpu LIST] [--zone Z -s SNAPSHOT]",
	.opts = cut_table,
	.nr_opts = ARRAY_SIZE(cut_table),
	.opts_size = sizeof(struct cut_opts),
	.run = run_cut,
	.notes = "Counts, losses and quality in the new log are those of the part. Events without a\n"
		 "page (searches, losses) are kept whatever the zone. Several inputs, captures or logs of\n"
		 "one host, become one log.\n",
};
