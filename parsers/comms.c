// SPDX-License-Identifier: GPL-2.0
#include "parsers/comms.h"

#include "replay/log/log.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 1024u

static int by_pid(const void *a, const void *b)
{
	const struct comm *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

/* Split "pid comm" in place. */
static bool parse_line(char *line, struct comm *out)
{
	u64 pid = 0;
	char *p = line;

	while (*p == ' ')
		p++;
	if (*p < '0' || *p > '9')
		return false;
	for (; *p >= '0' && *p <= '9'; p++) {
		pid = pid * 10 + (u64)(*p - '0');
		if (pid > UINT32_MAX)
			return false;
	}
	if (*p != ' ' || !p[1])
		return false;
	out->pid = (u32)pid;
	out->name = p + 1;
	return true;
}

static u32 count_lines(const char *text)
{
	u32 n = 1;

	for (; (text = strchr(text, '\n')); text++)
		n++;
	return n;
}

/* Sorted by (pid, line): keep the last of each pid. */
static u32 drop_older(struct comm *v, u32 nr)
{
	u32 kept = 0;

	for (u32 i = 0; i < nr; i++)
		if (i + 1 == nr || v[i + 1].pid != v[i].pid)
			v[kept++] = v[i];
	return kept;
}

int comms_load(struct comms *c, char *text, struct error *err)
{
	char *line = text, *next;
	u32 lines = count_lines(text);

	free(c->text);
	free(c->sorted);
	c->nr = 0;
	c->text = text;
	c->sorted = calloc(lines, sizeof(*c->sorted));
	if (!c->sorted)
		return err_nomem(err, "the saved command lines");
	for (u32 i = 0; line; line = next, i++) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (!parse_line(line, &c->sorted[c->nr]))
			continue;
		c->sorted[c->nr].line = i;
		c->nr++;
	}
	qsort(c->sorted, c->nr, sizeof(*c->sorted), by_pid);
	c->nr = drop_older(c->sorted, c->nr);
	return 0;
}

void comms_fini(struct comms *c)
{
	free(c->text);
	free(c->sorted);
	free(c->slot);
	memset(c, 0, sizeof(*c));
}

/* Comm of @pid in this table, NULL when it has none. */
static const char *find_here(const struct comms *c, u32 pid)
{
	u32 lo = 0, hi = c->nr;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (c->sorted[mid].pid < pid)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < c->nr && c->sorted[lo].pid == pid ? c->sorted[lo].name : NULL;
}

const char *comms_find(const struct comms *c, u32 pid)
{
	const struct comms *at = c;

	if (!pid)
		return "<idle>";
	do {
		const char *name = find_here(at, pid);

		if (name)
			return name;
		at = at->others;
	} while (at && at != c);
	return "";
}

/* Slot of @pid, or the empty one where it belongs. */
static struct task_slot *find_slot(const struct comms *c, u32 pid)
{
	u32 mask = c->nr_slots - 1, i = (pid * 2654435761u) >> 7 & mask;

	while (c->slot[i].used && c->slot[i].pid != pid)
		i = (i + 1) & mask;
	return &c->slot[i];
}

static int grow(struct comms *c, struct error *err)
{
	struct task_slot *old = c->slot;
	u32 nr_old = c->nr_slots;
	u32 nr = nr_old ? nr_old * 2 : FIRST_SLOTS;

	if (nr_old >= 1u << 30)
		return err_nomem(err, "the tasks of the capture");
	c->slot = calloc(nr, sizeof(*c->slot));
	if (!c->slot) {
		c->slot = old;
		return err_nomem(err, "the tasks of the capture");
	}
	c->nr_slots = nr;
	for (u32 i = 0; i < nr_old; i++)
		if (old[i].used)
			*find_slot(c, old[i].pid) = old[i];
	free(old);
	return 0;
}

int comms_task(struct comms *c, struct log_writer *w, u32 pid, u32 *task, struct error *err)
{
	struct task_slot *slot;
	int ret;

	if (c->nr_used >= c->nr_slots / 2) {
		ret = grow(c, err);
		if (ret)
			return ret;
	}
	slot = find_slot(c, pid);
	if (!slot->used) {
		slot->used = true;
		slot->pid = pid;
		slot->task = log_writer_task(w, pid, comms_find(c, pid));
		c->nr_used++;
	}
	*task = slot->task;
	return 0;
}
