/* SPDX-License-Identifier: ISC */
/* A call that only OpenBSD has, for its files where they are tested elsewhere. */
#ifndef UPLINK_FAKE_SETRTABLE_H
#define UPLINK_FAKE_SETRTABLE_H

/* Here the table is a variable of the environment, which goes the same ways: to children, and
 * through execve(2). 0, or -1 with errno: EINVAL, not a table that there is; EPERM, it has one. */
#define FAKE_RTABLE "FAKE_RTABLE"
int setrtable(int table);

#endif
