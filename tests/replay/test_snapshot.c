// SPDX-License-Identifier: GPL-2.0
/*
 * Reading a snapshot folder: good ones of several kinds, and every kind of damage.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <zstd.h>

#include "replay/initial/kpageflags.h"
#include "replay/initial/snapshot.h"
#include "tests/lib/temp_folder.h"

#define KPF(bit) (1ULL << (bit))
#define LRU KPF(5)
#define SLAB KPF(7)
#define BUDDY KPF(10)
#define ANON KPF(12)
#define HEAD KPF(15)
#define TAIL KPF(16)
#define THP KPF(22)
#define RESERVED KPF(32)

#define NR_PFNS 96

static char *dir;

static const char zoneinfo[] =
	"Node 0, zone      DMA\n"
	"  per-node stats\n"
	"      nr_slab_reclaimable 30\n"
	"      nr_slab_unreclaimable 10\n"
	"  pages free     3\n"
	"        spanned  31\n"
	"        present  30\n"
	"      nr_zone_active_anon 0\n"
	"  start_pfn:           1\n"
	"Node 0, zone   Normal\n"
	"        spanned  32\n"
	"  start_pfn:           32\n"
	"Node 0, zone  Movable\n"
	"        spanned  0\n"
	"Node 1, zone   Normal\n"
	"  per-node stats\n"
	"      nr_slab_reclaimable 5\n"
	"      nr_slab_unreclaimable 7\n"
	"        spanned  32\n"
	"  start_pfn:           64\n"
	"Node 1, zone   Device\n"
	"        spanned  1099511627776\n"
	"  start_pfn:           17179869184\n";

static const char pagetypeinfo[] =
	"Page block order: 9\nPages per block:  512\n\nFree pages count per migrate type\n";

/* Frames 1-15 (frame 16 only in part), 24-63 in two pieces, 64-95. */
static const char iomem[] =
	"00000000-00000fff : Reserved\n"
	"00001000-000103ff : System RAM\n"
	"00018000-0002ffff : System RAM\n"
	"  00019000-00019fff : Kernel code\n"
	"00030000-0003ffff : System RAM\n"
	"00040000-0005ffff : dax0.0\n"
	"  00040000-0005ffff : System RAM (kmem)\n"
	"100000000-1ffffffff : PCI Bus 0000:00\n";

