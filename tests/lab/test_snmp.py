# SPDX-License-Identifier: ISC
"""SNMP: a real snmpd as master, real snmpwalk and snmpset. What is read is what is, a SET does all of
what it says or nothing."""

import ipaddress
import re

import pytest

from uplab.daemon import Uplinkd, config
from uplab.routing import members
from uplab.snmp import READ, WRITE, Manager, Snmpd, table
from uplab.topology import TARGETS
from uplab.wait import holds_for, wait_until

TABLES = ["uplinkLinkTable", "uplinkControlTable", "uplinkRouteTable", "uplinkTargetTable", "uplinkEventTable"]
ENTRY = "1.3.6.1.4.1.8072.9999.9999.7705.1.3.1"  # uplinkControlEntry


class Site:
    """A lab with snmpd and uplinkd, and a manager on its LAN."""

    def __init__(self, lab, **options):
        self.lab = lab
        self.snmpd = Snmpd(lab).start()
        self.uplinkd = Uplinkd(lab, config(lab, agentx=self.snmpd.socket, **options)).start()
        self.uplinkd.wait_all_active()
        self.manager = Manager(lab.client)
        self.wait_registered()
        self.wait_measured()

    def wait_registered(self):
        self.manager.wait_registered()

    def wait_measured(self):
        """Every column of every target has a value."""

        def measured():
            return all(t["received"] > 3 for t in self.uplinkd.ask("targets")["targets"])

        wait_until(measured, 10, "a few answers of every target")

    def index(self, name):
        return self.uplinkd.index(name)

    def gateways(self):
        return members(self.lab.router).keys()


@pytest.fixture
def site(lab):
    return Site(lab)


def address(octets):
    """An InetAddress as net-snmp's tools print it."""
    return str(ipaddress.ip_address(bytes.fromhex(octets)))


def test_every_table_is_walked_by_name(site):
    for counted in ("uplinkRoutePackets", "uplinkLinkInOctets"):
        wait_until(lambda: len(site.manager.walk(counted)) >= 2, 10, f"the first reading of {counted}")
    everything = site.manager.walk("uplinkMIB")
    for name in TABLES:
        walked = site.manager.walk(name)
        assert walked, name
        assert site.manager.walk(name, "snmpwalk").keys() == walked.keys(), "GETNEXT and GETBULK agree"
        missing = walked.keys() - everything.keys()
        assert not missing, missing
    assert everything["uplinkSite.0"] == "lab"
    assert everything["uplinkLinkCount.0"] == everything["uplinkUsableLinks.0"] == "2"
    assert everything["uplinkAllLinksDown.0"] == "false"
    for n in site.lab.isps:
        i = site.index(f"isp{n}")
        assert everything[f"uplinkLinkName.{i}"] == f"isp{n}"
        assert everything[f"uplinkLinkHealth.{i}"] == "up"
        assert everything[f"uplinkLinkOperStatus.{i}"] == "active"
        assert everything[f"uplinkLinkCarrier.{i}"] == "up"
        assert everything[f"uplinkLinkIfName.{i}"] == f"wan{n}"
        assert everything[f"uplinkControlAdminStatus.{i}"] == "auto"
        assert address(everything[f"uplinkRouteGateway.{i}.ipv4"]) == site.lab.gateway(n)
        assert everything[f"uplinkRouteInstalled.{i}.ipv4"] == "true"
        assert int(everything[f"uplinkLinkRttAvg.{i}"]) > 0
        assert len(table(site.manager.walk(f"uplinkTargetAddress.{i}"))) == 4


def test_names_that_the_manager_does_not_know_are_absent(site):
    """Every object of a walk has a name of the MIB and a value of its type."""
    done = site.manager.tool("snmpbulkwalk", READ, site.manager.agent, "UPLINK-MIB::uplinkMIB")
    assert done.returncode == 0
    assert "Wrong Type" not in done.stdout, done.stdout
    for line in done.stdout.splitlines():
        assert line.startswith("UPLINK-MIB::uplink"), line


