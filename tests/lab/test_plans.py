# SPDX-License-Identifier: ISC
"""Which links carry, and what becomes of the flows of one that no longer does: nothing before the new
routes stand, and nothing at all where it would not help."""

import re
import sys

import pytest

from uplab import daemon
from uplab.daemon import Uplinkd, config
from uplab.flow import Flow
from uplab.routing import members, refuse_gateway6
from uplab.snmp import Snmpd, Station
from uplab.topology import TARGETS
from uplab.wait import holds_for, wait_until

PORT = 8088


def gateways(lab, *links):
    return {lab.gateway(n) for n in links}


def carried_by(lab, *links):
    wait_until(lambda: members(lab.router).keys() == gateways(lab, *links), 10, f"links {links} carry")


def start(lab, extra, top=""):
    """extra: {link: statements within it}"""
    text = 'site "lab"\nsnmp no\n' + top + daemon.TIMES
    text += "".join(daemon.link_text(lab, n, extra=extra.get(n, "")) for n in lab.isps)
    return Uplinkd(lab, text).start()


def flows_of(lab, uplinkd, name):
    """How many flows have the link's mark."""
    mark = uplinkd.index(name) << 8
    return len(lab.router.run("conntrack", "-L", "--mark", f"{mark:#x}/0x3ff00").splitlines())


def all_begun(lab, uplinkd, count):
    """Until so many flows are spread over all links."""

    def spread():
        flows = [flows_of(lab, uplinkd, f"isp{n}") for n in lab.isps]
        return all(flows) and sum(flows) >= count

    wait_until(spread, 10, "all links have flows")


# ---- tiers ----


def test_a_link_alone_in_its_tier(make_lab):
    lab = make_lab(isps=3)
    uplinkd = start(lab, {1: "tier 1", 2: "tier 2\nweight 3", 3: "tier 2"})
    carried_by(lab, 1)
    assert uplinkd.status()["active_tier"] == 1
    lab.blackhole(1)
    carried_by(lab, 2, 3)
    wait_until(lambda: members(lab.router)[lab.gateway(2)] == 3, 5, "by their weights")
    flows = Flow(lab.client, lab.inet, TARGETS[0], rate=100, flows=60)  # that a quarter gets none is not to be expected
    wait_until(lambda: all((uplinkd.link(f"isp{n}").get("live_flows") or 0) >= 1 for n in (2, 3)), 10, "both have some")
    lab.heal(1)
    carried_by(lab, 1)
    fresh = Flow(lab.client, lab.inet, TARGETS[1], rate=200, flows=10)
    wait_until(lambda: (uplinkd.link("isp1").get("live_flows") or 0) >= 10, 10, "new ones are on isp1")
    old, new = flows.stop(), fresh.stop()
    assert (old["lost"], old["moved"]) == (0, 0), "the return disturbs nothing"
    assert set(old["sources"]) == {lab.source(2), lab.source(3)}
    assert set(new["sources"]) == {lab.source(1)}


def test_a_last_resort_carries_only_where_no_other_can(make_lab):
    lab = make_lab(isps=3)
    uplinkd = start(lab, {1: "tier 1\nlast resort yes", 2: "tier 1", 3: "tier 2"})
    carried_by(lab, 2)
    uplinkd.wait_link("isp1", oper="standby")
    lab.blackhole(2)
    carried_by(lab, 3)
    lab.blackhole(3)
    carried_by(lab, 1)
    uplinkd.wait_link("isp1", oper="active")
    assert lab.client.pings(TARGETS[0])
    assert uplinkd.status()["all_down"] is False
    lab.heal(3)
    carried_by(lab, 3)
    uplinkd.wait_link("isp1", oper="standby")


# ---- what is cut, and when ----


def test_no_flow_is_cut_before_the_new_routes_stand(lab):
    """The kernel refuses the IPv6 routes by the link that is left: until it takes them, no flow of the
    dead one is touched, since not all of what is new could be read back."""
    uplinkd = start(lab, {}).wait_all_active()
    flows = Flow(lab.client, lab.inet, TARGETS[0], rate=200, flows=20)
    all_begun(lab, uplinkd, 20)
    refuse_gateway6(lab, 2)
    before = flows_of(lab, uplinkd, "isp1")
    lab.blackhole(1)
    failed = uplinkd.wait_event("routeFailed")
    uplinkd.wait_link("isp1", health="down")
    assert members(lab.router, 6).keys() == {lab.gateway6(1)}, "what can't be replaced stays"
    holds_for(lambda: flows_of(lab, uplinkd, "isp1") >= before, 2, "and no flow is cut")
    flows.stop()  # a flow that begins while others are cut hides one of them
    before = flows_of(lab, uplinkd, "isp1")
    lab.router.ip(f"addr del {lab.gateway6(2)}/128 dev lo")
    uplinkd.wait_event("routeRepaired", after=failed["number"])
    carried_by(lab, 2)
    wait_until(lambda: flows_of(lab, uplinkd, "isp1") == 0, 5, "now they are")
    wait_until(lambda: (uplinkd.wait_event("failover", "isp1").get("flows_killed") or 0) >= before, 5, "told")


