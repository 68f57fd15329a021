# SPDX-License-Identifier: ISC
"""Notifications: each arrives at a station behind the WAN, through a link that works, and a master
that stands still costs the failover nothing."""

import itertools
import signal
import time

import pytest

from uplab.capture import Capture
from uplab.daemon import Uplinkd, config
from uplab.routing import members
from uplab.snmp import SNMPD_CONF, Manager, Snmpd, Station, column, link_of, table
from uplab.wait import holds_for, wait_until


@pytest.fixture
def site(lab):
    lab.station = Station(lab.nms)
    lab.snmpd = Snmpd(lab).start()
    lab.uplinkd = Uplinkd(lab, config(lab, agentx=lab.snmpd.socket)).start().wait_all_active()
    lab.manager = Manager(lab.client)
    lab.manager.wait_registered()
    return lab


OBJECTS = ["uplinkSite", "uplinkEventTime", "uplinkEventReason", "uplinkEventText"]


def test_a_failure_and_its_end_are_told_through_the_link_that_is_left(site):
    site.station.wait("uplinkStarted")
    for n in site.isps:
        other = 3 - n
        name = f"isp{n}"
        site.blackhole(n)
        for kind in ("uplinkLinkDown", "uplinkFailover"):
            trap = site.station.wait(kind, name)
            assert trap["from"] == site.source(other), "by the other link"
            assert all(column(trap, o) for o in OBJECTS), trap
            assert column(trap, "uplinkSite") == "lab"
            assert f"uplinkLinkName.{site.uplinkd.index(name)}" in trap
        assert column(site.station.wait("uplinkLinkDown", name), "uplinkEventReason") == "targetsLost"
        assert len(site.station.named("uplinkLinkDown", name)) == 1, "once"
        site.heal(n)
        site.station.wait("uplinkLinkUp", name)
        site.station.wait("uplinkFailback", name)
        site.uplinkd.wait_link(name, oper="active")


def test_the_order_is_that_of_the_events(site):
    site.blackhole(1)
    site.station.wait("uplinkFailover", "isp1")
    site.heal(1)
    site.station.wait("uplinkFailback", "isp1")
    names = [t["name"] for t in site.station.traps() if link_of(t) == "isp1"]
    wanted = ["uplinkLinkDown", "uplinkFailover", "uplinkLinkUp", "uplinkFailback"]
    assert [n for n in names if n in wanted] == wanted


def assert_replay(site):
    """After it: which events to read again. It names all since the last way out died."""
    replay = site.station.wait("uplinkEventsReplay", deadline_s=10)
    names = [t["name"] for t in site.station.traps()]
    assert names.count("uplinkEventsReplay") == 1, names
    assert names.index("uplinkAllDownClear") < names.index("uplinkEventsReplay")
    assert column(replay, "uplinkEventReason") == "noPath"
    first, last = (int(column(replay, f"uplinkEventReplay{w}")) for w in ("First", "Last"))
    events = {int(i): e for i, e in table(site.manager.walk("uplinkEventTable")).items()}
    told = [(e["uplinkEventType"], e["uplinkEventLinkName"]) for i, e in events.items() if first <= i <= last]
    assert {("linkDown", "isp1"), ("linkDown", "isp2"), ("allDown", "")} <= set(told), told
    assert not [e for i, e in events.items() if i < first and e["uplinkEventType"] == "linkDown"]


def assert_all_down_then_clear(site):
    site.station.wait("uplinkAllDownClear", deadline_s=30)
    names = [t["name"] for t in site.station.traps()]
    assert names.count("uplinkAllDownClear") == 1, names
    assert names.index("uplinkAllDown") < names.index("uplinkAllDownClear")
    # It leaves twice, for one event: the first may find a way out as well.
    events = {k for t in site.station.named("uplinkAllDown") for k in t if k.startswith("uplinkEventTime")}
    assert len(events) == 1, events


