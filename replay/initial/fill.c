// SPDX-License-Identifier: GPL-2.0
#include "replay/initial/fill.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "replay/demand/demand_core.h"

#define FILL_STEP_NS 100	/* units are allocated this far apart */
#define FILL_IDENT (3ULL << 62)	/* keeps their identities apart from those of residents */

static const char letters[MIGRATE_PCPTYPES] = {
	[MIGRATE_UNMOVABLE] = 'U', [MIGRATE_MOVABLE] = 'M', [MIGRATE_RECLAIMABLE] = 'R',
};

static int wrong(const char *text, const char *what, struct error *err)
{
	return err_set(err, ERR_USAGE, "--fill: '%.40s': %s - write PERCENT:MIX, for example "
		       "60:70M20U10R", text, what);
}

/* "70": at most three digits. Return: false when there is none */
static bool take_number(const char **p, u32 *value)
{
	u32 digits = 0;

	for (*value = 0; isdigit((unsigned char)**p) && digits < 4; (*p)++, digits++)
		*value = *value * 10 + (u32)(**p - '0');
	return digits && digits < 4;
}

int fill_parse(const char *text, struct initial_fill *fill, struct error *err)
{
	const char *p = text;
	u32 sum = 0;

	*fill = (struct initial_fill){ 0 };
	if (!take_number(&p, &fill->percent) || *p++ != ':')
		return wrong(text, "no percentage", err);
	if (!fill->percent || fill->percent > 95)
		return wrong(text, "the percentage is not between 1 and 95", err);
	while (*p) {
		u32 share, mt = 0;

		if (!take_number(&p, &share))
			return wrong(text, "a share is no number", err);
		while (mt < MIGRATE_PCPTYPES && letters[mt] != *p)
			mt++;
		if (mt == MIGRATE_PCPTYPES || fill->weight[mt])
			return wrong(text, "a share is not of M, U or R, or one is there twice", err);
		fill->weight[mt] = share;
		sum += share;
		p++;
	}
	return sum == 100 ? 0 : wrong(text, "the shares are not 100 together", err);
}

const char *fill_text(const struct initial_fill *fill, char out[FILL_TEXT])
{
	static const u8 order[] = { MIGRATE_MOVABLE, MIGRATE_UNMOVABLE, MIGRATE_RECLAIMABLE };
	size_t at;

	out[0] = '\0';
	if (!fill->percent)
		return out;
	at = (size_t)snprintf(out, FILL_TEXT, "%u:", fill->percent);
	for (size_t i = 0; i < ARRAY_SIZE(order) && at < FILL_TEXT; i++) {
		if (fill->weight[order[i]])
			at += (size_t)snprintf(out + at, FILL_TEXT - at, "%u%c",
					       fill->weight[order[i]], letters[order[i]]);
	}
	return out;
}

static u8 draw_type(const struct initial_fill *fill, u64 hash)
{
	u32 left = (u32)(hash % 100);
	u8 mt = 0;

	while (mt < MIGRATE_RECLAIMABLE && left >= fill->weight[mt])
		left -= fill->weight[mt++];
	return mt;
}

/* 70 % single pages, then 15, 10 and 5 % of orders 1 to 3: the orders of vanilla's PCP (S7.3). */
static u8 draw_order(u64 hash)
{
	static const u8 below[] = { 70, 85, 95 };
	const u32 at = (u32)(hash >> 32) % 100;
	u8 order = 0;

	while (order < ARRAY_SIZE(below) && at >= below[order])
		order++;
	return order;
}

int fill_zone(struct model *m, const struct initial_fill *fill, u32 zone, u64 usable, u64 seed,
	      u64 *now)
{
	struct model_zone_state st;
	u64 want, used;

	model_zone_state(m, zone, *now, &st);
	used = usable - min_u64(st.free_pages, usable);
	want = usable / 100 * fill->percent;
	for (u64 i = 0; used < want; i++) {
		const u64 hash = demand_mix(seed ^ demand_mix(i << 16 | zone));
		const struct model_req req = {
			.owner = FILL_OWNER, .ident = FILL_IDENT | (i << 16 | zone),
			.zone = (u16)zone, .order = draw_order(hash),
			.migratetype = draw_type(fill, hash),
		};
		struct model_result res;
		const int ret = model_alloc(m, *now, &req, &res);

		*now += FILL_STEP_NS;
		if (ret == -ENOMEM)
			return ret;
		if (ret)
			return 0;
		/* The zone has nothing left of this kind: what another one gave goes back. */
		if (res.zone != zone)
			return model_free_pages(m, *now, 0, res.pfn, req.order) ? -ENOMEM : 0;
		used += 1ULL << req.order;
	}
	return 0;
}
