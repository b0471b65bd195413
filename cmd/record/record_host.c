// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE	/* asprintf */
#include "cmd/record/record_host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tracefs.h>
#include <unistd.h>

#include "parsers/tracedat/tracedat.h"
#include "replay/base/temp_name.h"

#define INSTANCE_PREFIX "spbreplay-"

/* Which events, and the field a filter by order looks at (NULL: none, not filtered). */
static const struct {
	const char *system;
	const char *name;
	const char *order;
	enum { ALWAYS, PAGE_LEVEL, MOVES } when;
} wanted[] = {
	{ "kmem", "mm_page_alloc_zone_locked", "order", ALWAYS },
	{ "kmem", "mm_page_pcpu_drain", "order", ALWAYS },
	{ "kmem", "mm_page_free", "order", ALWAYS },
	{ "kmem", "mm_page_free_batched", NULL, ALWAYS },
	{ "kmem", "mm_page_alloc_extfrag", "alloc_order", ALWAYS },
	{ "kmem", "mm_page_alloc", "order", PAGE_LEVEL },
	{ "compaction", "mm_compaction_begin", NULL, MOVES },
	{ "compaction", "mm_compaction_end", NULL, MOVES },
	{ "compaction", "mm_compaction_isolate_migratepages", NULL, MOVES },
	{ "compaction", "mm_compaction_isolate_freepages", NULL, MOVES },
	{ "compaction", "mm_compaction_fast_isolate_freepages", NULL, MOVES },
	{ "compaction", "mm_compaction_migratepages", NULL, MOVES },
	{ "migrate", "mm_migrate_pages_start", NULL, MOVES },
	{ "migrate", "mm_migrate_pages", NULL, MOVES },
};

static int tracing_error(const char *what, struct error *err)
{
	return err_set(err, ERR_IO, "tracefs: cannot %s (%s) - run as root with tracefs mounted "
		       "on /sys/kernel/tracing", what, strerror(errno));
}

static int write_file(struct record_host *h, const char *name, const char *value,
		      struct error *err)
{
	char what[128];

	if (tracefs_instance_file_write(h->instance, name, value) >= 0)
		return 0;
	snprintf(what, sizeof(what), "write \"%.40s\" to %.60s", value, name);
	return tracing_error(what, err);
}

static char *read_file(const struct record_host *h, const char *name)
{
	return tracefs_instance_file_read(h->instance, name, NULL);
}

/* "pfn" and order conditions in the kernel's filter language; empty when there are none. */
static void make_filter(const struct host_opts *o, const char *order, bool pfn, char *out,
			size_t size)
{
	int n = 0;

	*out = '\0';
	if (o->min_order && order)
		n = snprintf(out, size, "%s >= %u", order, o->min_order);
	if (o->zone && pfn)
		snprintf(out + n, size - (size_t)n, "%spfn >= %llu && pfn < %llu",
			 n ? " && " : "", (unsigned long long)o->zone->start_pfn,
			 (unsigned long long)(o->zone->start_pfn + o->zone->spanned));
}

static int add_event(struct record_host *h, const struct host_opts *o, const char *system,
		     const char *name, const char *order, struct error *err)
{
	struct host_event *e = &h->event[h->nr_events];
	char filter[160], path[256];

	if (h->nr_events == HOST_MAX_EVENTS)
		return 0;
	snprintf(path, sizeof(path), "events/%s/%s/format", system, name);
	e->format = read_file(h, path);
	if (!e->format) {
		size_t used = strlen(h->missing);

		snprintf(h->missing + used, sizeof(h->missing) - used, "%s%s",
			 used ? ", " : "", name);
		return 0;
	}
	e->system = strdup(system);
	e->name = strdup(name);
	h->nr_events++;
	if (!e->system || !e->name)
		return err_nomem(err, "events");
	make_filter(o, order, strstr(e->format, " pfn;") != NULL, filter, sizeof(filter));
	snprintf(path, sizeof(path), "events/%s/%s/filter", system, name);
	if (*filter && write_file(h, path, filter, err))
		return -ERR_IO;
	snprintf(path, sizeof(path), "events/%s/%s/enable", system, name);
	return write_file(h, path, "1", err);
}