def test_all_down_is_told_when_there_is_a_way_again(site):
    site.blackhole(1)
    site.blackhole(2)
    site.uplinkd.wait_event("allDown")
    assert not site.station.named("uplinkAllDown"), "there is no way out"
    site.heal(2)
    assert_all_down_then_clear(site)
    assert_replay(site)


ENDS = {"linkUp": "isp2", "recovered": "isp2", "allDownClear": "", "eventsReplay": ""}


@pytest.mark.parametrize("first, second", [(4, 6), (6, 4)], ids=["ipv4-first", "ipv6-first"])
def test_the_end_of_an_outage_is_told_once_whichever_ip_version_is_back_first(site, first, second):
    """The station has IPv4 only: what is told while IPv6 alone is back may be lost, and is named then."""
    site.blackhole(1)
    site.uplinkd.wait_event("linkDown", "isp1")
    site.blackhole(2)
    before = site.uplinkd.wait_event("allDown")["number"]
    site.isps[2].nft(f"flush chain inet isp fault\nadd rule inet isp fault meta nfproto ipv{second} drop")
    site.uplinkd.wait_event("linkUp", "isp2", before)
    row = site.uplinkd.wait_link("isp2", health="degraded")
    assert row["usable"] is True
    site.heal(2)
    site.uplinkd.wait_event("recovered", "isp2", before)
    assert_all_down_then_clear(site)
    assert_replay(site)
    ends = [e for e in site.uplinkd.events() if e["number"] > before and e["type"] in ENDS]
    told = [e["type"] for e in sorted(ends, key=lambda e: e["number"])]
    assert sorted(told) == sorted(ENDS), told
    assert all(e.get("link", "") == ENDS[e["type"]] for e in ends), ends
    assert told[0] == "linkUp" and told.index("eventsReplay") == told.index("allDownClear") + 1, told
    names = [t["name"] for t in site.station.traps()]
    assert max(names.count(n) for n in ("uplinkLinkUp", "uplinkRecovered", "uplinkAllDownClear")) == 1, names
    assert site.uplinkd.status()["all_down"] is False


def test_the_replay_begins_with_the_fault_however_long_an_ip_version_was_in_doubt(lab):
    """The links are down by IPv4 at once. Whether by IPv6 as well is known only when a slow target is."""
    lab.station = Station(lab.nms)
    snmpd = Snmpd(lab).start()
    text = config(lab, agentx=snmpd.socket)
    slow = "target 2001:db8:ffff::dead { interval 2s; timeout 6s }"
    lab.uplinkd = Uplinkd(lab, text.replace("target 2001:db8:ffff::2", slow)).start().wait_all_active()
    lab.manager = Manager(lab.client)
    lab.manager.wait_registered()
    lab.blackhole(1)
    lab.blackhole(2)
    lab.uplinkd.wait_event("allDown", deadline_s=30)
    lab.heal(2)
    assert_all_down_then_clear(lab)
    assert_replay(lab)


def test_all_down_by_carrier_arrives_later(site):
    """Without any carrier nothing can be sent at all."""
    site.carrier(1, False)
    site.carrier(2, False)
    site.uplinkd.wait_event("allDown")
    site.carrier(2, True)
    assert_all_down_then_clear(site)


def test_a_station_on_the_lan_has_all_down_at_once(lab):
    near = Station(lab.client)
    snmpd = Snmpd(lab, station="192.168.77.10").start()
    uplinkd = Uplinkd(lab, config(lab, agentx=snmpd.socket)).start().wait_all_active()
    near.wait("uplinkStarted")
    lab.blackhole(1)
    lab.blackhole(2)
    near.wait("uplinkAllDown")
    assert uplinkd.status()["all_down"] is True


