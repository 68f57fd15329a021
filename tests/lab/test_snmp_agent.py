# SPDX-License-Identifier: ISC
"""The SNMP process between a real snmpd and a steered engine: what it says, what it takes, what it
sends, and that nothing hurts it."""

import os
import pathlib
import signal
import socket
import time

import pytest
from snmpbench import Bench, go_on, stop
from uplab.agent import INTEGER, Agent
from uplab.snmp import WRITE, column, table
from uplab.wait import Stopwatch, holds_for, wait_until

MIB = (1, 3, 6, 1, 4, 1, 8072, 9999, 9999, 7705)
LINK, CONTROL, ROUTE, TARGET, HISTORY, EVENT = 2, 3, 4, 5, 6, 7
STARTED, LINK_DOWN, LINK_UP, ALL_DOWN, CONTROL_REFUSED, TARGET_DOWN, REPLAY = 1, 2, 3, 10, 18, 21, 26
UP, DOWN = 2, 4
DRAIN = 2
# enum order_verdict, ORDER_*
NO_LINK, WRONG_VALUE, INCONSISTENT, READ_ONLY, BUSY, LOCK = 1, 2, 3, 4, 5, 6
ADMIN, TIMEOUT, OWNER, COMMENT = 1, 2, 4, 8


@pytest.fixture
def make_bench(run, request):
    benches = []

    def make():
        bench = Bench(run, request.node.name)
        benches.append(bench)
        return bench

    request.node.labs = benches
    yield make
    for bench in benches:
        bench.close()


@pytest.fixture
def bench(make_bench):
    return make_bench().start()


def numbers(traps):
    """The event numbers of notifications, from the instance of uplinkEventTime."""
    return [int(k.partition(".")[2]) for t in traps for k in t if k.startswith("uplinkEventTime.")]


def uplink_traps(bench):
    return [t for t in bench.station.traps() if t["name"].startswith("uplink")]


# ---- reading


def test_walk_says_what_the_board_says(bench):
    links = table(bench.manager.walk("uplinkLinkTable"))
    assert set(links) == {"1", "2", "300"}
    for index, row in links.items():
        n = int(index)
        assert row["uplinkLinkName"] == f"link{n}"
        assert row["uplinkLinkAlias"] == f"alias {n}"
        assert row["uplinkLinkIfIndex"] == str(100 + n)
        assert row["uplinkLinkIfName"] == f"wan{n}"
        assert row["uplinkLinkTier"] == str(n % 2 + 1)
        assert row["uplinkLinkWeight"] == str(n % 255 + 1)
        assert row["uplinkLinkHealth"] == "up"
        assert row["uplinkLinkHealthReason"] == "targetsAnswer"
        assert row["uplinkLinkOperStatus"] == "active"
        assert row["uplinkLinkUsable"] == "true"
        assert row["uplinkLinkTransitions"] == str(n)
        rtts = [row[f"uplinkLinkRtt{k}"] for k in ("Last", "Avg", "Min", "Max")]
        assert rtts == [str(1000 * n + k) for k in range(4)]
        # 10 n parts per million are n thousandths of a percent
        assert float(row["uplinkLinkLoss"]) == n / 1000
        assert int(row["uplinkLinkUpSeconds"]) >= n
        # What was not measured is not there.
        assert ("uplinkLinkJitter" in row) == (n % 2 == 0)
        assert "uplinkLinkDetectionTime" not in row and "uplinkLinkLiveFlows" not in row
    control = table(bench.manager.walk("uplinkControlTable"))
    assert {i: r["uplinkControlAdminStatus"] for i, r in control.items()} == dict.fromkeys(links, "auto")
    routes = table(bench.manager.walk("uplinkRouteTable"))
    assert set(routes) == {"1.ipv4", "2.ipv4", "2.ipv6", "300.ipv4", "300.ipv6"}
    assert routes["2.ipv4"]["uplinkRoutePackets"] == str(2**40 + 2)
    assert routes["2.ipv4"]["uplinkRouteOctets"] == str(2**50 + 2)
    assert "uplinkRoutePackets" not in routes["2.ipv6"]
    assert routes["2.ipv4"]["uplinkRouteGateway"].split() == ["C0", "00", "02", "01"]
    assert routes["2.ipv6"]["uplinkRouteGatewayType"] == "ipv6z"
    gateway = bench.tool("snmpget", "-OQvx", "127.0.0.1", "UPLINK-MIB::uplinkRouteGateway.2.ipv6").stdout
    assert gateway.replace('"', "").split() == ["FE", "80", *["00"] * 13, "01", "00", "00", "00", "07"]
    assert routes["2.ipv6"]["uplinkRoutePrefixLength"] == "56"
    assert routes["2.ipv6"]["uplinkRouteInstalled"] == "false"
    targets = table(bench.manager.walk("uplinkTargetTable"))
    assert set(targets) == {"1.1", "1.2", "2.9", "300.1"}
    assert targets["300.1"]["uplinkTargetLinkName"] == "link300"
    assert targets["2.9"]["uplinkTargetRttLast"] == "900"
    assert "uplinkTargetRttLast" not in targets["1.2"]
    names = ["uplinkSite.0", "uplinkLinkCount.0", "uplinkControlLock.0", "uplinkAgentXConnected.0"]
    assert bench.manager.get(*names) == ["lyon-3", "3", "5", "true"]


