// SPDX-License-Identifier: GPL-2.0
/*
 * model_check() must see broken states: one row for each invariant (end of S10), which breaks that
 * one by hand and says the words of the complaint.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/pageblock.h"
#include "model/pcp_lists.h"
#include "model/superpageblock.h"
#include "tests/lib/scene.h"

/* ---- states to break ---- */

/* Some of everything in SPB 0, which is tainted; SPB 3 was never touched. */
static struct machine *busy(const struct variant *v)
{
	struct machine *mc = machine_new(v, 4);

	for (u32 i = 0; i < 40; i++) {
		const u32 unit = take(mc, i % 4, i % 3);

		if (i % 5 == 0)
			give(mc, unit, i % 4);
	}
	take(mc, 10, MOV);
	return mc;
}

static struct machine *busy_lists(void)
{
	const struct variant v = machine_variant();

	return busy(&v);
}

static struct machine *one_unit(void)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new(&v, 2);

	take(mc, 10, MOV);
	return mc;
}

static struct machine *busy_bitmaps(void)
{
	struct variant v = machine_variant();

	v.search = SEARCH_BITMAP;
	return busy(&v);
}

static struct machine *busy_vanilla(void)
{
	struct variant v = machine_variant();

	v.allocator = ALLOCATOR_VANILLA;
	return busy(&v);
}

static struct machine *busy_pcps(void)
{
	const struct variant v = machine_variant();
	struct machine *mc = machine_new_page_level(&v, 4);

	for (u32 i = 0; i < 20; i++)
		take(mc, i % 4, i % 3);
	return mc;
}

static struct machine *busy_pcp_buddy(void)
{
	struct variant v = machine_variant();
	struct machine *mc;

	v.pcp_mode = PCP_BUDDY;
	mc = machine_new_page_level(&v, 4);
	for (u32 i = 0; i < 20; i++)
		take(mc, i % 4, i % 3);
	return mc;
}

/* SPB 0 needs defrag and nobody asked for it. */
static struct machine *stuck(void)
{
	struct variant v = machine_variant();

	v.trigger_update = 0;
	return packed_scene(&v, 1).mc;
}

/* Two passes and an evacuation wait for the worker. */
static struct machine *queued(void)
{
	struct variant v = machine_variant();
	struct scene sc;

	v.evac_deferred = 1;
	sc = packed_scene(&v, 3);
	give(sc.mc, sc.huge[0], 10);
	take_by(sc.mc, 10, UNMOV, OUTCOME_CLAIM);
	assert_non_null(sc.mc->m->nodes[0].workers[0]->queue_head->next->next);
	return sc.mc;
}

/* ---- what to break ---- */

static struct superpageblock *tainted(struct machine *mc)
{
	struct superpageblock *sb = the_spb(mc, 0);

	assert_true(sb->nr_unmovable > 0);
	return sb;
}

static u32 find_frame(const struct superpageblock *sb, enum page_state state, u32 min_order)
{
	for (u32 f = 0; f < MACHINE_SPB; f++) {
		if (page_state(sb->page[f]) == state && page_order(sb->page[f]) >= min_order)
			return f;
	}
	fail();
	return 0;
}

static u32 free_head(struct machine *mc)
{
	return find_frame(tainted(mc), PAGE_FREE, 0);
}

static u16 *block_of_used(struct machine *mc)
{
	struct superpageblock *sb = tainted(mc);

	return &sb->pb[find_frame(sb, PAGE_USED, 0) / MACHINE_BLOCK];
}

/* A block that is wholly free, and all_free says so. */
static u16 *free_block(struct machine *mc)
{
	for (u32 b = 0; b < MACHINE_BLOCKS; b++) {
		if (tainted(mc)->pb[b] & PB_ALL_FREE)
			return &tainted(mc)->pb[b];
	}
	fail();
	return NULL;
}

static struct free_area *area_of(struct machine *mc, u32 f)
{
	return &tainted(mc)->free_area[page_order(tainted(mc)->page[f])];
}

static void area_count(struct machine *mc)
{
	area_of(mc, free_head(mc))->nr_free++;
}

static void area_too_long(struct machine *mc)
{
	area_of(mc, free_head(mc))->nr_free--;
}

static void free_pages(struct machine *mc)
{
	tainted(mc)->nr_free_pages++;
	mc->m->zones[0].nr_free_pages++;
}