def test_an_order_is_told(site):
    i = site.uplinkd.index("isp1")
    assert site.manager.set((f"uplinkControlAdminStatus.{i}", "i", "drain"), (f"uplinkControlOwner.{i}", "s", "noc")) == ""
    trap = site.station.wait("uplinkControlSet", "isp1")
    assert "noc" in column(trap, "uplinkEventText"), trap
    site.station.wait("uplinkDrainStarted", "isp1")
    names = [t["name"] for t in site.station.traps()]
    assert names.index("uplinkControlSet") < names.index("uplinkDrainStarted"), "what was ordered, then what follows"
    assert site.manager.set((f"uplinkControlAdminStatus.{i}", "i", "auto")) == ""
    site.station.wait("uplinkControlSet", "isp1", count=2)


def test_what_left_between_the_first_lost_probe_and_the_verdict_is_told_again(lab):
    """Nobody can know yet that the link is dead: what was sent meanwhile may have gone its way."""
    lab.station = Station(lab.nms)
    snmpd = Snmpd(lab).start()
    slow = "interval 1s\ntimeout 1s\ndown after 3\nup after 1\nhold 0s\nconfirm no\nsuspicion no\n"
    text = config(lab, times=slow, agentx=snmpd.socket, ipv6=False)  # one verdict, not two
    uplinkd = Uplinkd(lab, text).start().wait_all_active()
    manager = Manager(lab.client)
    manager.wait_registered()
    lab.station.wait("uplinkStarted")
    lab.blackhole(1)
    assert manager.set((f"uplinkControlAdminStatus.{uplinkd.index('isp2')}", "i", "forceUp")) == ""
    number = uplinkd.wait_event("controlSet", "isp2")["number"]
    down = uplinkd.wait_event("linkDown", "isp1", deadline_s=20)["number"]
    assert number < down, "it was told before the verdict"
    replay = lab.station.wait("uplinkEventsReplay", deadline_s=10)
    assert column(replay, "uplinkEventReason") == "noPath"
    first, last = (int(column(replay, f"uplinkEventReplay{w}")) for w in ("First", "Last"))
    assert first <= number <= last < down
    holds_for(lambda: len(lab.station.named("uplinkEventsReplay")) == 1, 3, "once")
    told = [e for i, e in table(manager.walk("uplinkEventTable")).items() if first <= int(i) <= last]
    assert "controlSet" in [e["uplinkEventType"] for e in told], "and it can be read"


def test_a_stopped_master_costs_neither_failover_nor_probes_nor_notifications(site):
    """snmpd stands still for 20 s while a link fails and returns and fails again."""
    site.station.wait("uplinkStarted")
    capture = Capture(site.router, "wan2", "icmp[icmptype] == icmp-echo", "out")
    master = site.snmpd.process
    master.send(signal.SIGSTOP)
    stopped = time.monotonic()
    try:
        for _ in range(2):
            site.blackhole(1)
            wait_until(lambda: members(site.router).keys() == {site.gateway(2)}, 2, "failover on time")
            site.uplinkd.wait_link("isp1", oper="out")
            site.heal(1)
            site.uplinkd.wait_link("isp1", oper="active")
        site.blackhole(1)
        site.uplinkd.wait_link("isp1", oper="out")
        assert site.uplinkd.status()
        wait_until(lambda: time.monotonic() - stopped > 20, 25, "20 s of standing still")
    finally:
        master.send(signal.SIGCONT)
    capture.stop()
    stamps = [float(line.split()[0]) for line in capture.lines("-tt")]
    gaps = [b - a for a, b in zip(stamps, stamps[1:])]
    assert len(stamps) > 2 * 10 * 18, "two targets, ten probes a second each"
    assert max(gaps) < 0.5, "probes on time"

    for kind, count in {"uplinkLinkDown": 3, "uplinkFailover": 3, "uplinkLinkUp": 2, "uplinkFailback": 2}.items():
        site.station.wait(kind, "isp1", deadline_s=60, count=count)
        assert len(site.station.named(kind, "isp1")) == count, "each once"
    wait_until(lambda: site.manager.get("uplinkNotificationsPending.0") == "0", 20)