def test_events_are_rows(bench):
    first = bench.engine.event(LINK_DOWN, 1, UP, DOWN)
    bench.engine.event(CONTROL_REFUSED, 2, 1, DRAIN)
    bench.engine.event(ALL_DOWN, 0)
    events = table(bench.manager.walk("uplinkEventTable"))
    assert set(events) == {"1", "2", "3"} and first == 1
    row = events["1"]
    assert (row["uplinkEventOld"], row["uplinkEventNew"]) == ("healthUp", "healthDown")
    assert (row["uplinkEventLink"], row["uplinkEventLinkName"]) == ("1", "link1")
    assert "uplinkEventActorUid" not in row
    assert (events["2"]["uplinkEventOld"], events["2"]["uplinkEventNew"]) == ("adminAuto", "adminDrain")
    assert (events["3"]["uplinkEventOld"], events["3"]["uplinkEventNew"]) == ("none", "none")
    assert bench.manager.get("uplinkEventsFirst.0", "uplinkEventsLast.0") == ["1", "3"]
    # Once the ring has come round, the oldest are gone and the rest is whole.
    assert bench.engine.events(8192) == 8195
    assert bench.manager.get("uplinkEventsFirst.0") == "4"
    assert bench.manager.get("uplinkEventType.3") is None
    assert bench.manager.get("uplinkEventType.4") is not None


def test_minutes_are_rows_once_they_are_over(bench):
    wait_until(lambda: time.monotonic() >= 240, 240, "the machine is as old as the minutes below")
    for link, ago in ((2, 0), (2, 1), (2, 2), (300, 3)):
        bench.engine.do(f"minute {link} {ago}")
    rows = table(bench.manager.walk("uplinkHistoryTable"))
    assert set(rows) == {"2.1001", "2.1002", "300.1000"}
    row = rows["2.1002"]
    assert row["uplinkHistoryLinkName"] == "link2"
    assert row["uplinkHistoryTime"] == "1970-1-1,16:42:0.0,+0:0"
    assert [row[f"uplinkHistory{n}"] for n in ("Sent", "Answered", "Lost")] == ["60", "57", "3"]
    assert row["uplinkHistoryLoss"] == "5.000"
    assert row["uplinkHistoryRttAvg"] == "1000"
    assert row["uplinkHistoryWorstHealth"] == "degraded"


def test_every_instance_is_got_and_is_the_next_one(bench):
    """One sorted list drives both: GET of entry j, GETNEXT from j to j + 1."""
    bench.engine.event(LINK_DOWN, 1, UP, DOWN)
    bench.engine.do("minute 2 1")
    walked = bench.raw_walk(MIB)
    oids = [oid for oid, _ in walked]
    assert oids == sorted(set(oids)) and len(oids) > 300
    assert all(oid[: len(MIB)] == MIB for oid in oids)
    still = {o: v for o, v in walked if not ages(o)}
    for start in range(0, len(oids), 20):
        part = oids[start : start + 20]
        got = dict(bench.raw("snmpget", *part))
        assert list(got) == part
        assert {o: v for o, v in got.items() if o in still} == {o: still[o] for o in part if o in still}
        following = oids[start + 1 : start + 21]
        assert [o for o, _ in bench.raw("snmpgetnext", *part)][: len(following)] == following
    bulk = bench.raw_walk(MIB, "snmpbulkwalk", "-Cr25")
    assert [o for o, _ in bulk] == oids


def ages(oid):
    """Objects that change while one looks: ages, counts of this process, seconds so far."""
    group, column = oid[len(MIB) + 1], oid[len(MIB) + 3] if oid[len(MIB) + 1] != 1 else oid[len(MIB) + 2]
    moving = {
        1: {4, 5, 12, 22, 23, 24, 25, 32, 34},
        LINK: {11, 15, 29, 30},
        CONTROL: {7},
        ROUTE: {26},
        TARGET: {11, 28},
        HISTORY: set(),
        EVENT: {3},
    }
    return column in moving[group]


