/* SPDX-License-Identifier: ISC */
#ifndef OPENBSD_STDIO_H
#define OPENBSD_STDIO_H

#include <stdarg.h>
#include <sys/types.h>
typedef struct __sFILE {
	char __opaque[152];
} FILE;
extern FILE __sF[];
#define stdin (&__sF[0])
#define stdout (&__sF[1])
#define stderr (&__sF[2])
#define EOF (-1)
#define BUFSIZ 1024
#define _IOFBF 0
#define _IOLBF 1
#define _IONBF 2
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
int asprintf(char **, const char *, ...) __attribute__((__format__(__printf__, 2, 3)));
void clearerr(FILE *);
int dprintf(int, const char *, ...) __attribute__((__format__(__printf__, 2, 3)));
int fclose(FILE *);
FILE *fdopen(int, const char *);
int feof(FILE *);
int ferror(FILE *);
int fflush(FILE *);
int fgetc(FILE *);
char *fgets(char *, int, FILE *);
int fileno(FILE *);
FILE *fmemopen(void *, size_t, const char *);
FILE *fopen(const char *, const char *);
int fprintf(FILE *, const char *, ...) __attribute__((__format__(__printf__, 2, 3)));
int fputc(int, FILE *);
int fputs(const char *, FILE *);
size_t fread(void *, size_t, size_t, FILE *);
int fseek(FILE *, long, int);
size_t fwrite(const void *, size_t, size_t, FILE *);
int getc(FILE *);
int getchar(void);
ssize_t getline(char **, size_t *, FILE *);
ssize_t getdelim(char **, size_t *, int, FILE *);
FILE *open_memstream(char **, size_t *);
void perror(const char *);
int printf(const char *, ...) __attribute__((__format__(__printf__, 1, 2)));
int putc(int, FILE *);
int putchar(int);
int putc_unlocked(int, FILE *);
int renameat(int, const char *, int, const char *);
int puts(const char *);
int rename(const char *, const char *);
int remove(const char *);
void rewind(FILE *);
int setvbuf(FILE *, char *, int, size_t);
int snprintf(char *, size_t, const char *, ...) __attribute__((__format__(__printf__, 3, 4)));
int sprintf(char *, const char *, ...) __attribute__((__format__(__printf__, 2, 3)));
int sscanf(const char *, const char *, ...) __attribute__((__format__(__scanf__, 2, 3)));
int ungetc(int, FILE *);
int vasprintf(char **, const char *, va_list) __attribute__((__format__(__printf__, 2, 0)));
int vdprintf(int, const char *, va_list) __attribute__((__format__(__printf__, 2, 0)));
int vfprintf(FILE *, const char *, va_list) __attribute__((__format__(__printf__, 2, 0)));
int vprintf(const char *, va_list) __attribute__((__format__(__printf__, 1, 0)));
int vsnprintf(char *, size_t, const char *, va_list) __attribute__((__format__(__printf__, 3, 0)));

#endif
