/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_SYS_STAT_H
#define OPENBSD_SYS_STAT_H

#include <sys/types.h>
#include <time.h>
struct stat {
	mode_t st_mode;
	dev_t st_dev;
	ino_t st_ino;
	nlink_t st_nlink;
	uid_t st_uid;
	gid_t st_gid;
	dev_t st_rdev;
	struct timespec st_atim, st_mtim, st_ctim;
	off_t st_size;
	blkcnt_t st_blocks;
};
#define S_IFMT 0170000
#define S_ISDIR(m) (((m)&S_IFMT) == 0040000)
#define S_ISREG(m) (((m)&S_IFMT) == 0100000)
#define S_ISSOCK(m) (((m)&S_IFMT) == 0140000)
#define S_ISFIFO(m) (((m)&S_IFMT) == 0010000)
#define S_IRWXU 0700
#define S_IRWXG 0070
#define S_IRWXO 0007
int chmod(const char *, mode_t);
int fchmod(int, mode_t);
int fstat(int, struct stat *);
int fstatat(int, const char *, struct stat *, int);
int lstat(const char *, struct stat *);
int mkdir(const char *, mode_t);
int stat(const char *, struct stat *);
mode_t umask(mode_t);

#endif
