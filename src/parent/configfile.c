/* SPDX-License-Identifier: ISC */
/* The configuration file as the parent reads it. */
#include "config.h"

#include "parent/configfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/textstream.h"
#include "conf/secrets.h"
#include "parent/textfile.h"
#include "system/system.h"

struct listener {
	struct configfile *file;
	configfile_say *say;
};

/* As much of the line as there is room for, cut between two characters. */
static void
keep_first(struct configfile *file, const char *line)
{
	size_t n = strlen(line);

	if (n >= sizeof(file->first))
		for (n = sizeof(file->first) - 1; n > 0 && (line[n] & 0xc0) == 0x80;)
			n--;
	memcpy(file->first, line, n);
	file->first[n] = '\0';
}

static void
note(struct listener *l, bool error, const char *line)
{
	if (error && l->file->mistakes++ == 0)
		keep_first(l->file, line);
	l->say(error, line);
}

static void
on_complaint(void *arg, bool error, const char *file, int line, const char *message)
{
	char whole[512];

	snprintf(whole, sizeof(whole), "%s:%d: %s%s", file, line,
		 error ? "" : "warning: ", message);
	note(arg, error, whole);
}

int
configfile_read(const char *path, struct configfile *file, configfile_say *say)
{
	struct listener l = {file, say};
	char reason[128], line[512];
	bool absent;

	memset(file, 0, sizeof(*file));
	file->text = textfile_read(path, &file->len, reason, sizeof(reason));
	if (file->text == NULL) {
		absent = access(path, F_OK) != 0 && errno == ENOENT;
		snprintf(line, sizeof(line), "%s: %s%s", path, reason,
			 absent ? ": uplinkd --suggest prints one to start from" : "");
		note(&l, true, line);
		return -1;
	}
	file->conf = conf_parse(file->text, file->len, path, on_complaint, &l);
	return file->conf == NULL ? -1 : 0;
}

/* Are they what the configuration needs? */
static int
check_secrets(const char *path, struct configfile *file, struct listener *l)
{
	const struct conf_agent *a = &file->conf->snmp.agent;
	struct conf_secrets *s =
	    conf_secrets_parse(file->secrets, file->secrets_len, a->secrets, on_complaint, l);
	int result = -1;

	if (s != NULL)
		result = conf_secrets_check(s, a, path, a->secrets, on_complaint, l);
	conf_secrets_free(s);
	return result;
}

int
configfile_secrets(const char *path, struct configfile *file, bool hopeful, configfile_say *say)
{
	const struct conf_agent *a = &file->conf->snmp.agent;
	struct listener l = {file, say};
	char reason[128], line[512];
	bool forgiven;

	if (!file->conf->snmp.enabled || a->nlistens == 0 || a->secrets[0] == '\0')
		return 0;
	file->secrets =
	    textfile_read_private(a->secrets, &file->secrets_len, reason, sizeof(reason));
	if (file->secrets != NULL)
		return check_secrets(path, file, &l);
	forgiven = hopeful && errno == EACCES;
	snprintf(line, sizeof(line), "%s: %s%s", a->secrets, forgiven ? "warning: " : "", reason);
	note(&l, !forgiven, line);
	return forgiven ? 0 : -1;
}

void
configfile_refuse(struct configfile *file, const char *path, const char *reason,
		  configfile_say *say)
{
	struct listener l = {file, say};
	char line[512];

	snprintf(line, sizeof(line), "%s: %s", path, reason);
	note(&l, true, line);
}

void
configfile_free(struct configfile *file)
{
	if (file->conf != NULL)
		conf_free(file->conf);
	free(file->text);
	textfile_forget(file->secrets, file->secrets_len);
	memset(file, 0, sizeof(*file));
}

int
configfile_pinned(const char *text, size_t len, const struct conf *conf)
{
	struct textstream stream;
	FILE *out = textstream_begin(&stream);
	int fd = -1, saved;
	char *whole;
	size_t size;

	if (out == NULL)
		return -1;
	fwrite(text, 1, len, out);
	conf_print_indexes(conf, out);
	whole = textstream_end(&stream, &size);
	if (whole != NULL)
		fd = sys_text_fd(whole, size);
	saved = errno;
	free(whole);
	errno = saved;
	return fd;
}
