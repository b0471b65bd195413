// SPDX-License-Identifier: GPL-2.0
/*
 * usage: dump_events [-f TRACING_FOLDER] CAPTURE...
 *
 * Prints what the parser and the event log made of a capture, one event a line, for comparison
 * with other readers: CPU TIME_NS PID COMM EVENT FIELD=VALUE..., numbers in decimal, a comm's
 * blanks as "_". A loss is "CPU TIME_NS LOST COUNT".
 */
#include "parsers/capture.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void print_fields(const struct log_reader *r, const struct event_block *b, u32 i,
			 const u64 *extra)
{
	const struct event_kind_info *info = &event_kinds[b->kind[i]];

	for (u32 f = 0; f < info->nr_fields; f++) {
		const struct event_field *field = &info->fields[f];

		printf(" %s=", field->name);
		if (field->to == FIELD_PFN)
			printf("%" PRIu64, b->pfn[i]);
		else if (field->to == FIELD_ORDER)
			printf("%u", b->order[i]);
		else if (field->to == FIELD_MT)
			printf("%d", b->migratetype[i]);
		else if (field->type == EXTRA_STRING)
			printf("%s", log_reader_string(r, (u32)*extra++));
		else
			printf("%" PRIu64, *extra++);
	}
}

static void print_block(const struct log_reader *r, const struct event_block *b)
{
	const u64 *extra = b->extra;

	for (u32 i = 0; i < b->nr; i++) {
		const char *comm;
		u32 pid;

		printf("%u %" PRIu64, b->cpu[i], b->time[i]);
		if (b->kind[i] == EVENT_LOST) {
			printf(" LOST %" PRIu64 "\n", *extra++);
			continue;
		}
		log_reader_task(r, b->task[i], &pid, &comm);
		printf(" %u ", pid);
		for (; *comm; comm++)
			putchar(*comm == ' ' ? '_' : *comm);
		printf(" %s", event_kinds[b->kind[i]].name);
		print_fields(r, b, i, extra);
		extra += event_kinds[b->kind[i]].nr_extra;
		putchar('\n');
	}
}

static int dump(struct log_writer *w, struct error *err)
{
	struct log_image *img = log_writer_image(w, err);
	struct log_reader *r = img ? log_reader_open_image(img, err) : NULL;
	struct event_block b;
	int ret = r ? 0 : -1;

	if (!ret && !event_block_init(&b)) {
		while ((ret = log_reader_next(r, &b, err)) > 0)
			print_block(r, &b);
		event_block_fini(&b);
	}
	log_reader_free(r);
	log_image_free(img);
	return ret;
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	struct log_writer *w = log_writer_new(&err);
	struct capture_opts opts = { 0 };
	int ret = 1, first = 1;

	if (argc > 2 && !strcmp(argv[1], "-f")) {
		opts.format_dir = argv[2];
		first = 3;
	}
	if (argc > first && w && !capture_parse_files((const char *const *)argv + first,
						      (u32)(argc - first), &opts, w, &err))
		ret = dump(w, &err) ? 1 : 0;
	log_writer_free(w);
	if (ret)
		fprintf(stderr, "dump_events: %s\n", err.text);
	return ret;
}
