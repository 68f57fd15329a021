# SPDX-License-Identifier: ISC
"""Flows with the whole daemon: they keep to their link, and what leaves by a link is counted to the
last packet."""

import re
import time

import pytest

from uplab.capture import Capture
from uplab.daemon import Uplinkd, config
from uplab.flow import Flow
from uplab.many import ManyLinks
from uplab.netns import Namespace, veth
from uplab.run import delete_namespace
from uplab.topology import CLIENT, TARGETS, TARGETS6
from uplab.wait import wait_until

SHARED = pytest.mark.parametrize("shared", [False, True], ids=["one interface each", "shared interface"])

# So seldom that nothing of the daemon's own moves while counters and capture are compared.
SELDOM = "interval 5m\ntimeout 1s\ndown after 3\nup after 1\nhold 0s\n"


def counted(daemon, link, version):
    for route in daemon.ask("routes")["routes"]:
        if (route["link_index"], route["version"]) == (link, version) and "packets" in route:
            return route["packets"], route["octets"]
    return None


def settled(read, quiet_s=2.5):
    """What read() returns once it has been the same for so long: counters are published once a second."""
    value, since = read(), time.monotonic()

    def quiet():
        nonlocal value, since
        new = read()
        if new != value:
            value, since = new, time.monotonic()
        return time.monotonic() - since > quiet_s

    wait_until(quiet, 60, "it settles")
    return value


def carried(daemon, packets, links=(1, 2)):
    """Waits until so many IPv4 packets more have left by these links, all together."""
    def total():
        return sum((counted(daemon, link, 4) or (0, 0))[0] for link in links)

    start = total()
    wait_until(lambda: total() >= start + packets, 20, f"{packets} packets leave by links {links}")


@SHARED
def test_what_leaves_by_a_link_is_counted_exactly(make_lab, shared):
    lab = make_lab(shared=shared)
    daemon = Uplinkd(lab, config(lab, times=SELDOM)).start()
    daemon.wait_all_active()
    # by the gateway's link-layer address where both share the interface; neighbour discovery is
    # nobody's there, so IPv6 is compared where it is not
    captures = {}
    for n in lab.isps:
        mac = lab.isps[n].run("cat", "/sys/class/net/wan0/address").strip()
        captures[n, 4] = Capture(lab.router, lab.interface(n), f"ip and ether dst {mac}", "out")
        if not shared:
            captures[n, 6] = Capture(lab.router, lab.interface(n), "ip6", "out")

    def read():
        return {key: (counted(daemon, *key), capture.octets()) for key, capture in captures.items()}

    before = settled(read)
    flows = Flow(lab.client, lab.inet, TARGETS[1], rate=200, flows=20)
    six = [lab.client.pings(TARGETS6[1], source=f"2001:db8:{n}:100::10") for n in lab.isps]
    carried(daemon, 400)
    result = flows.stop()
    after = settled(read)
    assert result["lost"] == 0
    assert all(six)
    for key in captures:
        (counted0, captured0), (counted1, captured1) = before[key], after[key]
        counters = tuple(b - a for a, b in zip(counted0, counted1))
        capture = tuple(b - a for a, b in zip(captured0, captured1))
        assert counters == capture, f"link {key[0]}, IPv{key[1]}"
        assert counters[0] > 0
    assert sum(after[n, 4][0][0] - before[n, 4][0][0] for n in lab.isps) >= result["sent"]


@SHARED
def test_a_drain_moves_and_loses_nothing(make_lab, shared):
    lab = make_lab(shared=shared)
    daemon = Uplinkd(lab, config(lab)).start()
    daemon.wait_all_active()
    old = Flow(lab.client, lab.inet, TARGETS[1], rate=100, flows=20)
    carried(daemon, 2000)  # 100 of each flow
    assert daemon.ctl("drain", "isp1").returncode == 0
    daemon.wait_link("isp1", 5, oper="draining")
    new = Flow(lab.client, lab.inet, TARGETS[2], rate=100, flows=20)
    carried(daemon, 2000, links=[2])
    stayed, fresh = old.stop(), new.stop()
    assert (stayed["lost"], stayed["moved"]) == (0, 0)
    assert set(stayed["sources"]) == {lab.source(1), lab.source(2)}
    assert fresh["lost"] == 0
    assert set(fresh["sources"]) == {lab.source(2)}


