# SPDX-License-Identifier: ISC
"""Flows with the whole daemon: they keep to their link, and what leaves by a link is counted to the
last packet."""

import time

import pytest

from uplab.capture import Capture
from uplab.daemon import Uplinkd, config
from uplab.flow import Flow
from uplab.topology import TARGETS, TARGETS6
from uplab.wait import wait_until

SHARED = pytest.mark.parametrize("shared", [False, True], ids=["one interface each", "shared interface"])

# So seldom that nothing of the daemon's own moves while counters and capture are compared.
SELDOM = "interval 20s\ntimeout 200ms\ndown after 3\nup after 1\nhold 0s\n"


def active(daemon):
    return all(link["oper"] == "active" for link in daemon.ask("status")["links"])


def counted(daemon, link, version):
    for route in daemon.ask("routes")["routes"]:
        if (route["link_index"], route["version"]) == (link, version) and "packets" in route:
            return route["packets"], route["octets"]
    return None


def settled(read, quiet_s=2.5):
    """What read() returns once it has been the same for so long: counters are published once a second."""
    value, since, deadline = read(), time.monotonic(), time.monotonic() + 60
    while time.monotonic() < deadline:
        time.sleep(0.1)
        new = read()
        if new != value:
            value, since = new, time.monotonic()
        elif time.monotonic() - since > quiet_s:
            return value
    raise AssertionError(f"it never settles: {value}")


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
    wait_until(lambda: active(daemon), 20, "both links are active")
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
    wait_until(lambda: active(daemon), 20, "both links are active")
    old = Flow(lab.client, lab.inet, TARGETS[1], rate=100, flows=20)
    carried(daemon, 2000)  # 100 of each flow
    assert daemon.ctl("drain", "isp1").returncode == 0
    wait_until(lambda: daemon.ask("status")["links"][0]["oper"] == "draining", 5, "isp1 is draining")
    new = Flow(lab.client, lab.inet, TARGETS[2], rate=100, flows=20)
    carried(daemon, 2000, links=[2])
    stayed, fresh = old.stop(), new.stop()
    assert (stayed["lost"], stayed["moved"]) == (0, 0)
    assert set(stayed["sources"]) == {lab.source(1), lab.source(2)}
    assert fresh["lost"] == 0
    assert set(fresh["sources"]) == {lab.source(2)}


def test_only_the_flows_of_a_dead_link_move(lab):
    daemon = Uplinkd(lab, config(lab)).start()
    wait_until(lambda: active(daemon), 20, "both links are active")
    flows = [Flow(lab.client, lab.inet, TARGETS[1], rate=100, flows=1) for _ in range(12)]
    carried(daemon, 1200)  # 100 of each flow
    lab.blackhole(1)
    wait_until(lambda: daemon.ask("status")["links"][0]["oper"] == "out", 5, "isp1 is out")
    carried(daemon, 1200, links=[2])
    lab.heal(1)
    wait_until(lambda: active(daemon), 20, "isp1 is back")
    carried(daemon, 1200)
    results = [flow.stop() for flow in flows]
    moved = [r for r in results if r["moved"]]
    stayed = [r for r in results if not r["moved"]]
    assert moved and stayed
    assert all(set(r["sources"]) == {lab.source(2)} and r["lost"] == 0 for r in stayed)
    assert all(r["moved"] == 1 and r["sources"][lab.source(2)] > 50 for r in moved)
    assert [lab.foreign_drops(n) for n in lab.isps] == [0, 0]
