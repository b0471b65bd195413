// SPDX-License-Identifier: GPL-2.0
#include "replay/initial/superpageblocks.h"

#include <stdlib.h>
#include <string.h>

#include "replay/demand/framemap.h"

#define SPB_DEFAULT_ORDER 18
#define SPB_MIN_ORDER 10
#define SPB_MAX_ORDER 24

/* What lines say of a superpageblock, in their order. */
static const struct {
	const char *key;
	size_t offset;
} counts[] = {
	{ "unmov=", offsetof(struct snapshot_spb, blocks[MIGRATE_UNMOVABLE]) },
	{ "recl=", offsetof(struct snapshot_spb, blocks[MIGRATE_RECLAIMABLE]) },
	{ "mov=", offsetof(struct snapshot_spb, blocks[MIGRATE_MOVABLE]) },
	{ "rsv=", offsetof(struct snapshot_spb, nr_reserved) },
	{ "free=", offsetof(struct snapshot_spb, nr_free) },
	{ "total=", offsetof(struct snapshot_spb, total) },
};

/** struct spb_reader - the zone whose lines are being read; NULL: none that we know */
struct spb_reader {
	struct snapshot_spbs *zone;
	u64 base;
	u64 next;
	u64 nr;
};

/* @text at *@p? Then *@p moves behind it. */
static bool skip(const char **p, const char *text)
{
	const size_t len = strlen(text);

	if (strncmp(*p, text, len) != 0)
		return false;
	*p += len;
	return true;
}

static bool hex(const char **p, const char *key, u64 *value)
{
	return skip(p, key) && skip(p, "0x") && text_u64(p, 16, value);
}

/* "Node 0, zone   Normal: 20 superpageblocks, base_pfn=0x100000" */
static int zone_line(struct snapshot *s, struct spb_reader *r, const char *line,
		     const struct text *t, struct error *err)
{
	const char *p = line + strlen("Node");
	u64 node, nr, base;
	size_t len;

	r->zone = NULL;
	if (!text_u64(&p, 10, &node) || !skip(&p, ", zone"))
		return text_damaged(t, "unreadable zone line", err);
	p += strspn(p, " ");
	line = p;
	len = strcspn(p, ":");
	p += len;
	if (!skip(&p, ":") || !text_u64(&p, 10, &nr) || !skip(&p, " superpageblocks, ") ||
	    !hex(&p, "base_pfn=", &base) || base >= FRAME_MAX_PFN || nr > FRAME_MAX_PFN >> SPB_MIN_ORDER)
		return text_damaged(t, "unreadable zone line", err);
	r->base = base;
	r->nr = nr;
	r->next = 0;
	for (u32 z = 0; z < s->nr_zones; z++)
		if (s->zones[z].node == node && strlen(s->zones[z].name) == len &&
		    !strncmp(s->zones[z].name, line, len))
			r->zone = &s->spbs[z];
	return r->zone && r->zone->nr ? text_damaged(t, "a zone twice", err) : 0;
}

/* The second superpageblock says how far they are apart. */
static int learn_order(struct snapshot *s, const struct spb_reader *r, u64 index, u64 pfn,
		       const struct text *t, struct error *err)
{
	u32 order = SPB_MIN_ORDER;

	if (index && !s->spb_order) {
		while (order < SPB_MAX_ORDER && r->base + (index << order) < pfn)
			order++;
		s->spb_order = order;
	}
	if (pfn != r->base + (index << s->spb_order))
		return text_damaged(t, "a superpageblock that is not where its number says", err);
	return 0;
}

static struct snapshot_spb *add_spb(struct snapshot_spbs *zone)
{
	struct snapshot_spb *spb = zone->spb;

	if (!(zone->nr & (zone->nr - 1))) {
		spb = realloc(spb, (zone->nr ? 2 * (u64)zone->nr : 1) * sizeof(*spb));
		if (!spb)
			return NULL;
		zone->spb = spb;
	}
	spb = &zone->spb[zone->nr++];
	*spb = (struct snapshot_spb){ .known = false };
	return spb;
}