def test_what_was_not_measured_is_absent_not_zero(lab):
    """A link that never answered has no RTT."""
    lab.blackhole(1)
    snmpd = Snmpd(lab).start()
    uplinkd = Uplinkd(lab, config(lab, agentx=snmpd.socket)).start()
    uplinkd.wait_link("isp1", health="down")
    manager = Manager(lab.client)
    manager.wait_registered()
    index = uplinkd.index("isp1")
    health, rtt, last = manager.get(
        f"uplinkLinkHealth.{index}", f"uplinkLinkRttAvg.{index}", f"uplinkTargetLastGoodAge.{index}.1"
    )
    assert (health, rtt, last) == ("down", None, None)
    assert not any(k.startswith(f"uplinkLinkRttAvg.{index}") for k in manager.walk("uplinkLinkTable"))


def test_a_get_reads_the_live_row(site):
    i = site.index("isp1")
    site.lab.blackhole(1)
    site.uplinkd.wait_link("isp1", health="down")
    assert site.manager.get(f"uplinkLinkHealth.{i}", f"uplinkLinkOperStatus.{i}") == ["down", "out"]
    assert site.manager.get(f"uplinkLinkHealthReason.{i}") == "targetsLost"
    assert site.manager.get("uplinkUsableLinks.0") == "1"
    site.uplinkd.wait_event("failover", "isp1")
    events = table(site.manager.walk("uplinkEventTable"))
    kinds = [(e["uplinkEventType"], e["uplinkEventLinkName"]) for e in events.values()]
    assert ("linkDown", "isp1") in kinds and ("failover", "isp1") in kinds


def drain(i, timeout=3600):
    return [
        (f"uplinkControlAdminStatus.{i}", "i", "drain"),
        (f"uplinkControlTimeout.{i}", "u", timeout),
        (f"uplinkControlOwner.{i}", "s", "noc"),
        (f"uplinkControlComment.{i}", "s", "fibre work"),
    ]


def control(site, i):
    names = ["AdminStatus", "Timeout", "Owner", "Comment"]
    return site.manager.get(*[f"uplinkControl{n}.{i}" for n in names])


def test_drain_by_set_and_back(site):
    i = site.index("isp1")
    assert site.manager.set(*drain(i)) == ""
    assert control(site, i)[0] == "drain" and control(site, i)[2:] == ["noc", "fibre work"]
    wait_until(lambda: site.gateways() == {site.lab.gateway(2)}, 5, "no new flows on link 1")
    link = site.uplinkd.wait_link("isp1", admin="drain")
    assert (link["order"]["owner"], link["order"]["comment"]) == ("noc", "fibre work")
    assert link["oper"] in ("draining", "drained") and link["health"] == "up"
    assert 3590 <= int(site.manager.get(f"uplinkControlRemaining.{i}")) <= 3600
    assert site.manager.get(f"uplinkControlActor.{i}") == "snmp"
    for _ in range(5):
        assert site.lab.client.pings(TARGETS[0])
    assert site.manager.set((f"uplinkControlAdminStatus.{i}", "i", "auto")) == ""
    wait_until(lambda: len(site.gateways()) == 2, 5, "link 1 is back")
    assert "order" not in site.uplinkd.link("isp1")


def test_an_order_ends_with_its_time(site):
    i = site.index("isp1")
    assert site.manager.set(*drain(i, timeout=3)) == ""
    wait_until(lambda: site.gateways() == {site.lab.gateway(2)}, 5)
    wait_until(lambda: len(site.gateways()) == 2, 15, "the order has run out")
    site.uplinkd.wait_event("controlExpired", "isp1")
    assert site.manager.get(f"uplinkControlAdminStatus.{i}") == "auto"


