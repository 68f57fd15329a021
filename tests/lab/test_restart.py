# SPDX-License-Identifier: ISC
"""Restarts cost nothing: neither a packet nor a state."""

import signal

import pytest

from uplab.capture import Capture
from uplab.daemon import Uplinkd, config
from uplab.flow import Flow
from uplab.routing import members, snapshot
from uplab.topology import TARGETS, TARGETS6
from uplab.wait import holds_for, wait_until


@pytest.fixture
def running(lab):
    return lab, Uplinkd(lab, config(lab)).start().wait_all_active()


def flows(lab):
    both = [Flow(lab.client, lab.inet, address, rate=200) for address in TARGETS[:4]]
    return both + [Flow(lab.client, lab.inet, TARGETS6[0], rate=200)]


def assert_nothing_lost(started):
    for flow in started:
        result = flow.stop()
        assert result["lost"] == 0 and result["moved"] == 0, result


@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
def test_the_next_start_takes_over_without_a_gap(running, how):
    lab, uplinkd = running
    before = {name: (link["link_index"], link["transitions"]) for name, link in uplinkd.links().items()}
    routes = [line for line in snapshot(lab.router) if "proto 77" in line]
    started = flows(lab)
    if how == "SIGKILL":
        uplinkd.kill()
    else:
        assert uplinkd.stop(signal.SIGTERM) == 0
    holds_for(lambda: len(members(lab.router)) == 2, 0.5, "the routes stay without the daemon")
    uplinkd.start()
    for name in before:
        link = uplinkd.wait_link(name, health="up", oper="active")
        assert (link["link_index"], link["transitions"]) == before[name]
    wait_until(lambda: [line for line in snapshot(lab.router) if "proto 77" in line] == routes, 5)
    assert_nothing_lost(started)


def test_a_link_that_died_meanwhile_leaves_at_the_next_start(running):
    lab, uplinkd = running
    uplinkd.kill()
    lab.blackhole(1)
    uplinkd.start()
    wait_until(lambda: members(lab.router).keys() == {lab.gateway(2)}, 10, "the dead link leaves")
    uplinkd.wait_link("isp1", health="down")


def test_a_killed_engine_adopts_its_states(running):
    lab, uplinkd = running
    lab.blackhole(1)
    uplinkd.wait_link("isp1", oper="out")
    started = [Flow(lab.client, lab.inet, address, rate=200) for address in TARGETS[:4]]
    wait_until(lambda: (uplinkd.link("isp2").get("live_flows") or 0) >= 4, 10, "it has flows to wait for")
    uplinkd.ask("drain", link="isp2", force=True, comment="by hand")
    before = uplinkd.links()
    events = uplinkd.last_event()
    old = uplinkd.children()["engine"]
    uplinkd.namespace.run("kill", "-9", str(old))
    wait_until(lambda: uplinkd.children().get("engine", old) != old, 5, "another engine")
    uplinkd.wait_ready()
    uplinkd.wait_event("processRestarted", after=events)
    after = uplinkd.links()
    for name in before:
        for field in ("link_index", "health", "oper", "admin", "transitions"):
            assert after[name].get(field) == before[name].get(field), (name, field)
    assert after["isp2"]["order"]["comment"] == "by hand"
    assert not [e for e in uplinkd.events() if e["number"] > events and e["type"] in ("linkDown", "linkUp")]
    for flow in started:
        result = flow.stop()
        assert result["lost"] == 0, result


def test_a_second_daemon_does_not_start(running):
    lab, uplinkd = running
    second = lab.router.try_run(*uplinkd.argv("-d"), timeout=10)
    assert second.returncode != 0
    assert str(uplinkd.process.pid) in second.stderr or "running" in second.stderr, second.stderr
    assert uplinkd.links()


def test_probes_go_on_while_snmpless_children_restart(running):
    """The worker's death does not stop one probe."""
    lab, uplinkd = running
    capture = Capture(lab.router, "wan1", "icmp[icmptype] == icmp-echo", "out")
    old = uplinkd.children()["worker"]
    uplinkd.namespace.run("kill", "-9", str(old))
    wait_until(lambda: uplinkd.children().get("worker", old) != old, 5, "another worker")
    count = len(capture.so_far())
    wait_until(lambda: len(capture.so_far()) > count + 20, 10, "20 more probes")
    capture.stop()
    stamps = [float(line.split()[0]) for line in capture.lines("-tt")]
    gaps = [b - a for a, b in zip(stamps, stamps[1:])]
    assert max(gaps) < 0.5, "two targets at 100 ms each"
