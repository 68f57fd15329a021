/* SPDX-License-Identifier: ISC */
/* TLS as a client: whom to believe, and why a server was not. All that is read from
 * files is read at the start, since the prober can open none later. */
#ifndef UPLINK_TLS_H
#define UPLINK_TLS_H

#include <openssl/ssl.h>

#include "conf/conf.h"

/* Reads the certificates that the configuration's targets are checked by. What can't be
 * read is logged, and fails those targets alone. 0, or -1: no TLS at all. */
int tls_start(const struct conf *conf);

/* For one connection to that target; address: by which it is known where it has no host
 * name. NULL, with *error (enum probe_error). */
SSL *tls_new(const struct conf_target *target, const char *address, unsigned *error);

/* Why there is no session: enum probe_error. */
unsigned tls_error(const SSL *ssl);

#endif
