# SPDX-License-Identifier: ISC
"""The SNMP process alone between a real master and an engine that the test steers: one namespace,
snmpd, snmptrapd and tests/unit/fake_engine, which starts the real uplinkd-snmp."""

import os
import queue
import signal
import subprocess
import threading

from uplab import tools
from uplab.busy import patience
from uplab.netns import Namespace
from uplab.process import Process
from uplab.run import delete_namespace
from uplab.snmp import READ, WRITE, Manager, Snmpd, Station
from uplab.wait import wait_until

CONF = """\
master agentx
agentXSocket {socket}
agentXPerms 0660 0755 root _uplinksnmp
sysName bench
rocommunity {read} 127.0.0.1
rwcommunity {write} 127.0.0.1
trap2sink 127.0.0.1 {read}
dontLogTCPWrappersConnects yes
"""

FAKE_ENGINE = "tests/unit/fake_engine"


class Bench:
    namespaces = ()  # no routing to show in a failed test's report

    def __init__(self, run, name):
        self.folder = run.folder(name)
        self.namespace = Namespace(run, self.folder, f"snmp{self.folder.name.partition('-')[0]}")
        self.router = self.namespace  # what Snmpd asks of a lab
        self.snmpd = Snmpd(self, namespace=self.namespace, station="127.0.0.1", conf=CONF)
        self.station = Station(self.namespace)
        self.manager = Manager(self.namespace, agent="127.0.0.1")
        self.engine = None

    def start(self, master=True, connected=True):
        if master:
            self.snmpd.start()
        self.engine = FakeEngine(self)
        if connected:
            self.wait_connected()
        return self

    def wait_connected(self, deadline_s=10):
        wait_until(lambda: self.engine.notified()["connected"] == 1, deadline_s, "the AgentX session")

    def processes(self):
        return self.namespace.processes

    def close(self):
        if self.engine:
            self.engine.close()
        self.namespace.stop_all()
        delete_namespace(self.namespace.full_name)

    # ---- raw tools

    def tool(self, program, *arguments, community=READ, timeout_s=2):
        return self.manager.tool(program, community, *arguments, timeout_s=timeout_s)

    def raw_walk(self, root, program="snmpwalk", *options):
        """[(oid tuple, text)] in the order in which the agent gave them."""
        return self.raw(program, root, options=["-Cc", *options])

    def raw(self, program, *oids, options=()):
        """By number alone: the tool must not know better what may be asked."""
        done = self.namespace.try_run(
            program, "-v2c", "-c", READ, "-t", "2", "-m", "", "-On", "-OQ", "-OU", "-Oe", *options, "127.0.0.1",
            *[dotted(o) for o in oids], env={"SNMP_PERSISTENT_DIR": str(self.folder / "state"), "MIBS": ""},
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return parse_raw(done.stdout)

    def set(self, *triples, timeout_s=3):
        return self.manager.set(*triples, community=WRITE, timeout_s=timeout_s)


class FakeEngine:
    def __init__(self, bench):
        self.bench = bench
        board = bench.folder / "board"
        argv = bench.namespace.argv(
            tools._folder("UPLINK_BUILD") / FAKE_ENGINE, board, bench.snmpd.socket, tools.subagent(), "-d", "-v"
        )
        self.process = Process(
            "uplinkd-snmp", argv, bench.folder / "snmp.log", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        bench.namespace.processes.append(self.process)
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        assert self._line() == "ready"

    def _read(self):
        for line in self.process.popen.stdout:
            self.lines.put(line.decode(errors="replace").rstrip("\n"))
        self.lines.put(None)

    def _line(self):
        line = self.lines.get(timeout=15 * patience())
        assert line is not None, "fake_engine ended:\n" + self.process.log()
        return line

    def do(self, command):
        self.process.popen.stdin.write((command + "\n").encode())
        self.process.popen.stdin.flush()
        answer = self._line()
        assert answer != "what?", command
        return answer

    def event(self, kind, link, old=0, new=0, plan=0):
        return int(self.do(f"event {kind} {link} {old} {new} {plan}").split()[1])

    def events(self, count):
        return int(self.do(f"events {count}").split()[1])

    def sets(self):
        """What was asked of the engine since the last call."""
        return self.do("sets")

    def notified(self):
        return {k: int(v) for k, v in (p.split("=") for p in self.do("notified").split())}

    def wait_told(self, last, deadline_s=10):
        """Until every event up to number last was dealt with. (Nothing pending is not enough: the
        SNMP process may not have seen the newest events yet.)"""
        wait_until(lambda: self.notified()["number"] >= last, deadline_s, f"event {last} is dealt with")

    def pid(self):
        return int(self.do("pid"))

    def log(self):
        return self.process.log()

    def alive(self):
        try:
            os.kill(self.pid(), 0)
        except ProcessLookupError:
            return False
        return open(f"/proc/{self.pid()}/stat").read().rpartition(")")[2].split()[0] != "Z"

    def close(self):
        """Ends it as the parent would; the SNMP process must leave with status 0."""
        if not self.process.running():
            return
        self.process.popen.stdin.close()
        last = None
        while (line := self.lines.get(timeout=15 * patience())) is not None:
            last = line
        assert self.process.wait() == 0, f"{last}\n{self.log()}"


def dotted(oid):
    return "." + ".".join(map(str, oid)) if isinstance(oid, tuple) else oid


def parse_raw(text):
    pairs = []
    for line in text.splitlines():
        name, separator, value = line.partition(" = ")
        if separator and name.startswith("."):
            pairs.append((tuple(int(i) for i in name[1:].split(".")), value.strip()))
    return pairs


def stop(process):
    process.send(signal.SIGSTOP)


def go_on(process):
    process.send(signal.SIGCONT)
