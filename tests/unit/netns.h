/* SPDX-License-Identifier: ISC */
/* Network namespaces for tests that need a kernel's real behaviour: nameless, so
 * that they are gone with the test, however it ends. */
#ifndef UPLINK_TEST_NETNS_H
#define UPLINK_TEST_NETNS_H

#include <stdbool.h>

/* Moves this process into a namespace of its own. False where that is not allowed. */
bool netns_enter_new(void);
/* A further one, as a descriptor; this process stays where it is. */
int netns_make(void);
/* Runs a shell command in it (-1: where this process is); fails the test when the
 * command fails. */
void netns_run(int ns, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What the command prints, cut at size. */
void netns_output(int ns, const char *command, char *text, unsigned size);
/* A pair of veths, both up: near in ns a, far in ns b. */
void netns_veth(int a, const char *near, int b, const char *far);
/* A socket that lives in it. */
int netns_socket(int ns, int domain, int type, int protocol);

#endif
