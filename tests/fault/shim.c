// SPDX-License-Identifier: GPL-2.0
/*
 * The K-th call of one kind fails. SPB_FAULT=KIND:K[+] with KIND malloc (the program's own), library
 * (allocations of libraries, libc among them), read, write, fsync, rename or open; with "+" all
 * later ones fail, too (a full disk stays full). With K 0 nothing fails. SPB_FAULT_COUNT=FILE: how
 * many calls there were, written at the end.
 *
 * Made in two ways: as a library for LD_PRELOAD; and with -DFAULT_WRAP linked into the program by
 * ld --wrap, over an allocator that looks for leaks. The latter sees no calls of libraries.
 */
#define _GNU_SOURCE	/* RTLD_NEXT */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

enum kind { KIND_MALLOC, KIND_LIBRARY, KIND_READ, KIND_WRITE, KIND_FSYNC, KIND_RENAME, KIND_OPEN, NR_KINDS };

static const struct {
	const char *name;
	int error;
} kinds[NR_KINDS] = {
	[KIND_MALLOC] = { "malloc", ENOMEM }, [KIND_LIBRARY] = { "library", ENOMEM },
	[KIND_READ] = { "read", EIO }, [KIND_WRITE] = { "write", ENOSPC },
	[KIND_FSYNC] = { "fsync", EIO }, [KIND_RENAME] = { "rename", EIO },
	[KIND_OPEN] = { "open", EMFILE },
};

static enum kind chosen = NR_KINDS;
static unsigned long fail_at, count;
static bool for_ever;
static pid_t owner;

#ifdef FAULT_WRAP
#define SHIM(name) __wrap_##name
#define real_malloc __real_malloc
#define real_calloc __real_calloc
#define real_realloc __real_realloc
#else
#define SHIM(name) name
#define real_malloc __libc_malloc
#define real_calloc __libc_calloc
#define real_realloc __libc_realloc
#endif

void *real_malloc(size_t size);
void *real_calloc(size_t nr, size_t size);
void *real_realloc(void *p, size_t size);

/* What --wrap calls; without it these are the functions' own names. */
void *SHIM(malloc)(size_t size);
void *SHIM(calloc)(size_t nr, size_t size);
void *SHIM(realloc)(void *p, size_t size);
char *SHIM(strdup)(const char *s);
ssize_t SHIM(read)(int fd, void *buf, size_t len);
ssize_t SHIM(pread)(int fd, void *buf, size_t len, off_t at);
ssize_t SHIM(write)(int fd, const void *buf, size_t len);
ssize_t SHIM(pwrite)(int fd, const void *buf, size_t len, off_t at);
int SHIM(fsync)(int fd);
int SHIM(rename)(const char *from, const char *to);
int SHIM(open)(const char *path, int flags, ...);

#ifndef FAULT_WRAP
static uintptr_t code, code_end;	/* of the program */

static int note_program(struct dl_phdr_info *info, size_t size, void *ctx)
{
	(void)size;
	(void)ctx;
	for (int p = 0; p < info->dlpi_phnum; p++) {
		const ElfW(Phdr) *h = &info->dlpi_phdr[p];

		if (h->p_type != PT_LOAD || !(h->p_flags & PF_X))
			continue;
		code = info->dlpi_addr + h->p_vaddr;
		code_end = code + h->p_memsz;
	}
	return 1;	/* the program comes first */
}

/* Who asks? Behind this, our malloc() and the program's own (cmd/common/nomem.c). */
__attribute__((noinline)) static enum kind asked_by(void)
{
	enum { ASKS = 3 };
	static __thread bool inside;
	void *frame[ASKS + 1];
	int nr;

	if (inside)
		return NR_KINDS;
	inside = true;
	nr = backtrace(frame, ASKS + 1);
	inside = false;
	return nr > ASKS && (uintptr_t)frame[ASKS] >= code && (uintptr_t)frame[ASKS] < code_end ?
		KIND_MALLOC : KIND_LIBRARY;
}
#else
static enum kind asked_by(void)
{
	return KIND_MALLOC;
}
#endif

