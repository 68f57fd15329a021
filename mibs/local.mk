# SPDX-License-Identifier: ISC
mibsdir = $(datadir)/snmp/mibs
dist_mibs_DATA = mibs/UPLINK-MIB.txt
EXTRA_DIST += mibs/manual.awk

# The manual page stands in the source, so that it can be read there; a test says
# when it is not what the module says.
manual-mib:
	$(AWK) -f $(srcdir)/mibs/manual.awk $(srcdir)/doc/uplinkd-mib.head \
		$(srcdir)/mibs/UPLINK-MIB.txt >$(srcdir)/doc/uplinkd-mib.7
.PHONY: manual-mib
dist_man_MANS += doc/uplinkd-mib.7
EXTRA_DIST += doc/uplinkd-mib.head
