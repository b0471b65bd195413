// SPDX-License-Identifier: GPL-2.0
#include "cmd/help/metrics_doc.h"

#include "replay/check/check_facts.h"
#include "replay/demand/demand.h"
#include "replay/outcome/outcome.h"

static const char *type_name(enum csv_type type)
{
	static const char *const names[] = {
		[CSV_UINT] = "integer", [CSV_SINT] = "signed integer", [CSV_HEX] = "hex",
		[CSV_MILLI] = "decimal", [CSV_SMILLI] = "signed decimal", [CSV_TEXT] = "text",
		[CSV_EMPTY] = "", [CSV_NUMBER] = "number",
	};

	return names[type];
}

static const char *merge_name(enum csv_merge merge)
{
	static const char *const names[] = {
		[MERGE_NONE] = "", [MERGE_SUM] = "sum", [MERGE_MAX] = "largest",
		[MERGE_POOL] = "pooled",
	};

	return names[merge];
}

static void print_table(const struct csv_table *t, FILE *out)
{
	fprintf(out, "\n## %s\n\n%s\n\n| column | holds | unit | zones together | meaning |\n"
		"|---|---|---|---|---|\n", t->file, t->doc);
	for (size_t i = 0; i < t->nr_columns; i++) {
		const struct csv_column *c = &t->columns[i];

		fprintf(out, "| `%s` | %s | %s | %s | %s |\n", c->name, type_name(c->type), c->unit,
			merge_name(c->merge), c->doc);
	}
}

static void print_oddities(FILE *out)
{
	fprintf(out, "\n## Odd events\n\nCounted by `info` and in `run.json`; none stops a run.\n\n"
		"| count | meaning |\n|---|---|\n");
	for (size_t i = 0; i < demand_nr_oddities; i++)
		fprintf(out, "| `%s` | %s |\n", demand_oddity_table[i].name,
			demand_oddity_table[i].doc);
}

static void print_losses(FILE *out)
{
	fprintf(out, "\n## Lost events\n\nHow far they reach, in `run.json` under `demand.losses`; `info` "
		"has them for the whole\ncapture. The three counts of operations may overlap. "
		"`superpageblocks` lists, by zone, all\nthat those operations touched.\n\n"
		"| count | meaning |\n|---|---|\n");
	for (size_t i = 0; i < nr_loss_figures; i++)
		fprintf(out, "| `%s` | %s |\n", loss_figure_table[i].name,
			loss_figure_table[i].doc);
}

void print_metrics_doc(FILE *out)
{
	size_t nr;
	const struct csv_table *const *tables = outcome_tables(&nr);

	fprintf(out, "# Outcome files\n\n"
		"Written by `spbreplay help metrics > docs/metrics.md`; a test holds the two equal.\n\n"
		"All files are RFC 4180 CSV in UTF-8 with `\\n`, a header row, one fact a row. Times\n"
		"are ns of the capture's clock. `zone` reads `NODE/NAME`, for example `0/Normal`.\n"
		"`spb` is the index inside its zone, `(pfn - base) >> spb_order`. Decimals have three\n"
		"places. `zones together` is the rule for one figure of all zones, as the table on the\n"
		"terminal shows it: pooled figures are computed again over all allocations.\n"
		"`run.json` beside them names the inputs, the variants in full and every count\n"
		"of odd events; it alone holds wall and CPU time, so the CSV files of two equal runs\n"
		"are equal byte by byte.\n");
	for (size_t i = 0; i < nr; i++)
		print_table(tables[i], out);
	print_table(&check_csv, out);
	print_oddities(out);
	print_losses(out);
}
