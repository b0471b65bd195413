// SPDX-License-Identifier: GPL-2.0
/* Processes of a batch: one capture each, as many at a time as there are CPUs. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd/batch/batch.h"
#include "cmd/common/jobs.h"
#include "cmd/common/say.h"
#include "cmd/common/stop.h"

/* Status of a process after which the batch ends. ERR_IO: a library got no memory. */
#define END_BATCH 1

/** struct child - a process at work; @pid 0: the slot is free */
struct child {
	pid_t pid;
	u32 entry;
};

/** struct pool - @child: @jobs slots; @fds: children report through this pipe, a result each */
struct pool {
	const struct batch *b;
	enum batch_mode mode;
	struct child *child;
	u32 jobs;
	u32 threads;
	u32 active;
	int fds[2];
	void (*done)(void *ctx, const struct batch_result *r);
	void *ctx;
	u64 rss;
	struct error *err;
};

u32 batch_jobs(const struct batch *b, u32 nr)
{
	u32 jobs = jobs_or_cpus(b->opts->run.jobs);

	return jobs < nr ? jobs : nr ? nr : 1;
}

/* A result is far smaller than PIPE_BUF, so it is written in one piece. */
static void child_main(struct pool *p, u32 entry, pid_t parent)
{
	struct batch_result r;
	struct error err = { 0 };

	/* The batch killed: nobody would hear of what we do. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stop_kills();
	if (getppid() != parent)
		_exit(END_BATCH);
	if (batch_entry(p->b, entry, p->mode, p->threads, &r, &err)) {
		say_error(&err);
		_exit(END_BATCH);
	}
	if (write(p->fds[1], &r, sizeof(r)) != (ssize_t)sizeof(r))
		_exit(END_BATCH);
	_exit(0);
}

static int start(struct pool *p, u32 entry)
{
	pid_t parent = getpid(), pid;
	u32 slot = 0;

	while (p->child[slot].pid)
		slot++;
	fflush(NULL);
	pid = fork();
	if (!pid)
		child_main(p, entry, parent);
	if (pid < 0)
		return err_set(p->err, ERR_IO, "cannot start a process: %s - use a smaller -j",
			       strerror(errno));
	p->child[slot] = (struct child){ .pid = pid, .entry = entry };
	p->active++;
	return 0;
}

static int crashed(struct pool *p, u32 entry, int status)
{
	struct batch_result r = { .entry = entry };
	const int sig = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	char why[96] = "out of memory in a library - use a smaller -j or more memory";
	int ret = 0;

	if (sig)
		snprintf(why, sizeof(why), "the replay was killed by signal %d (%s) - %s", sig,
			 strsignal(sig), sig == SIGKILL ? "more memory may help" : "report this");
	if (p->mode == BATCH_RUN)
		ret = batch_entry_crashed(p->b, entry, sig ? ERR_BUG : ERR_IO, why, &r,
					  p->err);
	if (!ret)
		p->done(p->ctx, &r);
	return ret;
}

static int reap(struct pool *p)
{
	struct rusage use;
	struct batch_result r;
	int status;
	pid_t pid;
	u32 slot = 0;

	do
		pid = wait4(-1, &status, 0, &use);
	while (pid < 0 && errno == EINTR);
	while (slot < p->jobs && p->child[slot].pid != pid)
		slot++;
	if (pid < 0 || slot == p->jobs)
		return err_set(p->err, ERR_BUG, "lost a process of the batch - report this");
	p->child[slot].pid = 0;
	p->active--;
	p->rss = max_u64(p->rss, (u64)use.ru_maxrss * 1024);
	if (WIFSIGNALED(status) || WEXITSTATUS(status) == ERR_IO)
		return crashed(p, p->child[slot].entry, status);
	if (WEXITSTATUS(status))
		return err_set(p->err, ERR_IO, "the results cannot be written - see above");
	/* Whose result it is does not matter: each process that ended well left one. */
	if (read(p->fds[0], &r, sizeof(r)) != (ssize_t)sizeof(r))
		return err_set(p->err, ERR_BUG, "lost a result of the batch - report this");
	p->done(p->ctx, &r);
	return 0;
}

static int feed(struct pool *p, const u32 *which, u32 nr)
{
	int ret = 0;

	for (u32 i = 0; i < nr && !ret; i++) {
		if (p->active == p->jobs)
			ret = reap(p);
		if (!ret)
			ret = start(p, which[i]);
	}
	while (p->active && !ret)
		ret = reap(p);
	for (u32 i = 0; i < p->jobs; i++) {
		if (!p->child[i].pid)
			continue;
		kill(p->child[i].pid, SIGKILL);
		waitpid(p->child[i].pid, NULL, 0);
	}
	return ret;
}

int batch_pool(const struct batch *b, enum batch_mode mode, const u32 *which, u32 nr,
	       void (*done)(void *ctx, const struct batch_result *r), void *ctx, u64 *rss,
	       struct error *err)
{
	u32 all = jobs_or_cpus(b->opts->run.jobs);
	struct pool p = { .b = b, .mode = mode, .jobs = batch_jobs(b, nr), .done = done,
			  .ctx = ctx, .err = err };
	int ret;

	p.threads = all / p.jobs;
	p.child = calloc(p.jobs, sizeof(*p.child));
	if (!p.child)
		return err_nomem(err, "the batch");
	if (pipe(p.fds)) {
		free(p.child);
		return err_set(err, ERR_IO, "cannot make a pipe: %s", strerror(errno));
	}
	ret = feed(&p, which, nr);
	close(p.fds[0]);
	close(p.fds[1]);
	free(p.child);
	if (rss)
		*rss = p.rss;
	return ret;
}
