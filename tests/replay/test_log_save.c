// SPDX-License-Identifier: GPL-2.0
#define _GNU_SOURCE
/*
 * Saving a log: whole or not at all.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/log_case.h"

static struct log_case events;
static struct log_writer *writer;
static struct error err;

static int setup(void **state __unused)
{
	events = case_new(5000, 4);
	writer = case_writer(&events);
	log_folder();
	return 0;
}

static int teardown(void **state __unused)
{
	log_writer_free(writer);
	case_fini(&events);
	log_folder_remove();
	return 0;
}

static int reset(void **state __unused)
{
	memset(&err, 0, sizeof(err));
	return 0;
}

static void expect_whole(const char *path)
{
	struct log_reader *r = log_reader_open(path, true, &err);
	u32 nr;

	assert_non_null(r);
	assert_int_equal(case_expect_prefix(&events, r, 0, &nr, &err), 0);
	assert_int_equal(nr, events.nr);
	log_reader_free(r);
}

static void expect_refused(const char *path)
{
	const u32 files = temp_files();

	memset(&err, 0, sizeof(err));
	assert_int_equal(log_writer_save(writer, path, &err), -ERR_IO);
	assert_non_null(strstr(err.text, path));
	assert_null(strchr(err.text, '\n'));
	assert_int_equal(temp_files(), files);
	memset(&err, 0, sizeof(err));
}

static void test_mode_and_names(void **state __unused)
{
	const char *path = temp_path(0, "mode");
	const mode_t old = umask(027);
	struct stat st;
	const u32 files = temp_files();

	assert_int_equal(log_writer_save(writer, path, &err), 0);
	umask(old);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(temp_files(), files + 1);
	expect_whole(path);
}

static void test_replaces(void **state __unused)
{
	const char *path = temp_path(0, "old");

	file_put(path, "old content", 11);
	assert_int_equal(log_writer_save(writer, path, &err), 0);
	expect_whole(path);
}

static void test_keeps_symbolic_link(void **state __unused)
{
	const char *path = temp_path(0, "target"), *link = temp_path(1, "link");
	struct stat st;

	file_put(path, "x", 1);
	assert_int_equal(symlink(path, link), 0);
	assert_int_equal(log_writer_save(writer, link, &err), 0);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	expect_whole(path);
}

static void test_unwritable_places(void **state __unused)
{
	const char *file = temp_path(0, "file");
	char under_file[300], no_folder[300], locked[200], long_name[5000];

	file_put(file, "x", 1);
	snprintf(under_file, sizeof(under_file), "%s/log", file);
	expect_refused(under_file);
	snprintf(no_folder, sizeof(no_folder), "%s/none/log", log_folder());
	expect_refused(no_folder);
	expect_refused(log_folder());
	memset(long_name, 'n', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	assert_int_equal(log_writer_save(writer, long_name, &err), -ERR_IO);
	memset(&err, 0, sizeof(err));
	if (!geteuid())
		return;		/* root may write anywhere */
	snprintf(locked, sizeof(locked), "%s/locked", log_folder());
	assert_int_equal(mkdir(locked, 0555), 0);
	snprintf(no_folder, sizeof(no_folder), "%s/log", locked);
	expect_refused(no_folder);
	assert_int_equal(rmdir(locked), 0);
}

static void test_full_device(void **state __unused)
{
	struct stat st;

	expect_refused("/dev/full");
	assert_int_equal(stat("/dev/full", &st), 0);
	assert_true(S_ISCHR(st.st_mode));	/* not replaced by a file */
}

/* A disk that is full after some bytes: here, a limit on the size of files. */
static void test_full_disk(void **state __unused)
{
	const struct rlimit limit = { 3000, RLIM_INFINITY };
	const char *path = temp_path(0, "full"), *old = temp_path(1, "kept");
	struct rlimit before;
	size_t len;
	u8 *bytes;

	file_put(old, "keep me", 7);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	expect_refused(path);
	expect_refused(old);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(access(path, F_OK), -1);
	bytes = file_bytes(old, &len);
	assert_int_equal(len, 7);
	assert_memory_equal(bytes, "keep me", 7);
	free(bytes);
	assert_int_equal(log_writer_save(writer, path, &err), 0);	/* and once there is room */
	expect_whole(path);
}

/* "-" writes to standard output, and reads from standard input even when that is a pipe. */
static void test_standard_streams(void **state __unused)
{
	const char *path = temp_path(0, "stdout");
	const int out = dup(STDOUT_FILENO), in = dup(STDIN_FILENO);
	int pipes[2], file, ret;
	struct log_reader *r;
	size_t len;
	u8 *bytes;
	u32 nr;

	file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	fflush(stdout);
	dup2(file, STDOUT_FILENO);
	ret = log_writer_save(writer, "-", &err);
	dup2(out, STDOUT_FILENO);
	close(file);
	assert_int_equal(ret, 0);
	expect_whole(path);

	bytes = file_bytes(path, &len);
	assert_int_equal(pipe(pipes), 0);
	assert_true(fcntl(pipes[1], F_SETPIPE_SZ, 1 << 20) >= (int)len);
	assert_int_equal(write(pipes[1], bytes, len), len);
	close(pipes[1]);
	dup2(pipes[0], STDIN_FILENO);
	r = log_reader_open("-", true, &err);
	dup2(in, STDIN_FILENO);
	close(pipes[0]);
	assert_non_null(r);
	assert_int_equal(case_expect_prefix(&events, r, 0, &nr, &err), 0);
	assert_int_equal(nr, events.nr);
	log_reader_free(r);
	free(bytes);
	close(in);
	close(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_mode_and_names, reset),
		cmocka_unit_test_setup(test_replaces, reset),
		cmocka_unit_test_setup(test_keeps_symbolic_link, reset),
		cmocka_unit_test_setup(test_unwritable_places, reset),
		cmocka_unit_test_setup(test_full_device, reset),
		cmocka_unit_test_setup(test_full_disk, reset),
		cmocka_unit_test_setup(test_standard_streams, reset),
	};

	return cmocka_run_group_tests_name("log_save", tests, setup, teardown);
}
