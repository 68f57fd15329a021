/* SPDX-License-Identifier: ISC */
/* The methods by number. */
#include "config.h"

#include "engine/method.h"

const struct method_ops *
method_ops(unsigned method)
{
	static const struct method_ops *const table[PROBE_METHODS] = {
	    [METHOD_ICMP] = &method_icmp,
	    [METHOD_TCP] = &method_tcp,
	    [METHOD_DNS] = &method_dns,
	    [METHOD_NEIGHBOUR] = &method_neighbour,
	};

	return method < PROBE_METHODS ? table[method] : NULL;
}
