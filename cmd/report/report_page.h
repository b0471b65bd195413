/* SPDX-License-Identifier: GPL-2.0 */
/* The HTML report: one file, no network, everything in it. */
#ifndef SPB_CMD_REPORT_PAGE_H
#define SPB_CMD_REPORT_PAGE_H

#include <stdio.h>

#include "replay/outcome/outcome_view.h"

/**
 * struct page - a report on its way
 * @json: what the script draws; @step: it holds every @step-th sample
 * @nomem: something is missing for want of memory; @err: or because it could not be read
 */
struct page {
	const struct outcome_view *v;
	FILE *out;
	const char *json;
	u32 step;
	bool nomem;
	struct error *err;
};

/** report_page - write the page of @v. Return: 0 or -ERR_IO */
int report_page(const struct outcome_view *v, FILE *out, struct error *err) __must_check;

#endif /* SPB_CMD_REPORT_PAGE_H */
