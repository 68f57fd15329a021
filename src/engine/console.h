/* SPDX-License-Identifier: ISC */
/* The control socket, as the engine has it. */
#ifndef UPLINK_CONSOLE_H
#define UPLINK_CONSOLE_H

#include "engine/model.h"

/* Serves that listening socket, in place of the one before. */
void console_serve(struct engine *e, int fd);

#endif