def test_notifications_of_a_time_without_master_arrive_after_it(site):
    site.station.wait("uplinkStarted")
    site.snmpd.stop()
    site.blackhole(1)
    site.uplinkd.wait_link("isp1", oper="out")
    site.snmpd.start()
    site.station.wait("uplinkLinkDown", "isp1", deadline_s=60)
    site.station.wait("uplinkFailover", "isp1", deadline_s=60)


def test_a_killed_subagent_tells_what_it_had_not_told(site):
    site.station.wait("uplinkStarted")
    old = site.uplinkd.children()["snmp"]
    site.router.run("kill", "-STOP", str(old))
    site.blackhole(1)
    site.uplinkd.wait_link("isp1", oper="out")
    site.router.run("kill", "-KILL", str(old))
    wait_until(lambda: site.uplinkd.children().get("snmp", old) != old, 10)
    site.station.wait("uplinkFailover", "isp1", deadline_s=60)
    assert len(site.station.named("uplinkLinkDown", "isp1")) == 1


def test_a_drain_that_yields_is_told(site):
    """By a way that works, also where IPv4 is known to be dead only after IPv6."""
    quick = "target 2001:db8:ffff::1 { interval 50ms; timeout 100ms }\n"
    text = config(site, agentx=site.snmpd.socket).replace("target 2001:db8:ffff::1\n", quick)
    site.uplinkd.write(text.replace("target 2001:db8:ffff::2\n", ""))
    site.uplinkd.reload()
    site.uplinkd.wait_event("configLoaded")
    site.uplinkd.wait_all_active()
    i = site.uplinkd.index("isp1")
    assert site.manager.set((f"uplinkControlAdminStatus.{i}", "i", "drain")) == ""
    site.station.wait("uplinkDrainStarted", "isp1")
    site.blackhole(2)
    yielded = site.station.wait("uplinkDrainYielded", "isp1")
    assert column(yielded, "uplinkEventNew") == "operActive"
    assert column(yielded, "uplinkEventReason") == "noOtherLink"
    site.heal(2)
    resumed = site.station.wait("uplinkDrainResumed", "isp1")
    assert column(resumed, "uplinkEventReason") == "otherLinkBack"


def test_single_targets_are_told_only_if_that_is_wanted(lab):
    station = Station(lab.nms)
    snmpd = Snmpd(lab).start()
    text = config(lab, agentx=snmpd.socket)
    uplinkd = Uplinkd(lab, text).start().wait_all_active()
    Manager(lab.client).wait_registered()

    def all_are_dealt_with():
        stats = uplinkd.ask("stats")
        return stats["events_notified"] == stats["events_last"]

    def one_target_dies():
        before = uplinkd.last_event()
        lab.inet.ip("addr del 198.51.100.1/32 dev lo")
        for link in ("isp1", "isp2"):
            uplinkd.wait_event("targetDown", link, before)
        lab.inet.ip("addr add 198.51.100.1/32 dev lo")
        for link in ("isp1", "isp2"):
            uplinkd.wait_event("targetUp", link, before)
        wait_until(all_are_dealt_with, 10)

    one_target_dies()
    uplinkd.write(text.replace("snmp {", "snmp { notify targets yes;"))
    before = uplinkd.last_event()
    uplinkd.reload()
    loaded = uplinkd.wait_event("configLoaded", after=before)["number"]
    one_target_dies()
    trap = station.wait("uplinkTargetDown", "isp1")
    assert column(trap, "uplinkEventNew") == "targetDown"
    station.wait("uplinkTargetUp", "isp1")
    told = [int(k.partition(".")[2]) for t in station.traps() for k in t if k.startswith("uplinkEventTarget.")]
    assert told and min(told) > loaded, "none before it was wanted"


