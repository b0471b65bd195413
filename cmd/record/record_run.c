// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
#include "cmd/record/record_run.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/common/progress.h"
#include "cmd/record/privileges.h"
#include "cmd/record/record_drain.h"
#include "cmd/record/record_host.h"
#include "cmd/common/say.h"
#include "cmd/record/snapshot_take.h"
#include "cmd/common/units.h"
#include "replay/initial/snapshot.h"

#define TICK_MS 100
#define DISK_MARGIN (8ULL << 20)
#define NAME_BYTES 4096

/* Why a recording ended; the text goes to the user when it is no plain end. */
static const char *const end_texts[] = {
	[0] = NULL,
	"stopped by a signal", "the size limit is reached", "the disk is nearly full",
	"the disk is full",
};

enum end_reason { END_PLAIN, END_SIGNAL, END_LIMIT, END_NEARLY_FULL, END_FULL };

/**
 * struct recording - one recording on its way
 * @signals: signalfd for SIGINT and SIGTERM; @old_mask: the mask for the command
 * @child: process of the command, 0 for none; @child_status: as waitpid() gave it
 * @start, @cpu_start, @wall, @cpu: clocks, and what the recording took
 */
struct recording {
	const struct record_opts *o;
	struct record_host host;
	struct drain drain;
	struct cpulist cpus;
	char folder[NAME_BYTES];
	int signals;
	sigset_t old_mask;
	pid_t child;
	int child_status;
	enum end_reason end;
	u64 start;
	u64 cpu_start;
	u64 wall;
	u64 cpu;
};

/* FILE.dat becomes FILE.before.snap. */
static int take_snapshot(const struct recording *r, const char *when, struct error *err)
{
	const char *out = r->o->output;
	size_t len = strlen(out);
	char path[NAME_BYTES + 32];

	if (r->o->no_snapshot)
		return 0;
	if (len > 4 && !strcmp(out + len - 4, ".dat"))
		len -= 4;
	snprintf(path, sizeof(path), "%.*s.%s.snap", (int)min_u64(len, NAME_BYTES), out, when);
	return snapshot_take(path, r->o->quiet || strcmp(when, "before"), err);
}

static int find_zone(const char *name, struct log_zone *zone, struct error *err)
{
	struct snapshot *s = snapshot_load("/proc", err);
	bool found = false;

	for (u32 i = 0; s && i < s->nr_zones && !found; i++) {
		char text[40];

		snprintf(text, sizeof(text), "%u/%s", s->zones[i].node, s->zones[i].name);
		found = !strcmp(text, name);
		*zone = s->zones[i];
	}
	snapshot_free(s);
	if (found || err->code)
		return -(int)err->code;
	return err_set(err, ERR_USAGE, "--zone: this host has no zone '%.40s' - write NODE/NAME, "
		       "for example 0/Normal", name);
}

static void watch_signals(struct recording *r)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &r->old_mask);
	r->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static int start_command(struct recording *r, struct error *err)
{
	if (!r->o->command)
		return 0;
	r->child = fork();
	if (r->child < 0)
		return err_set(err, ERR_IO, "%s: cannot start (%s)", r->o->command[0],
			       strerror(errno));
	if (!r->child) {
		sigprocmask(SIG_SETMASK, &r->old_mask, NULL);
		signal(SIGPIPE, SIG_DFL);
		execvp(r->o->command[0], r->o->command);
		_exit(127);
	}
	return 0;
}

static bool signal_came(const struct recording *r)
{
	struct signalfd_siginfo info;

	return read(r->signals, &info, sizeof(info)) == (ssize_t)sizeof(info);
}

static bool command_ended(struct recording *r)
{
	if (r->child <= 0 || waitpid(r->child, &r->child_status, WNOHANG) != r->child)
		return false;
	r->child = 0;
	return true;
}

/* Room for the file itself: pages compress four times and more, but never count on that much. */
static bool disk_nearly_full(const struct recording *r)
{
	u64 need = (r->o->version == 7 ? r->drain.total / 2 : r->drain.total) + DISK_MARGIN;
	struct statvfs fs;

	return !statvfs(r->folder, &fs) && (u64)fs.f_bavail * fs.f_frsize < need;
}

static bool at_end(struct recording *r)
{
	const struct record_opts *o = r->o;

	if (signal_came(r))
		r->end = END_SIGNAL;
	else if (o->limit_mb && r->drain.total >= (u64)o->limit_mb << 20)
		r->end = END_LIMIT;
	else if (disk_nearly_full(r))
		r->end = END_NEARLY_FULL;
	if (r->end != END_PLAIN || command_ended(r))
		return true;
	return o->seconds && wall_ns() - r->start >= o->seconds * NSEC_PER_SEC;
}