@pytest.mark.parametrize("kill", ["yes", "no"])
def test_flows_of_a_dead_link_are_cut_where_they_are_to_be(lab, kill):
    uplinkd = start(lab, {1: f"kill flows {kill}"}).wait_all_active()
    flows = Flow(lab.client, lab.inet, TARGETS[0], rate=200, flows=20)
    all_begun(lab, uplinkd, 20)
    before = flows_of(lab, uplinkd, "isp1")
    lab.blackhole(1)
    carried_by(lab, 2)
    if kill == "yes":
        wait_until(lambda: flows_of(lab, uplinkd, "isp1") == 0, 5, "they are cut")
    else:
        holds_for(lambda: flows_of(lab, uplinkd, "isp1") == before, 2, "they stay")
    result = flows.stop()
    assert (result["moved"] > 0) == (kill == "yes"), result


@pytest.mark.parametrize("who", ["worker", "engine and worker"])
def test_flows_are_cut_though_whoever_was_to_cut_them_dies(lab, who):
    """The worker has the order, or not even that, and dies before it could follow it."""
    uplinkd = start(lab, {}).wait_all_active()
    flows = Flow(lab.client, lab.inet, TARGETS[0], rate=200, flows=20)
    all_begun(lab, uplinkd, 20)
    children = uplinkd.children()
    lab.router.run("kill", "-STOP", str(children["worker"]))
    lab.blackhole(1)
    uplinkd.wait_event("failover", "isp1")
    assert flows_of(lab, uplinkd, "isp1") > 0
    for child in who.split(" and "):
        lab.router.run("kill", "-9", str(children[child]))
    wait_until(lambda: flows_of(lab, uplinkd, "isp1") == 0, 10, "the next worker cuts them")
    result = flows.stop()
    assert set(result["sources"]) == {lab.source(1), lab.source(2)}
    if who == "worker":
        wait_until(lambda: uplinkd.wait_event("failover", "isp1").get("flows_killed"), 5, "told")


@pytest.mark.parametrize("kept", [True, False])
def test_a_link_has_left_though_its_last_ipv6_route_stays(lab, kept):
    """The other link has no IPv6, and takes all that it can. Its gateways may be lost with the link."""
    ways = {4: lab.gateway(1), 6: lab.gateway6(1)}
    learned = {version: f"default via {way} dev wan1 metric 1024".split() for version, way in ways.items()}
    first = daemon.link_text(lab, 1)
    if not kept:
        for version in ways:
            lab.router.run("ip", f"-{version}", "route", "add", *learned[version])
            first = first.replace(f"gateway {ways[version]}", "gateway auto" if version == 4 else "")
    text = config(lab, links=[2], ipv6=False) + first
    uplinkd = daemon.Uplinkd(lab, text).start().wait_all_active()
    wait_until(lambda: members(lab.router, 6).keys() == {ways[6]}, 10, "IPv6 is carried")
    flows = Flow(lab.client, lab.inet, TARGETS[0], rate=200, flows=20)
    all_begun(lab, uplinkd, 20)
    if kept:
        lab.blackhole(1)
    else:
        for version in ways:
            lab.router.run("ip", f"-{version}", "route", "del", *learned[version])
    wait_until(lambda: members(lab.router).keys() == {lab.gateway(2)}, 5, "IPv4 has moved")
    uplinkd.wait_link("isp1", oper="out")
    assert members(lab.router, 6).keys() == {ways[6]}, "nothing can take its place"
    wait_until(lambda: flows_of(lab, uplinkd, "isp1") == 0, 5, "its flows are cut")
    uplinkd.wait_event("failover", "isp1")
    assert flows.stop()["moved"] > 0
    if kept:
        lab.heal(1)
    else:
        for version in ways:
            lab.router.run("ip", f"-{version}", "route", "add", *learned[version])
    uplinkd.wait_link("isp1", oper="active")
    uplinkd.wait_event("failback", "isp1")
    assert len(uplinkd.events("failover", "isp1")) == 1


