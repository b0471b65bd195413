/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Text in HTML and JSON. Whatever stands in a name that came from a capture, it stays text: these
 * are the only ways by which names get into a page.
 */
#ifndef SPB_CMD_HTML_H
#define SPB_CMD_HTML_H

#include <stdio.h>

#include "model/types.h"

/** html_text - @text for content and quoted attributes; what is not UTF-8 becomes U+FFFD */
void html_text(FILE *out, const char *text);
/** json_text - @text as a JSON string with its quotes, harmless inside <script> too */
void json_text(FILE *out, const char *text);
/** html_number - @raw as people read it; the exact text stays as the value of <data> */
void html_number(FILE *out, const char *raw);
/** html_id - @raw as it is: a pid, an index */
void html_id(FILE *out, const char *raw);
/** html_seconds - @raw ns as seconds, rounded down to ms; exact value as above */
void html_seconds(FILE *out, const char *raw);
/** html_since - @raw ns as seconds after @from ns; exact value as above */
void html_since(FILE *out, const char *raw, u64 from);

/** base64 - @len bytes */
void base64(FILE *out, const u8 *bytes, size_t len);

#endif /* SPB_CMD_HTML_H */
