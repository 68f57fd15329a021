# SPDX-License-Identifier: ISC
"""uplinkd on the router, and uplinkctl to ask it."""

import datetime
import json
import os
import pathlib
import pwd
import signal
import socket

from . import tools
from .wait import wait_until

# Short times: a dead link is known after about 0.3 s, a good one carries flows after 1 s.
TIMES = """\
interval 100ms
timeout 200ms
down after 3
up after 3
hold 1s
window 6s
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


def config(lab, extra="", links=None, times=TIMES, agentx=None, snmp=None, **options):
    """A whole file: every provider of the lab is a link, ispN. snmp: the whole statement of that."""
    text = 'site "lab"\n' + times + extra
    text += snmp or (f'snmp {{ agentx "{agentx}" }}\n' if agentx else "snmp no\n")
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


def happened_s(event):
    """When it happened, by the daemon: how long it took to be seen is not in it."""
    return datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()


def in_step(status):
    """Whether the kernel has the newest plan: it has been read back."""
    return status["global"]["plan_installed"] >= status["global"]["plan_serial"]


class Uplinkd:
    """The daemon with one configuration; start() may be called again after it ended."""

    has_ruleset = True  # nft works

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
        self.binary = tools.uplinkd()
        self.before = []  # a command that runs it
        self.process = None
        self._starts = 0

    def write(self, text):
        self.conf.write_text(text)

    def argv(self, *options):
        return [
            *self.before, self.binary, "-f", self.conf, "-r", self.rundir, "-S", self.statedir,
            "-s", tools.subagent(), "-p", tools.prober(), *options,
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
            return self.answers()

        wait_until(answers, deadline_s, "the control socket answers")

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
        """{"engine": pid, "worker": pid, "snmp": pid, ...} of those that run and have become what they are."""
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
            elif user == "_uplinkprobe":
                found["prober" if binary.endswith("uplinkd-prober") else "runner"] = pid
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

    def request(self, command, **members):
        """The answer to one request to the control socket (doc/control-protocol.md): what uplinkctl
        does, without the cost of a process each time."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.settimeout(5)
            s.connect(str(self.socket))
            s.sendall(json.dumps({"v": 1, "command": command, **members}).encode() + b"\n")
            with s.makefile() as answers:
                return json.loads(answers.readline())

    def ask(self, command, **members):
        """The result of a request that succeeds."""
        answer = self.request(command, **members)
        assert answer["ok"], f"{command} {members}: {answer}"
        return answer["result"]

    def answers(self):
        """Whether it does: an answer may also be that too many ask."""
        try:
            return self.request("status")["ok"]
        except (OSError, ValueError):
            return False

    def status(self):
        return self.ask("status")["global"]

    def links(self):
        """{name: the link's object}"""
        return {link["link"]: link for link in self.ask("status")["links"]}

    def link(self, name):
        return self.links()[name]

    def index(self, name):
        return self.link(name)["link_index"]

    def wait_link(self, name, deadline_s=15, **fields):
        """Until the link has these values; returns it. What a link does (oper) is told when it is decided:
        where that is waited for, so is the kernel's route."""

        def so():
            status = self.ask("status")
            link = next(link for link in status["links"] if link["link"] == name)
            there = in_step(status) or "oper" not in fields
            return link if there and all(link.get(k) == v for k, v in fields.items()) else None

        try:
            return wait_until(so, deadline_s, f"{name} has {fields}")
        except AssertionError as expired:
            raise AssertionError(f"{expired}; it has {self.link(name)}") from None

    def wait_all_active(self, deadline_s=20):
        """Until every link carries every IP version that it is configured for, with marks and NAT."""

        def others():
            status = self.ask("status")
            return not in_step(status) or [li["link"] for li in status["links"] if li["oper"] != "active"]

        wait_until(lambda: others() == [], deadline_s, "all links are active")
        wait_until(
            lambda: all(r["installed"] and r["weight"] > 0 for r in self.ask("routes")["routes"]),
            deadline_s,
            "all routes are installed",
        )
        return self.wait_ruleset(deadline_s)

    def wait_ruleset(self, deadline_s=20):
        """Until there is the ruleset, which no route waits for: what begins earlier has no NAT."""
        if self.has_ruleset:
            wait_until(lambda: "table inet uplinkd" in self.namespace.run("nft", "list", "tables"), deadline_s, "the ruleset")
        return self

    def wait_targets_up(self, deadline_s=20):
        """Until every target of every link has answered."""
        wait_until(
            lambda: all(t["status"] == "up" for t in self.ask("targets")["targets"]),
            deadline_s,
            "all targets answer",
        )
        return self

    def events(self, kind=None, link=None):
        """The numbered facts so far, oldest first."""
        return [
            e
            for e in self.ask("events", after=0)["events"]
            if (kind is None or e["type"] == kind) and (link is None or e.get("link") == link)
        ]

    def wait_event(self, kind, link=None, after=0, deadline_s=15):
        """The first such event with a number above after."""

        def happened():
            return next((e for e in self.events(kind, link) if e["number"] > after), None)

        return wait_until(happened, deadline_s, f"event {kind} of {link or 'any link'}")

    def last_event(self):
        events = self.events()
        return events[-1]["number"] if events else 0
