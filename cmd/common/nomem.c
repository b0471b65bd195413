// SPDX-License-Identifier: GPL-2.0
/*
 * When a library gets no memory, the program ends: status 4, one line, no temporary file.
 *
 * Our own code copes with NULL from malloc(). Libraries crash (json-c 0.16, libtraceevent 1.7) or
 * lose text without a sign (memory streams of libc), and no check around them helps. So malloc() and
 * its like are defined here, above those that the program would have without, LD_PRELOAD included,
 * and only callers within the program get to see NULL.
 */
#define _GNU_SOURCE	/* RTLD_NEXT */
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(memory_sanitizer) || \
	__has_feature(thread_sanitizer)
#define OTHER_ALLOCATOR
#endif
#endif
/* Sanitizers define malloc(), too; other C libraries may not let a program do so. */
#if defined(__GLIBC__) && !defined(OTHER_ALLOCATOR) && !defined(__SANITIZE_ADDRESS__) && \
	!defined(__SANITIZE_THREAD__)

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replay/base/error.h"
#include "replay/base/temp_name.h"

/* The linker's: first byte of the program, and the one behind its code. */
extern const char __executable_start[], etext[];

/* Three files a CPU while recording, and some; a limit may be a billion. */
#define FDS_MAX 65536

static void close_all(void)
{
	for (int fd = STDERR_FILENO + 1; fd < FDS_MAX; fd++)
		close(fd);
}

static void remove_any(const char *path)
{
	if (!unlink(path) || errno != EISDIR || !rmdir(path) || errno != EBUSY)
		return;
	/* A tracing instance stays while its files are open. */
	close_all();
	rmdir(path);
}

/* record makes files as the owner of their folder, and its instance as root. */
static void remove_temporary(void)
{
	struct stat st;

	/* The last first: what lies in a folder came after it. */
	for (size_t i = TEMP_NAMES_MAX; i-- > 0;) {
		const char *path = temp_name_at(i);

		if (!path)
			continue;
		setfsuid(geteuid());
		remove_any(path);
		if (lstat(path, &st))
			continue;
		setfsuid(st.st_uid);
		remove_any(path);
	}
}

/* No stdio: whoever asked for memory may hold its locks. */
static void put(const char *text)
{
	const ssize_t n = write(STDERR_FILENO, text, strlen(text));

	(void)n;
}

static void say_it(void)
{
	if (isatty(STDERR_FILENO))
		put("\r\033[K");	/* the progress line */
	put("spbreplay: out of memory in a library - use a smaller --window or more memory\n");
}

/* An allocation for @caller failed. */
static void failed(const void *caller)
{
	static atomic_flag ending = ATOMIC_FLAG_INIT;

	if ((const char *)caller >= __executable_start && (const char *)caller < etext)
		return;
	/* One of several threads says it. */
	while (atomic_flag_test_and_set(&ending))
		pause();
	remove_temporary();
	say_it();
	_exit(ERR_IO);
}

static struct {
	void *(*malloc)(size_t size);
	void *(*calloc)(size_t nr, size_t size);
	void *(*realloc)(void *p, size_t size);
} next;

/*
 * The first call comes before there are threads. dlsym() may ask for memory itself, and does
 * without: then this is false.
 */
static bool ready(void)
{
	static bool busy;

	if (next.malloc)
		return true;
	if (busy)
		return false;
	busy = true;
	*(void **)&next.calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&next.realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&next.malloc = dlsym(RTLD_NEXT, "malloc");
	return true;
}

void *malloc(size_t size)
{
	void *p;

	if (!ready())
		return NULL;
	p = next.malloc(size);
	if (!p && size)
		failed(__builtin_return_address(0));
	return p;
}

void *calloc(size_t nr, size_t size)
{
	void *p;

	if (!ready())
		return NULL;
	p = next.calloc(nr, size);
	if (!p && nr && size)
		failed(__builtin_return_address(0));
	return p;
}

void *realloc(void *old, size_t size)
{
	void *p;

	if (!ready())
		return NULL;
	p = next.realloc(old, size);
	if (!p && size)
		failed(__builtin_return_address(0));
	return p;
}

#endif