static void wait_a_little(const struct recording *r, struct pollfd *fds)
{
	for (u32 i = 0; i < r->drain.nr; i++)
		fds[i] = (struct pollfd){ .fd = r->drain.cpu[i].raw, .events = POLLIN };
	fds[r->drain.nr] = (struct pollfd){ .fd = r->signals, .events = POLLIN };
	poll(fds, r->drain.nr + 1, TICK_MS);
}

/* A full disk is an end like others: what was written before stays. */
static int drained(struct recording *r, int ret, struct error *err)
{
	if (!ret || !r->drain.full)
		return ret;
	r->end = END_FULL;
	*err = (struct error){ 0 };
	return 0;
}

static int let_flow(struct recording *r, struct error *err)
{
	struct pollfd *fds = calloc(r->drain.nr + 1, sizeof(*fds));
	int ret = fds ? host_start(&r->host, err) : err_nomem(err, "the recording");

	r->start = wall_ns();
	r->cpu_start = cpu_ns();
	if (!ret)
		ret = start_command(r, err);
	while (!ret && !at_end(r)) {
		wait_a_little(r, fds);
		ret = drained(r, drain_full_pages(&r->drain, err), err);
		if (r->end == END_FULL)
			break;
	}
	host_stop(&r->host);
	if (r->child > 0) {
		kill(r->child, SIGTERM);
		waitpid(r->child, &r->child_status, 0);
	}
	if (!ret && r->end != END_FULL)
		ret = drained(r, drain_rest(&r->drain, err), err);
	r->wall = wall_ns() - r->start;
	r->cpu = cpu_ns() - r->cpu_start;
	free(fds);
	return ret;
}

/* A number behind "key: " in a CPU's statistics. */
static u64 stat_of(const char *stats, const char *key)
{
	const char *p = stats ? strstr(stats, key) : NULL;

	return p ? strtoull(p + strlen(key), NULL, 10) : 0;
}

static void report(const struct recording *r, const struct pack_cpu *cpus)
{
	char n[UNIT_TEXT], size[UNIT_TEXT], t[UNIT_TEXT], rate[UNIT_TEXT], raw[UNIT_TEXT],
	     lost_text[UNIT_TEXT], share[UNIT_TEXT];
	u64 events = 0, lost = 0;
	struct stat st;

	for (u32 i = 0; i < r->drain.nr; i++) {
		const char *s = cpus[i].stats;

		events += stat_of(s, "read events: ");
		lost += stat_of(s, "overrun: ") + stat_of(s, "dropped events: ");
	}
	if (end_texts[r->end] && !r->o->quiet)
		say("%s: %s", r->o->output, end_texts[r->end]);
	if (lost)
		say_warn("%s: %s events were lost - record with a larger --buffer than %u KB, or "
			 "with fewer events", r->o->output, fmt_count(lost_text, lost),
			 r->o->buffer_kb);
	if (r->o->quiet || stat(r->o->output, &st))
		return;
	say("%s: %s events in %s, %s; %s lost", r->o->output, fmt_count(n, events),
	    fmt_seconds(t, r->wall), fmt_bytes(size, (u64)st.st_size), fmt_count(lost_text, lost));
	say("cost of recording: %s events/s, %s/s to disk, %s of one CPU (tracepoints not counted)",
	    fmt_count(rate, mul_div(events, NSEC_PER_SEC, r->wall)),
	    fmt_bytes(raw, mul_div(r->drain.total, NSEC_PER_SEC, r->wall)),
	    fmt_share(share, r->cpu, r->wall));
}

static int pack(struct recording *r, struct pack_cpu *cpus, struct error *err)
{
	struct pack_format formats[HOST_MAX_EVENTS];
	char *cmdlines = host_cmdlines();
	char name[512] = "Linux";
	struct trace_pack p = {
		.version = r->o->version, .zstd = r->o->version == 7,
		.subbuf_size = r->host.subbuf_size, .header_page = r->host.header_page,
		.header_event = r->host.header_event, .nr_formats = r->host.nr_events,
		.formats = formats, .cmdlines = cmdlines, .clock = r->host.clock, .uname = name,
		.nr_cpus = r->drain.nr, .cpus = cpus,
	};
	struct utsname u;
	int ret;

	if (!uname(&u))
		snprintf(name, sizeof(name), "Linux %.128s %.128s %.128s", u.nodename, u.release,
			 u.machine);
	for (u32 i = 0; i < r->host.nr_events; i++)
		formats[i] = (struct pack_format){ r->host.event[i].system,
						   r->host.event[i].format };
	ret = cmdlines ? privileges_as_owner(r->o->output, err) :
		err_nomem(err, "the saved command lines");
	if (!ret)
		ret = trace_pack_write(&p, r->o->output, err);
	privileges_as_self();
	free(cmdlines);
	return ret;
}

