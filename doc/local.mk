# SPDX-License-Identifier: ISC
dist_man_MANS += doc/uplinkd.conf.5
dist_man_MANS += doc/uplinkd.8
dist_man_MANS += doc/uplinkd-flows.7
