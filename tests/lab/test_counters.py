# SPDX-License-Identifier: ISC
"""Use of each link, packets and octets: exactly what a capture on it saw."""

import os
import re
import signal

import pytest

from uplab.capture import Capture
from uplab.daemon import Uplinkd, config
from uplab.flow import Flow
from uplab.routing import members
from uplab.snmp import Manager, Snmpd
from uplab.topology import TARGETS, TARGETS6
from uplab.wait import wait_until

# After the first answers no probe for a long time, so that the two can be compared at rest.
QUIET = "interval 5m\ntimeout 1s\ndown after 3\nup after 1\nhold 0s\n"


def use(uplinkd, name):
    """{4: (packets, octets), 6: ...} as published"""
    return {
        family: (route.get("packets", 0), route.get("octets", 0))
        for family in (4, 6)
        for route in uplinkd.ask("routes")["routes"]
        if route["link"] == name and route["version"] == family
    }


def kernel(lab, index):
    """The same as the kernel has it now."""
    text = lab.router.run("nft", "list", "counters", "table", "inet", "uplinkd")
    counters = {}
    for family in (4, 6):
        found = re.search(rf"counter use{family}_{index} {{\s*packets (\d+) bytes (\d+)", text)
        counters[family] = (int(found[1]), int(found[2]))
    return counters


def captured(capture):
    """{4: (packets, octets), 6: ...} of what it saw so far; octets from the IP header on."""
    counts = {4: (0, 0), 6: (0, 0)}
    for line in capture.so_far("-e", "-q"):
        m = re.search(r"ethertype IPv(\d).*?, length (\d+): ", line) or re.search(r"IPv(\d), length (\d+): ", line)
        family, octets = int(m[1]), int(m[2]) - 14
        counts[family] = (counts[family][0] + 1, counts[family][1] + octets)
    return counts


def difference(after, before):
    return {f: (after[f][0] - before[f][0], after[f][1] - before[f][1]) for f in after}


@pytest.mark.parametrize("shared", [False, True], ids=["own-interfaces", "shared-interface"])
def test_packets_and_octets_are_exact(make_lab, shared):
    lab = make_lab(shared=shared)
    snmpd = Snmpd(lab).start()
    uplinkd = Uplinkd(lab, config(lab, times=QUIET, agentx=snmpd.socket)).start().wait_all_active()
    manager = Manager(lab.client)
    manager.wait_registered()
    links = {n: uplinkd.link(f"isp{n}")["link_index"] for n in lab.isps}
    for n, index in links.items():
        wait_until(lambda: use(uplinkd, f"isp{n}") == kernel(lab, index), 15, "published is the kernel's")
    expressions = {n: "ip or ip6" for n in lab.isps}
    if shared:  # what goes to a neighbour's own address on the wire has no gateway: it left by no route
        by_gateway = "(ip or (ip6 and not dst net fe80::/10)) and ether dst"
        expressions = {n: f"{by_gateway} {gateway_mac(lab, n)}" for n in lab.isps}
    captures = {
        n: Capture(lab.router, lab.interface(n), expressions[n], "out") for n in lab.isps
    }
    before = {n: kernel(lab, index) for n, index in links.items()}
    for n in lab.isps:
        assert captured(captures[n]) == {4: (0, 0), 6: (0, 0)}, "nothing in between"
        ask_who_it_is(lab, n)

    flows = [Flow(lab.client, lab.inet, TARGETS[0], rate=5, flows=100)]
    flows += [Flow(lab.client, lab.inet, TARGETS6[0], rate=50)]
    flows += [Flow(lab.router, lab.inet, TARGETS[1], rate=5, flows=20)]
    wait_until(lambda: sum(captured(captures[n])[4][0] for n in lab.isps) > 1000, 20, "1000 packets")
    for flow in flows:
        assert flow.stop()["lost"] == 0

    for n, index in links.items():
        # what is still on its way, then both at rest
        seen = wait_until(
            lambda: captured(captures[n]) == difference(kernel(lab, index), before[n])
            and captured(captures[n]),
            10,
            f"link {n}: capture and counters agree",
        )
        assert seen[4][0] > 100, "each link had its share"
        wait_until(lambda: use(uplinkd, f"isp{n}") == kernel(lab, index), 15, "published")
        packets, octets = manager.get(
            f"uplinkRoutePackets.{index}.ipv4", f"uplinkRouteOctets.{index}.ipv4"
        )
        assert (int(packets), int(octets)) == kernel(lab, index)[4]
        captures[n].stop()


