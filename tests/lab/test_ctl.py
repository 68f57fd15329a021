# SPDX-License-Identifier: ISC
"""uplinkctl: every command, its JSON, its exit status, and who may use it."""

import json
import pathlib
import re
import signal

import pytest

from uplab import tools
from uplab.daemon import Uplinkd, config, happened_s
from uplab.process import Process
from uplab.routing import members
from uplab.topology import TARGETS, TARGETS6
from uplab.wait import holds_for, wait_until


@pytest.fixture
def site(lab):
    lab.uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active().wait_targets_up()
    return lab


def ok(site, *arguments):
    done = site.uplinkd.ctl(*arguments)
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout


def fails(site, *arguments):
    """Its one line of complaint."""
    done = site.uplinkd.ctl(*arguments)
    assert done.returncode != 0, f"{arguments}: {done.stdout}"
    assert done.stderr.strip() and not done.stdout.strip(), done
    return done.stderr


def as_json(site, *arguments):
    return json.loads(ok(site, "--json", *arguments))


READING = ["status", "targets", "routes", "events"]


@pytest.mark.parametrize("command", READING)
def test_reading_commands_print_for_people_and_for_programs(site, command):
    for n in site.isps:
        ok(site, "drain", f"isp{n}")
        ok(site, "auto", f"isp{n}")
    text = ok(site, command)
    assert "isp1" in text and "isp2" in text, text
    assert all(ord(c) >= 32 or c == "\n" for c in text), "no control characters in a pipe"
    assert isinstance(as_json(site, command), (dict, list))


def test_status_shows_what_is(site):
    site.blackhole(1)
    site.uplinkd.wait_link("isp1", health="down")
    lines = {line.split()[0]: line for line in ok(site, "status").splitlines() if line.startswith("isp")}
    assert "down" in lines["isp1"] and "out" in lines["isp1"]
    assert "up" in lines["isp2"] and "active" in lines["isp2"]


def test_targets_and_routes_of_one_link(site):
    text = ok(site, "targets", "isp1")
    assert "isp2" not in text and TARGETS[0] in text
    assert site.gateway(2) in ok(site, "routes") and site.gateway6(1) in ok(site, "routes")


def test_drain_for_a_time_with_a_comment(site):
    ok(site, "drain", "isp1", "--for", "2h", "--comment", "fibre work")
    wait_until(lambda: members(site.router).keys() == {site.gateway(2)}, 5)
    link = site.uplinkd.link("isp1")
    assert link["admin"] == "drain" and link["oper"] in ("draining", "drained")
    assert link["order"]["comment"] == "fibre work" and link["order"]["timeout_s"] == 7200
    assert link["order"]["actor"] == "control"
    text = ok(site, "status")
    assert "drain" in text and "fibre work" in text
    ok(site, "auto", "isp1")
    wait_until(lambda: len(members(site.router)) == 2, 5)
    event = site.uplinkd.wait_event("controlSet", "isp1")
    assert event["actor_uid"] == 0


@pytest.mark.parametrize("command, admin", [("force-up", "forceUp"), ("force-down", "forceDown"), ("drain", "drain")])
def test_orders_and_their_end(site, command, admin):
    ok(site, command, "isp1", "--for", "2s")
    ordered = site.uplinkd.wait_event("controlSet", "isp1")
    assert ordered["new"] == admin
    over = site.uplinkd.wait_event("controlExpired", "isp1", deadline_s=20)
    assert 1.9 < happened_s(over) - happened_s(ordered) < 3
    assert site.uplinkd.link("isp1")["admin"] == "auto"


def test_the_last_link_needs_force(site):
    site.blackhole(2)
    site.uplinkd.wait_link("isp2", oper="out")
    assert "--force" in fails(site, "force-down", "isp1")
    assert "--force" in fails(site, "drain", "isp1")
    assert members(site.router).keys() == {site.gateway(1)}
    ok(site, "force-down", "isp1", "--force")
    assert site.uplinkd.link("isp1")["admin"] == "forceDown"
    assert site.uplinkd.link("isp1")["order"]["forced"] is True
    ok(site, "auto", "isp1")
    site.uplinkd.wait_link("isp1", oper="active")