static void back_link(struct machine *mc)
{
	const u32 f = free_head(mc);

	tainted(mc)->page[f] = page_with_prev(tainted(mc)->page[f], f + 1);
}

static void list_tail(struct machine *mc)
{
	const u32 f = free_head(mc);

	area_of(mc, f)->free_list[page_mt(tainted(mc)->page[f])].tail ^= 1;
}

static void label_of_free(struct machine *mc)
{
	tainted(mc)->pb[free_head(mc) / MACHINE_BLOCK] ^= MIGRATE_RECLAIMABLE;
}

/* A used order-10 unit becomes two free halves that nobody merged. */
static void unmerged(struct machine *mc)
{
	struct superpageblock *sb = the_spb(mc, mc->last.spb);
	const u32 f = find_frame(sb, PAGE_USED, 10);
	struct free_list *list = &sb->free_area[9].free_list[MOV];

	assert_int_equal(list->head, FRAME_NIL);
	sb->page[f] = page_make_free(9, MOV, f + 512, FRAME_NIL);
	sb->page[f + 512] = page_make_free(9, MOV, FRAME_NIL, f);
	*list = (struct free_list){ f, f + 512 };
	sb->free_area[9].nr_free += 2;
	sb->nr_free_pages += 1024;
	mc->m->zones[0].nr_free_pages += 1024;
}

static void not_aligned(struct machine *mc)
{
	struct superpageblock *sb = tainted(mc);
	const u32 f = find_frame(sb, PAGE_USED, 1);

	sb->page[f + 1] = sb->page[f];
	sb->page[f] = page_make_used(0, page_mt(sb->page[f]), 0, 0);
}

static void inside_a_unit(struct machine *mc)
{
	tainted(mc)->page[find_frame(tainted(mc), PAGE_USED, 1) + 1] = page_make_used(0, 0, 0, 0);
}

static void nobodys_page(struct machine *mc)
{
	tainted(mc)->page[find_frame(tainted(mc), PAGE_USED, 0)] = PAGE_INSIDE;
}

static void content_without_bit(struct machine *mc)
{
	*block_of_used(mc) &= (u16)~PB_HAS_MASK;
}

/* All units of a block vanish, its free pages stay, its bits are cleared. */
static void bare_block(struct machine *mc)
{
	struct superpageblock *sb = tainted(mc);
	const u32 first = find_frame(sb, PAGE_USED, 0) / MACHINE_BLOCK * MACHINE_BLOCK;
	u32 f = first;

	while (f < first + MACHINE_BLOCK) {
		const u32 size = 1U << page_order(sb->page[f]);
		const bool used = page_state(sb->page[f]) == PAGE_USED;

		for (u32 i = 0; used && i < size; i++)
			sb->page[f + i] = PAGE_FIXED;
		f += size;
	}
	sb->pb[first / MACHINE_BLOCK] &= (u16)~PB_HAS_MASK;
}

/* A block without a free page, whose list would be looked at first. */
static void label_out_of_range(struct machine *mc)
{
	the_spb(mc, 0)->pb[0] |= PB_MIGRATE_MASK;
}

static void outside_with_bits(struct machine *mc)
{
	*block_of_used(mc) |= PB_OUTSIDE;
}

static void all_free_in_use(struct machine *mc)
{
	*block_of_used(mc) |= PB_ALL_FREE;
}

static void all_free_with_content(struct machine *mc)
{
	*free_block(mc) |= PB_HAS_MOVABLE;
}

#define BREAK_COUNTER(field)                                                                       \
	static void counter_##field(struct machine *mc)                                            \
	{                                                                                          \
		tainted(mc)->field++;                                                              \
		tainted(mc)->list_stale = true;                                                    \
	}
BREAK_COUNTER(nr_free)
BREAK_COUNTER(nr_unmovable)
BREAK_COUNTER(nr_reclaimable)
BREAK_COUNTER(nr_movable)
BREAK_COUNTER(nr_reserved)
BREAK_COUNTER(total_pageblocks)

static void on_no_list(struct machine *mc)
{
	struct spb_list *list = tainted(mc)->on;

	/* Alone on its list; another SPB fills the place that the sum would miss. */
	assert_ptr_equal(list->head, list->tail);
	list->head = NULL;
	list->tail = NULL;
	tainted(mc)->on = NULL;
}

static void on_the_wrong_list(struct machine *mc)
{
	struct superpageblock *sb = tainted(mc);

	sb->on->head = NULL;
	sb->on->tail = NULL;
	spb_list_add_tail(sb, &mc->m->zones[0].spb_lists[SB_CLEAN][SB_FULL_50]);
	sb->list_stale = false;
}