def ask_who_it_is(lab, n):
    """The gateway asks for the router, as it does from time to time. The router answers to its fe80::."""
    address = lab.source6(n)
    lab.isps[n].run("ip", "neigh", "change", address, "dev", "wan0", "nud", "probe")
    wait_until(lambda: "REACHABLE" in lab.isps[n].run("ip", "neigh", "show", address, "dev", "wan0"), 5, "answered")


def gateway_mac(lab, n):
    return re.search(r"link/ether (\S+)", lab.isps[n].run("ip", "link", "show", "wan0"))[1]


def test_counters_survive_reload_and_restart(lab):
    uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active()
    flow = Flow(lab.client, lab.inet, TARGETS[0], rate=200, flows=2)
    wait_until(lambda: sum(use(uplinkd, f"isp{n}")[4][0] for n in lab.isps) > 200, 15)
    flow.stop()
    before = {n: use(uplinkd, f"isp{n}")[4] for n in lab.isps}
    uplinkd.write(config(lab, extra="# another comment\n"))
    uplinkd.ask("reload")
    for n in lab.isps:
        assert use(uplinkd, f"isp{n}")[4] >= before[n]
    uplinkd.namespace.run("kill", "-9", str(uplinkd.children()["worker"]))
    wait_until(lambda: uplinkd.children().get("worker"), 5)
    for n in lab.isps:
        wait_until(lambda: use(uplinkd, f"isp{n}")[4] > before[n], 15, "counting goes on")
    # the kernel's begin again where someone removes them; what is published goes on
    before = {n: use(uplinkd, f"isp{n}")[4] for n in lab.isps}
    lab.router.nft("flush ruleset")
    uplinkd.wait_event("routeRepaired")
    for n in lab.isps:
        assert kernel(lab, uplinkd.index(f"isp{n}"))[4] < before[n]
    for n in lab.isps:
        wait_until(lambda: use(uplinkd, f"isp{n}")[4] > before[n], 15, "counting goes on")


def test_new_flows_are_counted_once(lab):
    uplinkd = Uplinkd(lab, config(lab, times=QUIET)).start().wait_all_active()

    def new_flows():
        return sum(r["new_flows"] for r in uplinkd.ask("routes")["routes"] if r["version"] == 4)

    wait_until(lambda: all("new_flows" in r for r in uplinkd.ask("routes")["routes"]), 10)
    before = new_flows()
    flow = Flow(lab.client, lab.inet, TARGETS[0], rate=10, flows=50)
    wait_until(lambda: new_flows() - before >= 50, 15)
    flow.stop()
    assert new_flows() - before == 50


