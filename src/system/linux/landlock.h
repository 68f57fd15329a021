/* SPDX-License-Identifier: ISC */
/* No more files (Landlock): see landlock.c. */
#ifndef UPLINK_LINUX_LANDLOCK_H
#define UPLINK_LINUX_LANDLOCK_H

/* From now on the calling process can open, make, change or run no file, by whatever way,
 * and signal nobody but itself; what is open stays open. After PR_SET_NO_NEW_PRIVS. 0,
 * also where this kernel has no Landlock; or -1 with errno. */
int landlock_no_files(void);

#endif