def test_only_the_flows_of_a_dead_link_move(lab):
    daemon = Uplinkd(lab, config(lab)).start()
    daemon.wait_all_active()
    flows = [Flow(lab.client, lab.inet, TARGETS[1], rate=100, flows=1) for _ in range(20)]
    carried(daemon, 2000)  # 100 of each flow
    lab.blackhole(1)
    daemon.wait_link("isp1", 5, oper="out")
    carried(daemon, 2000, links=[2])
    lab.heal(1)
    daemon.wait_all_active()
    carried(daemon, 2000)
    results = [flow.stop() for flow in flows]
    moved = [r for r in results if r["moved"]]
    stayed = [r for r in results if not r["moved"]]
    assert moved and stayed
    assert all(set(r["sources"]) == {lab.source(2)} and r["lost"] == 0 for r in stayed)
    assert all(r["moved"] == 1 and r["sources"][lab.source(2)] > 50 for r in moved)
    assert [lab.foreign_drops(n) for n in lab.isps] == [0, 0]


# ---- numbers ----

NUMBERS = {
    # the top bit of each is the probes'; what lies around it is the administrator's
    "low bits": ("mark mask 0x3e\n", 7000, 1, 0x1E),
    "all moved": ("mark mask 0xff000000\ntable 300000\nrule 20000\n", 300000, 24, 0x7F000000),
}


@pytest.mark.parametrize("numbers", NUMBERS)
def test_flows_keep_to_their_link_by_other_numbers(lab, numbers):
    settings, table, shift, mask = NUMBERS[numbers]
    daemon = Uplinkd(lab, config(lab, extra=settings)).start().wait_all_active()
    old = Flow(lab.client, lab.inet, TARGETS[1], rate=100, flows=20)
    carried(daemon, 1000)
    for n in lab.isps:
        assert lab.gateway(n) in lab.router.run("ip", "route", "show", "table", table + n)
        marked = lab.router.run("conntrack", "-L", "--dst", TARGETS[1], "--mark", f"{n << shift:#x}/{mask:#x}")
        assert set(re.findall(rf"src={TARGETS[1]} dst=(\S+)", marked)) == {lab.source(n)}, marked
    assert daemon.ctl("drain", "isp1").returncode == 0
    daemon.wait_link("isp1", 5, oper="draining")
    new = Flow(lab.client, lab.inet, TARGETS[2], rate=100, flows=20)
    carried(daemon, 2000, links=[2])
    stayed, fresh = old.stop(), new.stop()
    assert (stayed["lost"], stayed["moved"]) == (0, 0)
    assert set(stayed["sources"]) == {lab.source(1), lab.source(2)}
    assert (fresh["lost"], set(fresh["sources"])) == (0, {lab.source(2)})
    assert daemon.ctl("auto", "isp1").returncode == 0
    daemon.wait_link("isp1", oper="active")
    lab.blackhole(1)
    daemon.wait_link("isp1", oper="out")
    link1 = ("conntrack", "-L", "--mark", f"{1 << shift:#x}/{mask:#x}")
    wait_until(lambda: lab.router.run(*link1) == "", 5, "the dead link's flows are cut")


class ManyAndClient(ManyLinks):
    """The same with a client behind the router, whose flows go far."""

    FAR, FARTHER = "198.19.255.254", "198.19.255.253"

    def __init__(self, run, links):
        super().__init__(run, links)
        self.client = Namespace(run, self.folder, "client")
        veth(self.client, "lan0", self.router, "lan0")
        self.client.ip("addr add 192.168.77.10/24 dev lan0\nroute add default via 192.168.77.1")
        self.router.ip("addr add 192.168.77.1/24 dev lan0")

    def flows(self, to):
        """[(mark, address that it was given)] of those that go there"""
        listed = self.router.run("conntrack", "-L", "-p", "udp", "--orig-dst", to)
        return [(int(mark), a) for a, mark in re.findall(rf"src={to} dst=(\S+) .*mark=(\d+)", listed)]

    def close(self):
        for ns in (self.client, self.router, self.world):
            ns.stop_all()
            delete_namespace(ns.full_name)


@pytest.mark.parametrize("links", [1, 99, 154, 255, 256])
def test_each_of_so_many_links_keeps_its_flows(run, links):
    """Link n - 1 has the index n: that is its mark, its table, and whose address the flow is given."""
    lab = ManyAndClient(run, links)
    try:
        keeps_its_flows(lab, links)
    finally:
        lab.close()