def orders(uplinkd, count):
    """So many events, by drain and auto in turn at the control socket. The last is auto: nothing
    follows from it later, as drained does from drain."""
    wanted = uplinkd.last_event() + count
    for turn in itertools.count():
        uplinkd.ask(("drain", "auto")[turn % 2], link="isp1")
        if turn % 50 == 49 and uplinkd.status()["events_last"] >= wanted:
            return


SILENT = {"configLoaded", "configRejected", "processRestarted", "controlRefused", "targetDown", "targetUp"}


class OverTcp:
    """A site whose notifications go to the station over TCP: on the way none is lost."""

    def __init__(self, lab):
        self.station = Station(lab.nms, "udp:162", "tcp:1162")
        conf = SNMPD_CONF.replace("trap2sink {station} {read} 162", "trap2sink tcp:198.18.0.10:1162 {read}")
        self.snmpd = Snmpd(lab, conf=conf)
        self.uplinkd = Uplinkd(lab, config(lab, agentx=self.snmpd.socket)).start().wait_all_active()
        self.snmpd.start()  # it opens the connection to the station now, so there must be a way
        self.station.wait("uplinkStarted")

    def master_stands_and_dies(self, count, seconds):
        """Meanwhile there are so many events. A new master takes its place. Returns the events that could
        still be read before it came."""
        # whose answer the old master takes with it is told to the new one once more
        wait_until(lambda: self.stats("notifications_pending") == 0, 10, "the notification of the start has left")
        began = time.monotonic()
        self.snmpd.process.send(signal.SIGSTOP)
        orders(self.uplinkd, count)
        wait_until(lambda: time.monotonic() - began > seconds, seconds + 1, "the time of standing still")
        events = events_of(self.uplinkd)
        self.snmpd.process.send(signal.SIGKILL)
        self.snmpd.process.wait()
        self.snmpd.start()
        wait_until(lambda: self.stats("agentx_connected"), 2, "the session")
        return events

    def stats(self, name):
        return self.uplinkd.ask("stats")[name]

    def got(self):
        traps = self.station.traps()
        return [int(k.partition(".")[2]) for t in traps for k in t if k.startswith("uplinkEventTime.")]

    def assert_all_have_come(self, wanted):
        wait_until(lambda: self.stats("notifications_pending") == 0, 60, "all have left")
        wait_until(lambda: len(self.got()) >= len(wanted), 30, "the station has all")
        assert self.got() == wanted, "each once, in order"


def told_of(events):
    """The numbers of those that have a notification."""
    return [e["number"] for e in events if e["type"] not in SILENT]


@pytest.mark.parametrize("count, seconds", [(600, 2), pytest.param(5000, 30, marks=pytest.mark.long)])
def test_thousands_of_events_while_the_master_stands_and_then_dies(lab, count, seconds):
    site = OverTcp(lab)
    site.master_stands_and_dies(count, seconds)
    wanted = told_of(events_of(site.uplinkd))
    assert len(wanted) >= count
    site.assert_all_have_come(wanted)
    assert site.stats("notifications_lost") == site.stats("notifications_suppressed") == 0


@pytest.mark.long
def test_more_events_than_can_be_kept(lab):
    """What is lost is counted, shows as a gap, and is named at the end."""
    site = OverTcp(lab)
    had = site.got()
    kept = site.master_stands_and_dies(9000, 0)
    replay = site.station.wait("uplinkEventsReplay", deadline_s=60)
    assert column(replay, "uplinkEventReason") == "notNotified"
    first, last = (int(column(replay, f"uplinkEventReplay{w}")) for w in ("First", "Last"))
    assert site.stats("notifications_lost") == last - first + 1 > 500
    assert (kept[0]["number"], had[-1]) == (last + 1, first - 1), "just those that could not be read"
    new = [e for e in events_of(site.uplinkd) if e["number"] > kept[-1]["number"]]
    site.assert_all_have_come(had + told_of(kept + new))


def events_of(uplinkd):
    found, after = [], 0
    while more := uplinkd.ask("events", after=after)["events"]:
        found += more
        after = more[-1]["number"]
    return found
