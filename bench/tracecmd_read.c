// SPDX-License-Identifier: GPL-2.0
/*
 * The library a tool would use instead of ours: libtracecmd walks all events of a capture in time
 * order and reads pfn and order of each. Only for comparison; built where libtracecmd-dev is there.
 *
 * usage: tracecmd_read CAPTURE	(prints the number of events; exits with 77 when built without)
 */
#include <stdio.h>

#if __has_include(<trace-cmd/trace-cmd.h>)
#include <trace-cmd/trace-cmd.h>

struct seen {
	unsigned long long events;
	unsigned long long sum;
};

static int look(struct tracecmd_input *handle, struct tep_record *record, int cpu, void *ctx)
{
	struct tep_event *event = tep_find_event_by_record(tracecmd_get_tep(handle), record);
	struct seen *seen = ctx;
	unsigned long long value;

	(void)cpu;
	if (!event)
		return 0;
	seen->events++;
	if (!tep_get_field_val(NULL, event, "pfn", record, &value, 0))
		seen->sum += value;
	if (!tep_get_field_val(NULL, event, "order", record, &value, 0))
		seen->sum += value;
	return 0;
}

/* The top buffer, then those of instances. */
static int walk_buffers(struct tracecmd_input *handle, struct seen *seen)
{
	int ret = tracecmd_iterate_events(handle, NULL, 0, look, seen);

	for (int i = 0; !ret && i < tracecmd_buffer_instances(handle); i++) {
		struct tracecmd_input *one = tracecmd_buffer_instance_handle(handle, i);

		if (!one)
			return -1;
		ret = tracecmd_iterate_events(one, NULL, 0, look, seen);
		tracecmd_close(one);
	}
	return ret;
}

int main(int argc, char **argv)
{
	struct tracecmd_input *handle = argc == 2 ? tracecmd_open(argv[1], 0) : NULL;
	struct seen seen = { 0, 0 };
	int ret;

	if (!handle) {
		fprintf(stderr, "usage: tracecmd_read CAPTURE\n");
		return 2;
	}
	ret = walk_buffers(handle, &seen);
	tracecmd_close(handle);
	printf("%llu events, sum %llu\n", seen.events, seen.sum);
	return ret ? 4 : 0;
}
#else
int main(void)
{
	fprintf(stderr, "tracecmd_read: built without libtracecmd\n");
	return 77;
}
#endif
