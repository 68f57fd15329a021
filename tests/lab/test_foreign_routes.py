# SPDX-License-Identifier: ISC
"""What others put into the kernel's routing stays theirs, and what the daemon made goes with release."""

import os
import signal

import pytest

from uplab.daemon import Uplinkd, config
from uplab.flow import Flow
from uplab.routing import main_table, members, refuse_gateway6, snapshot
from uplab.snmp import Manager, Snmpd
from uplab.topology import TARGETS, TARGETS6
from uplab.wait import wait_until

DEAD4 = "100.64.1.77"
DEAD6 = "2001:db8:1::77"

# Defaults as others leave them in main, all by a gateway that does not exist: traffic that took one
# would be lost.
FOREIGN = {
    "dhcp-metric-0": [f"route add default via {DEAD4} dev wan1 proto dhcp"],
    "networkmanager": [f"route add default via {DEAD4} dev wan1 proto dhcp src 100.64.1.2 metric 100"],
    "administrator": [f"route add default via {DEAD4} dev wan1 proto static metric 20"],
    "high-metric": [f"route add default via {DEAD4} dev wan1 proto static metric 4294967295"],
    "router-advertisement": [
        f"-6 route add default via {DEAD6} dev wan1 proto ra metric 1024 expires 1800"
    ],
    "ipv6-metric-1": [f"-6 route add default via {DEAD6} dev wan1 proto static metric 1"],
}


def add(ns, lines):
    for line in lines:
        ns.run("ip", *line.split())


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_default_is_untouched_and_unused(lab, kind, when):
    if when == "before":
        add(lab.router, FOREIGN[kind])
        before = main_table(lab.router), strip(main_table(lab.router, 6))
    uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active()
    if when == "after":
        add(lab.router, FOREIGN[kind])
        before = main_table(lab.router), strip(main_table(lab.router, 6))

    def traffic():
        for address in TARGETS[:4]:
            wait_until(lambda: lab.client.pings(address), 5, f"{address} answers")
        for n in lab.isps:
            source = f"2001:db8:{n}:100::10"
            wait_until(lambda: lab.client.pings(TARGETS6[0], source=source), 5, f"answers to {source}")

    traffic()
    lab.blackhole(2)
    wait_until(lambda: members(lab.router).keys() == {lab.gateway(1)}, 5)
    assert lab.client.pings(TARGETS[0])
    uplinkd.wait_link("isp2", oper="out")
    lab.heal(2)
    uplinkd.wait_link("isp2", oper="active")
    traffic()
    uplinkd.ask("release")
    assert (main_table(lab.router), strip(main_table(lab.router, 6))) == before


def strip(lines):
    """Without the seconds that are left of a route that expires."""
    return [line.split(" expires")[0] for line in lines]


def test_release_removes_everything(lab):
    before = snapshot(lab.router)
    uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active()
    assert snapshot(lab.router) != before
    uplinkd.ask("release")
    wait_until(lambda: snapshot(lab.router) == before, 10, "all that the daemon made is gone")


def test_exit_leaves_the_routes_and_release_can_come_later(lab):
    before = snapshot(lab.router)
    uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active()
    running = members(lab.router)
    assert uplinkd.stop() == 0
    assert members(lab.router) == running
    assert lab.client.pings(TARGETS[0])
    uplinkd.start()
    uplinkd.ask("release")
    wait_until(lambda: snapshot(lab.router) == before, 10, "all that the daemon made is gone")


def test_specific_routes_in_main_go_first(lab):
    """A route of the administrator that is more specific than a default is obeyed."""
    Uplinkd(lab, config(lab)).start().wait_all_active()
    lab.router.ip(f"route add blackhole {TARGETS[1]}/32")
    assert not lab.client.pings(TARGETS[1])
    assert lab.client.pings(TARGETS[2])


def test_what_another_removes_is_put_back(lab):
    """Someone empties the daemon's table: it is repaired, and told."""
    # not by "flush", which goes round until nothing is left: where that is faster, it is a fight
    uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active()
    wanted = members(lab.router)
    lab.router.ip("route del default table 7000")
    wait_until(lambda: members(lab.router) == wanted, 10, "the default is back")
    uplinkd.wait_event("routeRepaired")
    for n in lab.isps:
        lab.router.ip(f"route del default table {7000 + n}")
        wait_until(lambda: members(lab.router, table=7000 + n).keys() == {lab.gateway(n)}, 10)


