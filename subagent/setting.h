/* SPDX-License-Identifier: ISC */
/* A manager's SET where this process is its own master: it does what an AgentX master
 * does with the phases of control.h, one SET after the other. */
#ifndef UPLINK_SUBAGENT_SETTING_H
#define UPLINK_SUBAGENT_SETTING_H

#include "subagent/control.h"

struct setting;

/* The SET is over: pdu as it was given, which is the callee's again. */
typedef void setting_done(void *arg, netsnmp_pdu *pdu, int error, int index);

/* NULL without memory. */
struct setting *setting_new(setting_done *done, void *arg);
void setting_free(struct setting *s);
/* Whom to ask: a control that answers by setting_answer. */
void setting_use(struct setting *s, struct control *control);

/* A SET; takes pdu. user is its sender's name. */
void setting_request(struct setting *s, netsnmp_pdu *pdu, const char *user);
/* The control's answer to what it was asked. */
void setting_answer(struct setting *s, long transaction, int error, int index);

#endif