WRONG = [
    ["drain"],
    ["drain", "nosuch"],
    ["drain", "isp1", "--for", "soon"],
    ["drain", "isp1", "--for", "-5s"],
    ["drain", "isp1", "--comment", "bell\a"],
    ["drain", "isp1", "--comment", "x" * 65],
    ["auto", "isp1", "--for", "1h"],
    ["frobnicate"],
    [],
    ["status", "--nonsense"],
    ["verify", "nosuch"],
]


@pytest.mark.parametrize("arguments", WRONG, ids=lambda a: " ".join(a)[:30] or "nothing")
def test_mistakes_are_refused_and_change_nothing(site, arguments):
    fails(site, *arguments)
    assert {link["admin"] for link in site.uplinkd.links().values()} == {"auto"}
    assert len(members(site.router)) == 2


def test_without_a_daemon_it_says_so(site):
    site.uplinkd.stop()
    message = fails(site, "status")
    assert str(site.uplinkd.socket) in message, message


@pytest.mark.parametrize("shared", [False, True], ids=["own-interfaces", "shared-interface"])
def test_verify_tells_the_way_that_a_probe_takes(make_lab, shared):
    lab = make_lab(shared=shared)
    lab.uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active()
    for n in lab.isps:
        for text in (ok(lab, "verify", f"isp{n}"), json.dumps(as_json(lab, "verify", f"isp{n}"))):
            assert lab.gateway(n) in text and lab.source(n) in text and lab.interface(n) in text, text
        text = ok(lab, "verify", f"isp{n}", TARGETS6[0])
        assert lab.gateway6(n) in text and lab.source6(n) in text
    lab.router.ip("route flush table 7001")
    # either it is put back already, or it is told that nothing leads out
    done = lab.uplinkd.ctl("verify", "isp1")
    assert done.returncode != 0 or lab.gateway(1) in done.stdout


def test_events_follow(site):
    process = Process(
        "follow",
        site.router.argv(tools.uplinkctl(), "-s", site.uplinkd.socket, "events", "--follow"),
        site.folder / "follow.log",
    )
    process.wait_log("started")
    site.blackhole(2)
    process.wait_log("failover")
    before = process.log()
    site.heal(2)
    wait_until(lambda: "failback" in process.log()[len(before) :], 15, "events go on")
    process.stop(signal.SIGINT)


def test_waiting_goes_on_over_a_restart(site):
    def waiting(*arguments):
        argv = site.router.argv(tools.uplinkctl(), "-s", site.uplinkd.socket, "wait", *arguments)
        process = Process("wait", argv, site.folder / "wait.log")
        holds_for(process.running, 1, "it waits")
        return process

    process = waiting("isp2", "drained", "--timeout", "60s")
    site.uplinkd.stop()
    holds_for(process.running, 1, "though nobody answers")
    site.uplinkd.start()
    ok(site, "drain", "isp2")
    wait_until(lambda: not process.running(), 20, "it ends")
    assert process.wait() == 0, process.log()
    # for no longer than it was told to
    process = waiting("isp2", "active", "--timeout", "3s")
    site.uplinkd.stop()
    wait_until(lambda: not process.running(), 10, "it gives up")
    assert process.wait() == 3 and "uplinkd is not running" in process.log(), process.log()
    site.uplinkd.start()


def test_events_follow_as_json_lines(site):
    process = Process(
        "follow",
        site.router.argv(tools.uplinkctl(), "-s", site.uplinkd.socket, "--json", "events", "--follow"),
        site.folder / "follow.log",
    )
    site.blackhole(2)
    process.wait_log("linkDown")
    process.wait_log("failover")
    process.stop(signal.SIGINT)
    for line in process.log().splitlines():
        assert isinstance(json.loads(line), dict)