@pytest.mark.parametrize(
    "asked, follows",
    [
        ((), (1, 1, 1, 0)),
        ((1, 1), (1, 1, 1, 0)),
        ((1, 1, 1), (1, 1, 1, 0)),
        ((1, 1, 1, 0), (1, 1, 2, 0)),
        ((1, 1, 1, 0, 0), (1, 1, 2, 0)),
        ((1, 1, 99), (1, LINK, 1, 2, 1)),
        ((1, LINK, 1), (1, LINK, 1, 2, 1)),
        ((1, LINK, 1, 1), (1, LINK, 1, 2, 1)),
        ((1, LINK, 1, 2), (1, LINK, 1, 2, 1)),
        ((1, LINK, 1, 2, 0), (1, LINK, 1, 2, 1)),
        ((1, LINK, 1, 2, 1), (1, LINK, 1, 2, 2)),
        ((1, LINK, 1, 2, 1, 0), (1, LINK, 1, 2, 2)),
        ((1, LINK, 1, 2, 2), (1, LINK, 1, 2, 300)),
        ((1, LINK, 1, 2, 299), (1, LINK, 1, 2, 300)),
        ((1, LINK, 1, 2, 300), (1, LINK, 1, 3, 1)),
        ((1, LINK, 1, 2, 4294967295), (1, LINK, 1, 3, 1)),
        ((1, LINK, 1, 2, 4294967295, 4294967295), (1, LINK, 1, 3, 1)),
        # jitter was measured on links 2 and 300 only
        ((1, LINK, 1, 23, 300), (1, LINK, 1, 24, 2)),
        # nobody ever measured a detection time, nor that of a switch
        ((1, LINK, 1, 30, 300), (1, LINK, 1, 33, 1)),
        ((1, LINK, 1, 40, 300), (1, CONTROL, 1, 1, 1)),
        ((1, LINK, 2), (1, CONTROL, 1, 1, 1)),
        ((1, ROUTE, 1, 2, 1, 1), (1, ROUTE, 1, 2, 2, 1)),
        ((1, ROUTE, 1, 2, 2), (1, ROUTE, 1, 2, 2, 1)),
        ((1, ROUTE, 1, 2, 2, 1), (1, ROUTE, 1, 2, 2, 2)),
        ((1, ROUTE, 1, 2, 2, 1, 7), (1, ROUTE, 1, 2, 2, 2)),
        ((1, ROUTE, 1, 2, 2, 4294967295), (1, ROUTE, 1, 2, 300, 1)),
        ((1, ROUTE, 1, 2, 4294967295, 4294967295), (1, ROUTE, 1, 3, 1, 1)),
        ((1, TARGET, 1, 2, 1, 2), (1, TARGET, 1, 2, 2, 9)),
        ((1, TARGET, 1, 2, 2, 8), (1, TARGET, 1, 2, 2, 9)),
        ((1, TARGET, 1, 2, 2, 9), (1, TARGET, 1, 2, 300, 1)),
        ((1, HISTORY), None),
        ((1, EVENT, 1, 2), None),
        ((2,), None),
    ],
)
def test_next_between_before_and_after_rows(run, shared_bench, asked, follows):
    [(found, _)] = shared_bench.raw("snmpgetnext", MIB + asked)
    if follows is None:
        assert found[: len(MIB)] != MIB
    else:
        assert found == MIB + follows


@pytest.mark.parametrize(
    "asked, said",
    [
        ((1, 1), "Object"),
        ((1, 1, 1), "Instance"),
        ((1, 1, 1, 1), "Instance"),
        ((1, 1, 1, 0, 0), "Instance"),
        ((1, 1, 99, 0), "Object"),
        ((1, LINK, 1, 1, 1), "Object"),
        ((1, LINK, 1, 2, 3), "Instance"),
        ((1, LINK, 1, 2, 1, 1), "Instance"),
        ((1, LINK, 1, 2, 65537), "Instance"),
        ((1, LINK, 1, 2, 4294967295), "Instance"),
        ((1, LINK, 1, 24, 1), "Instance"),
        ((1, LINK, 2, 2, 1), "Object"),
        ((1, ROUTE, 1, 2, 1, 2), "Instance"),
        ((1, TARGET, 1, 2, 1, 3), "Instance"),
        ((1, EVENT, 1, 2, 0), "Instance"),
        ((1, EVENT, 1, 2, 1), "Instance"),
        ((1, HISTORY, 1, 2, 1, 1000), "Instance"),
        ((1, 8, 1, 2, 1), "Object"),
        ((3, 1), "Object"),
    ],
)
def test_what_is_not_there(run, shared_bench, asked, said):
    [(_, text)] = shared_bench.raw("snmpget", MIB + asked)
    assert text.startswith(f"No Such {said}"), text


@pytest.fixture(scope="module")
def shared_bench(run):
    bench = Bench(run, "shared").start()
    yield bench
    bench.close()


