# SPDX-License-Identifier: ISC
"""The configuration: -n names every mistake, a reload changes only what differs, an index keeps its name."""

import re

import pytest

from uplab import daemon
from uplab.daemon import Uplinkd, config
from uplab.flow import Flow
from uplab.routing import members, snapshot
from uplab.topology import TARGETS
from uplab.wait import wait_until

BAD = """\
site "lab"
intervall 1s
link "a" {
	interface wan1
	gateway 100.64.1.1
	weight 300
	target 1.2.3.4.5
}
link "a" {
	interface wan2
	gateway 100.64.2.1
}
"""


def test_check_names_every_mistake_with_its_line(lab):
    uplinkd = Uplinkd(lab, BAD)
    done = uplinkd.check()
    assert done.returncode != 0
    told = {int(m) for m in re.findall(rf"{re.escape(str(uplinkd.conf))}:(\d+):", done.stderr + done.stdout)}
    assert {2, 6, 7, 9} <= told, done.stderr
    assert not uplinkd.rundir.exists(), "checking starts nothing"


def test_check_accepts_a_good_file(lab):
    done = Uplinkd(lab, config(lab)).check()
    assert done.returncode == 0 and not done.stderr, done.stderr


def test_check_warns_of_an_interface_that_is_not_there(lab):
    """It may come later: the file is good."""
    uplinkd = Uplinkd(lab, config(lab).replace("interface wan2", "interface wan9"))
    done = uplinkd.check()
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"{uplinkd.conf}: warning: there is no interface wan9 now\n"


def test_what_would_be_installed_is_what_is(lab):
    """-n -v prints rules and routes as commands of ip(8): run in an empty router they make the same."""
    uplinkd = Uplinkd(lab, config(lab, extra="nat6 masquerade\n"))
    lines = [line[2:] for line in uplinkd.check("-v").stdout.splitlines() if line.startswith("#\tip -")]
    assert len(lines) > 15
    for line in lines:
        lab.router.run(*line.split())
    printed = [line for line in snapshot(lab.router) if "proto 77" in line]
    lab.router.run("sh", "-c", "for v in 4 6; do ip -$v rule flush; ip -$v rule add pref 32766 lookup main; done")
    for table in (7000, 7001, 7002):
        for version in ("-4", "-6"):
            lab.router.run("ip", version, "route", "flush", "table", table)
    lab.router.run("ip", "rule", "add", "pref", "0", "lookup", "local")
    lab.router.run("ip", "-6", "rule", "add", "pref", "0", "lookup", "local")
    uplinkd.start().wait_all_active()
    assert [line for line in snapshot(lab.router) if "proto 77" in line] == printed


def test_a_bad_file_does_not_start(lab):
    uplinkd = Uplinkd(lab, BAD)
    done = lab.router.try_run(*uplinkd.argv("-d"), timeout=10)
    assert done.returncode != 0
    assert ":6:" in done.stderr


@pytest.fixture
def running(lab):
    return lab, Uplinkd(lab, config(lab)).start().wait_all_active()


@pytest.mark.parametrize("how", ["SIGHUP", "uplinkctl"])
def test_a_bad_reload_changes_nothing(running, how):
    lab, uplinkd = running
    before, routes, serial = uplinkd.links(), members(lab.router), uplinkd.status()["config_serial"]
    event = uplinkd.last_event()
    uplinkd.write(config(lab) + BAD)
    if how == "SIGHUP":
        uplinkd.reload()
    else:
        answer = uplinkd.request("reload")
        assert not answer["ok"]
        assert re.search(r"uplinkd\.conf:\d+:", answer["error"]["message"]), answer
    uplinkd.wait_event("configRejected", after=event)
    status = uplinkd.status()
    assert status["config_ok"] is False and status["config_serial"] == serial
    assert re.search(r"uplinkd\.conf:\d+:", status["config_error"]), status
    assert members(lab.router) == routes
    after = uplinkd.links()
    for name in before:
        for field in ("link_index", "health", "oper", "transitions", "weight", "tier"):
            assert after[name][field] == before[name][field]
    uplinkd.write(config(lab))
    uplinkd.ask("reload")
    assert uplinkd.status()["config_ok"] is True


