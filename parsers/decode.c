// SPDX-License-Identifier: GPL-2.0
#include "parsers/decode.h"

#include "parsers/format_text.h"
#include "replay/log/log.h"

#include <event-parse.h>
#include <stdlib.h>
#include <string.h>

/* No tracepoint has a record near this; larger offsets come from damaged text. */
#define FIELD_END_MAX 4096u

struct decoder *decoder_new(bool big_endian, u32 long_size)
{
	struct decoder *d = calloc(1, sizeof(*d));

	if (!d)
		return NULL;
	d->tep = tep_alloc();
	if (!d->tep) {
		free(d);
		return NULL;
	}
	d->big_endian = big_endian;
	memset(d->kind_by_id, DECODE_NONE, sizeof(d->kind_by_id));
	/* The library prints what it cannot parse; errors are ours to report. */
	tep_set_loglevel(TEP_LOG_NONE);
	tep_set_file_bigendian(d->tep, big_endian ? TEP_BIG_ENDIAN : TEP_LITTLE_ENDIAN);
	tep_set_long_size(d->tep, (int)long_size);
	return d;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	tep_free(d->tep);
	free(d);
}

/* Kind that the first line of a format, "name: X", stands for; -1 when it is none of ours. */
static int kind_of(const char *system, const char *text, size_t len)
{
	static const char key[] = "name: ";
	const char *name, *eol;
	int kind;

	if (len < sizeof(key) || memcmp(text, key, sizeof(key) - 1))
		return -1;
	name = text + sizeof(key) - 1;
	eol = memchr(name, '\n', len - (sizeof(key) - 1));
	if (!eol)
		return -1;
	kind = event_kind_by_name(name, (size_t)(eol - name));
	return kind >= 0 && !strcmp(system, event_kinds[kind].system) ? kind : -1;
}

bool decoder_wants(const char *system, const char *text, size_t len)
{
	return kind_of(system, text, len) >= 0;
}

/* How to read @field, false when its place or size is impossible. Grows *@end to its end. */
static bool plan_load(const struct tep_format_field *field, bool string, struct field_load *f,
		      u32 *end)
{
	u32 offset = (u32)field->offset, size = (u32)field->size;

	if (field->offset < 0 || field->size <= 0 || offset > FIELD_END_MAX || size > FIELD_END_MAX)
		return false;
	f->offset = (u16)offset;
	f->size = (u16)size;
	f->is_signed = !string && field->flags & TEP_FIELD_IS_SIGNED;
	if (string && field->flags & TEP_FIELD_IS_DYNAMIC)
		f->how = field->flags & TEP_FIELD_IS_RELATIVE ? LOAD_REL_LOC : LOAD_DATA_LOC;
	else
		f->how = string ? LOAD_CHARS : LOAD_NUMBER;
	if (f->how == LOAD_NUMBER && size != 1 && size != 2 && size != 4 && size != 8)
		return false;
	if ((f->how == LOAD_DATA_LOC || f->how == LOAD_REL_LOC) && size != 4)
		return false;
	if (offset + size > *end)
		*end = offset + size;
	return true;
}

static struct field_load *column_of(struct event_format *fmt, const struct event_field *ef,
				    unsigned int *nr_extra)
{
	switch (ef->to) {
	case FIELD_PFN:
		return &fmt->pfn;
	case FIELD_ORDER:
		return &fmt->order;
	case FIELD_MT:
		return &fmt->migratetype;
	case FIELD_EXTRA:
		break;
	}
	return &fmt->extra[(*nr_extra)++];
}

/* A field that this kernel lacks stays absent; one that cannot be read spoils the format. */
static bool plan_fields(struct tep_event *event, const struct event_kind_info *info,
			struct event_format *fmt)
{
	unsigned int nr_extra = 0;

	for (u32 i = 0; i < info->nr_fields; i++) {
		const struct event_field *ef = &info->fields[i];
		struct field_load *f = column_of(fmt, ef, &nr_extra);
		const struct tep_format_field *field = tep_find_field(event, ef->name);

		if (field && !plan_load(field, ef->to == FIELD_EXTRA && ef->type == EXTRA_STRING,
					f, &fmt->min_len))
			return false;
	}
	return true;
}

static bool plan_common(struct decoder *d, struct tep_event *event, struct event_format *fmt)
{
	const struct tep_format_field *type = tep_find_common_field(event, "common_type");
	const struct tep_format_field *pid = tep_find_common_field(event, "common_pid");
	struct field_load load = { 0 };

	if (!type || !plan_load(type, false, &load, &fmt->min_len) || load.size > 2)
		return false;
	/* Ids are looked up before the format is known, so all must lie in one place. */
	if (d->nr_known && (d->type.offset != load.offset || d->type.size != load.size))
		return false;
	load.is_signed = false;
	d->type = load;
	return !pid || plan_load(pid, false, &fmt->pid, &fmt->min_len);
}

