# SPDX-License-Identifier: ISC
"""The link emulator (wire.c) and its commands."""

import os
import socket

from .tools import helper
from .wait import wait_until


class Cable:
    """set(1, "both", "delay=20", "loss=1"): see the head of wire.c for the words."""

    def __init__(self, namespace, path, pairs):
        self.path = path
        self.process = namespace.start("wire", helper("wire"), path, *[f"{a}:{b}" for a, b in pairs])
        wait_until(path.exists, 5, "the cable's socket")

    def _ask(self, text):
        own = f"{self.path}.{os.getpid()}"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.bind(own)
            try:
                s.settimeout(5)
                s.sendto(text.encode(), str(self.path))
                return s.recv(8192).decode()
            finally:
                os.unlink(own)

    def set(self, pair, direction, *settings):
        answer = self._ask(" ".join([str(pair), direction, *settings]))
        assert answer == "ok", answer

    def counters(self):
        """{(pair, direction): {"received": n, "sent": n, "lost": n, "queued": n}}"""
        counters = {}
        for line in self._ask("stat").splitlines():
            pair, direction, *rest = line.split()
            counters[int(pair), direction] = dict(zip(rest[::2], map(int, rest[1::2])))
        return counters
