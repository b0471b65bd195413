// SPDX-License-Identifier: GPL-2.0
#include "tests/lib/event_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay/demand/demand_scan.h"

void stream_add(struct event_stream *s, enum event_kind kind, u32 cpu, u64 pfn, u32 order, int mt)
{
	if (s->nr == s->max) {
		s->max = s->max ? 2 * s->max : 64;
		s->ev = realloc(s->ev, s->max * sizeof(*s->ev));
		assert_non_null(s->ev);
	}
	s->ev[s->nr] = (struct event){
		.time = 10ULL * s->nr, .pfn = pfn, .cpu = (u16)cpu, .kind = (u8)kind,
		.order = (u8)order, .migratetype = (s8)mt, .task = cpu + 100,
	};
	s->nr++;
}

void stream_fini(struct event_stream *s)
{
	free(s->ev);
	*s = (struct event_stream){ 0 };
}

struct demand_opts stream_opts(void)
{
	return (struct demand_opts){ .t1 = UINT64_MAX, .spb_order = 18 };
}

/* Events [first, first + nr) as a block. Return: false at the end */
static bool fill_block(const struct event_stream *s, u32 first, u32 nr, struct event_block *b)
{
	b->first = first;
	b->nr = 0;
	b->nr_extra = 0;
	for (u32 i = first; i < s->nr && b->nr < nr; i++, b->nr++) {
		b->time[b->nr] = s->ev[i].time;
		b->pfn[b->nr] = s->ev[i].pfn;
		b->task[b->nr] = s->ev[i].task;
		b->cpu[b->nr] = s->ev[i].cpu;
		b->kind[b->nr] = s->ev[i].kind;
		b->order[b->nr] = s->ev[i].order;
		b->migratetype[b->nr] = s->ev[i].migratetype;
		for (u32 x = 0; s->ev[i].kind < NR_EVENT_KINDS &&
				x < event_kinds[s->ev[i].kind].nr_extra; x++)
			b->extra[b->nr_extra++] = s->ev[i].extra[x];
	}
	return b->nr;
}

struct demand_plan *stream_scan(const struct event_stream *s, const struct log_meta *meta,
				const struct demand_opts *opts, u32 block_size,
				struct error *err)
{
	struct demand_plan *plan = NULL;
	struct event_block b;
	int rc = SCAN_PCP_BUDDY;

	assert_int_equal(event_block_init(&b), 0);
	for (int pcp_buddy = 0; rc == SCAN_PCP_BUDDY; pcp_buddy++) {
		struct demand_scanner *scan = demand_scan_begin(meta, opts, pcp_buddy, err);

		assert_in_range(pcp_buddy, 0, 1);
		rc = scan ? SCAN_MORE : -ERR_DAMAGED;
		for (u32 i = 0; rc == SCAN_MORE && fill_block(s, i, block_size, &b); i += b.nr)
			rc = demand_scan_block(scan, &b, err);
		if (rc == SCAN_MORE || rc == SCAN_DONE)
			plan = demand_scan_end(scan, err);
		else if (scan)
			demand_scan_abort(scan);
	}
	event_block_fini(&b);
	return plan;
}

static void keep_ops(struct stream_run *r, const struct op_block *out)
{
	r->ops = realloc(r->ops, (r->nr_ops + out->nr + 1) * sizeof(*r->ops));
	assert_non_null(r->ops);
	if (out->nr)
		memcpy(r->ops + r->nr_ops, out->ops, out->nr * sizeof(*r->ops));
	r->nr_ops += out->nr;
}

static void tell_ops(struct stream_run *r)
{
	const size_t max = 40 * ((size_t)r->nr_ops + 1);
	size_t len = 0;

	r->text = calloc(1, max);
	assert_non_null(r->text);
	for (u32 i = 0; i < r->nr_ops; i++) {
		const struct op *op = &r->ops[i];
		char *at = r->text + len;

		if (op->kind == OP_ALLOC)
			len += (size_t)snprintf(at, max - len, "A%u:%u/%u ", op->handle,
						op->order, op->migratetype);
		else if (op->kind == OP_FREE)
			len += (size_t)snprintf(at, max - len, "F%u:%u ", op->handle, op->order);
		else
			len += (size_t)snprintf(at, max - len, "S%u>%u:%u ", op->handle,
						op->upper, op->order);
	}
}

static void check_counts(const struct stream_run *r)
{
	u64 nr[OP_SPLIT + 1] = { 0 };

	for (u32 i = 0; i < r->nr_ops; i++)
		nr[r->ops[i].kind]++;
	assert_int_equal(nr[OP_ALLOC], r->plan->nr_allocs);
	assert_int_equal(nr[OP_FREE], r->plan->nr_frees);
	assert_int_equal(r->odd.promoted_free, r->plan->nr_promoted);
}

struct stream_run stream_run(const struct event_stream *s, const struct log_meta *meta,
			     const struct demand_opts *opts, u32 block_size)
{
	struct stream_run r = { .plan = NULL };
	struct op_block out = { .nr = 0 };
	struct error err = { .code = ERR_NONE };
	struct event_block b;
	struct demand *d;

	r.plan = stream_scan(s, meta, opts, block_size, &err);
	assert_string_equal(err.text, "");
	assert_non_null(r.plan);
	d = demand_new(r.plan, &err);
	assert_non_null(d);
	assert_int_equal(event_block_init(&b), 0);
	for (u32 i = 0; fill_block(s, i, block_size, &b); i += b.nr) {
		assert_int_equal(demand_next(d, &b, &out, &err), 0);
		keep_ops(&r, &out);
		r.nr_handles = out.nr_handles;
	}
	r.odd = *demand_oddities(d);
	tell_ops(&r);
	check_counts(&r);
	demand_free(d);
	op_block_fini(&out);
	event_block_fini(&b);
	return r;
}

void stream_run_fini(struct stream_run *r)
{
	demand_plan_free(r->plan);
	free(r->ops);
	free(r->text);
	*r = (struct stream_run){ .plan = NULL };
}

void stream_expect_oddities(const struct stream_run *r, const char *name, ...)
{
	struct demand_oddities want = { 0 };
	va_list ap;

	va_start(ap, name);
	for (; name; name = va_arg(ap, const char *)) {
		size_t i = 0;

		while (i < demand_nr_oddities && strcmp(demand_oddity_table[i].name, name) != 0)
			i++;
		assert_true(i < demand_nr_oddities);
		*(u64 *)((char *)&want + demand_oddity_table[i].offset) = va_arg(ap, u32);
	}
	va_end(ap);
	for (size_t i = 0; i < demand_nr_oddities; i++) {
		const size_t at = demand_oddity_table[i].offset;
		const u64 got = *(const u64 *)((const char *)&r->odd + at);
		const u64 expected = *(u64 *)((char *)&want + at);

		if (got != expected)
			fail_msg("%s: %llu, expected %llu", demand_oddity_table[i].name,
				 (unsigned long long)got, (unsigned long long)expected);
	}
}