def sent(uplinkd, link):
    return {t["address"]: t["sent"] for t in uplinkd.ask("targets")["targets"] if t["link"] == link}


def test_a_good_reload_changes_only_what_differs(make_lab):
    lab = make_lab(isps=3)
    first = config(lab, links=[1, 2])
    uplinkd = Uplinkd(lab, first).start().wait_all_active()
    lab.blackhole(2)
    uplinkd.wait_link("isp2", health="down", oper="out")
    event = uplinkd.wait_event("failover", "isp2")["number"]  # told once the routes have been read back
    before, probes = uplinkd.links(), sent(uplinkd, "isp1")
    flow = Flow(lab.client, lab.inet, TARGETS[0], rate=500)
    uplinkd.write(first.replace("gateway 100.64.1.1", "gateway 100.64.1.1\n\tweight 2") + daemon.link_text(lab, 3))
    uplinkd.ask("reload")
    uplinkd.wait_link("isp3", oper="active")
    wait_until(lambda: members(lab.router) == {lab.gateway(1): 2, lab.gateway(3): 1}, 5)
    after = uplinkd.links()
    for name in before:
        for field in ("link_index", "health", "oper", "transitions"):
            assert after[name][field] == before[name][field], (name, field)
    assert after["isp1"]["weight"] == 2 and after["isp3"]["link_index"] not in (1, 2)
    now = sent(uplinkd, "isp1")
    assert all(now[a] >= probes[a] for a in probes), "the windows go on"
    told = [e["type"] for e in uplinkd.events() if e["number"] > event and e.get("link") in ("isp1", "isp2")]
    assert not told, told
    assert flow.stop()["lost"] == 0


def test_a_link_that_leaves_takes_its_routes_along(running):
    lab, uplinkd = running
    uplinkd.write(config(lab, links=[2]))
    uplinkd.ask("reload")
    wait_until(lambda: members(lab.router).keys() == {lab.gateway(2)}, 5)
    wait_until(lambda: members(lab.router, table=7001) == {}, 5)
    assert uplinkd.links().keys() == {"isp2"}


def test_an_index_is_never_given_to_another_name(running):
    lab, uplinkd = running
    first = {name: link["link_index"] for name, link in uplinkd.links().items()}
    renamed = config(lab, links=[2]) + daemon.link_text(lab, 1, name="other")
    uplinkd.write(renamed)
    uplinkd.ask("reload")
    now = {name: link["link_index"] for name, link in uplinkd.links().items()}
    assert now["isp2"] == first["isp2"]
    assert now["other"] not in first.values()
    uplinkd.stop()
    uplinkd.write(config(lab) .replace('link "isp1"', 'link "third"'))
    uplinkd.start()
    again = {name: link["link_index"] for name, link in uplinkd.links().items()}
    assert again["isp2"] == first["isp2"]
    assert again["third"] not in (*first.values(), *now.values())
    uplinkd.stop()
    uplinkd.write(config(lab))
    uplinkd.start()
    assert {name: link["link_index"] for name, link in uplinkd.links().items()} == first


@pytest.mark.parametrize("index", [99, 154, 255, 256, 1022])
def test_a_pinned_index_is_used_everywhere(lab, index):
    """Numbers that collide with something in simpler schemes: table 254 is main, a byte ends at 255."""
    text = config(lab, links=[2]) + daemon.link_text(lab, 1, extra=f"index {index}")
    uplinkd = Uplinkd(lab, text).start().wait_all_active()
    assert uplinkd.index("isp1") == index
    assert members(lab.router, table=7000 + index).keys() == {lab.gateway(1)}
    # NAT comes with the worker's ruleset, which nobody waits for
    wait_until(lambda: lab.client.pings(TARGETS[0]), 5)
    lab.blackhole(1)
    wait_until(lambda: members(lab.router).keys() == {lab.gateway(2)}, 5)
    wait_until(lambda: lab.client.pings(TARGETS[0]), 5)