static void stuck_runs(struct machine *mc)
{
	tainted(mc)->stuck_from = mc->now;
}

static void stuck_stands(struct machine *mc)
{
	the_spb(mc, 0)->stuck_from = TIME_NEVER;
}

static void free_bitmap(struct machine *mc)
{
	mc->m->zones[0].free_bits[0] ^= 1;
}

static void free_orders(struct machine *mc)
{
	tainted(mc)->free_orders[MIGRATE_CMA] ^= 1;
}

static void member_count(struct machine *mc)
{
	tainted(mc)->on->nr++;
}

static void member_orders(struct machine *mc)
{
	tainted(mc)->on->orders[MIGRATE_CMA] ^= 1;
}

static void untouched_pages(struct machine *mc)
{
	the_spb(mc, 3)->nr_free_pages--;
	mc->m->zones[0].nr_free_pages--;
}

static void untouched_bits(struct machine *mc)
{
	the_spb(mc, 3)->nr_movable++;
}

static void held_and_free(struct machine *mc)
{
	the_spb(mc, 3)->contig_allocated = true;
	spb_list_rotate(the_spb(mc, 3));
}

static void list_says_another(struct machine *mc)
{
	tainted(mc)->on = &mc->m->zones[0].spb_isolated;
}

static void spb_back_link(struct machine *mc)
{
	struct superpageblock *sb = mc->m->zones[0].spb_empty.tail;

	assert_non_null(sb->prev);
	sb->prev = NULL;
}

static void spb_list_ring(struct machine *mc)
{
	struct spb_list *list = &mc->m->zones[0].spb_empty;

	list->tail->next = list->head;
}

static void spb_list_tail(struct machine *mc)
{
	struct spb_list *list = &mc->m->zones[0].spb_empty;

	list->tail = list->head;
}

static void zone_sum(struct machine *mc)
{
	mc->m->zones[0].nr_free_pages++;
}

static void zone_hint(struct machine *mc)
{
	mc->m->zones[0].sb_hint[4] = 4;
}

static void cpu_hint(struct machine *mc)
{
	mc->m->cpu_hints[2] = (struct spb_hint){ .zone = 0, .spb = 4 };
}

static void vanilla_count(struct machine *mc)
{
	mc->m->zones[0].free_area[10].nr_free--;
}

static void vanilla_tail(struct machine *mc)
{
	struct free_list *list = &mc->m->zones[0].free_area[10].free_list[MOV];

	assert_int_not_equal(list->head, list->tail);
	list->tail = list->head;
}

static struct node fake_node = { .id = 7 };

static struct worker *the_worker(struct machine *mc)
{
	return mc->m->nodes[0].workers[0];
}

static struct work *queued_kind(struct machine *mc, enum work_kind kind)
{
	struct work *work = the_worker(mc)->queue_head;

	while (work && work->kind != kind)
		work = work->next;
	assert_non_null(work);
	return work;
}

static void wrong_node(struct machine *mc)
{
	mc->m->zones[0].node = &fake_node;
}

static void queued_not_active(struct machine *mc)
{
	struct superpageblock *sb = queued_kind(mc, WORK_DEFRAG)->sb;

	sb->defrag_active = false;
	sb->stuck_from = mc->now;
}

static void not_in_flight(struct machine *mc)
{
	const struct work *work = queued_kind(mc, WORK_EVACUATE);

	mc->m->zones[0].evac_in_flight[work->mt][work->order] = false;
}

static void queue_order(struct machine *mc)
{
	the_worker(mc)->queue_head->queued_at++;
}

static void queue_tail(struct machine *mc)
{
	the_worker(mc)->queue_tail = the_worker(mc)->queue_head;
}

static void never_due(struct machine *mc)
{
	the_worker(mc)->due = TIME_NEVER;
	mc->m->due = TIME_NEVER;
}

static void next_step(struct machine *mc)
{
	mc->m->due++;
}

static void active_not_queued(struct machine *mc)
{
	the_spb(mc, 2)->defrag_active = true;
}

static void in_flight_not_queued(struct machine *mc)
{
	mc->m->zones[0].evac_in_flight[RECL][3] = true;
}

static void lost_request(struct machine *mc)
{
	mc->m->evac_free = mc->m->evac_free->next;
}

