// SPDX-License-Identifier: GPL-2.0
/*
 * Made-up load: same options, same events; a replay of its demand under the same variant puts
 * every page where the made-up kernel put it; each profile does what its name says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "replay/demand/demand.h"
#include "replay/engine/engine_arm.h"
#include "replay/log/log.h"
#include "replay/synth/synth.h"

/** struct made - a load as a log; @hash: of all events; @pids: bits of the tasks seen */
struct made {
	struct log_writer *w;
	u64 hash;
	u64 of_worker;
	u8 pids[8192];
	struct synth_result res;
};

static u64 mix(u64 hash, u64 value)
{
	return (hash ^ value) * 0x100000001b3ULL + 0x9e37;
}

static int keep(void *ctx, const struct event *ev, const struct synth_task *task,
		const char *zone, struct error *err)
{
	struct made *m = ctx;
	struct event copy = *ev;

	copy.task = log_writer_task(m->w, task->pid, task->comm);
	if (zone)
		copy.extra[0] = log_writer_string(m->w, zone, strlen(zone));
	m->of_worker += !strncmp(task->comm, "kevacuate/", 10);
	m->pids[task->pid % 8192] = 1;
	m->hash = mix(mix(mix(m->hash, ev->time), ev->pfn), ev->kind | ev->cpu << 8 |
		      (u32)ev->order << 24);
	for (u32 i = 0; i < event_kinds[ev->kind].nr_extra; i++)
		m->hash = mix(m->hash, copy.extra[i]);
	return log_writer_add(m->w, &copy, err);
}

static struct made *make(const struct synth_opts *opts)
{
	struct made *m = calloc(1, sizeof(*m));
	const struct synth_sink sink = { keep, m };
	struct error err = { 0 };

	assert_non_null(m);
	m->w = log_writer_new(&err);
	assert_non_null(m->w);
	if (synth_run(opts, &sink, &m->res, &err))
		fail_msg("%s: %s", opts->profile->name, err.text);
	return m;
}

static void made_free(struct made *m)
{
	log_writer_free(m->w);
	free(m);
}

static struct synth_opts options(const char *profile, const struct variant *v, u64 events)
{
	const struct synth_profile *p = synth_profile_find(profile);

	assert_non_null(p);
	return (struct synth_opts){ .profile = p, .variant = v, .spbs = p->memory_spbs, .cpus = p->cpus,
				    .events = events, .seed = 1 };
}

static void same_seed_same_events(void **state __unused)
{
	struct variant v;

	variant_init(&v);
	for (size_t i = 0; i < nr_synth_profiles; i++) {
		const u64 length = synth_profiles[i].scripted ? 0 : 20000;
		struct synth_opts o = options(synth_profiles[i].name, &v, length);
		struct made *a = make(&o), *b = make(&o), *c;

		o.seed = 2;
		c = make(&o);
		assert_true(a->hash == b->hash);
		assert_true(a->hash != c->hash);
		made_free(a);
		made_free(b);
		made_free(c);
	}
}

/* ---- round trip ---- */

/** struct replayed - model of the replay, and where its units are, by handle */
struct replayed {
	struct model *m;
	u64 pfn[1 << 18];
	u64 t_first;
	u64 placed;
};

static void on_moved(void *ctx, u32 owner, u64 to)
{
	struct replayed *r = ctx;

	r->pfn[owner] = to;
}

static void replay_op(struct replayed *r, const struct op *op, const struct event_block *b)
{
	const u64 now = op->time - r->t_first + ENGINE_BOOT_NS;
	const struct model_req req = { .owner = op->handle, .ident = op->ident, .zone = op->zone,
				       .cpu = op->cpu, .order = op->order,
				       .migratetype = op->migratetype };
	struct model_result res;

	assert_true(op->handle < ARRAY_SIZE(r->pfn));
	model_run(r->m, now);
	if (op->kind == OP_FREE) {
		assert_int_equal(model_free_pages(r->m, now, op->cpu, r->pfn[op->handle],
						  op->order), 0);
		return;
	}
	assert_int_equal(op->kind, OP_ALLOC);
	assert_int_equal(model_alloc(r->m, now, &req, &res), 0);
	r->pfn[op->handle] = res.pfn;
	r->placed++;
	if (res.pfn != b->pfn[op->event - b->first])
		fail_msg("event %llu: recorded at 0x%llx, replayed at 0x%llx",
			 (unsigned long long)op->event,
			 (unsigned long long)b->pfn[op->event - b->first],
			 (unsigned long long)res.pfn);
}

