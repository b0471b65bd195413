/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A recorded state instead of the allocator's own choices: units at given frames, labels of given
 * pageblocks. model/model.h has the calls.
 */
#ifndef SPB_MODEL_PLACE_H
#define SPB_MODEL_PLACE_H

#include "model/internal.h"

/**
 * free_head_over - the free head that covers @frame
 * @order: gets its order
 *
 * Return: FRAME_NIL when the frame is not free.
 */
u32 free_head_over(const struct superpageblock *sb, u32 frame, u32 *order);

#endif /* SPB_MODEL_PLACE_H */
