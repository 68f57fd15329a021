# SPDX-License-Identifier: ISC
EXTRA_DIST += contrib/install-deps
EXTRA_DIST += contrib/uplinkd.conf.example