static int write_out(struct recording *r, struct error *err)
{
	struct pack_cpu *cpus = calloc(r->drain.nr, sizeof(*cpus));
	int ret = cpus ? 0 : err_nomem(err, "the recording");

	for (u32 i = 0; i < r->drain.nr && !ret; i++) {
		const struct drain_cpu *c = &r->drain.cpu[i];

		cpus[i] = (struct pack_cpu){
			.id = c->id, .fd = c->spool,
			.size = c->size / r->drain.page_size * r->drain.page_size,
			.stats = host_cpu_stats(&r->host, c->id),
		};
	}
	if (!ret)
		ret = pack(r, cpus, err);
	if (!ret)
		report(r, cpus);
	for (u32 i = 0; cpus && i < r->drain.nr; i++)
		free((char *)cpus[i].stats);
	free(cpus);
	return ret;
}

static int command_verdict(const struct recording *r, struct error *err)
{
	if (!r->o->command || r->end == END_SIGNAL)
		return 0;
	if (WIFEXITED(r->child_status) && WEXITSTATUS(r->child_status) == 127)
		return err_set(err, ERR_USAGE, "%s: cannot be run, or ended with 127 - check the "
			       "command", r->o->command[0]);
	return 0;
}

/* What was recorded comes first: a snapshot that fails is no reason to lose it. */
static int keep(struct recording *r, struct error *err)
{
	struct error after = { 0 };
	int ret;

	if (r->end < END_NEARLY_FULL && take_snapshot(r, "after", &after))
		*err = after;
	ret = write_out(r, &after);
	if (ret)
		*err = after;
	return err->code ? -(int)err->code : command_verdict(r, err);
}

/* A command that cannot be run must not replace an earlier recording. */
static int check_command(const char *name, struct error *err)
{
	const char *path = strchr(name, '/') ? "" : getenv("PATH");
	char at[NAME_BYTES];

	if (!path)
		path = "/bin:/usr/bin";	/* as execvp() */
	if (!*name)
		path = NULL;
	for (; path; path = *path ? path + 1 : NULL) {
		const int len = (int)strcspn(path, ":");

		snprintf(at, sizeof(at), "%.*s%s%s", len, path, len ? "/" : "", name);
		if (!access(at, X_OK))
			return 0;
		path += len;
	}
	return err_set(err, ERR_USAGE, "%s: cannot be run - check the command", name);
}

static int record(struct recording *r, struct error *err)
{
	const struct record_opts *o = r->o;
	struct log_zone zone;
	struct host_opts ho = { .buffer_kb = o->buffer_kb, .cpus = o->cpus ? &r->cpus : NULL,
				.page_level = o->page_level, .moves = o->moves,
				.min_order = o->min_order, .zone = o->zone ? &zone : NULL };
	int ret = o->zone ? find_zone(o->zone, &zone, err) : 0;

	if (!ret)
		ret = host_open(&r->host, &ho, err);
	if (!ret && *r->host.missing)
		say_warn("this kernel has no %s", r->host.missing);
	if (!ret)
		ret = drain_open(&r->drain, &r->host, ho.cpus, r->folder, err);
	if (!ret)
		ret = take_snapshot(r, "before", err);
	if (!ret)
		ret = let_flow(r, err);
	return ret ? ret : keep(r, err);
}

int record_run(const struct record_opts *o, struct error *err)
{
	struct recording r = { .o = o, .drain = { .pipe = { -1, -1 } } };
	const char *slash = strrchr(o->output, '/');
	u32 orphans;

	if ((o->cpus && cpulist_parse(o->cpus, &r.cpus, err)) ||
	    (o->command && check_command(o->command[0], err)))
		return -ERR_USAGE;
	if (!slash)
		snprintf(r.folder, sizeof(r.folder), ".");
	else
		snprintf(r.folder, sizeof(r.folder), "%.*s", slash == o->output ? 1 :
			 (int)(slash - o->output), o->output);
	privileges_reduce();
	if (privileges_outfile(o->output, err))
		return -(int)err->code;
	orphans = host_remove_orphans();
	if (orphans && !o->quiet)
		say("removed %u tracing instance%s of recordings that were killed", orphans,
		    orphans == 1 ? "" : "s");
	watch_signals(&r);
	record(&r, err);
	drain_close(&r.drain);
	host_close(&r.host);
	close(r.signals);
	sigprocmask(SIG_SETMASK, &r.old_mask, NULL);
	return -(int)err->code;
}
