# SPDX-License-Identifier: ISC
"""Every process may die at any moment: engine, SNMP process and parent are killed in turn, under load
and while plans change, and nobody outside of the daemon can tell."""

import os
import random
import signal
import time

import pytest

from uplab.daemon import Uplinkd, config
from uplab.load import Load
from uplab.routing import members
from uplab.snmp import Manager, Snmpd
from uplab.wait import Stopwatch, wait_until

BACK_WITHIN_S = 0.2  # the engine, each time
SEED = 7


class Victim:
    """The daemon, and what has to be the same after each death."""

    def __init__(self, lab):
        self.lab = lab
        self.snmpd = Snmpd(lab).start()
        self.uplinkd = Uplinkd(lab, config(lab, agentx=self.snmpd.socket)).start().wait_all_active()
        self.manager = Manager(lab.client)
        self.manager.wait_registered()
        self.back_s = []

    def facts(self):
        """What continues: {name: value}, and what only grows: {name: number}."""
        uplinkd = self.uplinkd
        fixed, growing = {}, {"events": uplinkd.last_event()}
        for name, link in uplinkd.links().items():
            for field in ("link_index", "health", "transitions", "since"):
                fixed[name, field] = link.get(field)
            order = link.get("order") or {}
            fixed[name, "order"] = link["admin"], order.get("comment"), order.get("actor")
        for target in uplinkd.ask("targets")["targets"]:
            key = target["link"], target["target"]
            growing[key, "sent"], growing[key, "received"] = target["sent"], target["received"]
        for route in uplinkd.ask("routes")["routes"]:
            key = route["link_index"], route["version"]
            growing[key, "packets"] = route.get("packets", 0)
            growing[key, "new_flows"] = route.get("new_flows", 0)
        return fixed, growing

    def order(self, n, what):
        """Ends when it is in force: then it must outlive anyone."""
        comment = {"comment": f"round {n}"} if what == "drain" else {}
        self.uplinkd.ask(what, link=f"isp{n}", **comment)

    def kill(self, who):
        before = self.facts()
        if who == "parent":
            self.uplinkd.kill()
            assert len(members(self.lab.router)) >= 1, "the kernel keeps forwarding"
            self.uplinkd.start()
        else:
            old = wait_until(lambda: self.uplinkd.children().get(who), 10, f"the {who} process")
            watch = Stopwatch(self.uplinkd.process.pid)
            os.kill(old, signal.SIGKILL)
            if who == "engine":
                wait_until(self.uplinkd.answers, 5, "the engine answers")
                watch.stop()
            wait_until(lambda: self.uplinkd.children().get(who, old) != old, 10, f"another {who} process")
            if who == "engine":
                self.back_s.append(watch.seconds(self.uplinkd.children()[who]))
        self.assert_continues(*before)

    def assert_continues(self, fixed, growing):
        now_fixed, now_growing = self.facts()
        assert now_fixed == fixed
        shrunk = {key: (was, now_growing.get(key)) for key, was in growing.items() if now_growing.get(key, -1) < was}
        assert not shrunk

    def assert_events_without_gap(self):
        numbers = [e["number"] for e in self.uplinkd.events()]
        assert numbers == list(range(numbers[0], numbers[-1] + 1))
        kinds = {e["type"] for e in self.uplinkd.events()}
        assert not kinds & {"linkDown", "linkUp", "flapping", "failover", "allDown"}, kinds


@pytest.mark.parametrize("rounds", [5, pytest.param(100, marks=pytest.mark.long)])
def test_whoever_dies_nobody_can_tell(lab, rounds):
    chance = random.Random(SEED)
    victim = Victim(lab)
    load = Load(lab, flows=3, downloads=4)
    for i in range(rounds):
        for who in ("engine", "snmp", "parent"):
            victim.order(1 + i % 2, "drain" if who == "engine" else "auto")
            # before, amidst and after the change of the plan
            end = time.monotonic() + chance.uniform(0, 0.03)
            wait_until(lambda: time.monotonic() > end, 1)
            victim.kill(who)
    victim.assert_events_without_gap()
    victim.manager.wait_registered()
    load.assert_untouched()
    print(f"the engine is back after, in ms: {sorted(round(s * 1000) for s in victim.back_s)}")
    assert max(victim.back_s) < BACK_WITHIN_S, victim.back_s
