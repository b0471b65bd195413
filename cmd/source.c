// SPDX-License-Identifier: GPL-2.0
#include "cmd/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/progress.h"
#include "cmd/spool.h"

#define SNIFF_BYTES 64

/*
 * Sniff the first bytes of @fd without moving in it. What is no log is left to capture_parse(),
 * which knows how to refuse it.
 */
static int sniff(struct source *src, int fd, struct error *err)
{
	u8 bytes[SNIFF_BYTES];
	ssize_t n = pread(fd, bytes, sizeof(bytes), 0);

	if (n < 0)
		return err_set(err, ERR_IO, "%s: cannot read (%s) - check the path and rights",
			       src->name, strerror(errno));
	src->capture = !log_sniff(bytes, (size_t)n);
	return 0;
}

/* Make @fd something that can be opened by name again, then sniff. */
static int settle(struct source *src, int fd, const char *path, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st))
		return err_set(err, ERR_IO, "%s: cannot read (%s) - check the path", src->name,
			       strerror(errno));
	if (S_ISDIR(st.st_mode))
		return err_set(err, ERR_IO, "%s: is a folder - give a capture or an event log "
			       "inside it", src->name);
	if (S_ISREG(st.st_mode) && (fd != STDIN_FILENO || !lseek(fd, 0, SEEK_CUR))) {
		src->real = fd == STDIN_FILENO ? "/dev/stdin" : path;
		return sniff(src, fd, err);
	}
	src->spool = spool_copy(fd, src->name, err);
	if (src->spool < 0)
		return src->spool;
	snprintf(src->path, sizeof(src->path), "/proc/self/fd/%d", src->spool);
	src->real = src->path;
	return sniff(src, src->spool, err);
}

static int identify(struct source *src, const char *path, struct error *err)
{
	bool from_stdin = !strcmp(path, "-");
	int fd, ret;

	*src = (struct source){ .spool = -1, .name = from_stdin ? "standard input" : path };
	if (from_stdin && isatty(STDIN_FILENO))
		return err_set(err, ERR_USAGE, "standard input: is a terminal - pipe a capture in, "
			       "or give a file");
	fd = from_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(err, ERR_IO, "%s: cannot open (%s) - check the path and rights",
			       path, strerror(errno));
	ret = settle(src, fd, path, err);
	if (!from_stdin)
		close(fd);
	if (ret)
		source_close(src);
	return ret;
}

void source_rename(const struct source *src, struct error *err)
{
	char text[ERR_TEXT_MAX];
	const char *at = src->real && src->real != src->name ? strstr(err->text, src->real) : NULL;

	if (!at)
		return;
	snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - err->text), err->text, src->name,
		 at + strlen(src->real));
	memcpy(err->text, text, sizeof(text));
}

/* A capture of which something could be used is not an error, but the user must know. */
static int keep_damage(struct source *src, int ret, const struct log_meta *meta, struct error *err)
{
	if (!ret)
		return 0;
	source_rename(src, err);
	if (ret != -ERR_DAMAGED || !meta->nr_events)
		return ret;
	src->status = ERR_DAMAGED;
	src->damage = *err;
	*err = (struct error){ 0 };
	return 0;
}

static struct log_writer *parse_capture(struct source *src, const struct source_opts *opts,
					struct error *err)
{
	struct capture_opts co = { .buffer = opts->buffer, .progress = progress_tick };
	struct log_writer *w = log_writer_new(err);
	struct progress progress;
	int ret;

	if (!w)
		return NULL;
	progress_begin(&progress, "reading", opts->quiet);
	co.progress_ctx = &progress;
	ret = capture_parse(src->real, &co, w, err);
	progress_end(&progress);
	ret = keep_damage(src, ret, log_writer_meta(w), err);
	if (!ret && src->real != src->name && strcmp(src->real, src->name) &&
	    log_meta_set(&log_writer_meta(w)->source, src->name))
		ret = err_nomem(err, "a name");
	if (!ret)
		return w;
	log_writer_free(w);
	return NULL;
}

struct log_writer *source_parse(struct source *src, const char *path,
				const struct source_opts *opts, struct error *err)
{
	struct log_writer *w = NULL;

	if (identify(src, path, err))
		return NULL;
	if (src->capture)
		w = parse_capture(src, opts, err);
	else
		err_set(err, ERR_USAGE, "%s: is an event log already - give it to info, replay or "
			"compare", src->name);
	if (!w)
		source_close(src);
	return w;
}

static int open_capture(struct source *src, const struct source_opts *opts, struct error *err)
{
	struct log_writer *w = parse_capture(src, opts, err);

	if (!w)
		return -(int)err->code;
	src->image = log_writer_image(w, err);
	log_writer_free(w);
	if (!src->image)
		return -(int)err->code;
	src->reader = log_reader_open_image(src->image, err);
	return src->reader ? 0 : -(int)err->code;
}

static int open_log(struct source *src, const struct source_opts *opts, struct error *err)
{
	if (opts->buffer)
		return err_set(err, ERR_USAGE, "%s: is an event log, which holds one buffer only - "
			       "leave --buffer out", src->name);
	src->reader = log_reader_open(src->real, opts->strict, err);
	if (src->reader)
		return 0;
	source_rename(src, err);
	return -(int)err->code;
}

int source_open(struct source *src, const char *path, const struct source_opts *opts,
		struct error *err)
{
	int ret = identify(src, path, err);

	if (ret)
		return ret;
	ret = src->capture ? open_capture(src, opts, err) : open_log(src, opts, err);
	if (ret)
		source_close(src);
	return ret;
}

void source_close(struct source *src)
{
	log_reader_free(src->reader);
	log_image_free(src->image);
	if (src->spool >= 0)
		close(src->spool);
	src->reader = NULL;
	src->image = NULL;
	src->spool = -1;
}

const struct log_meta *source_meta(const struct source *src)
{
	return log_reader_meta(src->reader);
}

int source_damage(const struct source *src, struct error *err)
{
	const struct log_meta *meta = source_meta(src);

	if (src->status) {
		*err = src->damage;
		return -src->status;
	}
	if (!meta->partial)
		return 0;
	return err_set(err, ERR_DAMAGED, "%s: partial: %s - results cover what could be read",
		       src->name, meta->partial_why ? meta->partial_why : "reason unknown");
}