def test_a_flushed_ruleset_is_put_back_and_told(lab):
    """As when someone's firewall script begins with a flush, while flows run."""
    uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active()
    flows = Flow(lab.client, lab.inet, TARGETS[0], rate=100, flows=40)
    wait_until(lambda: all((link.get("live_flows") or 0) >= 3 for link in uplinkd.links().values()), 15, "flows")
    before = uplinkd.ask("stats")["repairs"]
    lab.router.nft("flush ruleset\ntable inet admin { chain x { }; }")
    told = uplinkd.wait_event("routeRepaired")
    assert (told["reason"], told["text"]) == ("foreignChange", "table inet uplinkd was changed or removed")
    assert uplinkd.ask("stats")["repairs"] == before + 1
    assert "table inet admin" in lab.router.run("nft", "list", "tables")
    fresh = Flow(lab.client, lab.inet, TARGETS[1], rate=200, flows=20)
    wait_until(lambda: len(lab.router.run("conntrack", "-L", "--dst", TARGETS[1]).splitlines()) >= 20, 5)
    result, new = flows.stop(), fresh.stop()
    assert result["moved"] == 0 and set(result["sources"]) == {lab.source(1), lab.source(2)}, "marks outlive the rules"
    assert new["lost"] == 0 and set(new["sources"]) == {lab.source(1), lab.source(2)}


def test_a_plan_that_fails_half_way_is_reported_and_repaired(lab):
    """The kernel refuses the IPv6 half: what stands stays, IPv4 moves, and it is tried until it works."""
    uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active()
    before = members(lab.router, 6)
    refuse_gateway6(lab, 2)
    lab.blackhole(1)
    failed = uplinkd.wait_event("routeFailed")
    assert failed["reason"] == "routeError" and failed["text"]
    assert members(lab.router, 6) == before, "what could not be replaced is still there"
    wait_until(lambda: members(lab.router).keys() == {lab.gateway(2)}, 3, "IPv4 has moved")
    assert lab.client.pings(TARGETS[0])
    assert " is wanted, plan " in uplinkd.ctl("plan").stdout
    assert uplinkd.events("routeRepaired") == []
    lab.router.ip(f"addr del {lab.gateway6(2)}/128 dev lo")
    uplinkd.wait_event("routeRepaired", after=failed["number"])
    assert members(lab.router, 6).keys() == {lab.gateway6(2)}
    assert " is installed" in uplinkd.ctl("plan").stdout


def test_a_fight_over_a_route_has_a_limit(lab):
    uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active()
    wanted = members(lab.router)
    for _ in range(5):
        lab.router.ip("route del default table 7000")
        wait_until(lambda: members(lab.router) == wanted, 3, "it is put back at once")
    lab.router.ip("route del default table 7000")
    uplinkd.process.wait_log("keeps being changed", 3)
    assert members(lab.router) == {}, "not at once any more"
    wait_until(lambda: members(lab.router) == wanted, 8, "but after a while")
    assert len([e for e in uplinkd.events("routeRepaired")]) >= 6


def test_the_gateway_of_a_dhcp_client_is_learned_and_followed(lab):
    """Its route in main stays as it is, at whatever metric: what is in it goes into the daemon's tables."""
    auto = 'link "isp1" { interface wan1; gateway auto inet; target 203.0.113.1; target 198.51.100.1 }\n'
    uplinkd = Uplinkd(lab, config(lab, links=[2], ipv6=False) + auto).start()
    uplinkd.wait_link("isp2", oper="active")
    uplinkd.wait_link("isp1", oper="out")
    first, second, own = lab.gateway(1), "100.64.1.254", 7000 + uplinkd.index("isp1")
    lab.router.ip(f"route add default via {first} dev wan1 proto dhcp metric 100")
    wait_until(lambda: members(lab.router).keys() == {first, lab.gateway(2)}, 15, "learned, and measured")
    # the lease is renewed with another gateway
    lab.isps[1].ip(f"addr add {second}/24 dev wan0")
    lab.router.ip(
        f"route add default via {second} dev wan1 proto dhcp metric 50\n"
        f"route del default via {first} dev wan1 proto dhcp metric 100"
    )
    wait_until(lambda: members(lab.router).keys() == {second, lab.gateway(2)}, 5, "followed")
    wait_until(lambda: members(lab.router, table=own).keys() == {second}, 5, "for the flows that are there, too")
    for address in TARGETS[:4]:
        assert lab.client.pings(address)
    assert f"default via {second} dev wan1 proto dhcp metric 50" in " ".join(main_table(lab.router))
    lab.router.ip(f"route del default via {second} dev wan1 proto dhcp metric 50")
    wait_until(lambda: members(lab.router).keys() == {lab.gateway(2)}, 5, "with its gateway the link is gone")
    uplinkd.wait_link("isp1", oper="out")


