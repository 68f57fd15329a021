# SPDX-License-Identifier: ISC
"""Where the programs are: UPLINK_BUILD is the build folder (helpers), UPLINK_PREFIX the folder that
`make install` filled. tests/run, contrib/demo and tests/bench/run set both."""

import os
import pathlib

from .run import SOURCE


def _folder(variable):
    value = os.environ.get(variable)
    if not value:
        raise RuntimeError(f"{variable} is not set: start the lab by tests/run, or see tests/lab/README.md")
    return pathlib.Path(value)


def build():
    return _folder("UPLINK_BUILD")


def helper(name):
    """wire, udpflow"""
    return _folder("UPLINK_BUILD") / "tests" / "lab" / name


def bench_helper(name):
    return _folder("UPLINK_BUILD") / "tests" / "bench" / name


def uplinkd():
    return _folder("UPLINK_PREFIX") / "sbin" / "uplinkd"


def uplinkctl():
    prefix = _folder("UPLINK_PREFIX")
    found = [prefix / d / "uplinkctl" for d in ("sbin", "bin")]
    return next((f for f in found if f.exists()), found[0])


def subagent():
    return _folder("UPLINK_PREFIX") / "libexec" / "uplinkd" / "uplinkd-snmp"


def prober():
    return _folder("UPLINK_PREFIX") / "libexec" / "uplinkd" / "uplinkd-prober"


def folders():
    """What a root of its own has to show so that the programs run in it. One that counts lines writes
    beside its objects when it ends."""
    prefix = uplinkd().parents[1]
    return [prefix, build()] if counts_lines() else [prefix]


def has_filters():
    """Of system calls: builds with sanitizers, and those that count lines, have none."""
    return "#define LIMIT_CALLS 1" in (build() / "config.h").read_text()


def watches_addresses():
    """By AddressSanitizer."""
    return "-fsanitize=address" in (build() / "Makefile").read_text()


# AddressSanitizer keeps what is freed for a while, so that it notices who still uses it: 256 MiB, if nobody
# says how much, which a process seldom fills, so that any growth up to there would pass for it.
QUARANTINE_MB = 16


def asan_options(*more):
    """For the environment variable ASAN_OPTIONS."""
    return ":".join([f"quarantine_size_mb={QUARANTINE_MB}", *more])


def quarantine_kb():
    """By how much more a process may grow: what is kept is counted as it was asked for, and blocks of a few
    octets take some times of that."""
    return 4 * QUARANTINE_MB * 1024 if watches_addresses() else 0


def counts_lines():
    """The build is for tests/coverage: not optimised, and every line does some work more."""
    return "--coverage" in (build() / "Makefile").read_text()


def mib_folders():
    return [SOURCE / "mibs", SOURCE / "tests" / "mibs", pathlib.Path("/usr/share/snmp/mibs")]
