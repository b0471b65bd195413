/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Places of the oracle that random streams have to come by, beside what outcomes and tracepoints
 * show.
 */
#ifndef SPB_TESTS_SITES_H
#define SPB_TESTS_SITES_H

#define ORACLE_SITES(row)						\
	row(UNRESERVED, "a block left the HIGHATOMIC reserve")		\
	row(UNRESERVE_MILD, "a reclaim was not enough, and a block left the reserve") \
	row(UNRESERVE_LAST, "a reclaim was not enough, and the last block stayed")	\
	row(CMA_FIRST, "CMA served because it was over half")		\
	row(CMA_AFTER, "CMA served after the own lists")		\
	row(REFILL, "upstream's lists were refilled")			\
	row(MODE_KEPT, "a refill went on where the last page was found") \
	row(DRAIN, "upstream's lists were drained")			\
	row(PHASE_0, "fragments of an owned block were fetched")	\
	row(PHASE_1, "a whole block was taken for a CPU")		\
	row(PHASE_1_SB, "the fullest clean SPB gave it")		\
	row(PHASE_2, "a chunk of a tainted SPB was taken")		\
	row(PHASE_2_OWNED, "of a block that a CPU owned already")	\
	row(PHASE_3, "a refill ended page by page")			\
	row(REMOTE_FREE, "a page was freed to another CPU")		\
	row(MERGE, "pages merged on a CPU")				\
	row(WHOLE_BLOCK_BACK, "a CPU gave a whole block back")		\
	row(RECLAIMED, "direct reclaim dropped a unit")			\
	row(SHRUNK, "a slab shrink dropped a unit")			\
	row(CONTIG, "a contig range was taken")				\
	row(WHOLE_SPB, "a whole superpageblock was taken")		\
	row(CONTIG_GIVEN_BACK, "a contig range could not be emptied")	\
	row(CONTIG_SPLIT, "a large free buddy was split for one")	\
	row(CONTIG_DRAIN, "per-CPU lists were drained for one")

#define ORACLE_SITE(name, text) SITE_##name,
enum oracle_site { ORACLE_SITES(ORACLE_SITE) NR_ORACLE_SITES };

#endif /* SPB_TESTS_SITES_H */
