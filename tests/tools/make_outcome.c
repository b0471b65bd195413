// SPDX-License-Identifier: GPL-2.0
/*
 * Write an outcome folder of any size, with names as hostile as they come: what reports and exports
 * are tested with. The same bytes every time.
 * usage: make_outcome FOLDER SPBS SAMPLES CHANGES_A_SAMPLE
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/types.h"
#include "replay/base/hash.h"
#include "replay/metrics/metrics_spbmap.h"

#define NR_VARIANTS 2
#define BLOCKS 512
#define STEP_NS 5000000ULL
#define T0 1000000000000ULL
#define EVENTS 4000

/* As they stand in a CSV file. */
static const char *const variants[NR_VARIANTS] = {
	"base", "\"</script><script>alert(1)</script>&'\"\"\"",
};
static const char comm[] = "\"<script>\"\"&'\"";
static const char zone[] = "0/Normal";

struct world {
	const char *dir;
	u32 nr_spbs;
	u32 samples;
	u32 changes;
	u64 seed;
	struct spbmap_row *now;
};

static u32 next(struct world *w, u32 below)
{
	w->seed = w->seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (u32)((w->seed >> 33) % below);
}

static FILE *create(const struct world *w, const char *name, const char *head)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	f = fopen(path, "w");
	if (!f) {
		perror(path);
		exit(1);
	}
	fputs(head, f);
	return f;
}

static void finish(FILE *f)
{
	if (fclose(f)) {
		perror("write");
		exit(1);
	}
}

static void change(struct world *w, struct spbmap_row *r)
{
	r->free_blocks = (u16)next(w, BLOCKS + 1);
	r->state = (u8)(r->free_blocks == BLOCKS ? SPB_STATE_EMPTY : 1 + next(w, 8) / 7);
	r->stuck = r->state == SPB_STATE_TAINTED && !next(w, 4);
}

static void put_map_row(const struct world *w, u32 variant, u32 sample, u32 spb, FILE *f)
{
	const struct spbmap_row *r = &w->now[spb];

	fprintf(f, "%s,%s,%" PRIu64 ",%u,%s,%u,%u\n", variants[variant], zone,
		(u64)(T0 + sample * STEP_NS), spb, spb_state_name(r->state), r->free_blocks,
		r->stuck);
}

static void put_timeline_row(const struct world *w, u32 variant, u32 sample, FILE *f)
{
	u64 count[NR_SPB_STATES] = { 0 }, blocks = 0, stuck = 0;

	for (u32 i = 0; i < w->nr_spbs; i++) {
		count[w->now[i].state]++;
		blocks += w->now[i].free_blocks;
		stuck += w->now[i].stuck;
	}
	fprintf(f, "%s,%s,%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",0,%" PRIu64
		",%" PRIu64 ",%u\n", variants[variant], zone, (u64)(T0 + sample * STEP_NS),
		count[SPB_STATE_CLEAN], count[SPB_STATE_TAINTED], count[SPB_STATE_EMPTY],
		blocks * 512, blocks, stuck, sample * 3);
}

/* The rows of a sample come sorted: each superpageblock is picked with the same probability. */
static void put_states(struct world *w, FILE *map, FILE *timeline)
{
	for (u32 v = 0; v < NR_VARIANTS; v++) {
		for (u32 s = 0; s < w->samples; s++) {
			for (u32 spb = 0; spb < w->nr_spbs; spb++) {
				if (s && next(w, w->nr_spbs) >= w->changes)
					continue;
				change(w, &w->now[spb]);
				put_map_row(w, v, s, spb, map);
			}
			put_timeline_row(w, v, s, timeline);
		}
	}
}

