/* SPDX-License-Identifier: ISC */
/* The methods by number. */
#include "config.h"

#include "engine/method.h"

const struct method_ops *
method_ops(unsigned method)
{
	static const struct method_ops *const table[] = {
	    [METHOD_ICMP] = &method_icmp,       [METHOD_TCP] = &method_tcp,
	    [METHOD_DNS] = &method_dns,         [METHOD_NEIGHBOUR] = &method_neighbour,
	    [METHOD_HTTP] = &method_http,       [METHOD_HTTPS] = &method_http,
	    [METHOD_COMMAND] = &method_command,
	};

	return method < sizeof(table) / sizeof(table[0]) ? table[method] : NULL;
}