PROTOCOL = (pathlib.Path(__file__).parents[2] / "doc" / "control-protocol.md").read_text()


def test_record_prints_samples_as_documented(site):
    process = Process(
        "record", site.router.argv(tools.uplinkctl(), "-s", site.uplinkd.socket, "record"), site.folder / "record.jsonl"
    )
    for n in site.isps:
        process.wait_log(f'"link":"isp{n}"')
    process.stop(signal.SIGINT)
    samples = [json.loads(line) for line in process.log().splitlines()]
    assert {key for s in samples for key in s} <= set(re.findall(r"`(\w+)`", PROTOCOL))
    assert {s["method"] for s in samples} == {"icmp"} and all("rtt_us" in s or s["lost"] for s in samples)


def test_reload_says_what_is_wrong(site):
    ok(site, "reload")
    site.uplinkd.write(config(site) + "nonsense\n")
    assert "uplinkd.conf:" in fails(site, "reload")


def test_release_takes_everything_back(site):
    ok(site, "release")
    wait_until(lambda: members(site.router) == {}, 5)


def as_user(site, user, group, *arguments):
    return site.router.try_run(
        "setpriv", "--reuid", user, "--regid", group, "--clear-groups",
        tools.uplinkctl(), "-s", site.uplinkd.socket, *arguments,
    )  # fmt: skip


def test_the_group_may_and_others_may_not(site):
    assert as_user(site, "nobody", "nogroup", "status").returncode != 0
    done = as_user(site, "nobody", "_uplinkd", "drain", "isp1")
    assert done.returncode == 0, done.stderr
    assert site.uplinkd.wait_event("controlSet", "isp1")["actor_uid"] == 65534
    assert "by control user nobody" in ok(site, "events")


def test_a_client_that_does_not_read_costs_nothing(site):
    """It asks again and again for everything and never takes an answer."""
    import socket

    clients = []
    for _ in range(20):
        client = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client.connect(str(site.uplinkd.socket))
        client.setblocking(False)
        try:
            for _ in range(2000):
                client.send(b'{"v":1,"command":"events","after":0}\n{"v":1,"command":"status"}\n')
        except (BlockingIOError, BrokenPipeError, ConnectionResetError):
            pass
        clients.append(client)
    site.blackhole(1)
    wait_until(lambda: members(site.router).keys() == {site.gateway(2)}, 3, "failover on time")
    ok(site, "status")
    for client in clients:
        client.close()


def test_explain_tells_a_dead_provider_from_a_dead_line(site):
    assert "Nothing: the link is well and carries traffic." in ok(site, "explain", "isp1")
    site.blackhole(1)
    site.uplinkd.wait_link("isp1", health="down", oper="out")
    text = ok(site, "explain", "isp1")
    assert "does NOT answer" in text and "It is OUT of use" in text, text
    assert "Traffic is carried by isp2" in text, text
    told = as_json(site, "explain", "isp1")
    assert told["event"]["link"] == "isp1" and told["advice"]
    assert {v["version"] for v in told["judgement"]["versions"]} == {4, 6}
    assert all(v["targets_up"] < v["quorum"] for v in told["judgement"]["versions"])
    assert len(told["judgement"]["targets"]) == len(told["targets"])


def test_history_has_the_present_minute(site):
    wait_until(lambda: as_json(site, "history", "isp1")["minutes"][-1]["answered"] > 0, 10)
    last = as_json(site, "history", "isp1", "--minutes", "1")["minutes"]
    assert [m["health"] for m in last] and last[-1]["age_s"] < 60
    assert ok(site, "history", "isp1", "--svg").startswith("<svg ")
    assert "no record" not in ok(site, "history", "isp1")


def test_release_looks_into_the_kernel(site):
    told = as_json(site, "release")
    assert told == {"v": 1, "releasing": True, "rules_left": 0, "routes_left": 0, "ruleset_left": False}
    assert all(f"`{key}`" in PROTOCOL for key in told)
