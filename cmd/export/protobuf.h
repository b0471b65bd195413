/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Protocol buffers, as far as writing a trace needs them: fields of numbers, text and messages
 * (protobuf.dev/programming-guides/encoding).
 */
#ifndef SPB_CMD_PROTOBUF_H
#define SPB_CMD_PROTOBUF_H

#include "cmd/common/bytes.h"

/** pb_u64 - a varint; negative int64 are their two's complement */
void pb_u64(struct bytes *b, u32 field, u64 value);
/** pb_text - a string; what is not UTF-8 becomes '?' */
void pb_text(struct bytes *b, u32 field, const char *text);
/** pb_message - the message @inner, which is emptied for the next one */
void pb_message(struct bytes *b, u32 field, struct bytes *inner);

#endif /* SPB_CMD_PROTOBUF_H */
