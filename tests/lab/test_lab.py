# SPDX-License-Identifier: ISC
"""The lab itself: what the other tests rest on holds with plain routes, without the daemon."""

import os
import sys
import time

import pytest

from uplab import wait
from uplab.capture import Capture
from uplab.flow import Flow
from uplab.run import Run, _namespaces, remove_leftovers
from uplab.topology import NMS, TARGETS, TARGETS6
from uplab.wait import Expired, Stopwatch, wait_until


def route_by(lab, n):
    """The router's and the client's traffic goes by link n, with the right source."""
    lab.router.ip(f"route replace default via {lab.gateway(n)} dev {lab.interface(n)}")
    lab.router.ip(f"route replace default via {lab.gateway6(n)} dev {lab.interface(n)}")


@pytest.mark.parametrize("shared", [False, True], ids=["one interface each", "shared interface"])
def test_providers_carry_their_own_sources_and_drop_foreign_ones(make_lab, shared):
    lab = make_lab(shared=shared)
    for n in lab.isps:
        other = 3 - n
        route_by(lab, n)
        assert lab.router.pings(TARGETS[0], source=lab.source(n))
        assert lab.router.pings(TARGETS6[0], source=lab.source6(n))
        assert lab.router.pings(NMS, source=lab.source(n))
        before = lab.foreign_drops(n)
        assert not lab.router.pings(TARGETS[0], source=lab.source(other))
        assert not lab.router.pings(TARGETS6[0], source=lab.source6(other))
        assert lab.foreign_drops(n) == before + 2


def test_a_blackhole_is_silent(lab):
    route_by(lab, 1)
    lab.blackhole(1)
    assert not lab.router.pings(TARGETS[0])
    assert not lab.router.pings(TARGETS6[0], source=lab.source6(1))
    assert lab.router.pings(lab.gateway(1)), "its gateway still answers"
    assert "LOWER_UP" in lab.router.run("ip", "-o", "link", "show", "wan1")
    lab.heal(1)
    wait_until(lambda: lab.router.pings(TARGETS[0]), 5)


def test_a_dead_gateway_does_not_answer_arp(lab):
    lab.kill_gateway(1)
    lab.router.ip("neigh flush dev wan1")
    assert not lab.router.pings(lab.gateway(1))
    assert "LOWER_UP" in lab.router.run("ip", "-o", "link", "show", "wan1")
    lab.heal(1)
    wait_until(lambda: lab.router.pings(lab.gateway(1)), 5)


@pytest.mark.parametrize("cable", [False, True], ids=["veth", "cable"])
def test_carrier_is_lost_and_returns_with_addresses(make_lab, cable):
    lab = make_lab(cable=cable)
    lab.carrier(1, False)
    # the kernel may hold the news back for up to a second
    wait_until(lambda: "NO-CARRIER" in lab.router.run("ip", "-o", "link", "show", "wan1"), 2, "it is lost")
    lab.carrier(1, True)
    for address in (lab.gateway(1), lab.gateway6(1)):
        wait_until(lambda a=address: lab.router.pings(a), 10, f"{address} answers again")


def test_the_cable_delays_and_loses(make_lab):
    lab = make_lab(cable=True)

    def average_ms():
        done = lab.router.run("ping", "-n", "-q", "-c", "3", "-i", "0.2", lab.gateway(1))
        return float(done.rpartition("= ")[2].split("/")[1])

    assert average_ms() < 100
    lab.cable.set(1, "both", "delay=100")
    assert 200 <= average_ms() < 300
    lab.cable.set(1, "both", "reset")

    lab.cable.set(1, "in", "hole=1")
    before = lab.cable.counters()
    assert not lab.router.pings(lab.gateway(1))
    after = lab.cable.counters()
    assert after[1, "out"]["lost"] == before[1, "out"]["lost"], "one direction only"
    assert after[1, "in"]["lost"] > before[1, "in"]["lost"]
    lab.cable.set(1, "both", "reset")

    lab.cable.set(1, "both", "neighbour=1")
    assert lab.router.pings(lab.gateway(1)), "known neighbours are not touched"
    lab.router.ip("neigh flush dev wan1")
    assert not lab.router.pings(lab.gateway(1))
    lab.cable.set(1, "both", "reset")
    with pytest.raises(AssertionError, match="no such pair"):
        lab.cable.set(7, "both", "reset")


