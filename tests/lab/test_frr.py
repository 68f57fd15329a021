# SPDX-License-Identifier: ISC
"""The program frr-default-route with FRR's own daemons: a router whose links are all down takes its default
route back from its neighbour, and announces it again when one is back. By OSPF and by BGP."""

import json
import pathlib

import pytest

from uplab import tools
from uplab.daemon import Uplinkd, config
from uplab.system import System
from uplab.topology import CLIENT, ROUTER_LAN, TARGETS
from uplab.wait import wait_until

HOOK = pathlib.Path(__file__).parents[2] / "contrib" / "hooks" / "frr-default-route"

OSPF = """\
interface lan0
 ip ospf network point-to-point
 ip ospf hello-interval 1
 ip ospf dead-interval 4
router ospf
 ospf router-id {own}
 network 192.168.77.0/24 area 0
"""

BGP = """\
router bgp {own_as}
 bgp router-id {own}
 no bgp ebgp-requires-policy
 timers bgp 1 3
 neighbor {other} remote-as {other_as}
 neighbor {other} timers connect 1
"""

PROTOCOLS = {"ospf": ("ospfd", OSPF, ["ospf"]), "bgp": ("bgpd", BGP, ["bgp", "65001", CLIENT])}


class Frr:
    """zebra and one protocol in a namespace, with files of their own; vtysh speaks to them there."""

    def __init__(self, system, namespace, name, daemon, text):
        folder = system.path(f"/run/frr-{name}")
        system.run("install", "-d", "-o", "frr", "-g", "frr", f"/run/frr-{name}")
        system.write(f"/run/frr-{name}/frr.conf", text)
        for program in ("zebra", daemon):
            system.start(
                f"{name}-{program}", f"/usr/lib/frr/{program}", "-f", f"/run/frr-{name}/frr.conf", "-z",
                f"/run/frr-{name}/zserv", "-i", f"/run/frr-{name}/{program}.pid", "--vty_socket", f"/run/frr-{name}",
                "--log", "stdout", namespace=namespace,
            )  # fmt: skip
            wait_until((folder / f"{program}.vty").exists, 15, f"{program} of {name} runs")


@pytest.mark.long
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_default_route_follows(lab, protocol):
    daemon, text, words = PROTOCOLS[protocol]
    system = System(lab, shown=[*tools.folders(), HOOK.parents[2], lab.folder])
    lab.client.ip("route del default")
    numbers = {"own": ROUTER_LAN, "other": CLIENT, "own_as": 65001, "other_as": 65002}
    Frr(system, lab.router, "router", daemon, text.format(**numbers))
    mirrored = {"own": CLIENT, "other": ROUTER_LAN, "own_as": 65002, "other_as": 65001}
    Frr(system, lab.client, "client", daemon, text.format(**mirrored))
    # vtysh looks for its daemons in one place
    system.run("rm", "-rf", "/run/frr")
    system.run("ln", "-s", "/run/frr-router", "/run/frr")

    words = " ".join(f'"{w}"' for w in words)
    text = config(lab, extra=f'on allDown allDownClear sync run "{HOOK}" {words} user "frr"\n')
    uplinkd = Uplinkd(lab, text)
    uplinkd.before = system.within()
    uplinkd.start().wait_all_active()

    def default():
        routes = json.loads(lab.client.run("ip", "-j", "route", "show", "default"))
        return [(r["gateway"], r["protocol"]) for r in routes]

    wait_until(lambda: default() == [(ROUTER_LAN, protocol)], 30, "the neighbour has the default route")
    wait_until(lambda: lab.client.pings(TARGETS[0]), 10)
    for n in lab.isps:
        lab.blackhole(n)
    uplinkd.wait_event("allDown")
    wait_until(lambda: default() == [], 15, "it is withdrawn")
    lab.heal(1)
    uplinkd.wait_event("allDownClear")
    wait_until(lambda: default() == [(ROUTER_LAN, protocol)], 15, "and announced again")