@pytest.mark.parametrize("fault", ["silence", "carrier"])
def test_nothing_is_cut_where_nothing_else_can_carry(lab, fault):
    """The flows wait for their link, also where the kernel has taken its routes: what lives that long
    goes on."""
    uplinkd = start(lab, {}).wait_all_active()
    flows = Flow(lab.client, lab.inet, TARGETS[0], rate=200, flows=20)
    lab.blackhole(2)
    carried_by(lab, 1)
    wait_until(lambda: flows_of(lab, uplinkd, "isp1") >= 20, 10, "all flows are on link 1")
    if fault == "silence":
        lab.blackhole(1)
    else:
        lab.carrier(1, False)
        wait_until(lambda: not [r for r in uplinkd.ask("routes")["routes"] if r["installed"]], 5, "no way out")
    uplinkd.wait_event("allDown")
    holds_for(lambda: flows_of(lab, uplinkd, "isp1") >= 20, 2, "none is cut")
    if fault == "silence":
        lab.heal(1)
    else:
        lab.carrier(1, True)
    uplinkd.wait_event("allDownClear")
    answered = lab.client.pings(TARGETS[1])
    result = flows.stop()
    assert answered
    assert set(result["sources"]) <= {lab.source(1), lab.source(2)}


# The router's own connections, one line for each that ends: the address it came from.
OWN = """
import select, socket, sys
sockets = {socket.create_connection((sys.argv[1], 8088)) for _ in range(20)}
for s in sockets:
    print("from", s.getsockname()[0], flush=True)
print("ready", flush=True)
while sockets:
    for s in select.select(sockets, [], [])[0]:
        try:
            what = "closed" if not s.recv(1) else "data"
        except OSError as e:
            what = type(e).__name__
        print("ended", s.getsockname()[0], what, flush=True)
        sockets.remove(s)
"""

SERVER = """
import socket
server = socket.create_server(("", 8088))
print("ready", flush=True)
kept = []
while True:
    kept.append(server.accept()[0])
"""


def test_the_routers_own_connections_are_ended_at_once_and_no_others(lab):
    uplinkd = start(lab, {}).wait_all_active()
    lab.inet.start("server", sys.executable, "-c", SERVER).wait_log("ready")
    own = lab.router.start("own", sys.executable, "-c", OWN, TARGETS[0])
    own.wait_log("ready")
    begun = re.findall(r"from (\S+)", own.log())
    assert len(begun) == 20
    marked = {n: flows_of_port(lab, uplinkd, n) for n in lab.isps}
    assert all(marked.values()), f"each link has some of {begun}"
    lab.blackhole(1)
    carried_by(lab, 2)
    wait_until(lambda: own.log().count("ended") == marked[1], 5, "those of the dead link end")
    holds_for(lambda: own.log().count("ended") == marked[1] and own.running(), 1, "and only those")
    assert flows_of_port(lab, uplinkd, 2) == marked[2]


def flows_of_port(lab, uplinkd, n):
    mark = uplinkd.index(f"isp{n}") << 8
    listed = lab.router.run("conntrack", "-L", "-p", "tcp", "--dport", PORT, "--mark", f"{mark:#x}/0x3ff00")
    return listed.count("ESTABLISHED")


# ---- drain ----


def test_the_end_of_a_drain_is_told_by_all_ways(lab):
    """Event, notification and hook say that the link may be unplugged; the order stays as it was given."""
    station = Station(lab.nms)
    snmpd = Snmpd(lab).start()
    runs = lab.folder / "runs"
    runs.write_text("")
    runs.chmod(0o666)
    tell = lab.folder / "tell"
    tell.write_text('#!/bin/sh\necho "$UPLINKD_EVENT $UPLINKD_LINK $UPLINKD_REASON" >>"$1"\n')
    tell.chmod(0o755)
    text = config(lab, extra=f'on drained run "{tell}" "{runs}"\ndrain idle 1s\n', agentx=snmpd.socket)
    uplinkd = Uplinkd(lab, text).start().wait_all_active()
    flows = Flow(lab.client, lab.inet, TARGETS[0], rate=100, flows=20)
    wait_until(lambda: (uplinkd.link("isp1").get("live_flows") or 0) > 0, 10, "flows live on isp1")
    uplinkd.ask("drain", link="isp1", timeout_s=3600, owner="noc", comment="line test")
    uplinkd.wait_link("isp1", oper="draining")
    station.wait("uplinkDrainStarted", "isp1")
    holds_for(lambda: uplinkd.link("isp1")["oper"] == "draining", 2, "while they live")
    assert runs.read_text() == "" and not station.named("uplinkDrained")
    result = flows.stop()
    assert (result["lost"], result["moved"]) == (0, 0)
    over = uplinkd.wait_event("drained", "isp1")
    assert over["reason"] == "noFlows"
    station.wait("uplinkDrained", "isp1")
    wait_until(lambda: runs.read_text() == "drained isp1 noFlows\n", 5, "the hook runs")
    link = uplinkd.wait_link("isp1", oper="drained", admin="drain")
    assert (link["order"]["owner"], link["order"]["comment"]) == ("noc", "line test")
    assert 3500 < link["order"]["remaining_s"] <= 3600
