# SPDX-License-Identifier: ISC
"""Use of each link, packets and octets: exactly what a capture on it saw."""

import re

import pytest

from uplab.capture import Capture
from uplab.daemon import Uplinkd, config
from uplab.flow import Flow
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
        wait_until(lambda: use(uplinkd, f"isp{n}")[4] > before[n], 15, "counting goes on")
        assert kernel(lab, uplinkd.index(f"isp{n}"))[4] < before[n]


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
