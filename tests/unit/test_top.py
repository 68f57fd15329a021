#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""uplinkctl top on a pseudo terminal, against a served board: it draws, follows the size, says when
the daemon is gone and when it is back, and leaves the terminal as it was."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

DEADLINE_S = 20
folder = tempfile.TemporaryDirectory()
socket = folder.name + "/control.sock"


def serve():
    server = subprocess.Popen(["./tests/unit/serve_board", socket])
    until(lambda: subprocess.run(["./uplinkctl", "-s", socket, "stats"], capture_output=True).returncode == 0)
    return server


def until(seen):
    end = time.monotonic() + DEADLINE_S
    while not seen():
        assert time.monotonic() < end, "it does not come"
        time.sleep(0.02)


class Top:
    def __init__(self):
        self.master, slave = pty.openpty()
        self.slave = slave
        self.size(24, 80)
        self.before = termios.tcgetattr(slave)
        self.all = b""
        environment = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"}
        self.process = subprocess.Popen(
            ["./uplinkctl", "-s", socket, "top"],
            stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True,
        )

    def size(self, lines, columns):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def see(self, text):
        """Waits until text has been written since the last call."""
        new, end = b"", time.monotonic() + DEADLINE_S
        while text.encode() not in new:
            assert time.monotonic() < end, f"no {text!r} in {new!r}"
            if select.select([self.master], [], [], 0.1)[0]:
                read = os.read(self.master, 65536)
                new += read
                self.all += read

    def end(self):
        """It has ended, and the terminal is as it was."""
        self.see("\x1b[?1049l")
        assert self.process.wait(DEADLINE_S) == 0, self.process.returncode
        assert termios.tcgetattr(self.slave) == self.before, "the terminal is left in another mode"
        assert b"\x1b[?25h" in self.all or b"\x1b[?12l\x1b[?25h" in self.all, "the cursor stays hidden"


def main():
    server = serve()
    top = Top()
    top.see("lyon-3: 2 of 3 links usable")
    top.size(10, 120)
    os.kill(top.process.pid, signal.SIGWINCH)
    top.see("RTT OF MINUTES")
    server.terminate()
    server.wait()
    top.see("uplinkd has not answered")
    server = serve()
    top.see("up 1d1h")
    os.write(top.master, b"q")
    top.end()

    top = Top()
    top.see("lyon-3")
    top.process.send_signal(signal.SIGTERM)
    top.end()

    # A daemon that stands still holds nobody: the key is taken all the same.
    top = Top()
    top.see("lyon-3")
    server.send_signal(signal.SIGSTOP)
    top.see("has not answered")
    os.write(top.master, b"q")
    top.end()
    server.send_signal(signal.SIGCONT)
    server.terminate()
    server.wait()


def plain(*arguments):
    return subprocess.run(["./uplinkctl", "-s", socket, "top", *arguments], capture_output=True, text=True)


if "without curses" in plain().stderr:
    sys.exit(77)
assert plain().returncode == 2 and "needs a terminal" in plain().stderr, plain()
assert plain("--interval", "0").returncode == 2
main()
