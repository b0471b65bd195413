// SPDX-License-Identifier: GPL-2.0
/*
 * usage: dump_events [-f TRACING_FOLDER] CAPTURE...
 *        dump_events LOG
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

static int dump(struct log_reader *r, struct error *err)
{
	struct event_block b;
	int ret = r ? 0 : -1;

	if (!ret && !event_block_init(&b)) {
		while ((ret = log_reader_next(r, &b, err)) > 0)
			print_block(r, &b);
		event_block_fini(&b);
	}
	log_reader_free(r);
	return ret;
}

static int dump_capture(const char *const *files, u32 nr, const struct capture_opts *opts,
			struct error *err)
{
	struct log_writer *w = log_writer_new(err);
	int ret = w ? capture_parse_files(files, nr, opts, w, err) : -1;
	struct log_image *img = ret ? NULL : log_writer_image(w, err);

	if (img)
		ret = dump(log_reader_open_image(img, err), err);
	log_image_free(img);
	log_writer_free(w);
	return img ? ret : -1;
}

static bool is_log(const char *path)
{
	u8 bytes[64];
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(bytes, 1, sizeof(bytes), f) : 0;

	if (f)
		fclose(f);
	return log_sniff(bytes, n);
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	struct capture_opts opts = { 0 };
	int ret = -1, first = 1;

	if (argc > 2 && !strcmp(argv[1], "-f")) {
		opts.format_dir = argv[2];
		first = 3;
	}
	if (argc == 2 && is_log(argv[1]))
		ret = dump(log_reader_open(argv[1], false, &err), &err);
	else if (argc > first)
		ret = dump_capture((const char *const *)argv + first, (u32)(argc - first), &opts,
				   &err);
	if (ret)
		fprintf(stderr, "dump_events: %s\n", err.text);
	return ret ? 1 : 0;
}