static struct model *same_machine(const struct synth_opts *o, struct replayed *r)
{
	static const struct model_observer observer = { .moved = on_moved };
	const struct model_zone_config zone = synth_zone(o->spbs);
	const struct model_config config = { .zones = &zone, .nr_zones = 1, .pageblock_order = 9,
					     .spb_order = 18, .max_order = 10, .nr_cpus = o->cpus,
					     .seed = o->seed };
	const char *why = NULL;
	struct model *m = model_new(&config, o->variant, &observer, r, &why);

	assert_non_null(m);
	model_run(m, ENGINE_BOOT_NS);
	model_start(m, ENGINE_BOOT_NS);
	return m;
}

static void replay_all(struct replayed *r, struct log_reader *reader, struct demand *d)
{
	struct event_block b;
	struct op_block ops = { 0 };
	struct error err = { 0 };

	assert_int_equal(event_block_init(&b), 0);
	while (log_reader_next(reader, &b, &err) > 0) {
		ops.nr = 0;
		assert_int_equal(demand_next(d, &b, &ops, &err), 0);
		for (u32 i = 0; i < ops.nr; i++)
			replay_op(r, &ops.ops[i], &b);
	}
	assert_int_equal(err.code, ERR_NONE);
	op_block_fini(&ops);
	event_block_fini(&b);
}

/* Return: placements, all of them equal. The worker must not have moved anything. */
static u64 round_trip(const struct synth_opts *o)
{
	struct replayed *r = calloc(1, sizeof(*r));
	const struct demand_opts dopts = { .t1 = UINT64_MAX, .spb_order = 18 };
	struct made *made = make(o);
	struct error err = { 0 };
	struct log_image *img = log_writer_image(made->w, &err);
	struct log_reader *scan = log_reader_open_image(img, &err);
	struct log_reader *reader = log_reader_open_image(img, &err);
	struct demand_plan *plan = demand_scan(scan, &dopts, &err);
	struct demand *d = plan ? demand_new(plan, &err) : NULL;
	u64 placed;

	assert_int_equal(err.code, ERR_NONE);
	assert_int_equal(made->of_worker, 0);
	assert_int_equal(made->res.failed, 0);
	assert_non_null(r);
	r->m = same_machine(o, r);
	r->t_first = plan->t_first;
	replay_all(r, reader, d);
	assert_int_equal(r->placed, made->res.allocs);
	placed = r->placed;
	model_free(r->m);
	demand_free(d);
	demand_plan_free(plan);
	log_reader_free(scan);
	log_reader_free(reader);
	log_image_free(img);
	made_free(made);
	free(r);
	return placed;
}

static void replay_puts_every_page_where_it_was(void **state __unused)
{
	static const u32 allocators[] = { ALLOCATOR_SPB, ALLOCATOR_VANILLA };

	for (size_t i = 0; i < nr_synth_profiles; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(allocators); k++) {
			struct variant v;
			struct synth_opts o;

			variant_init(&v);
			v.allocator = allocators[k];
			v.trigger_update = 0;	/* what the worker moves is no demand */
			o = options(synth_profiles[i].name, &v,
				    synth_profiles[i].scripted ? 0 : 150000);
			assert_true(round_trip(&o) > 20000);
		}
	}
}

/* ---- profiles ---- */