static u64 *pcp_word(struct machine *mc, bool on)
{
	for (u32 i = 0; i < 4; i++) {
		u64 *page = the_spb(mc, i)->page;

		for (u32 f = 0; page && f < MACHINE_SPB; f++) {
			if (page_state(page[f]) == PAGE_USED && !(page[f] & PAGE_ON_PCP) == !on)
				return &page[f];
		}
	}
	fail();
	return NULL;
}

static void pcp_page_in_use(struct machine *mc)
{
	*pcp_word(mc, true) &= ~PAGE_ON_PCP;
}

static void used_page_says_pcp(struct machine *mc)
{
	*pcp_word(mc, false) |= PAGE_ON_PCP;
}

static void pcp_count(struct machine *mc)
{
	pcp_of(mc->m, &mc->m->zones[0], 0)->size.count++;
}

static void pcp_link(struct machine *mc)
{
	struct pcp_cpu *pcp = pcp_of(mc->m, &mc->m->zones[0], 0);

	for (u32 l = 0; l < NR_LISTS; l++) {
		if (pcp->lists[l].head == PCP_NIL)
			continue;
		mc->m->pcp_buddy->node[pcp->lists[l].head].order ^= 1;
		return;
	}
	fail();
}

/* ---- rows ---- */

/** struct invariant - @name: what holds; @words: of the complaint when @spoil broke it */
struct invariant {
	const char *name;
	struct machine *(*machine)(void);
	void (*spoil)(struct machine *mc);
	const char *words;
};

static const struct invariant invariants[] = {
	{ "nr_free of an order is the length of its lists", busy_lists, area_count,
	  "on lists, nr_free" },
	{ "no list is longer than nr_free", busy_lists, area_too_long, "is longer than nr_free" },
	{ "nr_free_pages of an SPB is what its lists hold", busy_lists, free_pages,
	  "pages on lists, nr_free_pages" },
	{ "links of a free list", busy_lists, back_link, "is not" },
	{ "tail of a free list", busy_lists, list_tail, "tail of the list of order" },
	{ "a free page is on the list of its block's label", busy_lists, label_of_free,
	  "its block is labelled" },
	{ "free buddies are merged", one_unit, unmerged, "was not merged" },
	{ "units are aligned", busy_lists, not_aligned, "is not aligned" },
	{ "frames inside a unit have no state", busy_lists, inside_a_unit, "but has a state" },
	{ "every frame belongs to a unit", busy_lists, nobodys_page, "belongs to nothing" },
	{ "content shows in the has-bits", busy_lists, content_without_bit, "no such bit" },
	{ "unmov + recl + mov + free >= total - rsv, block by block", busy_lists, bare_block,
	  "is in use and holds nothing" },
	{ "labels are migratetypes", one_unit, label_out_of_range, "is labelled 7" },
	{ "blocks outside the zone have no bits", busy_lists, outside_with_bits,
	  "is not the zone's" },
	{ "PB_all_free means all free", busy_lists, all_free_in_use, "is PB_all_free with" },
	{ "PB_all_free excludes content", busy_lists, all_free_with_content,
	  "and has content bits" },
	{ "nr_free recounts", busy_lists, counter_nr_free, "nr_free is" },
	{ "nr_unmovable recounts", busy_lists, counter_nr_unmovable, "nr_unmovable is" },
	{ "nr_reclaimable recounts", busy_lists, counter_nr_reclaimable, "nr_reclaimable is" },
	{ "nr_movable recounts", busy_lists, counter_nr_movable, "nr_movable is" },
	{ "nr_reserved recounts", busy_lists, counter_nr_reserved, "nr_reserved is" },
	{ "total_pageblocks recounts", busy_lists, counter_total_pageblocks,
	  "total_pageblocks is" },
	{ "an SPB is on a list", busy_lists, on_no_list, "SPBs on lists" },
	{ "an SPB is on the list its counters imply", busy_lists, on_the_wrong_list,
	  "is on the wrong list" },
	{ "an SPB that is held whole has nothing free", busy_lists, held_and_free,
	  "is held whole and has free pages" },
	{ "stuck time runs only when stuck", busy_lists, stuck_runs, "its stuck time runs" },
	{ "stuck time runs when stuck", stuck, stuck_stands, "its stuck time stands still" },
	{ "bitmap of free lists", busy_bitmaps, free_bitmap, "the bits of free lists" },
	{ "bits of free lists", busy_lists, free_orders, "the bits of free lists" },
	{ "count of a list's members", busy_lists, member_count, "the counts of a list" },
	{ "orders that a list's members have", busy_lists, member_orders, "the counts of a list" },
	{ "an untouched SPB is free", busy_lists, untouched_pages, "untouched, but" },
	{ "an untouched SPB has no bits", busy_lists, untouched_bits, "untouched, but" },
	{ "an SPB is on the list that it says", busy_lists, list_says_another, "says another" },
	{ "links of a list of SPBs", busy_lists, spb_back_link, "links of spb" },
	{ "lists of SPBs end", busy_lists, spb_list_ring, "links of spb" },
	{ "tail of a list of SPBs", busy_lists, spb_list_tail, "tail of the list empty" },
	{ "nr_free_pages of the zone is the sum", busy_lists, zone_sum, "free pages, the zone" },
	{ "zone hints name an SPB", busy_lists, zone_hint, "zone Normal: hint 4 names spb 4" },
	{ "CPU hints name an SPB", busy_lists, cpu_hint, "CPU hint 2 names spb 4" },
	{ "vanilla: nr_free of the zone's lists", busy_vanilla, vanilla_count,
	  "the lists of order 10" },
	{ "vanilla: tail of a zone's list", busy_vanilla, vanilla_tail, "the lists of order 10" },
	{ "work waits on its own node", queued, wrong_node, "waits on node 0" },
	{ "a queued pass is active", queued, queued_not_active,
	  "queued for defrag and not active" },
	{ "a queued evacuation is in flight", queued, not_in_flight, "is not in flight" },
	{ "a queue is in order of time", queued, queue_order, "does not serve in order" },
	{ "tail of a queue", queued, queue_tail, "tail of the queue" },
	{ "a node with work is due", queued, never_due, "is due without work" },
	{ "the model is due when a node is", queued, next_step, "the next step" },
	{ "an active SPB is queued", queued, active_not_queued, "SPBs are defrag_active" },
	{ "an evacuation in flight is queued", queued, in_flight_not_queued,
	  "evacuations are in flight" },
	{ "the pool of evacuation requests is whole", queued, lost_request, "lost from the pool" },
	{ "a page on a per-CPU list says so", busy_pcps, pcp_page_in_use, "on it" },
	{ "per-CPU buddy lists count their pages", busy_pcp_buddy, pcp_count, "and its count" },
	{ "a page on a per-CPU buddy list has its order", busy_pcp_buddy, pcp_link, "on it" },
	{ "a page on a per-CPU buddy list says so", busy_pcp_buddy, pcp_page_in_use, "on it" },
	{ "a page that says so is on a per-CPU list", busy_pcps, used_page_says_pcp,
	  "pages say they are on per-CPU lists" },
};

