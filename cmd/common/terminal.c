// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include "replay/base/error.h"

u32 terminal_width(void)
{
	struct winsize ws = { 0 };

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws))
		return 0;
	return ws.ws_col;
}

void terminal_text(FILE *out, const char *text)
{
	for (; *text; text++)
		putc(plain_char(*text), out);
}
