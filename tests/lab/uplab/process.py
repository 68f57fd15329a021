# SPDX-License-Identifier: ISC
"""A started program: what it printed is kept, and it never outlives the run."""

import collections
import ctypes
import os
import re
import select
import signal
import subprocess

from .busy import patience
from .wait import wait_until

_libc = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1
_SANITIZER = re.compile(r"==\d+==.*Sanitizer|: runtime error: ")
_watched = collections.deque(maxlen=200)  # descriptors: not all where nobody looks, as in a demo


def _die_with_parent():
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


class _Watched:
    """The output of a process and of what it starts, to its end: also when the file has been removed."""

    def __init__(self, process, begin):
        self.process, self.ended = process, False
        self.file = open(process.log_path, "rb")
        self.file.seek(begin)
        self.rest = b""

    def reports(self):
        """The lines, from the first of a report on, that were printed since the last look."""
        text = self.rest + self.file.read()
        lines = text.decode(errors="replace").splitlines()
        self.rest = text[text.rfind(b"\n") + 1 :]
        first = next((i for i, line in enumerate(lines) if _SANITIZER.search(line)), None)
        return "" if first is None else "\n".join([f"{self.process.name} printed:", *lines[first:]])


def sanitizer_reports():
    """What AddressSanitizer, LeakSanitizer and UBSan printed in any process since the last call. Children
    may print when their parent has ended: its output is looked at once more."""
    found = [text for w in _watched if (text := w.reports())]
    for w in [w for w in _watched if w.ended]:
        w.file.close()
        _watched.remove(w)
    for w in _watched:
        w.ended = not w.process.running()
    return "\n".join(found)


class Process:
    """argv is run with its output in the file log. outlive: it goes on when this process ends."""

    def __init__(self, name, argv, log, stdin=subprocess.DEVNULL, stdout=None, stderr=None, env=None,
                 outlive=False):
        self.name = name
        self.argv = [str(a) for a in argv]
        self.log_path = log
        with open(log, "ab") as out:
            self._begin = out.tell()  # what an earlier one of that name said is not this one's
            self.popen = subprocess.Popen(
                self.argv,
                stdin=stdin,
                stdout=stdout or out,
                stderr=stderr or out,
                env={**os.environ, **env} if env else None,
                preexec_fn=None if outlive else _die_with_parent,
                start_new_session=outlive,
            )
        _watched.append(_Watched(self, self._begin))

    @property
    def pid(self):
        return self.popen.pid

    def log(self):
        with open(self.log_path, "rb") as log:
            log.seek(self._begin)
            return log.read().decode(errors="replace")

    def running(self):
        return self.popen.poll() is None

    def wait_log(self, text, deadline_s=10):
        """Until text stands in the output."""

        def printed():
            if not self.running() and text not in self.log():
                raise AssertionError(
                    f"{self.name} ended with {self.popen.returncode} before it printed {text!r}:\n{self.log()}"
                )
            return text in self.log()

        wait_until(printed, deadline_s, f"{self.name} prints {text!r}")

    def send(self, sig):
        if self.running():
            self.popen.send_signal(sig)

    def wait_usage(self, deadline_s=10):
        """Waits until it ends by itself; returns the seconds of a core that it has used in its life."""
        ended = os.pidfd_open(self.pid)
        try:
            assert select.select([ended], [], [], deadline_s)[0], f"{self.name} has not ended"
        finally:
            os.close(ended)
        _, status, used = os.wait4(self.pid, 0)
        self.popen.returncode = os.waitstatus_to_exitcode(status)
        return used.ru_utime + used.ru_stime

    def wait(self, deadline_s=10):
        return self.popen.wait(timeout=deadline_s * patience())

    def stop(self, sig=signal.SIGTERM, deadline_s=10):
        """Ends it in good manners, then without; returns the exit status."""
        if self.running():
            self.popen.send_signal(signal.SIGCONT)
            self.popen.send_signal(sig)
            try:
                self.popen.wait(timeout=deadline_s * patience())
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()
        return self.popen.returncode