def test_rows_come_and_go(bench):
    bench.engine.do("add 7")
    bench.engine.do("target 30 7 1")
    assert bench.manager.get("uplinkLinkName.7", "uplinkTargetLinkName.7.1") == ["link7", "link7"]
    bench.engine.do("remove 2")
    assert bench.manager.get("uplinkLinkName.2") is None
    names = bench.manager.walk("uplinkLinkName")
    assert list(names.values()) == ["link1", "link7", "link300"]


def test_a_row_that_the_writer_died_in_is_still_answered(bench):
    assert bench.manager.get("uplinkLinkName.2") == "link2"
    bench.engine.do("torn 2")
    assert bench.manager.get("uplinkLinkName.2") == "link2"
    assert list(bench.manager.walk("uplinkLinkName").values()) == ["link1", "link2", "link300"]


def test_a_row_that_nobody_could_read_yet_is_not_said_to_be_absent(bench):
    """The writer died within it, and there is no copy: that is not the same as no row."""
    bench.engine.do("torn 2")
    bench.engine.do("restart")  # without any copy
    bench.manager.wait_registered()
    done = bench.tool("snmpget", "127.0.0.1", "UPLINK-MIB::uplinkLinkName.2")
    assert "genErr" in done.stdout + done.stderr
    assert bench.set(*order(2, AdminStatus="drain")) == "resourceUnavailable"
    assert bench.set(*order(3, AdminStatus="drain")) == "noCreation"
    assert bench.manager.get("uplinkLinkName.1") == "link1"
    bench.engine.do("add 2")  # another engine writes it anew
    assert bench.manager.get("uplinkLinkName.2") == "link2"


def test_a_board_that_was_started_afresh(bench):
    bench.engine.events(20)
    wait_until(lambda: len(uplink_traps(bench)) == 20, 5, "the notifications before")
    before = bench.manager.walk("uplinkTargetTable")
    bench.engine.do("afresh")
    assert bench.manager.walk("uplinkTargetTable").keys() == before.keys()
    assert bench.engine.event(LINK_DOWN, 1, UP, DOWN) == 1
    wait_until(lambda: numbers(uplink_traps(bench))[20:] == [1], 5, "the notification after")


# ---- SET


def order(link, **fields):
    kinds = {"AdminStatus": "i", "Timeout": "u", "Owner": "s", "Comment": "s"}
    return [(f"uplinkControl{k}.{link}", kinds[k], v) for k, v in fields.items()]


def state_of(bench):
    return bench.manager.walk("uplinkControlTable", numbers=True)


def test_an_order_of_all_columns_is_one_question(bench):
    assert bench.set(*order(2, AdminStatus="drain", Timeout=60, Owner="alice", Comment="new fibre")) == ""
    assert bench.engine.sets() == (
        "test count=1 lock=no 0; link=2 fields=15 admin=2 timeout=60 owner=alice comment=new fibre force=0;"
        " apply; end undo=0;"
    )
    names = [f"uplinkControl{c}.2" for c in ("AdminStatus", "Timeout", "Owner", "Comment")]
    assert bench.manager.get(*names) == ["drain", "60", "alice", "new fibre"]


def test_orders_for_several_links_are_one_question(bench):
    assert bench.set(*order(2, AdminStatus="drain"), *order(300, AdminStatus="forceUp", Owner="bob")) == ""
    said = bench.engine.sets()
    assert said.startswith("test count=2 ") and said.count("test") == 1 and said.count("apply") == 1
    before = state_of(bench)
    # The engine refuses one of them: none is done, and the manager learns which.
    bench.engine.do(f"answer 0 {INCONSISTENT} {ADMIN} 1")
    done = bench.tool(
        "snmpset", "127.0.0.1", "UPLINK-MIB::uplinkControlOwner.1", "s", "x",
        "UPLINK-MIB::uplinkControlAdminStatus.1", "i", "drain",
        "UPLINK-MIB::uplinkControlAdminStatus.2", "i", "forceDown", community="lab-write",
    )  # fmt: skip
    assert "inconsistentValue" in done.stderr and "uplinkControlAdminStatus.2" in done.stderr
    assert "apply" not in bench.engine.sets()
    assert state_of(bench) == before