static void put(const char *name, const void *bytes, size_t len)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(bytes, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static u64 flags[NR_PFNS];

static void make_flags(void)
{
	for (u32 i = 0; i < NR_PFNS; i++)
		flags[i] = BUDDY;
	flags[1] = RESERVED;
	flags[2] = LRU;
	flags[3] = SLAB | ANON;		/* slab pages reuse the field that ANON is read from */
	flags[4] = 0;
	flags[8] = SLAB | HEAD;
	flags[9] = TAIL;		/* older kernels flag only the head */
	flags[10] = SLAB | TAIL;
	flags[11] = TAIL;
	flags[12] = TAIL | LRU;
	flags[13] = LRU | HEAD | THP;	/* the next compound page */
	flags[14] = TAIL;
	flags[18] = 0;			/* a hole whose flags say nothing */
	flags[20] = KPF(20);
	flags[30] = TAIL | LRU;		/* a tail without a head */
	flags[40] = KPF(19) | LRU;	/* hwpoison */
	flags[41] = KPF(26) | ANON;	/* page table */
	flags[42] = KPF(24) | THP;	/* huge zero page */
	flags[43] = KPF(17);		/* hugetlb */
}

static void put_flags_zst(size_t cut)
{
	char out[4096];
	size_t len = ZSTD_compress(out, sizeof(out), flags, sizeof(flags), 3);

	assert_false(ZSTD_isError(len));
	put("kpageflags.zst", out, len - cut);
}

static void put_all(void)
{
	put_text("zoneinfo", zoneinfo);
	put_text("pagetypeinfo", pagetypeinfo);
	put_text("iomem", iomem);
	put_text("kernel", "6.18.0-test\n");
	put("kpageflags", flags, sizeof(flags));
}

static int setup(void **state __unused)
{
	make_flags();
	dir = temp_folder();
	return 0;
}

static int teardown(void **state __unused)
{
	temp_folder_remove(dir);
	return 0;
}

static struct snapshot *load(void)
{
	struct error err = { .code = ERR_NONE };
	struct snapshot *s = snapshot_load(dir, &err);

	assert_string_equal(err.text, "");
	assert_non_null(s);
	return s;
}

static void expect_error(enum err_code code, const char *text)
{
	struct error err = { .code = ERR_NONE };
	struct snapshot *s = snapshot_load(dir, &err);

	assert_null(s);
	assert_int_equal(err.code, code);
	assert_non_null(strstr(err.text, dir));
	assert_null(strchr(err.text, '\n'));
	if (!strstr(err.text, text))
		fail_msg("error is: %s", err.text);
}

static void expect_classes(const struct snapshot *s)
{
	const u8 *c = s->page_class;

	assert_int_equal(s->nr_pfns, NR_PFNS);
	assert_int_equal(c[0], PAGE_CLASS_ABSENT);
	assert_int_equal(c[1], PAGE_CLASS_RESERVED);
	assert_int_equal(c[2], PAGE_CLASS_MOVABLE);
	assert_int_equal(c[3], PAGE_CLASS_SLAB);
	assert_int_equal(c[4], PAGE_CLASS_KERNEL);
	assert_int_equal(c[5], PAGE_CLASS_FREE);
	assert_int_equal(c[8], PAGE_CLASS_SLAB);
	for (u32 i = 9; i <= 12; i++)
		assert_int_equal(c[i], PAGE_CLASS_SLAB | PAGE_CLASS_TAIL);
	assert_int_equal(c[13], PAGE_CLASS_MOVABLE);
	assert_int_equal(c[14], PAGE_CLASS_MOVABLE | PAGE_CLASS_TAIL);
	for (u32 i = 16; i < 24; i++)
		assert_int_equal(c[i], PAGE_CLASS_ABSENT);
	assert_int_equal(c[24], PAGE_CLASS_FREE);
	assert_int_equal(c[30], PAGE_CLASS_MOVABLE);
	assert_int_equal(c[40], PAGE_CLASS_RESERVED);
	assert_int_equal(c[41], PAGE_CLASS_KERNEL);
	assert_int_equal(c[42], PAGE_CLASS_KERNEL);
	assert_int_equal(c[43], PAGE_CLASS_MOVABLE);
	assert_int_equal(c[95], PAGE_CLASS_FREE);
}

static void a_whole_snapshot(void **state __unused)
{
	struct snapshot *s;

	put_all();
	s = load();
	assert_int_equal(s->nr_zones, 3);
	assert_string_equal(s->zones[0].name, "DMA");
	assert_int_equal(s->zones[0].start_pfn, 1);
	assert_int_equal(s->zones[0].spanned, 31);
	assert_int_equal(s->zones[2].node, 1);
	assert_string_equal(s->zones[2].name, "Normal");
	assert_int_equal(s->zones[2].start_pfn, 64);
	assert_int_equal(s->slab_reclaimable, 35);
	assert_int_equal(s->slab_unreclaimable, 17);
	assert_int_equal(s->pageblock_order, 9);
	assert_int_equal(s->nr_ram, 2);
	assert_int_equal(s->ram[0].start, 1);
	assert_int_equal(s->ram[0].end, 16);
	assert_int_equal(s->ram[1].start, 24);
	assert_int_equal(s->ram[1].end, 96);
	assert_string_equal(s->kernel, "6.18.0-test");
	assert_string_equal(s->path, dir);
	expect_classes(s);
	snapshot_free(s);
}

static void zstd_flags(void **state __unused)
{
	struct snapshot *s;
	char path[4096];

	put_all();
	snprintf(path, sizeof(path), "%s/kpageflags", dir);
	assert_int_equal(unlink(path), 0);
	put_flags_zst(0);
	s = load();
	expect_classes(s);
	snapshot_free(s);
}

static void flags_beyond_the_zones_are_not_read(void **state __unused)
{
	static u64 many[65536];
	struct snapshot *s;

	put_all();
	put("kpageflags", many, sizeof(many));
	s = load();
	assert_int_equal(s->nr_pfns, NR_PFNS);
	snapshot_free(s);
}

static void zoneinfo_alone_will_do(void **state __unused)
{
	struct snapshot *s;

	put_text("zoneinfo", zoneinfo);
	s = load();
	assert_int_equal(s->nr_zones, 3);
	assert_int_equal(s->nr_ram, 0);
	assert_int_equal(s->pageblock_order, 0);
	assert_null(s->page_class);
	assert_null(s->kernel);
	snapshot_free(s);
}

/* Copies made without root are there, but say nothing. */
static void files_of_an_ordinary_user(void **state __unused)
{
	struct snapshot *s;

	put_text("zoneinfo", zoneinfo);
	put_text("iomem", "00000000-00000000 : Reserved\n00000000-00000000 : System RAM\n");
	put_text("pagetypeinfo", "");
	put_text("kpageflags", "");
	s = load();
	assert_int_equal(s->nr_ram, 0);
	assert_int_equal(s->nr_pfns, 0);
	snapshot_free(s);
}

static void pages_of_64_kib(void **state __unused)
{
	struct snapshot *s;

	put_text("zoneinfo", zoneinfo);
	put_text("iomem", "00010000-005fffff : System RAM\n");
	s = load();
	assert_int_equal(s->nr_ram, 1);
	assert_int_equal(s->ram[0].start, 1);
	assert_int_equal(s->ram[0].end, 96);
	snapshot_free(s);
}

static void no_zoneinfo(void **state __unused)
{
	expect_error(ERR_IO, "zoneinfo: cannot open");
}

static void damaged_zoneinfo(void **state __unused)
{
	static const struct {
		const char *text, *error;
	} bad[] = {
		{ "", "no zones" },
		{ "hello\n", "no zones" },
		{ "Node x, zone DMA\n", "unreadable zone line (line 1)" },
		{ "Node 0 zone DMA\n", "unreadable zone line" },
		{ "Node 0, zone\n", "unreadable zone line" },
		{ "Node 0, zone      \n", "unreadable zone name" },
		{ "Node 0, zone DMADMADMADMADMADMA\n", "unreadable zone name" },
		{ "Node 0, zone DMA\n        spanned  31\n", "without start_pfn (line 2)" },
		{ "Node 0, zone DMA\n  start_pfn: 1\n", "without its span" },
		{ "Node 0, zone DMA\n spanned 31\n start_pfn: 99999999999999\n", "impossible size" },
		{ "Node 0, zone DMA\n spanned 99999999999999\n start_pfn: 1\n", "impossible size" },
		{ "Node 0, zone DMA\n spanned 99999999999999999999999\n start_pfn: 1\n",
		  "without its span" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		put_text("zoneinfo", bad[i].text);
		expect_error(ERR_DAMAGED, bad[i].error);
	}
	put("zoneinfo", "Node 0\0, zone", 13);
	expect_error(ERR_DAMAGED, "not text");
}

static void counts_of_pagetypeinfo(void **state __unused)
{
	struct snapshot *s;

	put_text("zoneinfo", zoneinfo);
	put_text("pagetypeinfo",
		 "Page block order: 9\nPages per block:  512\n\n"
		 "Free pages count per migrate type at order       0      1      2 \n"
		 "Node    0, zone      DMA, type    Unmovable      4      5      6 \n"
		 "Node    0, zone      DMA, type      Movable >100000      1      0 \n"
		 "Node    7, zone      DMA, type      Movable      9      9      9 \n"
		 "Node    0, zone      DMA, type        Bogus      9      9      9 \n\n"
		 "Number of blocks type     Unmovable      Movable  Reclaimable   HighAtomic      Isolate \n"
		 "Node 0, zone      DMA            1            7            3            0            2 \n");
	s = load();
	assert_string_equal(s->zones[0].name, "DMA");
	assert_int_equal(s->types[0].nr_free[0][1], 5);
	assert_int_equal(s->types[0].nr_free[1][0], 100000);
	assert_int_equal(s->types[0].nr_free[1][1], 1);
	assert_int_equal(s->types[0].blocks[1], 7);
	assert_int_equal(s->types[0].blocks[2], 3);
	assert_int_equal(s->types[0].blocks[4], 0);
	assert_int_equal(s->types[0].blocks[5], 2);
	assert_int_equal(s->types[1].blocks[1], 0);
	snapshot_free(s);
}

static void damaged_pagetypeinfo(void **state __unused)
{
	put_all();
	put_text("pagetypeinfo", "Page block order: 0\n");
	expect_error(ERR_DAMAGED, "impossible page block order (line 1)");
	put_text("pagetypeinfo", "Page block order: 99\n");
	expect_error(ERR_DAMAGED, "impossible page block order");
	put_text("pagetypeinfo", "Page block\n");
	expect_error(ERR_DAMAGED, "no page block order");
}

static void damaged_iomem(void **state __unused)
{
	static const char *const bad[] = {
		"00001000 : System RAM\n", "00002000-00001fff : System RAM\n", "nothing\n",
		"1000-2000: System RAM\n", "11112222333344445-11112222333344446 : System RAM\n",
	};

	put_all();
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		put_text("iomem", bad[i]);
		expect_error(ERR_DAMAGED, "iomem: unreadable range (line 1)");
	}
}

/* Cut anywhere but between two lines; and iomem between lines, where RAM then ends too early. */
static void cut_texts(void **state __unused)
{
	static const char *const names[] = { "zoneinfo", "pagetypeinfo", "iomem" };
	static const char *const texts[] = { zoneinfo, pagetypeinfo, iomem };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		for (size_t len = 1; texts[i][len]; len++) {
			if (texts[i][len - 1] == '\n')
				continue;
			put_all();
			put(names[i], texts[i], len);
			expect_error(ERR_DAMAGED, "cut off in its last line");
		}
	}
	put_all();
	put_text("zoneinfo", "Node 0, zone   Normal\n  spanned  98304\n  start_pfn: 0\n");
	put_text("iomem", "00000000-0ffbffff : System RAM\n");
	expect_error(ERR_DAMAGED, "iomem: RAM ends at pfn 0xffc0 (line 1), zones reach to 0x18000");
}

