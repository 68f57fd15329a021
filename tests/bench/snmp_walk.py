# SPDX-License-Identifier: ISC
"""Walks of large tables: UPLINK-MIB's targets under snmpd and with uplinkd as its own agent, beside the
best that net-snmp's library does as a subagent and snmpd's own ifTable, in the same run. Then how late
the engine's timers are while four managers walk at once."""

import json
import pathlib
import statistics
import time

from bench import figure, main
from snmpbench import CONF
from timer_lateness import percentile, difference
from uplab import tools
from uplab.alone import COMMUNITY
from uplab.daemon import Uplinkd
from uplab.netns import Namespace, veth
from uplab.run import delete_namespace
from uplab.snmp import READ, Manager, Snmpd
from uplab.wait import wait_until

TARGETS = "1.3.6.1.4.1.8072.9999.9999.7705.1.5.1"  # uplinkTargetEntry
OWN = "1.3.6.1.4.1.8072.9999.9999.7"
IF_TABLE = "1.3.6.1.2.1.2.2"
PER_LINK = 64
COLUMNS = 20  # of the table that is compared with
ROUNDS = 3
SECONDS = 8
PARALLEL = 4
BUSY = 8  # targets that are asked every 10 ms, so that there are timers to be late
INTERFACES = 400
FLAT_SECONDS = 3

SNMP = {
    "snmpd": 'snmp {{ agentx "{socket}" }}\n',
    "alone": 'snmp {{ listen "udp:161"; secrets "{secrets}"; community all read all }}\n',
}