@pytest.mark.parametrize(
    "triples, reason",
    [
        ([("uplinkControlAdminStatus.2", "s", "drain")], "wrongType"),
        ([("uplinkControlAdminStatus.2", "u", "2")], "wrongType"),
        ([("uplinkControlTimeout.2", "i", "60")], "wrongType"),
        ([("uplinkControlOwner.2", "i", "60")], "wrongType"),
        ([("uplinkControlOwner.2", "o", "1.3.6")], "wrongType"),
        ([("uplinkControlAdminStatus.2", "i", "0")], "wrongValue"),
        ([("uplinkControlAdminStatus.2", "i", "5")], "wrongValue"),
        ([("uplinkControlAdminStatus.2", "i", "-2")], "wrongValue"),
        ([("uplinkControlAdminStatus.2", "i", "258")], "wrongValue"),
        ([("uplinkControlAdminStatus.2", "i", "65538")], "wrongValue"),
        ([("uplinkControlTimeout.2", "u", "4294967295")], "wrongValue"),
        ([("uplinkControlOwner.2", "x", "610a62")], "wrongValue"),
        ([("uplinkControlOwner.2", "x", "1b5b31")], "wrongValue"),
        ([("uplinkControlOwner.2", "x", "6100")], "wrongValue"),
        ([("uplinkControlComment.2", "x", "c328")], "wrongValue"),
        ([("uplinkControlComment.2", "x", "c285")], "wrongValue"),
        ([("uplinkControlComment.2", "s", "x" * 65)], "wrongLength"),
        ([("uplinkControlComment.2", "s", "x" * 3000)], "wrongLength"),
        ([("uplinkControlOwner.3", "s", "x")], "noCreation"),
        ([("uplinkControlOwner.65538", "s", "x")], "noCreation"),
        ([("uplinkControlOwner.2.2", "s", "x")], "noCreation"),
        ([("uplinkControlOwner", "s", "x")], "noCreation"),
        ([("uplinkLinkName.2", "s", "x")], "notWritable"),
        ([("uplinkSite.0", "s", "x")], "notWritable"),
        ([("." + ".".join(map(str, MIB)) + ".1.9.1", "s", "x")], "notWritable"),
        ([("uplinkControlLock.0", "i", "-1")], "wrongValue"),
        ([("uplinkControlLock.0", "u", "5")], "wrongType"),
        # a good one beside a bad one
        ([("uplinkControlAdminStatus.1", "i", "drain"), ("uplinkControlOwner.3", "s", "x")], "noCreation"),
        ([("uplinkControlOwner.1", "s", "a"), ("uplinkControlOwner.1", "s", "b")], "inconsistentValue"),
        # what another agent refuses is not done here either
        ([("uplinkControlAdminStatus.1", "i", "drain"), (".1.3.6.1.2.1.1.7.0", "i", "3")], "notWritable"),
    ],
)
def test_a_wrong_set_changes_nothing(run, shared_bench, triples, reason):
    before = state_of(shared_bench)
    shared_bench.engine.sets()
    assert shared_bench.set(*triples) == reason
    assert "apply" not in shared_bench.engine.sets()
    assert state_of(shared_bench) == before
    # and the next one is taken
    assert shared_bench.set(*order(1, Owner="next")) == ""
    assert shared_bench.set(*order(1, Owner="")) == ""


@pytest.mark.parametrize(
    "verdict, field, reason",
    [
        (NO_LINK, 0, "noCreation"),
        (WRONG_VALUE, TIMEOUT, "wrongValue"),
        (INCONSISTENT, ADMIN, "inconsistentValue"),
        (READ_ONLY, 0, "notWritable"),
        (BUSY, 0, "resourceUnavailable"),
        (LOCK, 0, "inconsistentValue"),
        (77, 0, "resourceUnavailable"),
    ],
)
def test_what_the_engine_refuses_is_told_as_it_is(run, shared_bench, verdict, field, reason):
    shared_bench.engine.sets()
    shared_bench.engine.do(f"answer 0 {verdict} {field} 0")
    lock = [("uplinkControlLock.0", "i", "5")]
    assert shared_bench.set(*lock, *order(2, AdminStatus="drain", Timeout=1)) == reason
    assert "apply" not in shared_bench.engine.sets()


def test_an_engine_that_can_not_apply_is_undone(bench):
    before = state_of(bench)
    bench.engine.do(f"answer 1 {BUSY} 0 0")
    assert bench.set(*order(2, AdminStatus="drain")) == "commitFailed"
    assert state_of(bench) == before
    assert bench.set(*order(2, AdminStatus="drain")) == ""


def test_a_silent_engine_ends_in_a_clean_error_and_in_time(bench):
    bench.engine.do("mute 1")
    writer = Agent(bench.namespace, community=WRITE)
    watch = Stopwatch(bench.snmpd.process.pid, bench.engine.pid())
    assert writer.set((MIB + (1, CONTROL, 1, 1, 2), INTEGER, DRAIN)) == "resourceUnavailable"
    assert watch.seconds() < 0.1
    said = bench.engine.sets()
    assert "apply" not in said and said.endswith("end undo=0;")
    # Reading goes on meanwhile, and so does ordering afterwards.
    bench.engine.do("mute 0")
    assert bench.manager.get("uplinkControlAdminStatus.2") == "auto"
    assert bench.set(*order(2, AdminStatus="drain")) == ""


