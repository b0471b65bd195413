// SPDX-License-Identifier: GPL-2.0
#include "cmd/report/assets.h"

/* The bytes of one file and a NUL. */
#define ASSET_BEGIN(name) \
	".section .rodata,\"a\"\n.globl asset_" name "\nasset_" name ":\n"
#define ASSET_FILE(path) ".incbin \"" path "\"\n"
#define ASSET_END ".byte 0\n.previous\n"

__asm__(ASSET_BEGIN("report_html") ASSET_FILE("cmd/report/report.html") ASSET_END);
__asm__(ASSET_BEGIN("report_css") ASSET_FILE("cmd/report/report.css") ASSET_END);
__asm__(ASSET_BEGIN("report_js") ASSET_FILE("cmd/report/report_data.js") ASSET_FILE("cmd/report/report_lines.js")
	ASSET_FILE("cmd/report/report_map.js") ASSET_FILE("cmd/report/report.js") ASSET_END);