static void damaged_flags(void **state __unused)
{
	char path[4096];

	put_all();
	put("kpageflags", flags, sizeof(flags) - 3);
	expect_error(ERR_DAMAGED, "ends inside the flags of pfn 0x5f");
	put("kpageflags", flags, sizeof(flags) - 16);
	expect_error(ERR_DAMAGED, "ends at pfn 0x5e, zones reach to 0x60");
	snprintf(path, sizeof(path), "%s/kpageflags", dir);
	assert_int_equal(unlink(path), 0);
	put_flags_zst(5);
	expect_error(ERR_DAMAGED, "kpageflags.zst: cut off");
	put_text("kpageflags.zst", "this is not zstd at all");
	expect_error(ERR_DAMAGED, "kpageflags.zst: Unknown frame descriptor");
}

static void not_a_folder(void **state __unused)
{
	struct error err = { .code = ERR_NONE };

	assert_null(snapshot_load("/nonexistent/snapshot", &err));
	assert_int_equal(err.code, ERR_IO);
	assert_non_null(strstr(err.text, "/nonexistent/snapshot/zoneinfo"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_whole_snapshot),
		T(zstd_flags),
		T(flags_beyond_the_zones_are_not_read),
		T(zoneinfo_alone_will_do),
		T(files_of_an_ordinary_user),
		T(pages_of_64_kib),
		T(no_zoneinfo),
		T(damaged_zoneinfo),
		T(counts_of_pagetypeinfo),
		T(damaged_pagetypeinfo),
		T(damaged_iomem),
		T(cut_texts),
		T(damaged_flags),
		T(not_a_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
