# SPDX-License-Identifier: ISC
mibsdir = $(datadir)/snmp/mibs
dist_mibs_DATA = mibs/UPLINK-MIB.txt
