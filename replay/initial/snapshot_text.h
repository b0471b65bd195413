/* SPDX-License-Identifier: GPL-2.0 */
/* The text files of a snapshot, line by line. */
#ifndef SPB_REPLAY_SNAPSHOT_TEXT_H
#define SPB_REPLAY_SNAPSHOT_TEXT_H

#include "replay/base/error.h"
#include "replay/initial/snapshot_file.h"

#define TEXT_NAME_MAX 4096
/* What to do about a folder that is none. */
#define SNAPSHOT_HINT "a snapshot is a folder with copies of zoneinfo, pagetypeinfo, iomem and kpageflags"

/** struct text - a file in memory, one line after another */
struct text {
	char name[TEXT_NAME_MAX];	/* for errors */
	char *bytes;			/* NULL: the file is missing or empty */
	char *next;
	u32 line;
	bool cut;			/* the last line has no end */
};

/** text_path - "@dir/@name" into @out of TEXT_NAME_MAX bytes. Return: 0 or -ERR_USAGE */
int text_path(char *out, const char *dir, const char *name, struct error *err) __must_check;
/** text_load - read @dir/@name; a missing file is an error only when @required */
int text_load(struct text *t, const char *dir, const char *name, bool required,
	      struct error *err) __must_check;
/** text_take - the same from @f, a snapshot that is one file; the member becomes the text's */
int text_take(struct text *t, struct snapshot_file *f, const char *path, const char *name,
	      bool required, struct error *err) __must_check;
/** text_line - next line without its newline, NULL at the end */
char *text_line(struct text *t);
/** text_damaged - "NAME: @what (line N) - ...". Return: -ERR_DAMAGED */
int text_damaged(const struct text *t, const char *what, struct error *err);
/** text_u64 - a number behind blanks; moves *@p behind it */
bool text_u64(const char **p, int base, u64 *value);
/** text_key_value - "  key   123" or "  key:   123": the number, when the line has this key */
bool text_key_value(const char *line, const char *key, u64 *value);

#endif /* SPB_REPLAY_SNAPSHOT_TEXT_H */
