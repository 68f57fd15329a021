/* SPDX-License-Identifier: ISC */
/* The configuration as the parent hands it to its children: a sealed text, which is read
 * once more in each of them, so that no struct with pointers crosses a process. */
#include "config.h"

#include "child/handed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "system/system.h"

static void
complain(void *arg, bool error, const char *file, int line, const char *message)
{
	(void)arg;
	if (error)
		log_error("%s:%d: %s", file, line, message);
}

struct conf *
handed_config(int fd)
{
	size_t len;
	char *text = sys_text_read(fd, CONF_TEXT_MAX, &len);
	struct conf *conf;

	if (text == NULL)
		log_error("the configuration can't be read: %s", strerror(errno));
	close(fd);
	if (text == NULL)
		return NULL;
	conf = conf_parse(text, len, "uplinkd.conf", complain, NULL);
	free(text);
	return conf;
}
