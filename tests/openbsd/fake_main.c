/* SPDX-License-Identifier: ISC */
/* The daemon of a test build: uplinkd --system fake-openbsd=FOLDER ... runs with OpenBSD's routing
 * and pf, over the process that plays the kernel in FOLDER; all else is this machine's. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "openbsd/fake_wire.h"

int uplinkd_main(int argc, char **argv);

int
main(int argc, char **argv)
{
	static const char system[] = "fake-openbsd=";

	if (argc > 2 && strcmp(argv[1], "--system") == 0 &&
	    strncmp(argv[2], system, strlen(system)) == 0) {
		setenv(FAKE_FOLDER, argv[2] + strlen(system), 1);
		argv[2] = argv[0];
		argv += 2;
		argc -= 2;
	}
	return uplinkd_main(argc, argv);
}
