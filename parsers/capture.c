// SPDX-License-Identifier: GPL-2.0
#include "parsers/capture.h"

#include "parsers/binary.h"
#include "parsers/rawpages.h"
#include "parsers/sniff.h"
#include "parsers/text/text.h"
#include "parsers/tracedat/tracedat.h"

#include <stdlib.h>
#include <string.h>

/* What a file can be; captures of several files are of one kind, or trace.dat and raw pages. */
enum file_kind {
	FILE_TRACEDAT,
	FILE_RAW,
	FILE_TEXT,
	FILE_OTHER,
};

bool capture_sniff(const void *bytes, size_t len)
{
	return tracedat_sniff(bytes, len) || text_sniff(bytes, len);
}

static int find_kind(const struct input *in, const struct capture_opts *opts,
		     enum file_kind *kind, struct error *err)
{
	u8 first[SNIFF_BYTES + PAGE_SLACK] = { 0 };
	size_t len;
	int ret = input_read(in, 0, first, SNIFF_BYTES, &len, err);

	if (ret)
		return ret;
	*kind = FILE_OTHER;
	if (tracedat_sniff(first, len))
		*kind = FILE_TRACEDAT;
	else if (text_sniff(first, len))
		*kind = FILE_TEXT;
	else if (opts && opts->format_dir && sniff_unknown(first, len))
		*kind = FILE_RAW;
	return *kind == FILE_OTHER ? sniff_refuse(in->path, first, len, err) : 0;
}

/* Is file @i one of those before it? */
static int check_once(struct input *in, u32 i, struct error *err)
{
	for (u32 k = 0; k < i; k++) {
		int ret;

		if (in[k].size != in[i].size)
			continue;
		ret = input_hash(&in[k], err);
		if (!ret)
			ret = input_hash(&in[i], err);
		if (!ret && in[k].hash == in[i].hash)
			ret = err_set(err, ERR_USAGE,
				      "%s: holds the same bytes as %s - give each file once",
				      in[i].path, in[k].path);
		if (ret)
			return ret;
	}
	return 0;
}

/* Return: the kind that all files have in common, or a negative code */
static int common_kind(struct input *in, u32 nr, const struct capture_opts *opts,
		       struct error *err)
{
	enum file_kind first = FILE_OTHER;

	for (u32 i = 0; i < nr; i++) {
		enum file_kind kind;
		int ret = find_kind(&in[i], opts, &kind, err);

		if (ret)
			return ret;
		if (!i)
			first = kind;
		if ((kind == FILE_TEXT) != (first == FILE_TEXT))
			return err_set(err, ERR_USAGE,
				       "%s: %s text, unlike %s - give files of one kind",
				       in[i].path, kind == FILE_TEXT ? "is" : "is not",
				       in[0].path);
		ret = check_once(in, i, err);
		if (ret)
			return ret;
	}
	return (int)first;
}

static int parse_inputs(struct input *in, u32 nr, const struct capture_opts *opts,
			struct log_writer *w, struct error *err)
{
	int kind = common_kind(in, nr, opts, err);

	if (kind < 0)
		return kind;
	if (kind == FILE_TEXT)
		return text_parse(in, nr, opts, w, err);
	return binary_parse(in, nr, opts, w, err);
}

int capture_parse_files(const char *const *paths, u32 nr, const struct capture_opts *opts,
			struct log_writer *w, struct error *err)
{
	struct input *in = calloc(nr ? nr : 1, sizeof(*in));
	struct error own = { 0 }, io = { 0 };
	u32 opened = 0;
	int ret = 0;

	if (!in)
		return err_nomem(err, "the capture");
	/* Callers may pass no error, or one that is set; the code returned must be this one's. */
	while (opened < nr && !ret) {
		ret = input_open(&in[opened], paths[opened], &own);
		in[opened].io = &io;
		opened += !ret;
	}
	if (!ret && nr)
		ret = parse_inputs(in, nr, opts, w, &own);
	for (u32 i = 0; i < opened; i++)
		input_close(&in[i]);
	free(in);
	/* Bytes that cannot be read now are no damage: they may be read later. */
	if (io.code) {
		own = io;
		ret = -(int)io.code;
	}
	if (own.code)
		err_set(err, own.code, "%s", own.text);
	return ret;
}

int capture_parse(const char *path, const struct capture_opts *opts, struct log_writer *w,
		  struct error *err)
{
	return capture_parse_files(&path, 1, opts, w, err);
}
