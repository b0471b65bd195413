// SPDX-License-Identifier: GPL-2.0
#include "cmd/report/html.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/common/units.h"
#include "replay/csv/csv.h"

#define REPLACEMENT "\xef\xbf\xbd"

/* Each character of @text, invalid bytes as U+FFFD. */
static void each_character(FILE *out, const char *text,
			   void (*put)(FILE *out, const char *s, size_t len))
{
	size_t left = strlen(text);

	while (left) {
		size_t n = csv_utf8_length((const unsigned char *)text, left);

		if (n)
			put(out, text, n);
		else
			put(out, REPLACEMENT, 3);
		n = n ? n : 1;
		text += n;
		left -= n;
	}
}

static void put_html(FILE *out, const char *s, size_t len)
{
	static const struct {
		char c;
		const char *entity;
	} special[] = {
		{ '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" },
		{ '\'', "&#39;" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(special); i++) {
		if (*s == special[i].c) {
			fputs(special[i].entity, out);
			return;
		}
	}
	/* Control characters have no place in HTML. */
	if (len == 1 && (unsigned char)*s < ' ' && *s != '\n' && *s != '\t')
		fputs(REPLACEMENT, out);
	else
		fwrite(s, 1, len, out);
}

void html_text(FILE *out, const char *text)
{
	each_character(out, text, put_html);
}

static void put_json(FILE *out, const char *s, size_t len)
{
	/* '<' and '&' so that no tag, comment or entity can begin inside <script>. */
	if (len == 1 && ((unsigned char)*s < ' ' || strchr("\"\\<>&'\x7f", *s)))
		fprintf(out, "\\u%04x", (unsigned char)*s);
	else
		fwrite(s, 1, len, out);
}

void json_text(FILE *out, const char *text)
{
	putc('"', out);
	each_character(out, text, put_json);
	putc('"', out);
}

/* "-12345.678" as "-12,345.678" */
static void grouped(FILE *out, const char *raw)
{
	const char *p = raw + (*raw == '-');
	size_t digits = strspn(p, "0123456789");

	if (p > raw)
		putc('-', out);
	for (size_t i = 0; i < digits; i++) {
		if (i && (digits - i) % 3 == 0)
			putc(',', out);
		putc(p[i], out);
	}
	html_text(out, p + digits);
}

void html_number(FILE *out, const char *raw)
{
	fputs("<data value=\"", out);
	html_text(out, raw);
	fputs("\">", out);
	grouped(out, raw);
	fputs("</data>", out);
}

void html_id(FILE *out, const char *raw)
{
	fputs("<data value=\"", out);
	html_text(out, raw);
	fputs("\">", out);
	html_text(out, raw);
	fputs("</data>", out);
}

void html_seconds(FILE *out, const char *raw)
{
	bool negative = *raw == '-';
	u64 ms = strtoull(raw + negative, NULL, 10) / NSEC_PER_MSEC;
	char text[UNIT_TEXT];

	fputs("<data value=\"", out);
	html_text(out, raw);
	fprintf(out, "\">%s%s</data>", negative ? "-" : "", fmt_milli(text, ms));
}

void html_since(FILE *out, const char *raw, u64 from)
{
	u64 ns = strtoull(raw, NULL, 10);
	u64 ms = (ns > from ? ns - from : from - ns) / NSEC_PER_MSEC;
	char text[UNIT_TEXT];

	fputs("<data value=\"", out);
	html_text(out, raw);
	fprintf(out, "\">%s%s</data>", ns < from ? "-" : "+", fmt_milli(text, ms));
}

void base64(FILE *out, const u8 *bytes, size_t len)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < len; i += 3) {
		u32 n = (u32)bytes[i] << 16;

		n |= i + 1 < len ? (u32)bytes[i + 1] << 8 : 0;
		n |= i + 2 < len ? bytes[i + 2] : 0;
		putc(digits[n >> 18], out);
		putc(digits[n >> 12 & 63], out);
		putc(i + 1 < len ? digits[n >> 6 & 63] : '=', out);
		putc(i + 2 < len ? digits[n & 63] : '=', out);
	}
}