static bool read_counts(struct snapshot_spb *spb, const char *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		u64 n;

		if (!skip(&p, " ") || !skip(&p, counts[i].key) || !text_u64(&p, 10, &n) || n > UINT16_MAX)
			return false;
		*(u16 *)(void *)((char *)spb + counts[i].offset) = (u16)n;
	}
	for (u32 mt = 0; mt < ARRAY_SIZE(spb->blocks); mt++)
		if (spb->blocks[mt] > spb->total)
			return false;
	return true;
}

/* "  sb[3] pfn=0x1c0000: unmov=1 recl=0 mov=40 rsv=0 free=471 total=512 free_pages=246060" */
static int spb_line(struct snapshot *s, struct spb_reader *r, const char *line,
		    const struct text *t, struct error *err)
{
	const char *p = line + strlen("  sb[");
	struct snapshot_spb *spb;
	u64 index, pfn;

	if (!text_u64(&p, 10, &index) || !skip(&p, "] ") || !hex(&p, "pfn=", &pfn) || !skip(&p, ":") ||
	    index != r->next || index >= r->nr || pfn >= FRAME_MAX_PFN)
		return text_damaged(t, "unreadable superpageblock", err);
	r->next++;
	if (!r->zone)
		return 0;
	if (learn_order(s, r, index, pfn, t, err))
		return -ERR_DAMAGED;
	r->zone->base_pfn = r->base;
	spb = add_spb(r->zone);
	if (!spb)
		return err_nomem(err, "superpageblocks");
	if (!strncmp(p, " contig_allocated", 17))
		return 0;
	spb->known = true;
	return read_counts(spb, p) ? 0 : text_damaged(t, "unreadable superpageblock", err);
}

int superpageblocks_load(struct snapshot *s, struct text *t, struct error *err)
{
	struct spb_reader r = { NULL, 0, 0, 0 };
	char *line;
	int rc = 0;

	s->spbs = calloc(s->nr_zones, sizeof(*s->spbs));
	if (!s->spbs)
		return err_nomem(err, "superpageblocks");
	while (!rc && (line = text_line(t))) {
		if (!strncmp(line, "  sb[", 5)) {
			rc = spb_line(s, &r, line, t, err);
		} else if (!strncmp(line, "Node", 4)) {
			rc = r.next == r.nr ? zone_line(s, &r, line, t, err) :
					      text_damaged(t, "superpageblocks are missing before", err);
		}
		/* All others: lengths of lists. */
	}
	if (!rc && r.next != r.nr)
		rc = text_damaged(t, "superpageblocks are missing behind", err);
	if (!s->spb_order)
		s->spb_order = SPB_DEFAULT_ORDER;
	return rc;
}

const struct snapshot_spb *superpageblock_at(const struct snapshot *s, u32 zone, u64 pfn)
{
	const struct snapshot_spbs *spbs =
		s && s->spbs && zone < s->nr_zones ? &s->spbs[zone] : NULL;
	u64 index;

	if (!spbs || pfn < spbs->base_pfn)
		return NULL;
	index = (pfn - spbs->base_pfn) >> s->spb_order;
	return index < spbs->nr && spbs->spb[index].known ? &spbs->spb[index] : NULL;
}

u8 superpageblock_type(const struct snapshot *s, u32 zone, u64 pfn, u8 mt)
{
	/* In the order in which another type is likely. */
	static const u8 others[] = { MIGRATE_UNMOVABLE, MIGRATE_RECLAIMABLE, MIGRATE_MOVABLE };
	const struct snapshot_spb *spb = superpageblock_at(s, zone, pfn);

	if (!spb || spb->blocks[mt])
		return mt;
	for (size_t i = mt == MIGRATE_MOVABLE ? ARRAY_SIZE(others) : 0; i < ARRAY_SIZE(others); i++)
		if (spb->blocks[others[i]])
			return others[i];
	return mt;
}
