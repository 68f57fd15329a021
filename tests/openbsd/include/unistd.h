/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_UNISTD_H
#define OPENBSD_UNISTD_H

#include <sys/types.h>
#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2
#define F_OK 0
#define R_OK 4
#define W_OK 2
#define X_OK 1
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define _SC_PAGESIZE 28
#define _SC_OPEN_MAX 5
extern char **environ;
extern char *optarg;
extern int optind, opterr, optopt;
void _exit(int) __attribute__((__noreturn__));
int access(const char *, int);
unsigned alarm(unsigned);
int chdir(const char *);
int chown(const char *, uid_t, gid_t);
int close(int);
int closefrom(int);
int dup(int);
int dup2(int, int);
int dup3(int, int, int);
int execl(const char *, const char *, ...) __attribute__((__sentinel__));
int execv(const char *, char *const *);
int execve(const char *, char *const *, char *const *);
int execvp(const char *, char *const *);
int fchown(int, uid_t, gid_t);
pid_t fork(void);
int fsync(int);
int ftruncate(int, off_t);
char *getcwd(char *, size_t);
gid_t getegid(void);
uid_t geteuid(void);
gid_t getgid(void);
int getgroups(int, gid_t *);
int gethostname(char *, size_t);
int getopt(int, char *const *, const char *);
int getpeereid(int, uid_t *, gid_t *);
pid_t getpgid(pid_t);
pid_t getpid(void);
pid_t getppid(void);
uid_t getuid(void);
int initgroups(const char *, gid_t);
int isatty(int);
int lchown(const char *, uid_t, gid_t);
int link(const char *, const char *);
off_t lseek(int, off_t, int);
int nice(int);
int pause(void);
int pipe(int[2]);
int pipe2(int[2], int);
int pledge(const char *, const char *);
ssize_t pread(int, void *, size_t, off_t);
ssize_t pwrite(int, const void *, size_t, off_t);
ssize_t read(int, void *, size_t);
ssize_t readlink(const char *, char *, size_t);
int rmdir(const char *);
int setegid(gid_t);
int seteuid(uid_t);
int setgroups(int, const gid_t *);
int setpgid(pid_t, pid_t);
int setresgid(gid_t, gid_t, gid_t);
int setresuid(uid_t, uid_t, uid_t);
pid_t setsid(void);
unsigned sleep(unsigned);
int symlink(const char *, const char *);
long sysconf(int);
int unlink(const char *);
int unlinkat(int, const char *, int);
int unveil(const char *, const char *);
int usleep(unsigned);
ssize_t write(int, const void *, size_t);

#endif