/* Every superpageblock event that this kernel has. */
static int add_spb_events(struct record_host *h, const struct host_opts *o, struct error *err)
{
	char **events = tracefs_system_events(NULL, "kmem");
	int ret = 0;

	for (size_t i = 0; events && events[i] && !ret; i++)
		if (!strncmp(events[i], "spb_", 4))
			ret = add_event(h, o, "kmem", events[i], NULL, err);
	tracefs_list_free(events);
	return ret;
}

static int add_events(struct record_host *h, const struct host_opts *o, struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < ARRAY_SIZE(wanted) && !ret; i++) {
		if ((wanted[i].when == PAGE_LEVEL && !o->page_level) ||
		    (wanted[i].when == MOVES && !o->moves))
			continue;
		/* One subsystem after the other: files group formats that way. */
		if (i && strcmp(wanted[i].system, "kmem") && !strcmp(wanted[i - 1].system, "kmem"))
			ret = add_spb_events(h, o, err);
		if (!ret)
			ret = add_event(h, o, wanted[i].system, wanted[i].name, wanted[i].order,
					err);
	}
	if (!ret && !o->moves)
		ret = add_spb_events(h, o, err);
	if (!ret && !h->nr_events)
		return err_set(err, ERR_IO, "tracefs: this kernel has none of the kmem page events - "
			       "use one with CONFIG_TRACEPOINTS and CONFIG_EVENT_TRACING");
	return ret;
}

/* Mask of CPUs as tracing_cpumask wants it: groups of 8 hex digits, the highest first. */
static int set_cpus(struct record_host *h, const struct cpulist *cpus, struct error *err)
{
	long nr = sysconf(_SC_NPROCESSORS_CONF);
	char mask[LOG_MAX_CPUS / 32 * 9 + 1];
	size_t at = 0;

	for (long g = (nr + 31) / 32; g-- > 0;) {
		u32 bits = (u32)(cpus->bits[g / 2] >> (g % 2 * 32));

		at += (size_t)snprintf(mask + at, sizeof(mask) - at, "%08x%s", bits, g ? "," : "");
	}
	return write_file(h, "tracing_cpumask", mask, err);
}

static int read_layout(struct record_host *h, struct error *err)
{
	struct page_layout l = { 0 };

	h->header_page = read_file(h, "events/header_page");
	h->header_event = read_file(h, "events/header_event");
	h->clock = read_file(h, "trace_clock");
	/* Instances of some kernels have no copies of their own. */
	if (!h->header_page)
		h->header_page = tracefs_instance_file_read(NULL, "events/header_page", NULL);
	if (!h->header_event)
		h->header_event = tracefs_instance_file_read(NULL, "events/header_event", NULL);
	if (!h->header_page || !h->header_event || !h->clock ||
	    !tracedat_parse_header_page(h->header_page, &l))
		return tracing_error("read events/header_page", err);
	h->clock[strcspn(h->clock, "\n")] = '\0';
	h->subbuf_size = l.size;
	return 0;
}

static int set_up(struct record_host *h, const struct host_opts *o, struct error *err)
{
	char kb[16];
	int ret;

	snprintf(kb, sizeof(kb), "%u", o->buffer_kb);
	ret = write_file(h, "tracing_on", "0", err);
	if (!ret)
		ret = write_file(h, "trace_clock", "mono", err);
	if (!ret)
		ret = write_file(h, "buffer_size_kb", kb, err);
	if (!ret && o->cpus)
		ret = set_cpus(h, o->cpus, err);
	if (!ret)
		ret = read_layout(h, err);
	return ret ? ret : add_events(h, o, err);
}

int host_open(struct record_host *h, const struct host_opts *o, struct error *err)
{
	const char *top = tracefs_tracing_dir();
	char name[64];
	int ret;

	memset(h, 0, sizeof(*h));
	snprintf(name, sizeof(name), INSTANCE_PREFIX "%ld", (long)getpid());
	snprintf(h->folder, sizeof(h->folder), "%.160s/instances/%s", top ? top : "", name);
	temp_name_add(h->folder);
	h->instance = tracefs_instance_create(name);
	if (!h->instance) {
		temp_name_drop(h->folder);
		return tracing_error("make an instance", err);
	}
	ret = set_up(h, o, err);
	if (ret)
		host_close(h);
	return ret;
}

int host_start(struct record_host *h, struct error *err)
{
	return write_file(h, "tracing_on", "1", err);
}

void host_stop(struct record_host *h)
{
	struct error unused = { 0 };

	/* A file that cannot be written here goes away with the instance. */
	if (write_file(h, "tracing_on", "0", &unused))
		return;
}