def test_an_ip_version_that_a_line_does_not_have_is_not_missed(lab):
    """Unless the file says that it is expected. Nor is a start, when nothing is measured yet, a fall."""
    auto = 'link "isp1" { interface wan1; gateway auto; hold 1h; target 203.0.113.1; target 198.51.100.1 }\n'
    gateway4, gateway6 = lab.gateway(1), lab.gateway6(1)
    lab.router.ip(f"route add default via {gateway4} dev wan1 proto dhcp metric 100")
    uplinkd = Uplinkd(lab, config(lab, links=[2], ipv6=False) + auto).start()
    uplinkd.wait_link("isp1", health="up", oper="active")
    assert not uplinkd.events("linkDown"), "a link that nobody has asked yet is not down"
    # a router advertises itself, and goes
    learned = f"default via {gateway6} dev wan1 proto ra metric 1024"
    lab.router.run("ip", "-6", *f"route add {learned}".split())
    wait_until(lambda: members(lab.router, 6).keys() == {gateway6}, 15, "IPv6 is taken")
    lab.router.run("ip", "-6", *f"route del {learned}".split())
    wait_until(lambda: uplinkd.ask("routes")["routes"][-1]["reason"] == "noGateway", 5, "it is seen to be gone")
    assert "no gateway is known" in uplinkd.ctl("plan").stdout
    uplinkd.wait_link("isp1", health="up", oper="active")
    uplinkd.write(uplinkd.conf.read_text().replace("gateway auto;", "gateway auto inet; gateway auto inet6;"))
    uplinkd.reload()
    uplinkd.wait_link("isp1", health="degraded", health_reason="noGateway", oper="active")


def test_what_is_not_missed_stays_so_for_a_new_engine_and_is_told_in_words(lab):
    """And the file may change its mind."""
    auto = 'link "isp1" { interface wan1; gateway auto; target 203.0.113.1; target 198.51.100.1 }\n'
    gateway6 = lab.gateway6(1)
    lab.router.ip(f"route add default via {lab.gateway(1)} dev wan1 proto dhcp metric 100")
    uplinkd = Uplinkd(lab, config(lab, links=[2], ipv6=False) + auto).start()

    def ipv6():
        route = next(r for r in uplinkd.ask("routes")["routes"] if r["link"] == "isp1" and r["version"] == 6)
        return route["health"], route["reason"]

    def says_nothing_of_the_link():
        return not [e for e in uplinkd.events(link="isp1") if e["type"].startswith(("link", "degraded", "recovered"))]

    uplinkd.wait_link("isp1", health="up", oper="active")
    wait_until(lambda: ipv6() == ("unknown", "noGateway"), 5, "IPv6 is neither up nor down")
    words = " ".join(uplinkd.ctl("explain", "isp1").stdout.split())
    assert "IPv6 is not there" in words and "is not missed" in words
    assert "Nothing: the link is well and carries traffic." in words
    engine = uplinkd.children()["engine"]
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: uplinkd.children().get("engine", engine) != engine, 10, "a new engine")
    # it learns of IPv6 for the first time, and then again
    learned = f"default via {gateway6} dev wan1 proto ra metric 1024".split()
    for _ in range(2):
        lab.router.run("ip", "-6", "route", "add", *learned)
        wait_until(lambda: ipv6() == ("up", "targetsAnswer"), 15, "IPv6 is measured, and well")
        uplinkd.wait_link("isp1", health="up", oper="active")
        lab.router.run("ip", "-6", "route", "del", *learned)
        wait_until(lambda: ipv6() == ("unknown", "noGateway"), 5, "it is gone, and not missed")
    uplinkd.wait_link("isp1", health="up", oper="active", transitions=0)
    assert says_nothing_of_the_link()
    plain = uplinkd.conf.read_text()
    for said, health in (("gateway auto inet; gateway auto inet6;", "degraded"), ("gateway auto;", "up")):
        uplinkd.write(plain.replace("gateway auto;", said))
        uplinkd.reload()
        uplinkd.wait_link("isp1", health=health, oper="active")
    uplinkd.write(plain.replace("gateway auto;", "gateway auto inet;"))
    uplinkd.reload()
    wait_until(lambda: len([r for r in uplinkd.ask("routes")["routes"] if r["link"] == "isp1"]) == 1, 5, "IPv4 alone")
    uplinkd.wait_link("isp1", health="up", oper="active")


