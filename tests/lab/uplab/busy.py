# SPDX-License-Identifier: ISC
"""What others cost on a busy machine. The daemon's promises are about a machine that has time for it, so
a test may not count what it waited for a processor that others had."""

import os
import pathlib

PROCESSORS = len(os.sched_getaffinity(0))


def crowd():
    """How many want to run for each processor just now, this process among them; 1 where there is room."""
    running = pathlib.Path("/proc/loadavg").read_text().split()[3].partition("/")[0]
    return max(1.0, int(running) / PROCESSORS)


def patience():
    """How many times as long to wait, all in all, for what can't be looked at in between."""
    return max(crowd(), os.getloadavg()[0] / PROCESSORS)


def _delay_ns(folder):
    """For how long it could have run and had no processor, by the kernel's account."""
    try:
        return int((folder / "schedstat").read_text().split()[1])
    except OSError:
        return 0  # it has ended


def delayed_s(*pids):
    """The same of this thread and of all threads of these processes, since each began, in seconds."""
    threads = [thread for pid in pids for thread in pathlib.Path(f"/proc/{pid}/task").glob("*")]
    return sum(map(_delay_ns, [pathlib.Path("/proc/thread-self"), *threads])) / 1e9
