# SPDX-License-Identifier: ISC
"""The kits for monitoring, made from UPLINK-MIB: one file per kit, each with files(mib), which gives
{path below contrib/nms: text}. contrib/nms/generate writes them."""
