/* SPDX-License-Identifier: ISC */
/* The methods by number. */
#include "config.h"

#include "engine/method.h"

const struct method_ops *
method_ops(unsigned method)
{
	static const struct method_ops *const table[PROBE_METHODS] = {
	    [METHOD_ICMP] = &method_icmp,
	};

	return method < PROBE_METHODS ? table[method] : NULL;
}
