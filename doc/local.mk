# SPDX-License-Identifier: ISC
dist_man_MANS += doc/uplinkd.conf.5
dist_man_MANS += doc/uplinkd.8
dist_man_MANS += doc/uplinkd-flows.7
dist_man_MANS += doc/uplinkd-routes.7
dist_man_MANS += doc/uplinkd-pf.7
dist_man_MANS += doc/uplinkctl.8
docnmsdir = $(docdir)/nms
dist_docnms_DATA = doc/nms/README.md doc/nms/icinga.md doc/nms/librenms.md doc/nms/prometheus.md \
	doc/nms/prometheus.svg doc/nms/nagios.png doc/nms/snmptt.md doc/nms/snmptt.svg doc/nms/zabbix.md \
	doc/nms/zabbix.png doc/nms/zabbix-rtt.png
docguidedir = $(docdir)/guide
dist_docguide_DATA = doc/guide/README.md doc/guide/dhcp-pppoe.md doc/guide/dual-stack.md \
	doc/guide/first-links.md doc/guide/from-mwan3.md doc/guide/from-scripts.md doc/guide/ha-pair.md \
	doc/guide/lte-backup.md doc/guide/maintenance.md doc/guide/mib.md doc/guide/nat.md \
	doc/guide/openbsd.md doc/guide/troubleshooting.md doc/guide/tuning.md
docctldir = $(docdir)
dist_docctl_DATA = doc/control-protocol.md doc/history.svg doc/status.svg doc/top.svg
EXTRA_DIST += doc/architecture.md doc/benchmarks.md
