/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One data frame of the event log: a block of events to bytes and back (docs/log-format.md,
 * section 4). Frames are independent of each other.
 */
#ifndef SPB_REPLAY_LOG_FRAME_H
#define SPB_REPLAY_LOG_FRAME_H

#include <pthread.h>

#include "replay/base/error.h"
#include "replay/log/log_intern.h"
#include "replay/log/log_wire.h"

/* Sections of a data frame, in order. */
enum frame_section {
	SEC_CPUS,
	SEC_TASKS,
	SEC_STRINGS,
	SEC_KIND,
	SEC_CPU,
	SEC_TIME_TABLES,
	SEC_TIME,
	SEC_TIME_LOW,
	SEC_TIME_HIGH,
	SEC_TIME_FAR,
	SEC_TASK,
	SEC_ORDER_MT,
	SEC_PFN,
	SEC_EXTRA,
	NR_SECTIONS
};

#define FRAME_HEAD (4 * NR_SECTIONS)	/* the table of section sizes */
#define TIME_ESCAPE 255
#define TIME_FAR 255		/* high byte of an escape whose rest is a varint */
#define TIME_TABLE_MAX 255
#define TIME_DELTA_MAX 0xfffffffeu	/* largest delta in a time table */

/*
 * Prediction of page frame numbers, the same for encoder and decoder (section 4.2). @next: what
 * came after a page last time; @last: previous page of the same CPU, kind and type; @base:
 * previous page of the same CPU, kind, type and order.
 */
#define PFN_SLOT_BITS 13

struct pfn_state {
	u32 next[1u << 16];
	u64 last[1u << PFN_SLOT_BITS];
	u64 base[1u << PFN_SLOT_BITS];
};

#define PFN_CODE_NEXT 0
#define PFN_CODE_LITERAL 1
#define PFN_CODE_DELTA 2

static inline u32 pfn_slot(u32 cpu, u8 kind, u8 mt, u8 order)
{
	const u32 x = cpu << 16 | (u32)kind << 8 | (mt & 7u) << 5 | (order & 31u);

	return x * 0x9E3779B1u >> (32 - PFN_SLOT_BITS);
}

static inline u32 pfn_hash(u64 pfn)
{
	return (u32)(pfn * 0x9E3779B97F4A7C15ULL >> 48);
}

struct frame_encoder;

/**
 * struct frame_names - what the ids of tasks and strings mean
 * @lock: held while the tables are looked at, since another thread may add to them; or NULL
 */
struct frame_names {
	const struct intern *tasks;
	const struct intern *strings;
	pthread_mutex_t *lock;
};

/** frame_encoder_new - NULL without memory */
struct frame_encoder *frame_encoder_new(void);
void frame_encoder_free(struct frame_encoder *enc);

/**
 * frame_encode - encode the events of @b
 * @names: meaning of the ids in @b
 * @info: result; @info->seq and @info->first_event are the caller's
 * @data: result, @info->csize bytes, valid until the next call
 *
 * Return: 0 or negative enum err_code.
 */
int frame_encode(struct frame_encoder *enc, const struct event_block *b,
		 const struct frame_names *names, struct frame_info *info, const u8 **data,
		 struct error *err) __must_check;

struct frame_decoder;

/** frame_nomem - what frame_decode() returns when memory ran out (compare the pointer) */
extern const char frame_nomem[];

/** frame_decoder_new - NULL without memory */
struct frame_decoder *frame_decoder_new(void);
void frame_decoder_free(struct frame_decoder *dec);

/**
 * frame_decode - decode a data frame
 * @info: its checked frame info; @data: @info->csize bytes
 * @tasks, @strings: tables that give the ids in @b; grown as needed
 * @b: result. Events of unknown kinds are left out
 *
 * Return: NULL, or what is wrong (a constant string); @b is then undefined.
 */
const char *frame_decode(struct frame_decoder *dec, const struct frame_info *info, const u8 *data,
			 struct intern *tasks, struct intern *strings,
			 struct event_block *b) __must_check;

#endif /* SPB_REPLAY_LOG_FRAME_H */
