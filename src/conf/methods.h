/* SPDX-License-Identifier: ISC */
/* The words of a DNS query. */
#ifndef UPLINK_CONF_METHODS_H
#define UPLINK_CONF_METHODS_H

/* As the file names them; "?" for a number without a name. */
const char *conf_query_type_name(unsigned type);
const char *conf_rcode_name(unsigned rcode);

#endif
