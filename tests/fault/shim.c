// SPDX-License-Identifier: GPL-2.0
/*
 * The K-th call of one kind fails. SPB_FAULT=KIND:K[+] with KIND malloc, read, write, fsync, rename
 * or open; with "+" all later ones fail, too (a full disk stays full). With K 0 nothing fails.
 * SPB_FAULT_COUNT=FILE: how many calls there were, written at the end.
 *
 * Made in two ways: as a library for LD_PRELOAD, under any program; and with -DFAULT_WRAP linked
 * into ours by ld --wrap, over an allocator that looks for leaks. Allocations of libtraceevent,
 * json-c and libc for themselves are not counted: those crash or lose data (docs/reliability.md).
 */
#define _GNU_SOURCE	/* RTLD_NEXT */
#include <dlfcn.h>
#include <errno.h>
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

enum kind { KIND_MALLOC, KIND_READ, KIND_WRITE, KIND_FSYNC, KIND_RENAME, KIND_OPEN, NR_KINDS };

static const struct {
	const char *name;
	int error;
} kinds[NR_KINDS] = {
	[KIND_MALLOC] = { "malloc", ENOMEM }, [KIND_READ] = { "read", EIO },
	[KIND_WRITE] = { "write", ENOSPC }, [KIND_FSYNC] = { "fsync", EIO },
	[KIND_RENAME] = { "rename", EIO }, [KIND_OPEN] = { "open", EMFILE },
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

/*
 * Libraries that do not survive a failed allocation of theirs, and where they lie: left alone. libc
 * is one: open_memstream() loses text without a sign. strdup() still fails, for others than those.
 */
static const char *const frail[] = { "libtraceevent", "libjson-c", "libc.so" };
static struct range { uintptr_t start, end; } range[8];
static int nr_ranges;
static __thread int inside;

static int note_library(struct dl_phdr_info *info, size_t size, void *ctx)
{
	(void)size;
	(void)ctx;
	for (size_t i = 0; i < sizeof(frail) / sizeof(*frail); i++) {
		if (!strstr(info->dlpi_name, frail[i]))
			continue;
		for (int p = 0; p < info->dlpi_phnum && nr_ranges < 8; p++) {
			const ElfW(Phdr) *h = &info->dlpi_phdr[p];

			if (h->p_type == PT_LOAD && h->p_flags & PF_X)
				range[nr_ranges++] = (struct range){
					info->dlpi_addr + h->p_vaddr,
					info->dlpi_addr + h->p_vaddr + h->p_memsz };
		}
	}
	return 0;
}

static bool from_frail(const void *caller)
{
	for (int i = 0; i < nr_ranges; i++)
		if ((uintptr_t)caller >= range[i].start && (uintptr_t)caller < range[i].end)
			return true;
	return false;
}

__attribute__((constructor)) static void setup(void)
{
	const char *text = getenv("SPB_FAULT"), *colon = text ? strchr(text, ':') : NULL;
	char *end;

	for (int k = 0; colon && k < NR_KINDS; k++)
		if (!strncmp(text, kinds[k].name, (size_t)(colon - text)))
			chosen = (enum kind)k;
	if (!colon)
		return;
	dl_iterate_phdr(note_library, NULL);
	fail_at = strtoul(colon + 1, &end, 10);
	for_ever = *end == '+';
	owner = getpid();
	count = 0;
}

static bool fails(enum kind k)
{
	unsigned long n;

	if (k != chosen || inside)
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

#define FAILS_MALLOC() (!from_frail(__builtin_return_address(0)) && fails(KIND_MALLOC))
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

char *SHIM(strdup)(const char *s)
{
	const size_t len = strlen(s) + 1;
	char *copy = FAILS_MALLOC() ? NULL : real_malloc(len);

	return copy ? memcpy(copy, s, len) : NULL;
}

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

/* The one call that makes libtraceevent allocate by way of libc (strndup, qsort). */
int tep_parse_event(void *tep, const char *buf, unsigned long size, const char *sys);

int tep_parse_event(void *tep, const char *buf, unsigned long size, const char *sys)
{
	static __typeof__(&tep_parse_event) next;
	int ret;

	if (!next)
		next = NEXT(tep_parse_event);
	inside++;
	ret = next(tep, buf, size, sys);
	inside--;
	return ret;
}
