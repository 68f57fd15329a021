/* SPDX-License-Identifier: ISC */
/* The two clocks. Everything that is decided or aged uses the monotonic one;
 * wall time is only for people. Pure rooms never call these: they take time as
 * an argument. */
#ifndef UPLINK_CLOCK_H
#define UPLINK_CLOCK_H

#include <stdint.h>

#define NSEC_PER_SEC 1000000000ULL
#define NSEC_PER_MSEC 1000000ULL
#define NSEC_PER_USEC 1000ULL

uint64_t clock_mono_ns(void); /* CLOCK_MONOTONIC, nanoseconds */
uint64_t clock_wall_ns(void); /* CLOCK_REALTIME, nanoseconds since 1970 */

#endif
