/* SPDX-License-Identifier: ISC */
/* uplinkctl: asks a running uplinkd over its control socket. Its own work is to
 * read the command line and to write for people. */
#include "config.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ctl/ctl.h"

static bool
wants_colour(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return (no == NULL || no[0] == '\0') && term != NULL && strcmp(term, "dumb") != 0;
}

static size_t
terminal_columns(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int
main(int argc, char **argv)
{
	struct ctl ctl = {0};
	enum ctl_exit status;
	bool done;

	setlocale(LC_CTYPE, "");
	ctl.terminal = isatty(STDOUT_FILENO);
	ctl.columns = ctl.terminal ? terminal_columns() : 0;
	ctl.colour = ctl.terminal && wants_colour();
	status = ctl_parse(argc, argv, &ctl, &done);
	if (status == CTL_OK && !done)
		status = ctl.command->run(&ctl);
	/* What could not be written was not said. */
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == CTL_OK) {
		status = CTL_FAILED;
		if (errno != EPIPE) /* a reader that has seen enough needs no word */
			ctl_complain("standard output can't be written: %s", strerror(errno));
	}
	return (int)status;
}