def test_the_flow_meter_counts_what_a_lossy_cable_loses(make_lab):
    lab = make_lab(cable=True)
    route_by(lab, 1)
    lab.cable.set(1, "out", "loss=20", "burst=5")
    before = lab.cable.counters()[1, "out"]["lost"]
    flow = Flow(lab.router, lab.inet, TARGETS[0], rate=1000)
    wait_until(lambda: lab.cable.counters()[1, "out"]["lost"] > before + 50, 20, "50 lost packets")
    lab.cable.set(1, "out", "reset")
    result = flow.stop()
    lost = lab.cable.counters()[1, "out"]["lost"] - before
    # the cable counts all frames: the kernel's own, of ARP, neighbours and multicast, are few
    assert lost - 5 <= result["lost"] <= lost, result
    assert result["received"] == result["answered"] and result["errors"] == 0
    assert result["lost_in_a_row"] > 1 and result["sources"].keys() == {lab.source(1)}


def test_the_flow_meter_sees_a_changed_source(lab):
    route_by(lab, 1)
    flow = Flow(lab.router, lab.inet, TARGETS[0], rate=200)
    capture = Capture(lab.router, "wan2", "udp", "out")
    route_by(lab, 2)
    wait_until(lambda: len(capture.so_far()) > 20, 10, "packets on the other link")
    result = flow.stop()
    capture.stop()
    assert result["moved"] == 1 and result["flows"] == 1
    assert result["sources"].keys() == {lab.source(1), lab.source(2)}
    assert result["sources"][lab.source(2)] >= len(capture.lines()) > 20
    packets, octets = capture.octets()
    assert octets == packets * (20 + 8 + 24)


def test_a_deadline_says_what_did_not_happen():
    with pytest.raises(Expired, match="not within 0.1 s: the impossible"):
        wait_until(lambda: False, 0.1, "the impossible")


def test_a_deadline_is_time_that_the_machine_has(monkeypatch):
    """Where four want to run on each processor, four times as long by the clock."""
    for crowd in (1, 4):
        monkeypatch.setattr(wait, "crowd", lambda: crowd)
        began = time.monotonic()
        with pytest.raises(Expired):
            wait_until(lambda: False, 0.2)
        assert time.monotonic() - began > 0.19 * crowd


BUSY = "import time; print('ready', flush=True)\nwhile True: pass"


def test_a_stopwatch_stands_while_others_have_the_processor(lab):
    everywhere, one = os.sched_getaffinity(0), min(os.sched_getaffinity(0))
    others = [lab.inet.start(f"busy{n}", "taskset", "-c", one, sys.executable, "-c", BUSY) for n in range(2)]
    for other in others:
        other.wait_log("ready")
    try:
        os.sched_setaffinity(0, {one})
        watch, began, used = Stopwatch(), time.monotonic(), time.thread_time()
        while time.thread_time() - used < 0.2:
            pass
        took, passed = watch.seconds(), time.monotonic() - began
    finally:
        os.sched_setaffinity(0, everywhere)
    assert passed > 0.3 and 0.19 < took < 0.25, (took, passed)


def test_leftovers_of_a_dead_run_are_removed_and_others_kept(run):
    dead = Run.__new__(Run)
    dead.prefix, dead.dir = "ult4194304-", run.dir.parent / "ult-4194304"
    dead.dir.mkdir()
    (dead.dir / "owner").write_text("4194304 1\n")
    run_ip = __import__("subprocess").run
    run_ip(["ip", "netns", "add", dead.prefix + "x"], check=True)
    run_ip(["ip", "netns", "add", run.prefix + "mine"], check=True)
    remove_leftovers("ult")
    names = _namespaces()
    assert dead.prefix + "x" not in names and not dead.dir.exists()
    assert run.prefix + "mine" in names and run.dir.exists()
    run_ip(["ip", "netns", "del", run.prefix + "mine"], check=True)


def test_a_second_process_of_a_name_is_waited_for(lab):
    """What the first one has printed is no news of the second one."""
    said = "import sys, time; time.sleep(float(sys.argv[1])); print('ready'); time.sleep(60)"
    lab.inet.start("twice", "/usr/bin/python3", "-u", "-c", said, 0).wait_log("ready")
    second = lab.inet.start("twice", "/usr/bin/python3", "-u", "-c", said, 60)
    with pytest.raises(Expired):
        second.wait_log("ready", 0.3)
    assert second.log() == ""
