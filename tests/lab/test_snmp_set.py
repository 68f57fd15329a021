# SPDX-License-Identifier: ISC
"""SET against a real engine: every combination in one PDU, all of it or nothing, in time, while the
engine dies, stands still or reads its configuration again."""

import concurrent.futures
import itertools
import os
import random
import signal
import time

import pytest
from test_conformance import Churn
from uplab.agent import INTEGER, OCTETS, UNSIGNED32, Agent
from uplab.daemon import Uplinkd, config
from uplab.mib import Mib
from uplab.snmp import WRITE, Manager, Snmpd
from uplab.wait import Stopwatch, holds_for, wait_until

MIB = Mib()
AUTO, DRAIN, FORCE_UP, FORCE_DOWN = 1, 2, 3, 4
TYPES = {"AdminStatus": INTEGER, "Timeout": UNSIGNED32, "Owner": OCTETS, "Comment": OCTETS}


class Orders:
    """A manager that orders, and reads what stands."""

    def __init__(self, lab):
        self.agent = Agent(lab.client, "192.168.77.1", community=WRITE)

    @staticmethod
    def oid(name, link):
        return MIB.by_name[f"uplinkControl{name}"].oid + (link,)

    def variables(self, link, **fields):
        return [(self.oid(n, link), TYPES[n], v) for n, v in fields.items()]

    def set(self, link, **fields):
        return self.agent.set(*self.variables(link, **fields))

    def set_all(self, links, **fields):
        return self.agent.set(*[v for link in links for v in self.variables(link, **fields)])

    def standing(self, link):
        return {n: v for n, (_, _, v) in zip(TYPES, self.agent.get(*[self.oid(n, link) for n in TYPES]))}

    def admins(self, links):
        return [v for _, _, v in self.agent.get(*[self.oid("AdminStatus", i) for i in links])]

    def remaining(self, link):
        [(_, _, value)] = self.agent.get(self.oid("Remaining", link))
        return value if isinstance(value, int) else None


@pytest.fixture
def site(lab):
    lab.snmpd = Snmpd(lab).start()
    lab.text = config(lab, agentx=lab.snmpd.socket).replace("snmp {", "snmp { default timeout 5m;")
    lab.uplinkd = Uplinkd(lab, lab.text).start().wait_all_active()
    Manager(lab.client).wait_registered()
    lab.orders = Orders(lab)
    lab.one, lab.two = lab.uplinkd.index("isp1"), lab.uplinkd.index("isp2")
    return lab


SOMETHING = {"AdminStatus": DRAIN, "Timeout": 900, "Owner": b"alice", "Comment": b"new fibre"}


def test_any_combination_in_one_pdu(site):
    orders, link = site.orders, site.one
    shuffle = random.Random(3).shuffle
    none = {"AdminStatus": AUTO, "Timeout": 0, "Owner": b"", "Comment": b""}
    other = {"AdminStatus": FORCE_UP, "Timeout": 60, "Owner": b"bob", "Comment": b""}
    subsets = [s for n in range(1, 5) for s in itertools.combinations(SOMETHING, n)]
    assert len(subsets) == 15
    for names in subsets:
        for before in (none, other):
            if before is other:
                assert orders.set(link, **other) == ""
            names = list(names)
            shuffle(names)
            said = orders.set(link, **{n: SOMETHING[n] for n in names})
            if before is none and "AdminStatus" not in names:
                assert said == "inconsistentValue", names
                assert orders.standing(link) == none
                continue
            assert said == "", (names, before)
            # another admin status is another order; without one, what stands is amended
            want = {**none, "AdminStatus": DRAIN, "Timeout": 300} if "AdminStatus" in names else dict(other)
            want.update({n: SOMETHING[n] for n in names})
            assert orders.standing(link) == want, (names, before)
            assert orders.set(link, AdminStatus=AUTO) == ""
            assert orders.standing(link) == none


def test_several_links_in_one_pdu_are_taken_together_or_not_at_all(site):
    orders, both = site.orders, [site.one, site.two]
    assert orders.set_all(both, AdminStatus=FORCE_UP, Owner=b"noc") == ""
    assert orders.admins(both) == [FORCE_UP, FORCE_UP]
    assert orders.set_all(both, AdminStatus=DRAIN) == "inconsistentValue", "somebody must carry the traffic"
    wrong = orders.variables(site.one, AdminStatus=AUTO) + orders.variables(site.two, AdminStatus=AUTO, Timeout=60)
    assert orders.agent.set(*wrong) == "inconsistentValue"
    assert orders.admins(both) == [FORCE_UP, FORCE_UP]
    assert orders.set_all(both, AdminStatus=AUTO) == ""
    assert orders.admins(both) == [AUTO, AUTO]


