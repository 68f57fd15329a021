# SPDX-License-Identifier: ISC
dist_man_MANS += doc/uplinkd.conf.5
dist_man_MANS += doc/uplinkd.8
dist_man_MANS += doc/uplinkd-flows.7
dist_man_MANS += doc/uplinkd-routes.7
dist_man_MANS += doc/uplinkctl.8
docctldir = $(docdir)
dist_docctl_DATA = doc/control-protocol.md doc/history.svg