def keeps_its_flows(lab, links):
    # an engine with so much to do is not in real time: those of labs beside this one would wait for it
    text = lab.config(1, "realtime no\ninterval 1s\ndown after 3\nup after 1\nhold 0s\n")
    daemon = Uplinkd(lab, text).start()
    daemon.wait_all_active(60)
    old = Flow(lab.client, lab.world, lab.FAR, rate=5, flows=500)
    wait_until(lambda: len(lab.flows(lab.FAR)) == 500, 20, "500 flows")
    begun = sorted(lab.flows(lab.FAR))
    assert all(address == lab.source((mark >> 8) - 1) for mark, address in begun), begun
    used = {mark >> 8 for mark, _ in begun}
    # so many of 256 are left without a flow: 36 on average, five standard deviations are 25
    assert len(used) >= links - 65, used
    last = max(used)
    if links > 1:
        assert daemon.ctl("drain", f"l{last - 1}").returncode == 0
        daemon.wait_link(f"l{last - 1}", 10, oper="draining")
        fresh = Flow(lab.client, lab.world, lab.FARTHER, rate=5, flows=500)
        wait_until(lambda: len(lab.flows(lab.FARTHER)) == 500, 20, "500 flows more")
        assert last not in {mark >> 8 for mark, _ in lab.flows(lab.FARTHER)}
        assert fresh.stop()["lost"] == 0
    assert sorted(lab.flows(lab.FAR)) == begun
    result = old.stop()
    assert (result["lost"], result["moved"]) == (0, 0)
    daemon.stop()


# ---- marks of others ----

ADMIN = """
table inet admin {
	chain steer {
		type filter hook prerouting priority mangle
		ip daddr %s ct state new ct mark set 0x80000200
		ip daddr %s meta mark set 0x200
		ip daddr %s ct state new ct mark set 0x40000001
	}
}
"""


def test_marks_of_the_administrator_are_respected(lab):
    """A mark within the mask sends a flow, or a packet, over the link that it names: policy routing for
    free. Bits outside of it are nobody's but the administrator's."""
    daemon = Uplinkd(lab, config(lab)).start().wait_all_active()
    lab.router.nft(ADMIN % tuple(TARGETS[1:4]))
    by_flow, by_packet, free = [Flow(lab.client, lab.inet, a, rate=20, flows=20) for a in TARGETS[1:4]]

    def marks(address):
        listed = lab.router.run("conntrack", "-L", "--orig-dst", address)
        return sorted({int(m) for m in re.findall(r"mark=(\d+)", listed)}), len(listed.splitlines())

    wait_until(lambda: all(marks(a)[1] == 20 for a in TARGETS[1:4]), 10, "all flows are there")
    assert marks(TARGETS[1])[0] == [0x80000200]
    assert marks(TARGETS[3])[0] == [0x40000101, 0x40000201], "its own bits, and the link's"
    assert daemon.ctl("drain", "isp1").returncode == 0
    daemon.wait_link("isp1", oper="draining")
    results = [flow.stop() for flow in (by_flow, by_packet, free)]
    assert all((r["lost"], r["moved"]) == (0, 0) for r in results), results
    assert [set(r["sources"]) for r in results] == [
        {lab.source(2)}, {lab.source(2)}, {lab.source(1), lab.source(2)},
    ]  # fmt: skip


# ---- what comes in ----

INWARDS = """
table ip admin {
	chain in {
		type nat hook prerouting priority dstnat
		iifname "wan*" icmp type echo-request dnat to %s
	}
}
"""


@SHARED
@pytest.mark.parametrize("to", ["the router", "a host inside"])
def test_what_comes_in_by_a_link_is_answered_by_it(make_lab, shared, to):
    """Each provider drops answers that have another one's address."""
    lab = make_lab(shared=shared)
    Uplinkd(lab, config(lab)).start().wait_all_active()
    if to != "the router":
        lab.router.nft(INWARDS % CLIENT)
    heard = Capture(lab.client, "lan0", "icmp[icmptype] == icmp-echo", "in")
    for n in lab.isps:
        for address in TARGETS:
            assert lab.inet.pings(lab.source(n), source=address), (n, address)
        for address in TARGETS6:
            inside = f"2001:db8:{n}:100::10" if to != "the router" else lab.source6(n)
            assert lab.inet.pings(inside, source=address), (n, address)
    heard.stop()
    assert len(heard.lines()) == (0 if to == "the router" else 2 * len(TARGETS))
    assert [lab.foreign_drops(n) for n in lab.isps] == [0, 0]