class Published:
    """Packets of IPv4 by link as a manager sees them, and since when they are counted."""

    def __init__(self, lab):
        self.lab = lab
        self.snmpd = Snmpd(lab).start()
        self.text = config(lab, agentx=self.snmpd.socket)
        self.uplinkd = Uplinkd(lab, self.text).start().wait_all_active()
        self.manager = Manager(lab.client)
        self.manager.wait_registered()
        self.indexes = {n: self.uplinkd.index(f"isp{n}") for n in lab.isps}

    def now(self, n):
        """(packets, time), or None where there is none."""
        index = self.indexes[n]
        values = self.manager.get(f"uplinkRoutePackets.{index}.ipv4", f"uplinkRouteDiscontinuity.{index}.ipv4")
        return (int(values[0]), values[1]) if values[0] else None

    def wait(self, n, what, accept):
        """Until a manager is told so; returns it."""

        def so():
            try:
                seen = self.now(n)
            except AssertionError:  # the master has nobody to ask just now
                return None
            return seen if seen and accept(*seen) else None

        try:
            return wait_until(so, 20, f"link {n}: {what}")
        except AssertionError as expired:
            raise AssertionError(f"{expired}; there is {self.now(n)}, of {self.uplinkd.ask('routes')}") from None

    def assert_goes_on(self, n, before):
        packets, since = self.wait(n, "counts more", lambda packets, _: packets > before[0])
        assert since == before[1], "the time moved though the counts go on"
        return packets, since

    def wait_routes(self, number):
        wait_until(lambda: len(members(self.lab.router)) == number, 10, f"{number} links carry")

    def kill(self, who):
        old = wait_until(lambda: self.uplinkd.children().get(who), 10, f"the {who} process")
        os.kill(old, signal.SIGKILL)
        wait_until(lambda: self.uplinkd.children().get(who, old) != old, 10, f"another {who} process")
        wait_until(self.uplinkd.answers, 5, "the engine answers")

    def engine_that_never_lives(self):
        """Three times in a row: then its memory may be the reason."""
        for _ in range(3):
            self.kill("engine")
        self.uplinkd.process.wait_log("the board is started afresh")


@pytest.fixture
def published(lab):
    return Published(lab)


def test_the_discontinuity_time_stands_while_the_counts_go_on(published):
    uplinkd = published.uplinkd
    seen = {n: published.wait(n, "is counted", lambda packets, _: packets > 0) for n in published.indexes}

    def restart(end):
        end()
        uplinkd.start()

    disturbances = {
        "another plan": lambda: (uplinkd.ask("drain", link="isp1"), published.wait_routes(1)),
        "the plan before": lambda: (uplinkd.ask("auto", link="isp1"), uplinkd.wait_all_active()),
        "another configuration": lambda: (uplinkd.write(published.text + "# more\n"), uplinkd.ask("reload")),
        "another engine": lambda: published.kill("engine"),
        "another worker": lambda: published.kill("worker"),
        "another SNMP process": lambda: published.kill("snmp"),
        "an empty packet filter": lambda: (published.lab.router.nft("flush ruleset"), uplinkd.wait_event("routeRepaired")),
        "a daemon that was killed": lambda: restart(uplinkd.kill),
        "a daemon that was stopped": lambda: restart(uplinkd.stop),
    }
    for what, disturb in disturbances.items():
        disturb()
        for n in seen:
            try:
                seen[n] = published.assert_goes_on(n, seen[n])
            except AssertionError as wrong:
                raise AssertionError(f"{what}: {wrong}") from None


def test_the_discontinuity_time_moves_where_counts_begin_anew(published):
    uplinkd, lab = published.uplinkd, published.lab
    seen = {n: published.wait(n, "is counted", lambda packets, _: packets > 0) for n in published.indexes}

    def moved(n):
        since = seen[n][1]
        seen[n] = published.wait(n, "began anew", lambda _, time: time != since)

    # a row that comes again, and nobody else's
    uplinkd.write(config(lab, agentx=published.snmpd.socket, links=[1]))
    uplinkd.ask("reload")
    wait_until(lambda: list(uplinkd.links()) == ["isp1"], 10, "one link")
    uplinkd.write(published.text)
    uplinkd.ask("reload")
    wait_until(lambda: len(uplinkd.links()) == 2, 10, "two links")
    moved(2)
    seen[1] = published.assert_goes_on(1, seen[1])

    # what an earlier run knew is lost
    uplinkd.stop()
    (uplinkd.rundir / "board").unlink()
    uplinkd.start()
    moved(1)
    moved(2)

    # or given up
    published.engine_that_never_lives()
    moved(1)
    moved(2)
