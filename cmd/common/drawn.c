// SPDX-License-Identifier: GPL-2.0
#include "cmd/common/drawn.h"

#include <fcntl.h>
#include <unistd.h>

#include "cmd/common/say.h"
#include "model/types.h"

static const struct {
	const char *name;
	const char *command;
} drawn[] = {
	{ REPORT_NAME, "report" },
	{ PERFETTO_NAME, "export --perfetto" },
	{ GNUPLOT_NAME, "export --gnuplot" },
};

void drawn_warn(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (size_t i = 0; fd >= 0 && i < ARRAY_SIZE(drawn); i++) {
		if (!faccessat(fd, drawn[i].name, F_OK, 0))
			say_warn("%s/%s: shows the results that were here before - run "
				 "'spbreplay %s %s' again", dir, drawn[i].name, drawn[i].command,
				 dir);
	}
	if (fd >= 0)
		close(fd);
}