void host_close(struct record_host *h)
{
	if (h->instance) {
		host_stop(h);
		tracefs_instance_file_write(h->instance, "events/enable", "0");
		tracefs_instance_destroy(h->instance);
		tracefs_instance_free(h->instance);
		temp_name_drop(h->folder);
	}
	for (u32 i = 0; i < h->nr_events; i++) {
		free(h->event[i].system);
		free(h->event[i].name);
		free(h->event[i].format);
	}
	free(h->header_page);
	free(h->header_event);
	free(h->clock);
	memset(h, 0, sizeof(*h));
}

int host_cpu_file(const struct record_host *h, u32 cpu, const char *name, int flags)
{
	char path[96];
	char *file;
	int fd;

	snprintf(path, sizeof(path), "per_cpu/cpu%u/%s", cpu, name);
	file = tracefs_instance_get_file(h->instance, path);
	fd = file ? open(file, flags | O_CLOEXEC) : -1;
	tracefs_put_tracing_file(file);
	return fd;
}

char *host_cpu_stats(const struct record_host *h, u32 cpu)
{
	char path[64];

	snprintf(path, sizeof(path), "per_cpu/cpu%u/stats", cpu);
	return read_file(h, path);
}

/* First line of a file of /proc, "" without one. */
static void read_line(const char *path, char *line, int size)
{
	FILE *f = fopen(path, "re");

	if (!f || !fgets(line, size, f))
		*line = '\0';
	if (f)
		fclose(f);
}

/* Is the process of the instance @name one of ours that still runs? Numbers are given again. */
static bool is_recording(const char *name)
{
	char path[64], comm[64], own[64];

	if ((size_t)snprintf(path, sizeof(path), "/proc/%.20s/comm",
			     name + strlen(INSTANCE_PREFIX)) >= sizeof(path))
		return false;
	read_line(path, comm, sizeof(comm));
	read_line("/proc/self/comm", own, sizeof(own));
	return *comm && !strcmp(comm, own);
}

/* Digits only: an instance that somebody gave a similar name is not ours. */
static bool is_ours(const char *name)
{
	const char *pid = name + strlen(INSTANCE_PREFIX);

	return !strncmp(name, INSTANCE_PREFIX, strlen(INSTANCE_PREFIX)) && *pid &&
	       !pid[strspn(pid, "0123456789")];
}

/*
 * The kernel removes no instance whose files are open, so a recording of another container, whose
 * process cannot be seen here, goes on.
 */
u32 host_remove_orphans(void)
{
	char **names = tracefs_instances(NULL);
	u32 removed = 0;

	for (size_t i = 0; names && names[i]; i++) {
		struct tracefs_instance *instance;

		if (!is_ours(names[i]) || is_recording(names[i]))
			continue;
		instance = tracefs_instance_alloc(NULL, names[i]);
		if (!instance)
			continue;
		removed += !tracefs_instance_destroy(instance);
		tracefs_instance_free(instance);
	}
	tracefs_list_free(names);
	return removed;
}

static void add_comm(FILE *out, const char *task)
{
	char path[64], comm[64];

	if ((size_t)snprintf(path, sizeof(path), "/proc/%.20s/comm", task) >= sizeof(path))
		return;
	read_line(path, comm, sizeof(comm));
	if (*comm)
		fprintf(out, "%s %s%s", task, comm, strchr(comm, '\n') ? "" : "\n");
}

/* All threads that live now: the kernel remembers only the last 128 tasks by default. */
static void add_living(FILE *out)
{
	DIR *procs = opendir("/proc");
	struct dirent *p;

	while (procs && (p = readdir(procs))) {
		char path[64];
		struct dirent *t;
		DIR *tasks;

		if (p->d_name[0] < '1' || p->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%.20s/task", p->d_name);
		tasks = opendir(path);
		while (tasks && (t = readdir(tasks)))
			if (t->d_name[0] != '.')
				add_comm(out, t->d_name);
		if (tasks)
			closedir(tasks);
	}
	if (procs)
		closedir(procs);
}

char *host_cmdlines(void)
{
	char *saved = tracefs_instance_file_read(NULL, "saved_cmdlines", NULL);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out) {
		free(saved);
		return NULL;
	}
	add_living(out);
	/* The last line of a pid counts: what the kernel saw is what it was called then. */
	if (saved)
		fputs(saved, out);
	free(saved);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}
