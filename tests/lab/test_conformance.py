# SPDX-License-Identifier: ISC
"""The agent against the module: everything that it says is declared, of the right type and in range,
everything declared is said, and what may not be asked or ordered is refused as SNMP wants it. The
module is read by libsmi, and asked is by a manager of our own, which sees what is on the wire."""

import bisect
import random
import threading

import pytest
from snmpbench import Bench
from uplab.agent import COUNTER64, END, INTEGER, NO_INSTANCE, NO_OBJECT, OCTETS, OID, UNSIGNED32, Agent
from uplab.daemon import Uplinkd, config, link_text
from uplab.mib import Mib
from uplab.snmp import WRITE, Manager, Snmpd
from uplab.topology import Lab
from uplab.wait import wait_until

MIB = Mib()
# What one sees changing while one looks, or from one agent's answer to the next.
MOVES = ("Age", "Remaining", "Seconds", "Sent", "Pending", "Last", "TimerLateness", "Received", "Rtt", "Jitter")


@pytest.fixture(scope="module")
def bench(run):
    """An agent that has an instance of everything declared."""
    bench = Bench(run, "conformance").start()
    bench.engine.do("measured")
    bench.engine.do("minute 2 1")
    wait_until(lambda: bench.engine.notified()["pending"] == 0, 10, "the notifications have left")
    yield bench
    bench.close()


@pytest.fixture(scope="module")
def agent(bench):
    return Agent(bench.namespace)


@pytest.fixture(scope="module")
def walked(agent):
    return agent.walk(MIB.root)


def faults(walked):
    return [fault for fault in (MIB.check(*instance) for instance in walked) if fault]


def test_all_that_is_said_is_declared_and_right(walked):
    assert len(walked) > 400
    assert faults(walked) == []


def test_all_that_is_declared_is_said(walked):
    said = {MIB.object_of(oid).name for oid, _, _ in walked}
    readable = {o.name for o in MIB.objects.values() if o.readable}
    assert len(readable) > 150
    assert readable - said == set()


def test_the_checks_can_fail(walked):
    oid, tag, value = next(i for i in walked if MIB.object_of(i[0]).name == "uplinkLinkTier")
    assert MIB.check(oid, tag, 256) and MIB.check(oid, INTEGER, value) and MIB.check(oid + (0,), tag, value)
    assert MIB.check(oid[:-1] + (1023,), tag, value), "no link has that index"
    assert MIB.check(oid[:-2] + (99, 1), tag, value) == "undeclared"
    oid, tag, _ = next(i for i in walked if MIB.object_of(i[0]).name == "uplinkLinkHealth")
    assert MIB.check(oid, tag, 5) and MIB.check(oid, tag, 0)
    oid, tag, _ = next(i for i in walked if MIB.object_of(i[0]).name == "uplinkLinkName")
    assert MIB.check(oid, tag, b"x" * 33)


@pytest.mark.parametrize("repetitions", [1, 2, 7, 50, 1000])
def test_getbulk_and_getnext_agree(agent, walked, repetitions):
    assert [i[0] for i in agent.walk(MIB.root, repetitions)] == [i[0] for i in walked]


def stable(instances):
    return [i for i in instances if not any(m in MIB.object_of(i[0]).name for m in MOVES)]


def test_each_object_alone_and_twenty_in_one(agent, walked):
    for instance in walked:
        [got] = agent.get(instance[0])
        assert got[:2] == instance[:2]
        if instance in stable([instance]):
            assert got == instance
    shuffled = random.Random(4).sample(walked, len(walked))
    for at in range(0, len(shuffled), 20):
        part = shuffled[at : at + 20]
        got = agent.get(*[oid for oid, _, _ in part])
        assert [g[:2] for g in got] == [p[:2] for p in part]
        assert stable(got) == stable(part)


def near(oid):
    """Names before, between and after rows: shorter, longer, one less, one more, the ends of the range."""
    yield oid[:-1]
    yield oid[:-2]
    yield oid + (0,)
    yield oid + (2**32 - 1,)
    for last in (oid[-1] - 1, oid[-1] + 1, 0, 2**31, 2**32 - 1):
        if last >= 0:
            yield oid[:-1] + (last,)
    for i in (-2, -3):
        yield oid[:i] + (oid[i] + 1,) + oid[i + 1 :]
        yield oid[:i] + (2**32 - 1,) + oid[i + 1 :]


def batches(items, size=20):
    return [items[i : i + size] for i in range(0, len(items), size)]


def test_getnext_of_any_name_is_the_next_instance(agent, walked):
    names = [oid for oid, _, _ in walked]
    asked = sorted({n for oid in names for n in near(oid) if n >= MIB.root} | {MIB.root, MIB.root + (0,), MIB.root + (2,)})
    assert len(asked) > 2000
    for part in batches(asked):
        for at, (oid, tag, _) in zip(part, agent.next(*part)):
            i = bisect.bisect_right(names, at)
            if i < len(names):
                assert oid == names[i], f"after {at}"
            else:
                assert tag == END or oid[: len(MIB.root)] != MIB.root, f"after {at}"