def test_an_order_without_a_time_has_the_default_one(site):
    orders = site.orders
    assert orders.set(site.one, AdminStatus=DRAIN) == ""
    assert orders.standing(site.one)["Timeout"] == 300 and 290 < orders.remaining(site.one) <= 300
    assert orders.set(site.one, AdminStatus=DRAIN, Timeout=0) == ""
    assert orders.remaining(site.one) is None, "somebody wanted no end"
    assert orders.set(site.one, AdminStatus=DRAIN, Timeout=20) == ""
    assert orders.remaining(site.one) <= 20


def stopwatch(site):
    """For an answer, with all who work for it."""
    children = site.uplinkd.children()
    return Stopwatch(site.snmpd.process.pid, children["snmp"], children["engine"])


def test_it_answers_within_100_ms(site):
    took = []
    for i in range(60):
        watch = stopwatch(site)
        assert site.orders.set(site.one, AdminStatus=(DRAIN, AUTO)[i % 2]) == ""
        took.append(watch.seconds())
    assert sorted(took)[len(took) // 2] < 0.02 and max(took) < 0.1, sorted(took)


def test_an_engine_that_stands_still_ends_in_a_clean_error(site):
    """Even when it stands for so long that its socket is full. Its parent, which would end it, stands too."""
    orders, engine, parent = site.orders, site.uplinkd.children()["engine"], site.uplinkd.process.pid
    before = site.uplinkd.last_event()
    os.kill(parent, signal.SIGSTOP)
    os.kill(engine, signal.SIGSTOP)
    try:
        for _ in range(15):
            watch = stopwatch(site)
            assert orders.set_all([site.one, site.two], AdminStatus=FORCE_UP) == "resourceUnavailable"
            assert watch.seconds() < 0.1
            assert orders.admins([site.one, site.two]) == [AUTO, AUTO]
    finally:
        os.kill(engine, signal.SIGCONT)
        wait_until(site.uplinkd.answers, 5, "the engine goes on")
        os.kill(parent, signal.SIGCONT)
    wait_until(lambda: orders.set(site.one, AdminStatus=AUTO) == "", 5, "it is back")
    holds_for(lambda: orders.admins([site.one, site.two]) == [AUTO, AUTO], 0.5, "nothing comes late")
    late = [e for e in site.uplinkd.events("controlSet") if e["number"] > before and e["new"] != "auto"]
    assert not late and not site.uplinkd.events("processRestarted")


@pytest.mark.parametrize("deaths", [2, pytest.param(12, marks=pytest.mark.long)])
def test_an_engine_that_dies_leaves_nothing_half_done(site, deaths):
    """The third death in 10 s would take its memory away: hence the pauses."""
    orders, both, rng = site.orders, [site.one, site.two], random.Random(5)
    said = []

    def turn(i):
        wanted = (FORCE_UP, AUTO)[i % 2]
        said.append(orders.set_all(both, AdminStatus=wanted))
        got = orders.admins(both)
        assert got[0] == got[1], "half of it"
        assert got[0] == wanted or said[-1] != "", "taken, but not there"
        assert said[-1] in ("", "resourceUnavailable", "commitFailed", "undoFailed"), said[-1]

    for death in range(deaths):
        engine = site.uplinkd.children()["engine"]
        timer = time.monotonic() + rng.uniform(0.01, 0.05)
        for i in itertools.count():
            if time.monotonic() > timer and engine:
                os.kill(engine, signal.SIGKILL)
                engine, taken = None, said.count("")
                timer = time.monotonic() + (6 if death < deaths - 1 and deaths > 2 else 1)
            elif time.monotonic() > timer and said.count("") > taken + 10:
                break
            turn(i)
    assert orders.set_all(both, AdminStatus=FORCE_UP) == ""
    assert orders.admins(both) == [FORCE_UP, FORCE_UP]


def test_reloads_and_orders_at_the_same_time(site):
    orders, both, uplinkd = site.orders, [site.one, site.two], site.uplinkd
    texts = [site.text, site.text.replace("hold 1s", "hold 2s")]

    def reload(turn):
        serial = uplinkd.status()["config_serial"]
        uplinkd.write(texts[1 - turn % 2])
        uplinkd.reload()
        wait_until(lambda: uplinkd.status()["config_serial"] > serial, 10, "the reload")

    churn, said = Churn(reload), []
    end = time.monotonic() + 4
    for i in itertools.count():
        wanted = (FORCE_UP, AUTO)[i % 2]
        said.append(orders.set_all(both, AdminStatus=wanted, **({"Owner": b"noc"} if i % 2 == 0 else {})))
        got = orders.admins(both)
        assert got[0] == got[1]
        assert got[0] == wanted or said[-1] in ("resourceUnavailable", "commitFailed"), (said[-1], got)
        if churn.failed or time.monotonic() > end and churn.turns > 4:
            break
    assert churn.stop() > 4
    assert said.count("") > len(said) / 2


def test_refusals_are_counted_and_push_nothing_out(site):
    orders = site.orders
    before, sets = site.uplinkd.last_event(), site.uplinkd.ask("stats")["sets_refused"]
    for _ in range(200):
        assert orders.set_all([site.one, site.two], AdminStatus=DRAIN) == "inconsistentValue"
        assert orders.set(site.one, AdminStatus=9) == "wrongValue"
    wait_until(lambda: site.uplinkd.ask("stats")["sets_refused"] == sets + 400, 5, "all are counted")
    refused = [e for e in site.uplinkd.events("controlRefused") if e["number"] > before]
    assert 1 <= len(refused) <= 12 and refused[0]["actor"] == "snmp", refused


def test_an_order_outlives_a_restart_with_the_rest_of_its_time(site):
    orders = site.orders
    assert orders.set(site.one, AdminStatus=DRAIN, Timeout=600, Owner=b"noc", Comment=b"works") == ""
    standing = orders.standing(site.one)
    for how in (site.uplinkd.stop, site.uplinkd.kill):
        began, left = time.monotonic(), orders.remaining(site.one)
        how()
        site.uplinkd.start()
        Manager(site.client).wait_registered()
        assert orders.standing(site.one) == standing
        gone = time.monotonic() - began
        assert left - gone - 2 <= orders.remaining(site.one) <= left


def test_of_many_managers_at_once_the_lock_lets_one_in_at_a_time(site):
    """Each reads the lock and orders under it; whoever comes second is told so, and reads it again."""
    lock = MIB.by_name["uplinkControlLock"].oid + (0,)
    first = site.orders.agent.get(lock)[0][2]
    taken, said = [], set()

    def manage(n):
        orders = Orders(site)
        while len(mine := [v for m, v in taken if m == n]) < 20:
            [held] = orders.agent.get(lock)
            variables = [held, *orders.variables(site.one, AdminStatus=(DRAIN, AUTO)[len(mine) % 2])]
            done = orders.agent.set(*variables)
            said.add(done)
            if done == "":
                taken.append((n, held[2]))

    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(manage, range(3)))
    values = sorted(v for _, v in taken)
    assert values == list(range(first, first + 60)), "each value let one in"
    assert site.orders.agent.get(lock)[0][2] == first + 60
    assert said <= {"", "inconsistentValue", "resourceUnavailable", "commitFailed"}, said


