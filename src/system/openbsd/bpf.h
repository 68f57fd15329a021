/* SPDX-License-Identifier: ISC */
/* ARP goes over bpf(4): the only way to send and hear packets that are not IP. */
#ifndef UPLINK_OPENBSD_BPF_H
#define UPLINK_OPENBSD_BPF_H

#include "conf/conf.h"

/* A device that hears the ARP replies of an Ethernet interface and sends on it, non-blocking, with
 * both for good. -1 with errno: ENXIO, there is no such interface; EPERM: it is one that the
 * configuration did not ask by ARP when the daemon started. */
int bpf_open_arp(const char *ifname);

/* A pledged process can set up no device: those that the configuration calls for are opened before,
 * and each call of bpf_open_arp gives another descriptor of the same. */
void bpf_open_all(const struct conf *conf);
void bpf_no_more(void);

#endif