def test_control_no_makes_all_of_it_read_only(bench):
    bench.engine.do("control 0")
    assert bench.set(*order(2, AdminStatus="drain")) == "notWritable"
    assert bench.set(("uplinkControlLock.0", "i", "5")) == "notWritable"
    assert bench.engine.sets() == ""
    assert bench.manager.get("uplinkControlAllowed.0") == "false"


def test_the_lock_goes_with_the_order(bench):
    assert bench.set(("uplinkControlLock.0", "i", "5"), *order(2, AdminStatus="drain")) == ""
    assert bench.engine.sets().startswith("test count=1 lock=5; link=2 ")


def test_text_of_other_languages_is_taken(bench):
    assert bench.set(*order(2, Owner="Zoë", Comment="光ファイバー")) == ""
    assert "owner=Zoë comment=光ファイバー" in bench.engine.sets()


def test_an_engine_that_is_replaced(bench):
    assert bench.set(*order(2, AdminStatus="drain")) == ""
    bench.engine.do("channel")
    wait_until(lambda: bench.engine.notified()["connected"] == 1, 5, "the new engine is told")
    assert bench.set(*order(2, AdminStatus="auto")) == ""
    number = bench.engine.event(LINK_DOWN, 1, UP, DOWN)
    wait_until(lambda: numbers(uplink_traps(bench)) == [number], 5, "the notification")


# ---- notifications


def test_a_notification_says_what_happened(bench):
    number = bench.engine.event(LINK_DOWN, 300, UP, DOWN)
    trap = bench.station.wait("uplinkLinkDown")
    want = {
        "uplinkSite.0": "lyon-3",
        "uplinkLinkName.300": "link300",
        f"uplinkEventType.{number}": "linkDown",
        f"uplinkEventOld.{number}": "healthUp",
        f"uplinkEventNew.{number}": "healthDown",
        f"uplinkEventReason.{number}": "targetsLost",
        f"uplinkEventText.{number}": f"event {number}",
        "uplinkNotifySuppressed.0": "0 notifications",
    }
    assert want.items() <= trap.items()
    assert f"uplinkEventTime.{number}" in trap
    wait_until(lambda: bench.engine.notified()["sent"] == 1, 5, "the engine is told")
    assert bench.manager.get("uplinkNotificationsSent.0") == "1"


def test_events_without_a_notification_send_none(bench):
    bench.engine.event(CONTROL_REFUSED, 1)
    bench.engine.event(TARGET_DOWN, 1, UP, DOWN)
    last = bench.engine.event(LINK_UP, 1, DOWN, UP)
    wait_until(lambda: numbers(uplink_traps(bench)) == [last], 5, "the last one")
    wait_until(lambda: bench.engine.notified()["number"] == last, 5, "all dealt with")
    assert bench.engine.notified()["sent"] == 1
    bench.engine.do("notify 0 1")
    asked = bench.engine.event(TARGET_DOWN, 1, UP, DOWN)
    wait_until(lambda: numbers(uplink_traps(bench)) == [last, asked], 5, "that of a target, once it is wanted")


def test_a_storm_is_cut_short_and_its_end_is_told(bench):
    """20 in a minute: of 51, 20 leave at once, and the last one 3 s later."""
    bench.engine.do("notify 20 0")
    bench.engine.events(50)
    other = bench.engine.event(LINK_DOWN, 2, UP, DOWN)
    last = bench.engine.event(LINK_UP, 1, DOWN, UP)
    wait_until(lambda: other in numbers(uplink_traps(bench)), 5, "another link's is not held up")
    wait_until(lambda: last in numbers(uplink_traps(bench)), 10, "the last one")
    assert numbers(uplink_traps(bench)) == [*range(1, 21), other, last]
    counts = [column(t, "uplinkNotifySuppressed") for t in uplink_traps(bench)]
    assert [int(c.split()[0]) for c in counts] == [0] * 21 + [30]
    wait_until(lambda: bench.engine.notified()["suppressed"] == 30, 5, "counted")
    assert bench.engine.notified()["pending"] == bench.engine.notified()["lost"] == 0
    assert bench.manager.get("uplinkNotificationsSuppressed.0") == "30"
    assert bench.manager.get("uplinkNotifySuppressed.0") is None, "for notifications only"


def test_a_replay_says_what_to_read(bench):
    first, last = bench.engine.event(LINK_DOWN, 1, UP, DOWN), bench.engine.event(LINK_UP, 1, DOWN, UP)
    number = bench.engine.event(REPLAY, 0, first, last)
    trap = bench.station.wait("uplinkEventsReplay")
    assert trap[f"uplinkEventReplayFirst.{number}"] == str(first)
    assert trap[f"uplinkEventReplayLast.{number}"] == str(last)
    assert bench.manager.get(f"uplinkEventReplayLast.{number}", f"uplinkEventReplayLast.{first}") == [str(last), None]


