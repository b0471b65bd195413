/* SPDX-License-Identifier: GPL-2.0 */
/* What replay and compare share: options, and the whole way from input to outcome. */
#ifndef SPB_CMD_RUN_H
#define SPB_CMD_RUN_H

#include "cmd/common/options.h"
#include "model/variant.h"

#define RUN_MAX_VARIANTS STR_LIST_MAX

/**
 * struct run_opts - options of replay and compare
 * @memory_share: how many runs at a time share @max_memory, 0 as 1
 */
struct run_opts {
	struct str_list inputs;
	const char *buffer;
	const char *format_dir;
	const char *cpus;
	const char *snapshot;
	const char *output;
	const char *window;
	const char *zone;
	const char *level;
	const char *initial;
	const char *fill;
	const char *sort;
	const char *max_memory;
	struct str_list variants;
	u32 spb_order;
	u32 jobs;
	u32 samples;
	u32 width;
	u32 memory_share;
	u64 seed;
	u64 check_every;
	u32 contig;
	bool strict;
	bool salvage;
	bool json;
	bool full;
	bool exit_code;
	bool quiet;
	bool verbose;
};

/* The last NR_COMPARE_OPTS of the table make sense only where variants are compared. */
#define NR_RUN_OPTS 28
#define NR_COMPARE_OPTS 4
extern const struct opt run_opt_table[NR_RUN_OPTS];

/** run_defaults - for struct command */
void run_defaults(void *opts);

/**
 * run_load_variants - variants named in @opts, or @fallback where none is
 * @variants: room for RUN_MAX_VARIANTS
 *
 * Return: how many, or -ERR_USAGE / -ERR_IO.
 */
int run_load_variants(const struct run_opts *opts, const char *const *fallback, u32 nr_fallback,
		      struct variant *variants, struct error *err) __must_check;

/** run_engine - replay under @variants, write the files, print the table. Return: exit status */
int run_engine(const struct command *cmd, const struct run_opts *opts,
	       const struct variant *variants, u32 nr_variants);

struct outcome;

/** run_check - are the options right, but for input and output? Return: 0 or -ERR_USAGE */
int run_check(const struct run_opts *opts, struct error *err) __must_check;

/**
 * run_outcome - replay under @variants, print and write nothing
 * @outcome: of the replay, the caller's; NULL when there is none
 *
 * Return: 0; -ERR_DAMAGED with an outcome: it covers a part of the capture, @err says why; else
 * a negative enum err_code and no outcome.
 */
int run_outcome(const struct command *cmd, const struct run_opts *opts,
		const struct variant *variants, u32 nr_variants, struct outcome **outcome,
		struct error *err) __must_check;

#endif /* SPB_CMD_RUN_H */