static void put_events(struct world *w)
{
	FILE *taint = create(w, "taint.csv", "variant,zone,time_ns,spb,start_pfn,from,to,cause,"
			     "order,migratetype,cpu,pid,comm,gfp\n");
	FILE *defrag = create(w, "defrag.csv", "variant,zone,time_ns,spb,trigger,start_ns,end_ns,"
			      "nr_free_before,nr_free_after,pages_migrated,pages_failed,"
			      "progress,state\n");

	for (u32 i = 0; i < EVENTS; i++) {
		u32 v = i / (EVENTS / NR_VARIANTS);
		u64 nth = i % (EVENTS / NR_VARIANTS);
		u64 t = T0 + nth * w->samples * STEP_NS * NR_VARIANTS / EVENTS;

		fprintf(taint, "%s,%s,%" PRIu64 ",%u,0,clean,tainted,CLAIM,%u,Unmovable,1,%u,%s,\n",
			variants[v], zone, t, next(w, w->nr_spbs), next(w, 10), 1000 + i, comm);
		fprintf(defrag, "%s,%s,%" PRIu64 ",%u,update,%" PRIu64 ",%" PRIu64
			",3,%u,77,1,%u,ended\n", variants[v], zone, t, next(w, w->nr_spbs),
			t + 10, t + 100000, 3 + i % 2, i % 2);
	}
	finish(taint);
	finish(defrag);
}

static void put_small(struct world *w)
{
	static const char summary[] =
		"variant,zone,ops,allocs,frees,failed_allocs,spb_total,spb_tainted_start,"
		"spb_tainted_end,spb_tainted_max,spb_clean_end,spb_empty_end,fresh_taints,untaints,"
		"fallback_claims,steals,pass3,defrag_queued_update,defrag_queued_alloc,"
		"defrag_queued_fallthrough,defrag_gated_cooldown,defrag_passes,defrag_no_progress,"
		"pages_migrated,shrink_queued,stuck_spbs,stuck_ns_total,stuck_ns_max,visits_mean,"
		"visits_p99,visits_max,highorder_refused,direct_evacuations,direct_stall_ns,"
		"pages_reclaimed,pages_shrunk,contig_spbs,contig_migrated,contig_stall_ns\n";
	FILE *f = create(w, "summary.csv", summary);

	for (u32 v = 0; v < NR_VARIANTS; v++)
		fprintf(f, "%s,%s,5,4,1,0,%u,0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,"
			"1.234,21,22,23,24,25,26,27,28,29,30\n", variants[v], zone, w->nr_spbs);
	finish(f);
	f = create(w, "diff.csv", "variant,zone,metric,unit,baseline,baseline_value,value,delta,"
		   "ratio\n");
	fprintf(f, "%s,%s,ops,operations,base,5,5,0,1.000\n", variants[1], zone);
	finish(f);
	f = create(w, "divergence.csv", "variant,zone,time_ns,event_index,kind,spb,order,"
		   "migratetype,pid,comm,baseline_did,variant_did\n");
	fprintf(f, "%s,%s,%llu,7,placement_spb,1,0,Movable,42,%s,\"<b>a\",\"<i>b\"\n", variants[1],
		zone, T0 + 5, comm);
	finish(f);
	f = create(w, "visits.csv", "variant,zone,outcome,visits,count\n");
	for (u32 i = 0; i < 1000; i++)
		fprintf(f, "base,%s,PASS_1,%u,%u\n", zone, i, 1 + i % 77);
	finish(f);
	f = create(w, "run.json", "");
	fputs("{ \"capture\": { \"host\": \"<img src=x onerror=alert(2)>\" }, \"spb_order\": 18, "
	      "\"pageblock_order\": 9, \"inputs\": [ { \"path\": \"</style>\" } ] }\n", f);
	finish(f);
}

int main(int argc, char **argv)
{
	struct world w = { .seed = 1 };
	FILE *map, *timeline;

	if (argc != 5)
		return 2;
	w.dir = argv[1];
	w.nr_spbs = (u32)strtoul(argv[2], NULL, 10);
	w.samples = (u32)strtoul(argv[3], NULL, 10);
	w.changes = (u32)strtoul(argv[4], NULL, 10);
	w.now = calloc(w.nr_spbs + 1ULL, sizeof(*w.now));
	if (!w.nr_spbs || !w.samples || !w.now)
		return 2;
	mkdir(w.dir, 0777);
	map = create(&w, "spbmap.csv", "variant,zone,time_ns,spb,category,free_blocks,stuck\n");
	timeline = create(&w, "timeline.csv", "variant,zone,time_ns,spb_clean,spb_tainted,"
			  "spb_empty,free_pages,free_pages_tainted,nr_free_blocks,stuck_spbs,"
			  "migrated_total\n");
	put_states(&w, map, timeline);
	finish(map);
	finish(timeline);
	put_events(&w);
	put_small(&w);
	free(w.now);
	return 0;
}
