# SPDX-License-Identifier: ISC
EXTRA_DIST += contrib/install-deps