@pytest.mark.parametrize("admin", ["forceDown", "forceUp"])
def test_force(site, admin):
    i = site.index("isp1")
    site.lab.blackhole(1)
    site.uplinkd.wait_link("isp1", oper="out")
    if admin == "forceDown":
        site.lab.heal(1)
    assert site.manager.set((f"uplinkControlAdminStatus.{i}", "i", admin)) == ""
    if admin == "forceUp":
        wait_until(lambda: len(site.gateways()) == 2, 5, "carries although its probes fail")
        link = site.uplinkd.link("isp1")
        assert (link["oper"], link["health"]) == ("active", "down")
    else:
        site.uplinkd.wait_link("isp1", health="up", oper="out", oper_reason="orderForceDown")
        holds_for(lambda: site.gateways() == {site.lab.gateway(2)}, 1.5, "stays out")


REFUSED = {
    "wrong-type-text": ([("{c}.1.{i}", "s", "drain")], "wrongType"),
    "wrong-type-unsigned": ([("{c}.1.{i}", "u", "2")], "wrongType"),
    "unknown-value": ([("{c}.1.{i}", "i", "5")], "wrongValue"),
    "zero": ([("{c}.1.{i}", "i", "0")], "wrongValue"),
    "one-byte-of-a-long": ([("{c}.1.{i}", "i", "257")], "wrongValue"),
    "negative": ([("{c}.1.{i}", "i", "-2")], "wrongValue"),
    "control-character": ([("{c}.1.{i}", "i", "2"), ("{c}.3.{i}", "x", "6e6f1b63")], "wrongValue"),
    "not-utf8": ([("{c}.1.{i}", "i", "2"), ("{c}.4.{i}", "x", "ff41")], "wrongValue"),
    "nul-in-text": ([("{c}.1.{i}", "i", "2"), ("{c}.4.{i}", "x", "410042")], "wrongValue"),
    "text-too-long": ([("{c}.1.{i}", "i", "2"), ("{c}.4.{i}", "s", "x" * 65)], "wrongLength"),
    "unknown-row": ([("{c}.1.77", "i", "2")], "noCreation"),
    "row-zero": ([("{c}.1.0", "i", "2")], "noCreation"),
    "read-only-column": ([("{c}.5.{i}", "u", "2")], "notWritable"),
    "timeout-with-auto": ([("{c}.1.{i}", "i", "1"), ("{c}.2.{i}", "u", "60")], "inconsistentValue"),
    "good-and-bad-row": ([("{c}.1.{i}", "i", "2"), ("{c}.1.77", "i", "2")], "noCreation"),
    "both-links": ([("{c}.1.{i}", "i", "2"), ("{c}.1.{j}", "i", "2")], "inconsistentValue"),
}


@pytest.fixture(scope="module")
def quiet_site(run, request):
    """One site for all refusals: none of them may change it."""
    from uplab.topology import Lab

    lab = Lab(run, "refusals")
    request.node.labs = [lab]
    yield Site(lab)
    lab.close()


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_set_is_refused_and_changes_nothing(quiet_site, case):
    site = quiet_site
    triples, reason = REFUSED[case]
    i, j = site.index("isp1"), site.index("isp2")
    before = site.manager.walk("uplinkControlTable")
    sent = [(oid.format(c=ENTRY, i=i, j=j), kind, value) for oid, kind, value in triples]
    assert site.manager.set(*sent) == reason
    after = site.manager.walk("uplinkControlTable")
    ages = re.compile("uplinkControl(Age|Remaining)")
    assert {k: v for k, v in after.items() if not ages.match(k)} == {
        k: v for k, v in before.items() if not ages.match(k)
    }
    assert len(site.gateways()) == 2


def test_reading_does_not_allow_writing(quiet_site):
    assert quiet_site.manager.set(*drain(quiet_site.index("isp1")), community=READ) in ("noAccess", "notWritable")


def test_the_last_usable_link_is_not_drained(site):
    i = site.index("isp1")
    site.lab.blackhole(2)
    site.uplinkd.wait_link("isp2", oper="out")
    before = site.uplinkd.last_event()
    for admin in ("drain", "forceDown"):
        assert site.manager.set((f"uplinkControlAdminStatus.{i}", "i", admin)) == "inconsistentValue"
    assert site.gateways() == {site.lab.gateway(1)}
    refused = site.uplinkd.wait_event("controlRefused", "isp1", before)
    assert refused["reason"] == "noOtherLink" and refused["actor"] == "snmp", refused
    assert site.manager.get(f"uplinkControlAdminStatus.{i}") == "auto"


