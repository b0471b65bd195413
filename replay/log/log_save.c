// SPDX-License-Identifier: GPL-2.0
/*
 * A finished log to a file: under a temporary name, synced, then renamed.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "replay/base/temp_name.h"
#include "replay/log/log_image.h"
#include "replay/log/log_json.h"

#define COPY_CHUNK (1u << 20)
#define TEMP_NAMES 100

static int write_error(const char *path, struct error *err)
{
	return err_set(err, ERR_IO, "%s: cannot write: %s - free some space or name another file",
		       path, strerror(errno));
}

static int write_all(int fd, const u8 *p, size_t len)
{
	while (len) {
		const ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_header(const struct log_image *img, int fd, const char *path, u32 *size,
			struct error *err)
{
	char *json = log_json_write(&img->meta);
	const size_t len = json ? strlen(json) : 0;
	u8 *head = json ? malloc(wire_header_size(len)) : NULL;
	int ret = 0;

	if (!head) {
		ret = err_nomem(err, path);
	} else if (len > WIRE_JSON_MAX) {
		ret = err_set(err, ERR_USAGE, "%s: what is known of the capture takes %zu bytes, "
			      "more than a log can hold - report this", path, len);
	} else {
		*size = (u32)wire_header_size(len);
		wire_put_header(head, json, (u32)len);
		if (write_all(fd, head, *size))
			ret = write_error(path, err);
	}
	free(head);
	free(json);
	return ret;
}

static int write_body(const struct log_image *img, int fd, const char *path, struct error *err)
{
	u8 *buf = malloc(COPY_CHUNK);
	u64 done = 0;
	int ret = 0;

	if (!buf)
		return err_nomem(err, path);
	while (done < img->body.size && !ret) {
		const size_t len = (size_t)min_u64(COPY_CHUNK, img->body.size - done);
		const u8 *p = spool_at(&img->body, done, len, buf, err);

		if (!p)
			ret = -ERR_IO;
		else if (write_all(fd, p, len))
			ret = write_error(path, err);
		done += len;
	}
	free(buf);
	return ret;
}

static int write_seek_table(const struct log_image *img, int fd, const char *path,
			    u32 header_size, struct error *err)
{
	const size_t size = seek_table_size(img->index.nr);
	u8 *table = malloc(size);
	int ret = 0;

	if (!table)
		return err_nomem(err, path);
	seek_table_put(table, &img->index, header_size);
	if (write_all(fd, table, size))
		ret = write_error(path, err);
	free(table);
	return ret;
}

static int write_log(const struct log_image *img, int fd, const char *path, struct error *err)
{
	u32 header_size = 0;
	int ret = write_header(img, fd, path, &header_size, err);

	if (!ret)
		ret = write_body(img, fd, path, err);
	if (!ret)
		ret = write_seek_table(img, fd, path, header_size, err);
	return ret;
}

/* Devices and pipes cannot be replaced: write into them. */
static int write_special(const struct log_image *img, const char *path, struct error *err)
{
	const int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return write_error(path, err);
	ret = write_log(img, fd, path, err);
	if (close(fd) && !ret)
		ret = write_error(path, err);
	return ret;
}

/* A new file beside @path, with the mode any new file gets. Return: fd or -1 */
static int open_temp(const char *path, char *temp, size_t room)
{
	for (int i = 0; i < TEMP_NAMES; i++) {
		const int n = snprintf(temp, room, "%s.%d-%d.tmp", path, (int)getpid(), i);
		int fd;

		if (n < 0 || (size_t)n >= room) {
			errno = ENAMETOOLONG;
			return -1;
		}
		fd = open(temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0)
			temp_name_add(temp);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

/* Make the new name survive a crash, as far as the folder and its file system allow. */
static void sync_folder(const char *path)
{
	char copy[PATH_MAX];
	int fd;

	if (strlen(path) >= sizeof(copy))
		return;
	strcpy(copy, path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static int write_replacing(const struct log_image *img, const char *path, struct error *err)
{
	char temp[PATH_MAX];
	const int fd = open_temp(path, temp, sizeof(temp));
	int ret;

	if (fd < 0)
		return write_error(path, err);
	ret = write_log(img, fd, path, err);
	if (!ret && fsync(fd))
		ret = write_error(path, err);
	if (close(fd) && !ret)
		ret = write_error(path, err);
	if (!ret && rename(temp, path))
		ret = write_error(path, err);
	if (ret)
		unlink(temp);
	else
		sync_folder(path);
	temp_name_drop(temp);
	return ret;
}

int log_save(const struct log_image *img, const char *path, struct error *err)
{
	char target[PATH_MAX];
	struct stat st;

	if (!strcmp(path, "-"))
		return write_log(img, STDOUT_FILENO, "standard output", err);
	if (stat(path, &st))
		return write_replacing(img, path, err);
	if (!S_ISREG(st.st_mode))
		return write_special(img, path, err);
	/* Behind a symbolic link: replace the file, keep the link. */
	return write_replacing(img, realpath(path, target) ? target : path, err);
}
