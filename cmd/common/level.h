/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a capture can tell, by the events it holds: demand levels and the questions it can
 * and cannot answer (S7.6).
 */
#ifndef SPB_CMD_LEVEL_H
#define SPB_CMD_LEVEL_H

#include "replay/demand/demand.h"
#include "replay/base/error.h"
#include "replay/log/log.h"

/**
 * struct level - one demand level
 * @needs: bits of the event kinds without which it makes no sense
 * @wants: bits of kinds whose lack makes it less true
 * @level: its number; the table is in the order in which auto chooses
 * @why: one line: what it means
 */
struct level {
	const char *name;
	u32 needs;
	u32 wants;
	enum demand_level level;
	const char *why;
};

extern const struct level level_table[];
extern const size_t nr_levels;

/** struct answer - a question; @has: every one of these kinds, @lacks: none of these */
struct answer {
	u32 has;
	u32 lacks;
	bool can;
	const char *text;
};

extern const struct answer answer_table[];
extern const size_t nr_answers;


/** kinds_of - bits of the event kinds that @meta counts */
u32 kinds_of(const struct log_meta *meta);
/** kinds_missing - names of the kinds in @want that are not in @have, "a, b" */
void kinds_missing(u32 want, u32 have, char *text, size_t room);

/**
 * level_advised - the first level that @have supports; NULL: none
 *
 * On a kernel of the series page level comes before zone level: not every removal has an event
 * (S2.8).
 */
const struct level *level_advised(u32 have);

/** level_check - is @name (from --level) known? NULL means auto. Return: 0 or -ERR_USAGE */
int level_check(const char *name, struct error *err) __must_check;

/**
 * level_choose - the level to replay at
 * @name: from --level, checked; NULL or "auto": the advised one, or zone when none is supported
 */
const struct level *level_choose(const char *name, u32 have);
/**
 * level_expected - as level_choose(), when @have is known of the first events only
 *
 * Any event that only a capture for zone level needs speaks for it: others of its kinds come later.
 */
const struct level *level_expected(const char *name, u32 have);
/** level_row - the row of @level */
const struct level *level_row(enum demand_level level);

#endif /* SPB_CMD_LEVEL_H */