static void test_each_broken_invariant_is_named(void **state)
{
	u32 wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(invariants); i++) {
		const struct invariant *inv = &invariants[i];
		struct machine *mc = inv->machine();
		char why[256] = "";
		int ret;

		check_machine(mc);
		inv->spoil(mc);
		ret = model_check(mc->m, why, sizeof(why));
		if (!ret || !strstr(why, inv->words)) {
			print_message("%s: expected '%s', got '%s'\n", inv->name, inv->words, why);
			wrong++;
		}
		mc->m->zones[0].node = &mc->m->nodes[0];
		model_free(mc->m);
		free(mc);
	}
	assert_int_equal(wrong, 0);
}

/* The cheap form looks at SPBs that changed, and at all that lies above them. */
static void test_touched_spbs_only(void **state)
{
	struct machine *mc = busy_lists();
	char why[256] = "";

	(void)state;
	assert_int_equal(model_check_touched(mc->m, why, sizeof(why)), 0);
	tainted(mc)->nr_movable++;
	assert_int_equal(model_check_touched(mc->m, why, sizeof(why)), 0);
	take(mc, 0, UNMOV);
	assert_int_not_equal(model_check_touched(mc->m, why, sizeof(why)), 0);
	tainted(mc)->nr_movable--;
	assert_int_equal(model_check_touched(mc->m, why, sizeof(why)), 0);
	zone_sum(mc);
	assert_int_not_equal(model_check_touched(mc->m, why, sizeof(why)), 0);
	mc->m->zones[0].nr_free_pages--;
	machine_free(mc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_broken_invariant_is_named),
		cmocka_unit_test(test_touched_spbs_only),
	};

	return cmocka_run_group_tests_name("model: broken invariants", tests, NULL, NULL);
}
