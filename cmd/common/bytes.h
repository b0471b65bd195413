/* SPDX-License-Identifier: GPL-2.0 */
/* A buffer that grows: binary parts of reports and exports. */
#ifndef SPB_CMD_BYTES_H
#define SPB_CMD_BYTES_H

#include "model/types.h"

/** struct bytes - @at: @nr bytes, owned; @failed: memory ran out, what is there is not whole */
struct bytes {
	u8 *at;
	size_t nr;
	size_t max;
	bool failed;
};

/** bytes_put - append; without memory @b has failed, and more is ignored */
void bytes_put(struct bytes *b, const void *from, size_t len);
/** bytes_varint - LEB128; bytes_delta - zigzag of @value - @before */
void bytes_varint(struct bytes *b, u64 value);
void bytes_delta(struct bytes *b, u64 before, u64 value);
void bytes_fini(struct bytes *b);

#endif /* SPB_CMD_BYTES_H */
