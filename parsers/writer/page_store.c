// SPDX-License-Identifier: GPL-2.0
#include "parsers/writer/page_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "replay/base/temp_file.h"

void page_store_fini(struct page_store *s)
{
	if (s->file)
		fclose(s->file);
	*s = (struct page_store){ 0 };
}

void page_chunks_fini(struct page_chunks *c)
{
	free(c->chunk);
	*c = (struct page_chunks){ 0 };
}

static int file_error(struct error *err)
{
	return err_set(err, ERR_IO,
		       "temporary file: %s - free some space in the temporary folder",
		       strerror(errno));
}

static int note_chunk(struct page_chunks *c, u64 at, u64 len, struct error *err)
{
	if (c->nr == c->room) {
		const u32 room = c->room ? c->room * 2 : 16;
		void *grown = realloc(c->chunk, room * sizeof(*c->chunk));

		if (!grown)
			return err_nomem(err, "the chunks of a trace");
		c->chunk = grown;
		c->room = room;
	}
	c->chunk[c->nr++] = (struct page_chunk){ at, len };
	c->bytes += len;
	return 0;
}

int page_store_add(struct page_store *s, struct page_chunks *c, const void *bytes, size_t len,
		   struct error *err)
{
	if (!s->file)
		s->file = temp_file(s->dir);
	if (!s->file)
		return temp_error(s->dir, err);
	if (fwrite(bytes, 1, len, s->file) != len)
		return file_error(err);
	s->size += len;
	return note_chunk(c, s->size - len, len, err);
}

static int copy_chunk(const struct page_store *s, const struct page_chunk *c, FILE *to,
		      const char *path, struct error *err)
{
	u8 buf[65536];

	for (u64 done = 0; done < c->len;) {
		const size_t want = min_u64(sizeof(buf), c->len - done);
		const ssize_t n = pread(fileno(s->file), buf, want, (off_t)(c->at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			errno = n ? errno : EIO;
			return file_error(err);
		}
		if (fwrite(buf, 1, (size_t)n, to) != (size_t)n)
			return err_set(err, ERR_IO, "%s: cannot write (%s) - make room, or write "
				       "elsewhere", path, strerror(errno));
		done += (u64)n;
	}
	return 0;
}

int page_store_copy(const struct page_store *s, const struct page_chunks *c, FILE *to,
		    const char *path, struct error *err)
{
	int ret = 0;

	if (c->nr && fflush(s->file))
		return file_error(err);
	for (u32 i = 0; i < c->nr && !ret; i++)
		ret = copy_chunk(s, &c->chunk[i], to, path, err);
	return ret;
}
