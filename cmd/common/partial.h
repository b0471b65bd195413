/* SPDX-License-Identifier: GPL-2.0 */
/* Results of a damaged or interrupted run stay marked in all that is made of them later. */
#ifndef SPB_CMD_PARTIAL_H
#define SPB_CMD_PARTIAL_H

struct json_object;

/** partial_warn - when @run, the run.json of folder @dir, says so: which results, and why */
void partial_warn(const char *dir, struct json_object *run);
/** partial_tell - "partial", and "partial_why" where it is true, as members of @to */
void partial_tell(struct json_object *to, struct json_object *run);

#endif /* SPB_CMD_PARTIAL_H */
