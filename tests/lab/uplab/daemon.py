# SPDX-License-Identifier: ISC
"""uplinkd on the router, and uplinkctl to ask it."""

import json
import os
import pathlib
import pwd
import signal

from . import tools
from .wait import wait_until

# Short times: a dead link is known after about 0.3 s, a good one carries flows after 1 s.
TIMES = """\
interval 100ms
timeout 200ms
down after 3
up after 3
hold 1s
"""


def link_text(lab, n, name=None, extra="", targets=True, ipv6=True):
    """The section of link n of a lab."""
    name = name or f"isp{n}"
    lines = [f'link "{name}" {{', f"\tinterface {lab.interface(n)}", f"\tgateway {lab.gateway(n)}"]
    if lab.shared:
        lines.append(f"\tsource {lab.source(n)}")
    if ipv6:
        lines += [f"\tgateway {lab.gateway6(n)}", f"\tsource {lab.source6(n)}", f"\tprefix 2001:db8:{n}::/48"]
    if targets:
        lines += ["\ttarget 203.0.113.1", "\ttarget 198.51.100.1"]
        lines += ["\ttarget 2001:db8:ffff::1", "\ttarget 2001:db8:ffff::2"] if ipv6 else []
    lines += [f"\t{line}" for line in extra.splitlines()]
    return "\n".join(lines + ["}"]) + "\n"


def config(lab, extra="", links=None, times=TIMES, agentx=None, **options):
    """A whole file: every provider of the lab is a link, ispN."""
    text = 'site "lab"\n' + times + extra
    text += f'snmp {{ agentx "{agentx}" }}\n' if agentx else "snmp no\n"
    for n in links or lab.isps:
        text += link_text(lab, n, **options)
    return text


def parent_of(pid):
    try:
        return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def children_of(pid):
    pids = [int(p.name) for p in pathlib.Path("/proc").iterdir() if p.name.isdigit()]
    return [p for p in pids if parent_of(p) == pid]


def owner_of(pid):
    """The name of the user that the process runs as, or None when it is gone."""
    try:
        status = pathlib.Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return None
    uid = next(line for line in status.splitlines() if line.startswith("Uid:")).split()[1]
    return pwd.getpwuid(int(uid)).pw_name


class Uplinkd:
    """The daemon with one configuration; start() may be called again after it ended."""

    def __init__(self, lab, text, namespace=None, name="uplinkd"):
        self.namespace = namespace or lab.router
        self.name = name
        self.folder = lab.folder / name
        self.folder.mkdir(mode=0o755)
        self.folder.chmod(0o755)
        self.conf = self.folder / "uplinkd.conf"
        self.rundir = self.folder / "run"
        self.statedir = self.folder / "state"
        self.write(text)
        self.process = None
        self._starts = 0

    def write(self, text):
        self.conf.write_text(text)

    def argv(self, *options):
        return [
            tools.uplinkd(), "-f", self.conf, "-r", self.rundir, "-S", self.statedir,
            "-s", tools.subagent(), *options,
        ]  # fmt: skip

    def check(self, *options):
        """uplinkd -n: subprocess.CompletedProcess."""
        return self.namespace.try_run(*self.argv("-n", *options))

    def start(self, *options, wait=True, **streams):
        self._starts += 1
        self.process = self.namespace.start(
            f"{self.name}{self._starts}", *self.argv("-d", *options), **streams
        )
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, deadline_s=15):
        """Until uplinkctl gets an answer."""

        def answers():
            assert self.process.running(), f"uplinkd ended:\n{self.process.log()}"
            return self.ctl("--json", "status").returncode == 0

        wait_until(answers, deadline_s, "uplinkctl status is answered")

    def stop(self, sig=signal.SIGTERM):
        return self.process.stop(sig)

    def kill(self):
        """The parent by SIGKILL; its children end by themselves."""
        children = list(self.children().values())
        self.process.send(signal.SIGKILL)
        self.process.wait()
        wait_until(
            lambda: not [p for p in children if pathlib.Path(f"/proc/{p}").exists()],
            10,
            "the children of a killed parent end",
        )

    def reload(self):
        self.process.send(signal.SIGHUP)

    # ---- its processes ----

    def children(self):
        """{"engine": pid, "worker": pid, "snmp": pid} of those that run and have become what they are."""
        found = {}
        for pid in children_of(self.process.pid):
            try:
                binary = os.readlink(f"/proc/{pid}/exe")
            except OSError:
                continue
            user = owner_of(pid)
            if binary.endswith("uplinkd-snmp"):
                if user == "_uplinksnmp":
                    found["snmp"] = pid
            elif user == "_uplinkd":
                found["engine"] = pid
            elif user == "root":
                found["worker"] = pid
        return found

    def pids(self):
        return [self.process.pid, *children_of(self.process.pid)]

    # ---- asking it ----

    @property
    def socket(self):
        return self.rundir / "control.sock"

    def ctl(self, *arguments, namespace=None, **options):
        return (namespace or self.namespace).try_run(
            tools.uplinkctl(), "-s", self.socket, *arguments, **options
        )

    def ask(self, *arguments):
        """The JSON answer of uplinkctl."""
        done = self.ctl("--json", *arguments)
        assert done.returncode == 0, f"uplinkctl {arguments}: {done.stdout}{done.stderr}"
        return json.loads(done.stdout)