def test_refused_sets_are_counted(bench):
    for _ in range(3):
        assert bench.set(("uplinkControlAdminStatus.2", "i", "9")) == "wrongValue"
    wait_until(lambda: bench.engine.notified()["sets_refused"] == 3, 5, "the engine is told")


def test_a_notification_waits_for_its_routes(bench):
    bench.engine.event(LINK_DOWN, 1, UP, DOWN, plan=5)
    holds_for(lambda: not uplink_traps(bench), 0.5, "nothing is sent before the routes stand")
    bench.engine.do("plan 5")
    bench.station.wait("uplinkLinkDown", deadline_s=0.4)


def test_the_first_notification_waits_for_the_first_route(bench):
    for link in (1, 2, 300):
        bench.engine.do(f"set {link} installed 0")
    bench.engine.event(STARTED, 0)
    holds_for(lambda: not uplink_traps(bench), 2, "nothing is sent before there is a way out")
    bench.engine.do("set 2 installed 1")
    bench.station.wait("uplinkStarted", deadline_s=1)


def test_a_notification_does_not_wait_for_ever(bench):
    before = time.monotonic()
    bench.engine.event(LINK_DOWN, 1, UP, DOWN, plan=5)
    bench.station.wait("uplinkLinkDown", deadline_s=2)
    assert time.monotonic() - before > 0.9


def test_a_stopped_master_costs_no_notification(bench):
    stop(bench.snmpd.process)
    end = time.monotonic() + 20
    for _ in range(50):
        bench.engine.events(1)
        time.sleep(0.02)
    # The engine is served all the time.
    while time.monotonic() < end:
        watch = Stopwatch(bench.engine.pid(), bench.engine.process.pid)
        assert bench.engine.notified()["pending"] >= 46
        assert watch.seconds() < 1
        time.sleep(0.2)
    go_on(bench.snmpd.process)
    wait_until(lambda: len(uplink_traps(bench)) >= 50, 10, "all notifications arrive")
    bench.engine.wait_told(50)
    assert numbers(uplink_traps(bench)) == list(range(1, 51))
    told = bench.engine.notified()
    assert (told["sent"], told["lost"], told["reconnects"]) == (50, 0, 0)


def test_a_master_that_is_killed_and_comes_back(bench):
    bench.engine.wait_told(bench.engine.events(10))
    bench.snmpd.process.stop(signal.SIGKILL)
    bench.engine.events(40)
    wait_until(lambda: bench.engine.notified()["connected"] == 0, 5, "the loss is noticed")
    bench.snmpd.start()
    bench.wait_connected(2)
    bench.engine.wait_told(50)
    wait_until(lambda: len(uplink_traps(bench)) >= 50, 5, "all arrive")
    assert numbers(uplink_traps(bench)) == list(range(1, 51))
    assert bench.engine.notified()["reconnects"] == 1
    assert bench.manager.get("uplinkLinkName.1") == "link1"


def test_a_master_that_is_stopped_and_then_killed(bench):
    stop(bench.snmpd.process)
    bench.engine.events(20)
    wait_until(lambda: bench.engine.notified()["pending"] == 20, 5, "they wait")
    bench.snmpd.process.send(signal.SIGKILL)
    bench.snmpd.process.wait()
    bench.snmpd.start()
    bench.engine.wait_told(20)
    wait_until(lambda: len(uplink_traps(bench)) >= 20, 5, "all arrive")
    assert numbers(uplink_traps(bench)) == list(range(1, 21))


def test_another_master_takes_the_place_of_one_that_stands(bench):
    """As when a hung snmpd is left alone and a new one is started on the same socket."""
    old = bench.snmpd.process
    stop(old)
    bench.engine.events(3)
    bench.snmpd.socket.unlink()
    bench.snmpd.start(address="udp:1161")
    bench.engine.wait_told(3)
    wait_until(lambda: len(uplink_traps(bench)) >= 3, 5, "they arrive")
    assert numbers(uplink_traps(bench)) == [1, 2, 3]


def test_a_restarted_snmp_process_goes_on_where_it_was(bench):
    bench.engine.wait_told(bench.engine.events(10))
    bench.engine.do("restart")
    bench.engine.events(10)
    wait_until(lambda: len(uplink_traps(bench)) >= 20, 10, "the second ten")
    assert numbers(uplink_traps(bench)) == list(range(1, 21))