class Site:
    """A router of many links over one wire, to one machine that answers for every target."""

    def __init__(self, run):
        self.folder = run.folder("walk")
        self.router = Namespace(run, self.folder, "router")
        self.world = Namespace(run, self.folder, "world")
        self.run = run
        self.starts = 0
        veth(self.router, "wan1", self.world, "lan")
        self.router.ip("addr add 10.200.0.1/16 dev wan1")
        self.world.ip("\n".join(f"addr add 10.200.{1 + n // 200}.{1 + n % 200}/16 dev lan" for n in range(160)))
        self.world.ip("route add local 10.99.0.0/16 dev lo")
        self.world.sysctl("net.ipv4.icmp_ratelimit=0\nnet.ipv4.icmp_msgs_per_sec=1000000\n")
        self.secrets = self.folder / "secrets"
        self.secrets.write_text(f'community all "{COMMUNITY}"\n')
        self.secrets.chmod(0o600)
        self.snmpd = Snmpd(self, namespace=self.router, station="127.0.0.1", conf=CONF)

    def text(self, targets, snmp):
        lines = ['site "bench"', "interval 1h", "timeout 1s", "confirm no", "suspicion no"]
        for n in range((targets + PER_LINK - 1) // PER_LINK):
            lines.append(f'link "l{n}" {{ interface wan1; gateway 10.200.{1 + n // 200}.{1 + n % 200}')
            for t in range(min(PER_LINK - 1, targets - n * PER_LINK)):
                times = " { interval 10ms; timeout 100ms; down after 10 }" if n == 0 and t < BUSY else ""
                lines.append(f"target 10.99.{n}.{1 + t}{times}")
            lines.append("}")
        snmp = SNMP[snmp].format(socket=self.snmpd.socket, secrets=self.secrets)
        return snmp + "\n".join(lines) + "\n"

    def start(self, targets, snmp):
        self.starts += 1
        name = f"uplinkd{self.starts}-{snmp}-{targets}"
        uplinkd = Uplinkd(self, self.text(targets, snmp), namespace=self.router, name=name)
        uplinkd.start(wait=False)
        try:
            wait_until(uplinkd.answers, 30, "uplinkd answers")
        except AssertionError:
            print(uplinkd.process.log()[-5000:], flush=True)
            raise
        wait_until(lambda: uplinkd.ask("stats") and "snmp" in uplinkd.children(), 20, "the SNMP process")
        return uplinkd

    def close(self):
        for ns in (self.router, self.world):
            ns.stop_all()
            delete_namespace(ns.full_name)


def cpu(pid):
    """Seconds of CPU that the process has used."""
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def walk(community, root):
    """The command of one walk of everything below root."""
    return [
        "snmpbulkwalk", "-v2c", "-c", community, "-t", "10", "-m", "", "-On", "-Oq", "-Cr50", "-Cc",
        "127.0.0.1", root,
    ]  # fmt: skip


def count(namespace, community, root):
    done = namespace.try_run(*walk(community, root), env={"MIBS": ""}, timeout=120)
    assert done.returncode == 0, done.stderr
    return len(done.stdout.splitlines())


class Meter:
    """Walks of one table, piece by piece: their rates, and what they cost one process."""

    def __init__(self, namespace, community, pid=None):
        self.namespace, self.community, self.pid = namespace, community, pid
        self.rates = []
        self.variables = 0
        self.used_s = 0

    def walk(self, root):
        began, used = time.monotonic(), cpu(self.pid) if self.pid else 0
        variables = count(self.namespace, self.community, root)
        self.rates.append(variables / (time.monotonic() - began))
        self.variables += variables
        self.used_s += cpu(self.pid) - used if self.pid else 0

    def walk_for(self, root, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.walk(root)
        return self

    def cost_us(self):
        return self.used_s / self.variables * 1e6

    def show(self, name):
        low, median, high = min(self.rates), statistics.median(self.rates), max(self.rates)
        print(f"  {name}: {median:,.0f} varbinds/s of {self.variables:,}  ({low:,.0f} to {high:,.0f})", flush=True)


def columns(namespace, community, root):
    """The numbers of the columns that most rows have; of an empty one the tool prints a line too."""
    return [n for n in range(1, 64) if count(namespace, community, f"{root}.{n}") > 5000]


def under_snmpd(site, good):
    """Column by column, each table in turn, so that all see the same machine."""
    uplinkd = site.start(10000, "snmpd")
    Manager(site.router, agent="127.0.0.1").wait_registered()
    own = site.router.start("own", tools.bench_helper("own_handler"), site.snmpd.socket, 10000)
    own.wait_log("ready")
    wait_until(lambda: count(site.router, READ, f"{OWN}.1.1") > 0, 10, "the own handler is registered")
    targets = Meter(site.router, READ, uplinkd.children()["snmp"])
    best, built_in = Meter(site.router, READ), Meter(site.router, READ)
    for i, column in enumerate(columns(site.router, READ, TARGETS)):
        targets.walk(f"{TARGETS}.{column}")
        best.walk(f"{OWN}.1.{1 + i % COLUMNS}")
        built_in.walk(IF_TABLE)
    targets.show("UPLINK-MIB, 10,000 targets x all columns, under snmpd")
    best.show("net-snmp's library, own handler, 10,000 rows, under snmpd")
    built_in.show(f"snmpd's own ifTable, {INTERFACES} interfaces")
    ratios = [o / t for o, t in zip(best.rates, targets.rates)]
    good &= figure("walk under snmpd: time, as a multiple of the best own handler's", ratios, 1.3, "times")
    good &= figure("walk under snmpd: CPU of the SNMP process", [targets.cost_us()], 15, "us a varbind")
    own.stop()
    return uplinkd, targets, good


def served(namespace):
    """Variables that snmpd has fetched so far, for whoever asked: snmpInTotalReqVars."""
    done = namespace.run(
        "snmpget", "-v2c", "-c", READ, "-t", "5", "-m", "", "-Oqv", "127.0.0.1", "1.3.6.1.2.1.11.13.0", env={"MIBS": ""}
    )
    return int(done)


def flatness(site, good):
    """The cost of a varbind by the size of the table. Each GetBulk goes on past the end of what is
    walked, so what a walk prints is less than what was asked of the subagent: with ten rows by far."""
    costs = {}
    for targets in (10, 100, 1000, 10000):
        uplinkd = site.start(targets, "snmpd")
        Manager(site.router, agent="127.0.0.1").wait_registered()
        wait_until(lambda: count(site.router, READ, f"{TARGETS}.2") >= targets // 2, 20, "the targets are there")
        pid = uplinkd.children()["snmp"]
        before, used = served(site.router), cpu(pid)
        meter = Meter(site.router, READ).walk_for(f"{TARGETS}.2", FLAT_SECONDS)
        variables = served(site.router) - before - 1  # that question itself
        costs[targets] = (cpu(pid) - used) / variables * 1e6
        uplinkd.stop()
        print(f"  {targets} targets: {costs[targets]:.2f} us a varbind, {variables:,} in {len(meter.rates)} walks", flush=True)
    good &= figure("CPU of the SNMP process with 10, 100, 1,000 and 10,000 targets", list(costs.values()), 15, "us a varbind", "worst", max)
    return figure("cost of a varbind with 10,000 targets, as a multiple of that with 10", [costs[10000] / costs[10]], 1.3, "times") and good


def alone_beside(site, under, good):
    site.snmpd.stop()  # it has the port
    uplinkd = site.start(10000, "alone")
    wait_until(lambda: count(site.router, COMMUNITY, f"{TARGETS}.2") > 5000, 20, "the targets are there")
    meter = Meter(site.router, COMMUNITY, uplinkd.children()["snmp"])
    for column in columns(site.router, COMMUNITY, TARGETS):
        meter.walk(f"{TARGETS}.{column}")
    meter.show("UPLINK-MIB, 10,000 targets x all columns, as its own agent")
    print(f"  CPU of the SNMP process: {meter.cost_us():.2f} us a varbind", flush=True)
    shares = [u / a for u, a in zip(under.rates, meter.rates)]
    good &= figure("walk as its own agent: time, as a share of that under snmpd", shares, 0.2, "of it")
    return uplinkd, good


def lateness(site, uplinkd, community, name, good):
    """p99.9 of the engine's timers above those of a process that does nothing else, while four walk."""
    results = []
    for i in range(ROUNDS):
        control = site.router.start(f"control-{name}-{i}", tools.bench_helper("control_timer"), BUSY, 10)
        control.wait_log("ready")
        before = uplinkd.ask("stats")["lateness_buckets"]
        command = " ".join(walk(community, TARGETS))
        loop = f"end=$(($(date +%s) + {SECONDS})); while [ $(date +%s) -lt $end ]; do {command} >/dev/null || exit 1; done"
        walkers = [site.router.start(f"walk-{name}-{i}-{k}", "sh", "-c", loop, env={"MIBS": ""}) for k in range(PARALLEL)]
        assert [w.wait(SECONDS + 60) for w in walkers] == [0] * PARALLEL
        buckets = difference(uplinkd.ask("stats")["lateness_buckets"], before)
        control.stop()
        own = percentile(buckets, 0.999) / 1000
        other = percentile(control_buckets(control), 0.999) / 1000
        print(f"  {sum(n for _, n in buckets)} timers: engine p99.9 {own:g} ms, control {other:g} ms", flush=True)
        results.append(own - other)
    return figure(f"engine timer lateness during four walks, {name}, p99.9 above that of the control process", results, 5, "ms") and good


def control_buckets(control):
    return json.loads(control.log().splitlines()[-1])


def measure(run):
    site = Site(run)
    run.closers.append(site.close)
    site.router.ip("\n".join(f"link add t{n} type veth peer name u{n}" for n in range(INTERFACES // 2)))
    site.snmpd.start()
    uplinkd, under, good = under_snmpd(site, True)
    good = lateness(site, uplinkd, READ, "under snmpd", good)
    uplinkd.stop()
    uplinkd, good = alone_beside(site, under, good)
    good = lateness(site, uplinkd, COMMUNITY, "as its own agent", good)
    uplinkd.stop()
    site.snmpd.start()
    return flatness(site, good)


if __name__ == "__main__":
    main(measure)
