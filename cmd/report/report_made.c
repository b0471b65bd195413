// SPDX-License-Identifier: GPL-2.0
#include "cmd/report/report_made.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "cmd/report/html.h"
#include "cmd/report/report_fidelity.h"
#include "cmd/report/report_tables.h"

#define MAX_DEPTH 6

/* Text of a value; NULL for what has members of its own. */
static const char *plain(struct json_object *value)
{
	enum json_type type = json_object_get_type(value);

	if (type == json_type_object || type == json_type_array)
		return NULL;
	return type == json_type_null ? "" : json_object_get_string(value);
}

static void put_plain(struct page *p, struct json_object *value)
{
	const char *text = plain(value);

	if (json_object_is_type(value, json_type_int))
		html_number(p->out, text);
	else
		html_text(p->out, text);
}

/* Values of an object or array, one line each, those inside others as a list. */
static void put_value(struct page *p, struct json_object *value, u32 depth);

static void put_member(struct page *p, const char *key, struct json_object *value, u32 depth)
{
	fputs("<li>", p->out);
	if (key) {
		fputs("<b>", p->out);
		html_text(p->out, key);
		fputs("</b> ", p->out);
	}
	put_value(p, value, depth + 1);
	fputs("</li>\n", p->out);
}

static void put_value(struct page *p, struct json_object *value, u32 depth)
{
	if (plain(value)) {
		put_plain(p, value);
		return;
	}
	if (depth > MAX_DEPTH)
		return;
	fputs("<ul>\n", p->out);
	if (json_object_is_type(value, json_type_object)) {
		json_object_object_foreach(value, key, member)
			put_member(p, key, member, depth);
	} else {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			put_member(p, NULL, json_object_array_get_idx(value, i), depth);
	}
	fputs("</ul>\n", p->out);
}

static void put_section(struct page *p, const char *key, const char *head)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(p->v->run, key, &value))
		return;
	fprintf(p->out, "<div><h3>%s</h3>\n", head);
	put_value(p, value, 0);
	fputs("</div>\n", p->out);
}

/* ---- variants: only the knobs in which they differ ---- */

static struct json_object *knob(struct json_object *variants, size_t i, const char *name)
{
	struct json_object *knobs = NULL, *value = NULL;
	struct json_object *variant = json_object_array_get_idx(variants, i);

	if (!json_object_is_type(variant, json_type_object) ||
	    !json_object_object_get_ex(variant, "knobs", &knobs) ||
	    !json_object_is_type(knobs, json_type_object) ||
	    !json_object_object_get_ex(knobs, name, &value))
		return NULL;
	return value;
}

static bool knob_differs(struct json_object *variants, const char *name)
{
	struct json_object *first = knob(variants, 0, name);

	for (size_t i = 1; i < json_object_array_length(variants); i++)
		if (!json_object_equal(first, knob(variants, i, name)))
			return true;
	return json_object_array_length(variants) == 1;
}

static void put_knob(struct page *p, struct json_object *variants, const char *name)
{
	fputs("<tr><th scope=\"row\">", p->out);
	html_text(p->out, name);
	fputs("</th>", p->out);
	for (size_t i = 0; i < json_object_array_length(variants); i++) {
		struct json_object *value = knob(variants, i, name);

		fputs("<td class=\"text\">", p->out);
		if (value && plain(value))
			html_text(p->out, plain(value));
		fputs("</td>", p->out);
	}
	fputs("</tr>\n", p->out);
}

static void put_knobs(struct page *p, struct json_object *variants, struct json_object *knobs)
{
	table_begin(p, json_object_array_length(variants) > 1 ?
		    "Knobs in which the variants differ (all are in run.json)" : "Knobs");
	fputs("<thead><tr><th>knob</th>", p->out);
	for (u32 i = 0; i < p->v->nr_variants; i++) {
		fputs("<th>", p->out);
		html_text(p->out, p->v->variants[i]);
		fputs("</th>", p->out);
	}
	fputs("</tr></thead>\n<tbody>\n", p->out);
	json_object_object_foreach(knobs, name, value) {
		(void)value;
		if (knob_differs(variants, name))
			put_knob(p, variants, name);
	}
	fputs("</tbody>", p->out);
	table_end(p);
}

static void put_variants(struct page *p)
{
	struct json_object *variants = view_json(p->v, (const char *const[]){ "variants", NULL });
	struct json_object *first, *knobs = NULL, *doc = NULL;

	if (!json_object_is_type(variants, json_type_array) ||
	    !json_object_array_length(variants))
		return;
	fputs("<ul>\n", p->out);
	for (size_t i = 0; i < json_object_array_length(variants); i++) {
		struct json_object *one = json_object_array_get_idx(variants, i), *name = NULL;

		if (!json_object_is_type(one, json_type_object) ||
		    !json_object_object_get_ex(one, "name", &name) || !plain(name))
			continue;
		doc = NULL;
		json_object_object_get_ex(one, "doc", &doc);
		put_member(p, plain(name), doc, 0);
	}
	fputs("</ul>\n", p->out);
	first = json_object_array_get_idx(variants, 0);
	if (json_object_is_type(first, json_type_object) &&
	    json_object_object_get_ex(first, "knobs", &knobs) &&
	    json_object_is_type(knobs, json_type_object))
		put_knobs(p, variants, knobs);
}

/* ---- files: report has checked the hash of each ---- */

static void put_file(struct page *p, struct json_object *file)
{
	struct json_object *name = NULL, *hash = NULL;

	if (!json_object_is_type(file, json_type_object) ||
	    !json_object_object_get_ex(file, "name", &name) ||
	    !json_object_object_get_ex(file, "xxh64", &hash) || !plain(name) || !plain(hash))
		return;
	fputs("<li>", p->out);
	html_text(p->out, plain(name));
	fputs(": xxh64 ", p->out);
	html_text(p->out, plain(hash));
	fputs(", as the run wrote it</li>\n", p->out);
}

static void put_files(struct page *p)
{
	struct json_object *files = view_json(p->v, (const char *const[]){ "files", NULL });

	if (!json_object_is_type(files, json_type_array))
		return;
	fputs("<div><h3>Files</h3><ul>\n", p->out);
	for (size_t i = 0; i < json_object_array_length(files); i++)
		put_file(p, json_object_array_get_idx(files, i));
	fputs("</ul></div>\n", p->out);
}

void part_made(struct page *p)
{
	static const struct {
		const char *key;
		const char *head;
	} sections[] = {
		{ "inputs", "Inputs" }, { "capture", "Capture" },
		{ "quality", "Quality of the capture" }, { "demand", "Demand, and odd events" },
		{ "initial", "Memory at the start" }, { "zones", "Zones" }, { "seed", "Seed" },
		{ "spb_order", "Order of a superpageblock" },
		{ "version", "spbreplay" }, { "not_modelled", "Not modelled" },
	};

	put_variants(p);
	part_fidelity(p);
	fputs("<div class=\"made\">\n", p->out);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		put_section(p, sections[i].key, sections[i].head);
	put_files(p);
	fputs("</div>\n", p->out);
}