def test_what_the_limit_kept_back_is_not_forgotten_by_a_restart(bench):
    """2 in a minute: of 50, 2 leave, 47 are left out and the last one waits, in a process that ends."""
    bench.engine.do("notify 2 0")
    bench.engine.wait_told(bench.engine.events(50))
    wait_until(lambda: bench.engine.notified()["held"] == 1, 5, "the engine knows of it")
    bench.engine.do("restart")
    wait_until(lambda: bench.engine.notified()["lost_last"] > 0, 10, "the new process asks for a replay")
    told = bench.engine.notified()
    assert (told["lost_first"], told["lost_last"]) == (3, 50)
    assert (told["sent"], told["suppressed"], told["lost"]) == (2, 47, 1), "each is counted"
    assert bench.manager.get("uplinkNotificationsLost.0") == "1"
    bench.engine.do("replayed 50")
    wait_until(lambda: bench.engine.notified()["lost_last"] == 0, 5, "enough")
    bench.engine.do("restart")
    bench.wait_connected()
    bench.engine.wait_told(bench.engine.event(LINK_DOWN, 2, UP, DOWN))
    assert bench.engine.notified()["lost"] == 1, "once"


def test_what_left_while_a_link_was_dying_is_named(bench):
    bench.engine.do("measured")  # a target of link 2 has an answer, for the last time
    last = bench.engine.event(LINK_UP, 300, DOWN, UP)
    bench.engine.wait_told(last)
    bench.engine.do("set 1 installed 0")
    bench.engine.wait_told(bench.engine.event(LINK_DOWN, 1, UP, DOWN))
    assert bench.engine.notified()["doubt_last"] == 0, "link 1 carried nothing"
    last += 1
    bench.engine.event(LINK_DOWN, 2, UP, DOWN)
    wait_until(lambda: bench.engine.notified()["doubt_last"] > 0, 5, "all since then is named")
    told = bench.engine.notified()
    assert (told["doubt_first"], told["doubt_last"], told["lost"]) == (1, last, 0)
    bench.engine.do(f"doubted 1 {last}")
    wait_until(lambda: bench.engine.notified()["doubt_last"] == 0, 5, "enough")


def test_what_the_ring_could_not_keep_is_counted(bench):
    stop(bench.snmpd.process)
    bench.engine.events(1)
    wait_until(lambda: bench.engine.notified()["pending"] == 1, 5, "it waits")
    last = bench.engine.events(8192 + 100)
    go_on(bench.snmpd.process)
    bench.engine.wait_told(last, 60)
    told = bench.engine.notified()
    assert told["lost"] > 0 and told["sent"] + told["lost"] == last
    got = numbers(uplink_traps(bench))
    assert got == sorted(set(got))
    # and the engine is asked for an event that names them, until it has written one
    wait_until(lambda: bench.engine.notified()["lost_last"] > 0, 5, "the range")
    told = bench.engine.notified()
    first, end = told["lost_first"], told["lost_last"]
    assert end - first + 1 == told["lost"]
    assert not set(range(first, end + 1)) & set(got) and {first - 1, end + 1} <= set(got)
    bench.engine.do(f"replayed {end}")
    wait_until(lambda: bench.engine.notified()["lost_last"] == 0, 5, "enough")


# ---- trouble


def test_a_permission_problem_is_told_once_with_its_fix(make_bench):
    bench = make_bench()
    bench.snmpd.conf_path.write_text(bench.snmpd.conf_path.read_text().replace("_uplinksnmp", "daemon"))
    bench.start(connected=False)
    wait_until(lambda: "agentXPerms 0660 0755 root _uplinksnmp" in bench.engine.log(), 10, "the line")
    holds_for(lambda: bench.engine.log().count("permission denied") == 1, 2, "told once")


def test_a_master_that_is_not_there_is_told_once(make_bench):
    bench = make_bench()
    bench.start(master=False, connected=False)
    wait_until(lambda: "no AgentX master at" in bench.engine.log(), 10, "the line")
    holds_for(lambda: bench.engine.log().count("no AgentX master at") == 1, 2, "told once")
    bench.snmpd.start()
    bench.wait_connected(2)


def test_a_hostile_board_does_no_harm(bench):
    for seed in range(1, 41):
        bench.engine.do(f"hostile {seed}")
        for root in ("UPLINK-MIB::uplinkMIB", "UPLINK-MIB::uplinkTargetTable", "UPLINK-MIB::uplinkEventTable"):
            bench.tool("snmpbulkwalk", "-OnQUe", "-Cr50", "127.0.0.1", root)
        bench.set(("uplinkControlOwner.1", "s", "x"))
        assert bench.engine.alive(), bench.engine.log()
        assert "lost: closed by the master" not in bench.engine.log()


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_it_has_no_rights(bench):
    status = pathlib.Path(f"/proc/{bench.engine.pid()}/status").read_text()
    fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert fields["CapEff"].strip("0") == "" and fields["CapPrm"].strip("0") == ""
    assert fields["NoNewPrivs"] == "1"
    assert "0" not in fields["Uid"].split()
