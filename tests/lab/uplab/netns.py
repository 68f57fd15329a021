# SPDX-License-Identifier: ISC
"""One network namespace: commands in it, and what is set in it."""

import itertools
import os
import subprocess

from .busy import patience
from .process import Process


class Failed(AssertionError):
    """A command ended with another status than 0."""


class Namespace:
    def __init__(self, run, folder, name, number=0):
        self.name = name
        # Several labs of one run are told apart by a number; the only one goes without.
        self.full_name = run.prefix + (f"{number}-" if number else "") + name
        self.folder = folder
        self.outlive = run.outlive
        self.processes = []
        self._batch("netns add " + self.full_name)
        self.ip("link set lo up")

    @staticmethod
    def _batch(lines, *options):
        done = subprocess.run(
            ["ip", *options, "-batch", "-"], input=lines + "\n", capture_output=True, text=True
        )
        if done.returncode != 0:
            raise Failed(f"ip {' '.join(options)}: {done.stderr}in\n{lines}")
        return done.stdout

    def argv(self, *command):
        return ["ip", "netns", "exec", self.full_name, *map(str, command)]

    def ip(self, lines):
        """Runs each line as an ip(8) command here; returns what they print."""
        return self._batch(lines, "-n", self.full_name)

    def try_run(self, *command, timeout=30, input=None, env=None):
        """Runs the command here; returns subprocess.CompletedProcess, whatever its status."""
        return subprocess.run(
            self.argv(*command),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout * patience(),
            input=input,
            stdin=subprocess.DEVNULL if input is None else None,
            env={**os.environ, **env} if env else None,
        )

    def run(self, *command, **options):
        """Runs the command here; returns its output, raises Failed where its status is not 0."""
        done = self.try_run(*command, **options)
        if done.returncode != 0:
            raise Failed(
                f"{self.name}: {' '.join(map(str, command))}: status {done.returncode}\n"
                f"{done.stdout}{done.stderr}"
            )
        return done.stdout

    def start(self, name, *command, **options):
        """Starts the command here; its output goes to the folder's NAME.log."""
        log = self.folder / f"{self.name}-{name}.log"
        process = Process(name, self.argv(*command), log, outlive=self.outlive, **options)
        self.processes.append(process)
        return process

    def serve(self, name, *command, **options):
        """The same for what plays another host, which is as quick as one, however busy this machine is: in
        real time, where this run has the right to it (tests/coverage gives it up)."""
        return self.start(name, "sh", "-c", 'chrt -f -p 5 $$ >/dev/null 2>&1; exec "$@"', "sh", *command, **options)

    def sysctl(self, text):
        """One setting a line, as in sysctl.conf."""
        self.run("sysctl", "-q", "-p", "-", input=text)

    def nft(self, text):
        self.run("nft", "-f", "-", input=text)

    def pings(self, address, timeout_s=1, source=None, mark=None):
        """One echo request is answered."""
        options = ["-I", source] if source else []
        options += ["-m", str(mark)] if mark else []
        done = self.try_run("ping", "-n", "-q", "-c", "1", "-W", timeout_s, *options, address)
        return done.returncode == 0

    def stop_all(self):
        for process in reversed(self.processes):
            process.stop(deadline_s=5)


# Ends with one number, each in its own namespace, are no cable for the kernel: it keeps the news of their
# carrier back, for a second after any other such news.
_numbers = itertools.count(1000)


def veth(a, a_if, b, b_if):
    """A cable between two namespaces, both ends up."""
    Namespace._batch(
        f"link add {a_if} index {next(_numbers)} netns {a.full_name} "
        f"type veth peer name {b_if} netns {b.full_name}"
    )
    a.ip(f"link set {a_if} up")
    b.ip(f"link set {b_if} up")