static struct tep_event *parse_text(struct decoder *d, const char *system, u8 kind,
				    const char *text, size_t len)
{
	struct tep_event *event = NULL;
	char *reduced = format_text_reduce(text, len, kind);

	if (!reduced)
		return NULL;
	if (!tep_parse_event(d->tep, reduced, strlen(reduced), system))
		event = tep_find_event_by_name(d->tep, system, event_kinds[kind].name);
	free(reduced);
	/* A text that is not understood to its end still gives an event, with fewer fields. */
	if (event && (u32)event->flags & (u32)TEP_EVENT_FL_FAILED)
		return NULL;
	return event;
}

int decoder_add(struct decoder *d, const char *system, const char *text, size_t len,
		struct error *err)
{
	int kind = kind_of(system, text, len);
	struct event_format fmt = { .known = true };
	struct tep_event *event;

	if (kind < 0 || d->format[kind].known)
		return 0;
	event = parse_text(d, system, (u8)kind, text, len);
	if (!event || event->id < 0 || event->id > 0xffff ||
	    d->kind_by_id[event->id] != DECODE_NONE || !plan_common(d, event, &fmt) ||
	    !plan_fields(event, &event_kinds[kind], &fmt))
		return err_set(err, ERR_DAMAGED, "the format of %s", event_kinds[kind].name);
	fmt.id = (u16)event->id;
	d->kind_by_id[event->id] = (u8)kind;
	d->format[kind] = fmt;
	d->nr_known++;
	return 0;
}

static bool load_string(const struct field_load *f, const u8 *rec, u32 len, bool big_endian,
			struct log_writer *w, u64 *id)
{
	u64 at = f->offset, size = f->size;
	const u8 *nul;

	if (f->how != LOAD_CHARS) {
		u32 loc = page_load32(rec + f->offset, big_endian);

		at = loc & 0xffff;
		size = loc >> 16;
		if (f->how == LOAD_REL_LOC)
			at += (u64)f->offset + f->size;
	}
	if (at + size > len)
		return false;
	nul = memchr(rec + at, '\0', size);
	if (nul)
		size = (u64)(nul - (rec + at));
	*id = log_writer_string(w, (const char *)rec + at, size);
	return true;
}

static u64 load_pfn(const struct field_load *f, const u8 *rec, bool big_endian)
{
	u64 pfn;

	if (f->how == LOAD_ABSENT)
		return EVENT_NO_PFN;
	pfn = decode_load(f, rec, big_endian);
	/* -1UL of a 32-bit kernel is no page either. */
	return f->size == 4 && pfn == UINT32_MAX ? EVENT_NO_PFN : pfn;
}

static u8 load_order(const struct field_load *f, const u8 *rec, bool big_endian)
{
	if (f->how == LOAD_ABSENT)
		return 0;
	return (u8)min_u64(decode_load(f, rec, big_endian), UINT8_MAX);
}

static s8 load_migratetype(const struct field_load *f, const u8 *rec, bool big_endian)
{
	u64 v;

	if (f->how == LOAD_ABSENT)
		return EVENT_NO_MT;
	v = decode_load(f, rec, big_endian);
	return v <= INT8_MAX ? (s8)v : EVENT_NO_MT;
}

bool decode_event(const struct decoder *d, u8 kind, const u8 *rec, u32 len, struct event *ev,
		  u32 *pid, struct log_writer *w)
{
	const struct event_format *fmt = &d->format[kind];
	const bool be = d->big_endian;

	ev->kind = kind;
	ev->pfn = load_pfn(&fmt->pfn, rec, be);
	ev->order = load_order(&fmt->order, rec, be);
	ev->migratetype = load_migratetype(&fmt->migratetype, rec, be);
	*pid = fmt->pid.how == LOAD_ABSENT ? 0 : (u32)decode_load(&fmt->pid, rec, be);
	for (u32 i = 0; i < event_kinds[kind].nr_extra; i++) {
		const struct field_load *f = &fmt->extra[i];

		ev->extra[i] = 0;
		if (f->how == LOAD_NUMBER)
			ev->extra[i] = decode_load(f, rec, be);
		else if (f->how != LOAD_ABSENT && !load_string(f, rec, len, be, w, &ev->extra[i]))
			return false;
	}
	return true;
}
