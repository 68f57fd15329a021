/* SPDX-License-Identifier: ISC */
/* Memory that runs out where a test wants it to. A test that uses it is linked with
 * scarce_wraps: what our code and, by memory_watch(), jansson and libevent ask for. */
#ifndef UPLINK_TEST_SCARCE_H
#define UPLINK_TEST_SCARCE_H

#include <stdbool.h>

/* The first n requests are granted, and then one is not, or none is any more. */
void scarce_after(long n, bool for_good);
/* All are granted again. Returns whether one was not. */
bool scarce_no_more(void);

/* Lets memory run out at each request of run in turn, once each and for good. run returns
 * whether it did all that it should; it must, once no request of its own is refused. */
void scarce_everywhere(bool (*run)(void *arg), void *arg);

#endif