def views_of(uplinkd, manager, name, version):
    """(wanted, installed) of a route, as each view has it: the socket, the tables of uplinkctl, the MIB."""
    route = next(r for r in uplinkd.ask("routes", link=name)["routes"] if r["version"] == version)
    lines = {c: [line.split() for line in uplinkd.ctl(c, name).stdout.splitlines()] for c in ("routes", "plan")}
    row = {c: next(line for line in lines[c] if line[:2] == [name, f"IPv{version}"]) for c in lines}
    index = f"{uplinkd.index(name)}.ipv{version}"
    mib = manager.get(f"uplinkRouteWanted.{index}", f"uplinkRouteInstalled.{index}")
    return {
        (route["wanted"], route["installed"]),
        (row["plan"][4] == "yes", row["plan"][5] == "yes"),
        (route["wanted"], row["routes"][7] == "yes"),
        tuple(value == "true" for value in mib),
    }


def test_the_last_route_stays_and_is_told_as_long_as_it_stands(lab):
    """Its gateway is not known any more, and nothing else carries that IP version."""
    auto = 'link "isp1" { interface wan1; gateway auto; target 203.0.113.1; target 198.51.100.1 }\n'
    gateways = {4: lab.gateway(1), 6: lab.gateway6(1)}
    learned = {version: f"default via {gateway} dev wan1 metric 1024".split() for version, gateway in gateways.items()}
    snmpd = Snmpd(lab).start()
    for version in gateways:
        lab.router.run("ip", f"-{version}", "route", "add", *learned[version])
    head = config(lab, links=[1], agentx=snmpd.socket).split('link "isp1"')[0]
    uplinkd = Uplinkd(lab, head + auto).start()
    manager = Manager(lab.client)
    uplinkd.wait_link("isp1", health="up", oper="active")
    manager.wait_registered()

    def says(version, wanted, installed):
        stands = {gateways[version]} if installed else set()
        wait_until(lambda: members(lab.router, version).keys() == stands, 10, f"IPv{version} by {stands}")
        wait_until(
            lambda: views_of(uplinkd, manager, "isp1", version) == {(wanted, installed)}, 10,
            f"IPv{version}: wanted {wanted}, installed {installed}",
        )  # fmt: skip

    for version in gateways:
        says(version, True, True)
    # no router advertisement, no lease any more
    for version in gateways:
        lab.router.run("ip", f"-{version}", "route", "del", *learned[version])
        says(version, False, True)
    words = " ".join(uplinkd.ctl("explain", "isp1").stdout.split())
    for version in gateways:
        assert f"IPv{version} has no known gateway on wan1. The last one is still in the default route" in words
    assert "ALL LINKS ARE DOWN" in uplinkd.ctl("status").stdout
    # the kernel takes it away with the address, and a person the other one
    lab.router.ip(f"addr del {lab.source(1)}/24 dev wan1")
    says(4, False, False)
    says(6, False, True)
    lab.router.run("ip", "-6", "route", "del", "default", "table", "7000")
    says(6, False, False)
    words = " ".join(uplinkd.ctl("explain", "isp1").stdout.split())
    assert "still in the default route" not in words
    # and all is back
    lab.router.ip(f"addr add {lab.source(1)}/24 dev wan1")
    for version in gateways:
        lab.router.run("ip", f"-{version}", "route", "add", *learned[version])
    for version in gateways:
        says(version, True, True)