def test_get_of_what_is_not_there(agent, walked):
    names = {oid for oid, _, _ in walked}
    asked = sorted({n for oid in names for n in near(oid)} - names)
    for part in batches(asked):
        for at, (oid, tag, _) in zip(part, agent.get(*part)):
            o = MIB.object_of(at)
            declared = o is not None and o.readable
            assert oid == at
            assert tag == (NO_INSTANCE if declared else NO_OBJECT), f"{at}: {tag:#x}"


def test_odd_names_do_no_harm(agent, walked):
    some = walked[len(walked) // 2][0]
    longest = some + (7,) * (128 - len(some))
    [(_, tag, _)] = agent.get(longest)
    assert tag == NO_INSTANCE
    [(oid, _, _)] = agent.next(longest)
    assert oid > some
    for odd in (some + (7,) * 200, some[:-1] + (2**32,), some[:-1] + (2**40 + 5,), some + (2**63,)):
        agent.socket.settimeout(0.2)
        try:
            agent.next(odd)
        except (AssertionError, OSError):
            pass  # the master may throw it away
        agent.socket.settimeout(5)
    assert [i[0] for i in agent.walk(MIB.root, 50)] == [i[0] for i in walked]


# ---- access


@pytest.fixture(scope="module")
def writer(bench):
    return Agent(bench.namespace, community=WRITE)


def test_only_what_is_declared_so_is_writable(writer, walked):
    for oid, tag, value in walked:
        o = MIB.object_of(oid)
        if o.access != "readwrite":
            assert writer.set((oid, tag, value)) == "notWritable", o.name
    writable = {MIB.object_of(oid).name for oid, _, _ in walked if MIB.object_of(oid).access == "readwrite"}
    assert len(writable) == 5
    for o in MIB.objects.values():
        if not o.readable:  # indexes, and what stands in notifications only
            assert writer.set((o.oid + (1,), o.tag, 1)) == "notWritable", o.name


def test_wrong_types_and_values_of_what_is_writable(bench, writer, walked):
    bench.engine.sets()
    for oid, tag, value in walked:
        o = MIB.object_of(oid)
        if o.access != "readwrite":
            continue
        for other in {INTEGER, OCTETS, UNSIGNED32, COUNTER64, OID} - {tag}:
            wrong = {OCTETS: b"2", OID: b"\x2b\x06"}.get(other, 2)
            assert writer.set((oid, other, wrong)) == "wrongType", (o.name, other)
        if tag == OCTETS:
            assert writer.set((oid, tag, b"x" * 65)) == "wrongLength", o.name
            assert writer.set((oid, tag, b"\xff")) == "wrongValue", o.name
        else:
            outside = [v for v in (-1, 0, 5, 257, 2**31 - 1, 31622401, 2**32 - 1) if not o.allows(v)]
            for v in outside[:4]:
                if not (tag == UNSIGNED32 and v < 0) and not (tag == INTEGER and v > 2**31 - 1):
                    assert writer.set((oid, tag, v)) == "wrongValue", (o.name, v)
    assert bench.engine.sets() == "", "the engine was not asked"
    assert writer.get(walked[0][0])


# ---- notifications


def test_every_notification_has_what_the_module_says(run):
    bench = Bench(run, "notifications").start()
    try:
        bench.engine.do("notify 0 1")
        assert len(MIB.notifications) == 22
        numbers = {n: bench.engine.event(kind, 2, 1, 2) for n, kind in MIB.kinds.items()}
        wait_until(lambda: len({t["name"] for t in bench.station.traps()} & set(numbers)) == 22, 10, "all of them")
        for trap in bench.station.traps():
            if trap["name"] not in numbers:
                continue  # the master's own
            # none missing, none besides, in the module's order, of this event and its link
            said = [k for k in trap if k.startswith("uplink")]
            index = {"uplinkEvent": numbers[trap["name"]], "uplinkLink": 2}
            want = []
            for o in MIB.notifications[trap["name"]]:
                row = next((r for r in index if o.startswith(r)), None)
                want.append(f"{o}.{index[row] if row else 0}")
            assert said == want, trap["name"]
            must = {"uplinkSite", "uplinkEventTime", "uplinkEventType", "uplinkEventReason", "uplinkEventText"}
            assert must <= set(MIB.notifications[trap["name"]])
    finally:
        bench.close()


# ---- rows that come and go under a walk


class Churn(threading.Thread):
    """Does that again and again until stop()."""

    def __init__(self, step):
        super().__init__(daemon=True)
        self.step, self.going, self.turns, self.failed = step, True, 0, None
        self.start()

    def run(self):
        while self.going:
            try:
                self.step(self.turns)
            except Exception as failed:  # noqa: BLE001 - told by stop()
                self.failed = failed
                return
            self.turns += 1

    def stop(self):
        self.going = False
        self.join()
        assert self.failed is None, self.failed
        return self.turns


def walks_over(agent, names, seconds=3):
    """Walks for that long, and five times at least, each by another way: all of these stable instances
    are in each."""
    end = threading.Event()
    timer = threading.Timer(seconds, end.set)
    timer.start()
    n = 0
    while not end.is_set() or n < 5:
        found = agent.walk(MIB.root, (0, 3, 20, 100)[n % 4])
        assert faults(found) == []
        missing = sorted(names - {oid for oid, _, _ in found})
        told = [f"{MIB.object_of(oid).name}.{oid[-1]}" for oid in missing[:5]]
        assert not missing, f"{len(missing)} of {len(names)} are missing: {told}"
        n += 1
    return n


def test_rows_that_come_and_go_harm_no_walk(run):
    bench = Bench(run, "churn").start()
    try:
        agent = Agent(bench.namespace)
        names = {oid for oid, _, _ in stable(agent.walk(MIB.root))}

        def step(turn):
            link = (5, 150, 299, 301, 1022)[turn % 5]
            bench.engine.do(f"add {link}" if turn // 5 % 2 == 0 else f"remove {link}")
            if turn // 5 % 2 == 0:
                bench.engine.do(f"target {20 + turn % 5} {link} {turn % 60000 + 1}")

        churn = Churn(step)
        wait_until(lambda: churn.failed or walks_over(agent, names) and churn.turns > 100, 60, "a hundred changes")
        assert churn.stop() > 100
        assert "lost" not in bench.engine.log()
    finally:
        bench.close()


@pytest.fixture(scope="module")
def site(run, request):
    """A real engine with two links, whose probes have a budget, and a snmpd."""
    lab = Lab(run, "conformance-site", isps=3)
    request.node.labs = [lab]
    lab.snmpd = Snmpd(lab).start()
    two = config(lab, "budget 1G per day\n", agentx=lab.snmpd.socket, links=[1, 2])
    lab.texts = [two, two + link_text(lab, 3)]
    lab.uplinkd = Uplinkd(lab, two).start().wait_all_active()
    Manager(lab.client).wait_registered()
    yield lab
    lab.close()


def test_a_real_engine_is_as_declared(site):
    agent = Agent(site.client, "192.168.77.1")
    wait_until(lambda: all(t["received"] > 3 for t in site.uplinkd.ask("targets")["targets"]), 10)
    site.blackhole(1)
    site.uplinkd.wait_link("isp1", oper="out")
    site.heal(1)
    site.uplinkd.wait_link("isp1", oper="active")
    found = agent.walk(MIB.root)
    assert faults(found) == []
    said = {MIB.object_of(oid).name for oid, _, _ in found}
    # of an order, of a replay, of flows that were counted, of an hour: there was none; and this
    # system counts packets, not look-ups
    absent = {o.name for o in MIB.objects.values() if o.readable} - said
    assert {n for n in absent if not n.startswith(("uplinkHistory", "uplinkControl", "uplinkEvent"))} <= {
        "uplinkLinkLiveFlows", "uplinkRouteLookups"
    }, absent

    def names(repetitions):
        return [oid for oid, _, _ in agent.walk(MIB.root, repetitions)]

    # isp1 has just come back: some of its figures are still to come
    wait_until(lambda: names(40) == names(0), 10, "the same, however one walks")


def test_an_interfaces_octets_are_those_that_the_machine_counts(site):
    manager, i = Manager(site.client), site.uplinkd.index("isp2")

    def kernel(way):
        return int(site.router.run("cat", f"/sys/class/net/{site.interface(2)}/statistics/{way}_bytes"))

    def published():
        return [int(manager.get(f"uplinkLink{way}Octets.{i}").split()[0]) for way in ("In", "Out")]

    at = published()
    before = [kernel("rx"), kernel("tx")]  # probes go on and on
    wait_until(lambda: all(p > a for p, a in zip(published(), at)), 5, "the counters move")
    now = published()
    later = [kernel("rx"), kernel("tx")]
    assert all(n <= l for n, l in zip(now, later)), "no octet is invented"
    wanted = [a + l - b for a, l, b in zip(at, later, before)]
    wait_until(lambda: all(p >= w for p, w in zip(published(), wanted)), 5, "none is left out")


def test_reloads_harm_no_walk(site):
    agent = Agent(site.client, "192.168.77.1")
    names = {oid for oid, _, _ in stable(agent.walk(MIB.root)) if "Rtt" not in MIB.object_of(oid).name}
    uplinkd = site.uplinkd

    def step(turn):
        uplinkd.write(site.texts[1 - turn % 2])
        uplinkd.reload()
        wait_until(lambda: len(uplinkd.links()) == 3 - turn % 2, 10, "the reload")

    churn = Churn(step)
    walks_over(agent, names, 6)
    wait_until(lambda: churn.failed or walks_over(agent, names, 3) and churn.turns > 4, 60, "five reloads")
    churn.stop()
