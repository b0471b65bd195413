// SPDX-License-Identifier: GPL-2.0
#include "parsers/decode.h"

#include "parsers/format_text.h"

#include <event-parse.h>
#include <stdlib.h>
#include <string.h>

/* Records have the size of a structure, which its largest member aligns. */
#define RECORD_ALIGN 8u

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

/* Place of @field; false when it is impossible. Grows *@end to its end. */
static bool check_place(const struct tep_format_field *field, u32 *end)
{
	u32 offset = (u32)field->offset, size = (u32)field->size;

	if (field->offset < 0 || field->size <= 0 || offset > FIELD_END_MAX || size > FIELD_END_MAX)
		return false;
	if (offset + size > *end)
		*end = offset + size;
	return true;
}

static bool plan_number(const struct decoder *d, const struct tep_format_field *field,
			struct number_load *l, u32 *end)
{
	u32 size = (u32)field->size;

	if (!check_place(field, end) || (size != 1 && size != 2 && size != 4 && size != 8))
		return false;
	l->offset = (u16)field->offset;
	l->mask = ~0ULL >> (64 - 8 * size);
	l->sign = field->flags & TEP_FIELD_IS_SIGNED ? 1ULL << (8 * size - 1) : 0;
	l->shift = d->big_endian ? (u8)(64 - 8 * size) : 0;
	return true;
}

static bool plan_string(const struct tep_format_field *field, struct string_load *l, u32 *end)
{
	if (!check_place(field, end))
		return false;
	l->offset = (u16)field->offset;
	l->size = (u16)field->size;
	l->how = STRING_CHARS;
	if (!(field->flags & TEP_FIELD_IS_DYNAMIC))
		return true;
	l->how = field->flags & TEP_FIELD_IS_RELATIVE ? STRING_REL_LOC : STRING_DATA_LOC;
	return field->size == 4;
}

static struct number_load *column_of(struct event_format *fmt, const struct event_field *ef,
				     u32 extra)
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
	return &fmt->extra[extra];
}

/* A field that this kernel lacks stays absent; one that cannot be read spoils the format. */
static bool plan_fields(const struct decoder *d, struct tep_event *event,
			const struct event_kind_info *info, struct event_format *fmt)
{
	u32 nr_extra = 0;

	for (u32 i = 0; i < info->nr_fields; i++) {
		const struct event_field *ef = &info->fields[i];
		const struct tep_format_field *field = tep_find_field(event, ef->name);
		bool string = ef->to == FIELD_EXTRA && ef->type == EXTRA_STRING;
		bool ok = true;

		if (field && string)
			ok = plan_string(field, &fmt->string[nr_extra], &fmt->min_len);
		else if (field)
			ok = plan_number(d, field, column_of(fmt, ef, nr_extra), &fmt->min_len);
		if (!ok)
			return false;
		nr_extra += ef->to == FIELD_EXTRA;
	}
	/* -1UL of a 32-bit kernel is no page either. */
	fmt->no_pfn = fmt->pfn.mask == UINT32_MAX ? UINT32_MAX : fmt->pfn.mask ? EVENT_NO_PFN : 0;
	fmt->no_mt = fmt->migratetype.mask ? 0 : ~0ULL;
	fmt->nr_extra = (u8)nr_extra;
	return true;
}

static bool plan_common(struct decoder *d, struct tep_event *event, struct event_format *fmt)
{
	const struct tep_format_field *type = tep_find_common_field(event, "common_type");
	const struct tep_format_field *pid = tep_find_common_field(event, "common_pid");
	struct number_load load = { 0 };

	if (!type || type->size > 2 || !plan_number(d, type, &load, &fmt->min_len))
		return false;
	/* Ids are looked up before the format is known, so all must lie in one place. */
	if (d->nr_known && (d->type.offset != load.offset || d->type.mask != load.mask))
		return false;
	load.sign = 0;
	d->type = load;
	d->id_end = (u32)(type->offset + type->size);
	return !pid || plan_number(d, pid, &fmt->pid, &fmt->min_len);
}

static struct tep_event *parse_text(struct decoder *d, const char *system, u8 kind,
				    const char *text, size_t len, struct format_shape *shape,
				    bool *nomem)
{
	struct tep_event *event = NULL;
	char *reduced = format_text_reduce(text, len, kind, (u32)tep_get_long_size(d->tep), shape,
					   nomem);

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
	struct format_shape shape;
	struct tep_event *event;
	bool nomem;

	if (kind < 0 || d->format[kind].known)
		return 0;
	event = parse_text(d, system, (u8)kind, text, len, &shape, &nomem);
	if (nomem)
		return err_nomem(err, "event formats");
	if (!event || event->id < 0 || event->id > 0xffff ||
	    d->kind_by_id[event->id] != DECODE_NONE || !plan_common(d, event, &fmt) ||
	    !plan_fields(d, event, &event_kinds[kind], &fmt))
		return err_set(err, ERR_DAMAGED, "the format of %s", event_kinds[kind].name);
	fmt.id = (u16)event->id;
	fmt.room = shape.open ? INT32_MAX :
		   (shape.end + RECORD_ALIGN - 1) / RECORD_ALIGN * RECORD_ALIGN - fmt.min_len;
	d->kind_by_id[event->id] = (u8)kind;
	d->format[kind] = fmt;
	d->nr_known++;
	return 0;
}

bool decoder_see(struct decoder *d, const char *system, const char *text, size_t len)
{
	size_t at, name_len;
	u32 id;
	int kind;

	if (!format_text_head(text, len, &at, &name_len, &id) || id > 0xffff)
		return true;
	d->id_twice[id / 8] |= d->id_seen[id / 8] & (u8)(1 << id % 8);
	d->id_seen[id / 8] |= (u8)(1 << id % 8);
	kind = event_kind_by_name(text + at, name_len);
	return kind < 0 || !strcmp(event_kinds[kind].system, system);
}

const char *decoder_id_twice(const struct decoder *d)
{
	for (u32 k = 0; k < NR_EVENT_KINDS; k++) {
		const u16 id = d->format[k].id;

		if (d->format[k].known && d->id_twice[id / 8] >> id % 8 & 1)
			return event_kinds[k].name;
	}
	return NULL;
}

/* The string's bytes up to its NUL as a word of @b; false when they lie outside the record. */
static bool load_string(const struct string_load *l, const u8 *rec, u32 len, bool big_endian,
			struct batch *b, u64 *word)
{
	u64 at = l->offset, size = l->size;
	const u8 *nul;

	if (l->how != STRING_CHARS) {
		u32 loc = page_load32(rec + l->offset, big_endian);

		at = loc & 0xffff;
		size = loc >> 16;
		if (l->how == STRING_REL_LOC)
			at += (u64)l->offset + l->size;
	}
	if (at + size > len)
		return false;
	nul = memchr(rec + at, '\0', size);
	if (nul)
		size = (u64)(nul - (rec + at));
	size = min_u64(size, BATCH_EVENT_TEXT / EVENT_MAX_EXTRA - 1);
	memcpy(b->text + b->nr_text, rec + at, size);
	*word = (u64)b->nr_text << 16 | size;
	b->nr_text += (u32)size;
	return true;
}

bool decode_words(const struct event_format *fmt, const u8 *rec, u32 len, bool big_endian,
		  struct batch *b, u64 *words)
{
	for (u32 i = 0; i < fmt->nr_extra; i++) {
		words[i] = decode_number(&fmt->extra[i], rec, big_endian);
		if (fmt->string[i].how != STRING_NONE &&
		    !load_string(&fmt->string[i], rec, len, big_endian, b, &words[i]))
			return false;
	}
	return true;
}
