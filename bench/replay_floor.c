// SPDX-License-Identifier: GPL-2.0
/*
 * The floor of replay_speed: the same program over a model that does nothing, so that what is
 * left is the engine: decode, demand, units, metrics.
 */
#define REPLAY_SPEED_NAME "replay_floor"
#include <errno.h>

#include "bench/replay_speed.c"

struct model {
	u64 next;
	struct model_counters counters;
};

struct model *model_new(const struct model_config *config __unused,
			const struct variant *variant __unused,
			const struct model_observer *observer __unused, void *ctx __unused,
			const char **why)
{
	*why = NULL;
	return calloc(1, sizeof(struct model));
}

void model_free(struct model *m)
{
	free(m);
}

int model_alloc(struct model *m, u64 now __unused, const struct model_req *req,
		struct model_result *res)
{
	*res = (struct model_result){ .pfn = m->next, .zone = req->zone };
	m->next = (m->next + 1) & UINT32_MAX >> 1;
	return 0;
}

int model_free_pages(struct model *m __unused, u64 now __unused, u32 cpu __unused,
		     u64 pfn __unused, u32 order __unused)
{
	return 0;
}

int model_split(struct model *m __unused, u64 pfn __unused, u32 order __unused,
		u32 upper_owner __unused, u64 upper_ident __unused)
{
	return 0;
}

int model_place(struct model *m __unused, const struct model_req *req __unused, u64 pfn __unused)
{
	return 0;
}

int model_label(const struct model *m __unused, u64 pfn __unused)
{
	return 0;
}

int model_set_label(struct model *m __unused, u64 pfn __unused, u32 mt __unused)
{
	return 0;
}

int model_mark_type(struct model *m __unused, u64 pfn __unused, u32 mt __unused)
{
	return 0;
}

void model_settle(struct model *m __unused)
{
}

void model_prefetch_spb(const struct model *m __unused, u64 pfn __unused)
{
}

void model_prefetch(const struct model *m __unused, u64 pfn __unused, u32 order __unused)
{
}

void model_run(struct model *m __unused, u64 now __unused)
{
}

bool model_no_memory(const struct model *m __unused)
{
	return false;
}

void model_start(struct model *m __unused, u64 now __unused)
{
}

u32 model_nr_spbs(const struct model *m __unused, u32 zone __unused)
{
	return 0;
}

void model_zone_state(const struct model *m __unused, u32 zone __unused, u64 now __unused,
		      struct model_zone_state *st)
{
	*st = (struct model_zone_state){ 0 };
}

void model_spb_state(const struct model *m __unused, u32 zone __unused, u32 spb __unused,
		     u64 now __unused, struct model_spb_state *st)
{
	*st = (struct model_spb_state){ 0 };
}

int model_alloc_contig(struct model *m __unused, u64 now __unused, u32 zone __unused,
		       u32 cpu __unused, u64 *pfn __unused)
{
	return -ENOSPC;
}

const struct model_counters *model_counters(const struct model *m, u32 zone __unused)
{
	return &m->counters;
}

bool model_open_defrag(const struct model *m __unused, u32 zone __unused, u32 spb __unused,
		       struct model_defrag_pass *p __unused)
{
	return false;
}

u64 model_bytes(const struct model *m __unused)
{
	return sizeof(struct model);
}

int model_check(const struct model *m __unused, char *why __unused, size_t len __unused)
{
	return 0;
}