def test_a_set_of_hundreds_of_variables_is_refused_as_a_whole(site):
    orders, both = site.orders, [site.one, site.two]
    some = orders.variables(site.one, AdminStatus=DRAIN)
    for many, why in [
        ([(oid[:-1] + (n,), tag, value) for n in range(3, 303) for oid, tag, value in some], "noCreation"),
        (some * 300, "inconsistentValue"),
    ]:
        assert orders.agent.set(*many) == why
        assert orders.agent.set(*some, *many) == why
        assert orders.admins(both) == [AUTO, AUTO]
    assert orders.set(site.one, AdminStatus=DRAIN) == ""


def test_control_no_after_a_reload_makes_everything_read_only(site):
    orders, writable = site.orders, [o for o in MIB.objects.values() if o.access == "readwrite"]
    assert orders.set(site.one, AdminStatus=DRAIN) == ""
    site.uplinkd.write(site.text.replace("snmp {", "snmp { control no;"))
    site.uplinkd.reload()
    wait_until(lambda: orders.set(site.one, Owner=b"noc") == "notWritable", 5, "it is read-only")
    assert len(writable) == 5
    for o in writable:
        index = (0,) if o.name == "uplinkControlLock" else (site.one,)
        [(oid, tag, value)] = orders.agent.get(o.oid + index)
        assert orders.agent.set((oid, tag, value)) == "notWritable", o.name
    assert orders.standing(site.one)["AdminStatus"] == DRAIN, "what stands goes on"
    assert site.uplinkd.ctl("auto", "isp1").returncode == 0, "the console may"
