# SPDX-License-Identifier: ISC
"""One run of the lab: a prefix that no other run has, a folder, and an end that always comes.

Everything is named after the process that runs it, so that several runs can go on at the same time
and what a killed run left can be told from what a living one needs."""

import atexit
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys

BASE = pathlib.Path("/tmp")
SOURCE = pathlib.Path(__file__).resolve().parents[3]


def _start_time(pid):
    """Clock ticks since boot at which that process began, or None. A pid alone may be used again."""
    try:
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[19]


def _namespaces():
    names = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True).stdout
    return [line.split()[0] for line in names.splitlines() if line.strip()]


def delete_namespace(name):
    """Ends every process in it (only the lab starts any there) and removes it."""
    pids = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True).stdout.split()
    for pid in pids:
        try:
            os.kill(int(pid), signal.SIGKILL)
        except ProcessLookupError:
            pass
    subprocess.run(["ip", "netns", "del", name], capture_output=True)


class Run:
    """prefix of all namespaces, dir for all files; close() removes both."""

    def __init__(self, kind="ult", outlive=False):
        self.kind = kind
        self.outlive = outlive  # the programs go on when this process ends: for keep()
        self.prefix = f"{kind}{os.getpid()}-"
        self.dir = BASE / f"{kind}-{os.getpid()}"
        self.kept = False
        self._labs = 0
        self.closers = []
        self.open_labs = set()
        remove_leftovers(kind)
        self.dir.mkdir(mode=0o755)
        # The two unprivileged users reach the sockets in it, whatever the umask was.
        self.dir.chmod(0o755)
        (self.dir / "owner").write_text(f"{os.getpid()} {_start_time(os.getpid())}\n")
        atexit.register(self.close)
        for sig in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(sig, lambda number, frame: sys.exit(128 + number))

    def folder(self, name):
        """A fresh folder of that name."""
        self._labs += 1
        path = self.dir / f"{self._labs}-{re.sub('[^A-Za-z0-9_.-]', '_', name)[:40]}"
        path.mkdir(mode=0o755)
        path.chmod(0o755)
        return path

    def keep(self):
        """Leaves everything as it is at the end, and marks it so for later runs."""
        self.kept = True
        (self.dir / "owner").write_text("kept\n")

    def close(self):
        if self.kept:
            return
        for closer in reversed(self.closers):
            closer()
        self.closers = []
        remove(self.prefix, self.dir)


def remove(prefix, folder):
    for name in _namespaces():
        if name.startswith(prefix):
            delete_namespace(name)
    shutil.rmtree(folder, ignore_errors=True)


def remove_kept(kind):
    """Takes down the runs of that kind that were kept; returns how many."""
    kept = [f for f in BASE.glob(f"{kind}-*") if (f / "owner").exists() and (f / "owner").read_text() == "kept\n"]
    for folder in kept:
        remove(f"{kind}{folder.name[len(kind) + 1 :]}-", folder)
    return len(kept)


def remove_leftovers(kind):
    """What runs of that kind left that were killed."""
    for folder in BASE.glob(f"{kind}-*"):
        pid = folder.name[len(kind) + 1 :]
        try:
            owner = (folder / "owner").read_text().split()
        except OSError:
            continue
        if owner == ["kept"] or not pid.isdigit():
            continue
        if _start_time(pid) != owner[1]:
            remove(f"{kind}{pid}-", folder)