static void steady_frees_as_much_as_it_takes(void **state __unused)
{
	struct variant v;
	struct synth_opts o;
	struct made *m;

	variant_init(&v);
	o = options("steady", &v, 400000);
	m = make(&o);
	assert_true(m->res.frees > m->res.allocs / 3);
	assert_true(m->res.count[EVENT_PCPU_DRAIN] == m->res.frees);
	assert_true(m->res.events >= 400000 && m->res.events < 400100);
	made_free(m);
}

static void slab_flood_taints_more_than_steady(void **state __unused)
{
	struct variant v;
	struct synth_opts flood, steady;
	struct made *a, *b;

	variant_init(&v);
	v.allocator = ALLOCATOR_VANILLA;
	flood = options("slab-flood", &v, 600000);
	steady = options("steady", &v, 600000);
	a = make(&flood);
	b = make(&steady);
	assert_true(a->res.tainted > b->res.tainted);
	made_free(a);
	made_free(b);
}

static void fork_storm_has_many_short_lived_tasks(void **state __unused)
{
	struct variant v;
	struct synth_opts o;
	struct made *m;
	u32 tasks = 0;

	variant_init(&v);
	o = options("fork-storm", &v, 200000);
	m = make(&o);
	for (u32 i = 0; i < ARRAY_SIZE(m->pids); i++)
		tasks += m->pids[i];
	assert_true(tasks > 300);
	assert_true(m->res.frees > m->res.allocs / 2);
	made_free(m);
}

static void saturation_leaves_a_stuck_spb(void **state __unused)
{
	struct variant v;
	struct synth_opts o;
	struct made *m;

	variant_init(&v);
	o = options("saturation", &v, 0);
	m = make(&o);
	assert_int_equal(m->res.stuck, 1);
	assert_int_equal(m->res.tainted, 2);
	assert_int_equal(m->res.failed, 0);
	assert_false(m->res.cut);
	made_free(m);
	v.trigger_fallthrough = 1;
	m = make(&o);
	assert_int_equal(m->res.tainted, 1);
	assert_true(m->of_worker > 0);
	made_free(m);
	o.events = 1000;
	m = make(&o);
	assert_true(m->res.cut);
	made_free(m);
}

static void page_level_tells_what_callers_asked_for(void **state __unused)
{
	struct variant v;
	struct synth_opts o;
	struct made *m;

	variant_init(&v);
	o = options("steady", &v, 100000);
	o.page_level = true;
	m = make(&o);
	assert_int_equal(m->res.count[EVENT_PAGE_ALLOC], m->res.allocs + m->res.failed);
	assert_int_equal(m->res.count[EVENT_PAGE_FREE], m->res.frees);
	assert_true(m->res.count[EVENT_ZONE_LOCKED] > 0);
	made_free(m);
}

static void large_machines_cost_what_is_touched(void **state __unused)
{
	struct variant v;
	struct synth_opts o;
	struct made *m;

	variant_init(&v);
	o = options("thp", &v, 30000);
	o.spbs = 4096;
	m = make(&o);
	assert_true(m->res.model_bytes < 256u << 20);
	made_free(m);
}

static void time_alone_ends_a_run(void **state __unused)
{
	struct variant v;
	struct synth_opts o;
	struct made *m;

	variant_init(&v);
	o = options("steady", &v, 0);
	o.ns = NSEC_PER_SEC;
	m = make(&o);
	assert_true(m->res.ns > NSEC_PER_SEC / 2 && m->res.ns < 2 * NSEC_PER_SEC);
	made_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_seed_same_events),
		cmocka_unit_test(replay_puts_every_page_where_it_was),
		cmocka_unit_test(steady_frees_as_much_as_it_takes),
		cmocka_unit_test(slab_flood_taints_more_than_steady),
		cmocka_unit_test(fork_storm_has_many_short_lived_tasks),
		cmocka_unit_test(saturation_leaves_a_stuck_spb),
		cmocka_unit_test(page_level_tells_what_callers_asked_for),
		cmocka_unit_test(large_machines_cost_what_is_touched),
		cmocka_unit_test(time_alone_ends_a_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