__attribute__((constructor)) static void setup(void)
{
	const char *text = getenv("SPB_FAULT"), *colon = text ? strchr(text, ':') : NULL;
	char *end;

	for (int k = 0; colon && k < NR_KINDS; k++)
		if (!strncmp(text, kinds[k].name, (size_t)(colon - text)))
			chosen = (enum kind)k;
	if (!colon)
		return;
#ifndef FAULT_WRAP
	dl_iterate_phdr(note_program, NULL);
	backtrace(&(void *){ NULL }, 1);	/* loads a library the first time */
#endif
	fail_at = strtoul(colon + 1, &end, 10);
	for_ever = *end == '+';
	owner = getpid();
	count = 0;
}

static bool fails(enum kind k)
{
	unsigned long n;

	if (k != chosen)
		return false;
	n = __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED);
	if (!fail_at || (for_ever ? n < fail_at : n != fail_at))
		return false;
	errno = kinds[k].error;
	return true;
}

__attribute__((destructor)) static void report(void)
{
	const char *path = getenv("SPB_FAULT_COUNT");
	unsigned long n = count;
	FILE *f;

	chosen = NR_KINDS;
	if (!path || getpid() != owner)
		return;
	f = fopen(path, "w");
	if (!f)
		return;
	fprintf(f, "%lu\n", n);
	fclose(f);
}

#define FAILS_MALLOC() ((chosen == KIND_MALLOC || chosen == KIND_LIBRARY) && fails(asked_by()))
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

void *SHIM(malloc)(size_t size)
{
	return FAILS_MALLOC() ? NULL : real_malloc(size);
}

void *SHIM(calloc)(size_t nr, size_t size)
{
	return FAILS_MALLOC() ? NULL : real_calloc(nr, size);
}

void *SHIM(realloc)(void *p, size_t size)
{
	return FAILS_MALLOC() ? NULL : real_realloc(p, size);
}

#ifdef FAULT_WRAP
char *SHIM(strdup)(const char *s)
{
	const size_t len = strlen(s) + 1;
	char *copy = FAILS_MALLOC() ? NULL : real_malloc(len);

	return copy ? memcpy(copy, s, len) : NULL;
}
#endif

ssize_t SHIM(read)(int fd, void *buf, size_t len)
{
	static __typeof__(&read) next;

	if (!next)
		next = NEXT(read);
	return fails(KIND_READ) ? -1 : next(fd, buf, len);
}

ssize_t SHIM(pread)(int fd, void *buf, size_t len, off_t at)
{
	static __typeof__(&pread) next;

	if (!next)
		next = NEXT(pread);
	return fails(KIND_READ) ? -1 : next(fd, buf, len, at);
}

ssize_t SHIM(write)(int fd, const void *buf, size_t len)
{
	static __typeof__(&write) next;

	if (!next)
		next = NEXT(write);
	return fd != STDERR_FILENO && fails(KIND_WRITE) ? -1 : next(fd, buf, len);
}

ssize_t SHIM(pwrite)(int fd, const void *buf, size_t len, off_t at)
{
	static __typeof__(&pwrite) next;

	if (!next)
		next = NEXT(pwrite);
	return fails(KIND_WRITE) ? -1 : next(fd, buf, len, at);
}

int SHIM(fsync)(int fd)
{
	static __typeof__(&fsync) next;

	if (!next)
		next = NEXT(fsync);
	return fails(KIND_FSYNC) ? -1 : next(fd);
}

int SHIM(rename)(const char *from, const char *to)
{
	static __typeof__(&rename) next;

	if (!next)
		next = NEXT(rename);
	return fails(KIND_RENAME) ? -1 : next(from, to);
}

int SHIM(open)(const char *path, int flags, ...)
{
	static __typeof__(&open) next;
	mode_t mode = 0;
	va_list ap;

	if (!next)
		next = NEXT(open);
	va_start(ap, flags);
	if (flags & (O_CREAT | __O_TMPFILE))
		mode = va_arg(ap, mode_t);
	va_end(ap);
	return fails(KIND_OPEN) ? -1 : next(path, flags, mode);
}