def test_a_drain_yields_when_the_others_die_and_resumes(site):
    i = site.index("isp1")
    assert site.manager.set(*drain(i)) == ""
    wait_until(lambda: site.gateways() == {site.lab.gateway(2)}, 5)
    site.lab.blackhole(2)
    wait_until(lambda: site.gateways() == {site.lab.gateway(1)}, 5, "the drained link carries again")
    site.uplinkd.wait_event("drainYielded", "isp1")
    assert site.manager.get(f"uplinkControlAdminStatus.{i}", f"uplinkControlYielded.{i}") == ["drain", "true"]
    site.lab.heal(2)
    wait_until(lambda: site.gateways() == {site.lab.gateway(2)}, 10, "and drains again")
    site.uplinkd.wait_event("drainResumed", "isp1")


def test_the_lock_lets_one_of_two_managers_in(site):
    i = site.index("isp1")
    lock = site.manager.get("uplinkControlLock.0")
    order = [("uplinkControlLock.0", "i", lock), *drain(i)]
    assert site.manager.set(*order) == ""
    assert site.manager.set(*order) == "inconsistentValue"
    assert site.manager.set(("uplinkControlLock.0", "i", int(lock) + 1), (f"uplinkControlAdminStatus.{i}", "i", "auto")) == ""


def test_control_no_means_read_only(lab):
    snmpd = Snmpd(lab).start()
    text = config(lab, agentx=snmpd.socket).replace("snmp {", "snmp { control no;")
    uplinkd = Uplinkd(lab, text).start().wait_all_active()
    manager = Manager(lab.client)
    manager.wait_registered()
    assert manager.set(*drain(uplinkd.index("isp1"))) == "notWritable"
    assert manager.get("uplinkControlAllowed.0") == "false"
    assert uplinkd.link("isp1")["admin"] == "auto"


def test_an_snmpd_that_restarts_finds_its_subagent_again(site):
    site.snmpd.stop()
    site.snmpd.start()
    site.wait_registered()
    i = site.index("isp1")
    assert site.manager.set(*drain(i)) == ""
    assert int(site.manager.get("uplinkAgentXReconnects.0")) >= 1


def test_an_snmpd_that_starts_later_is_found(lab):
    snmpd = Snmpd(lab)
    uplinkd = Uplinkd(lab, config(lab, agentx=snmpd.socket)).start().wait_all_active()
    snmpd.start()
    manager = Manager(lab.client)
    manager.wait_registered(30)
    assert uplinkd.links()


def test_a_forbidden_socket_gives_one_line_with_the_fix(lab):
    """snmpd's stock socket belongs to root alone."""
    from uplab.snmp import SNMPD_CONF

    stock = "\n".join(line for line in SNMPD_CONF.splitlines() if not line.startswith("agentXPerms"))
    snmpd = Snmpd(lab, conf=stock + "\n").start()
    uplinkd = Uplinkd(lab, config(lab, agentx=snmpd.socket)).start().wait_all_active()
    wait_until(lambda: "agentXPerms" in uplinkd.process.log(), 20, "a line with the fix")
    lines = [line for line in uplinkd.process.log().splitlines() if "agentXPerms" in line]
    assert len(lines) == 1 and "_uplinksnmp" in lines[0] and str(snmpd.socket) in lines[0], lines


def test_another_manager_reads_over_the_wan(site):
    """Replies leave by the link that the question came in by."""
    for n in site.lab.isps:
        far = Manager(site.lab.nms, agent=site.lab.source(n))
        assert far.get("uplinkSite.0") == "lab", n
        assert far.set((f"uplinkControlAdminStatus.{site.index('isp1')}", "i", "auto"), community=WRITE) == ""
