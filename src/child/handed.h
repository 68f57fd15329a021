/* SPDX-License-Identifier: ISC */
/* What every child of the parent does alike with the configuration that it is handed. */
#ifndef UPLINK_CHILD_HANDED_H
#define UPLINK_CHILD_HANDED_H

#include "conf/conf.h"

/* Reads the text that the parent sent (see sys_text_fd) and closes fd. The parent has read
 * the same text before and told everybody what is wrong with it, so that a mistake here means
 * that the two differ: it is logged. NULL where the text can't be used, with the reason in the
 * log; free with conf_free. */
struct conf *handed_config(int fd);

#endif
