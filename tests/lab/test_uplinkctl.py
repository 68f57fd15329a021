# SPDX-License-Identifier: ISC
"""uplinkctl with the whole daemon: what it shows is so, what it orders happens, and a client that
misbehaves costs the daemon nothing."""

import grp
import json
import os
import pwd
import re
import signal
import socket
import stat

import pytest

from uplab import tools
from uplab.daemon import Uplinkd, config
from uplab.wait import wait_until

ALL = ["status", "targets", "routes", "plan", "events", "stats"]


def link(daemon, name):
    return next(row for row in daemon.ask("status")["links"] if row["link"] == name)


def well(daemon):
    """Each link is up and in use, in both IP versions."""
    routes = daemon.ask("routes")["routes"]
    return len(routes) == 4 and all(row["health"] == "up" and row["installed"] for row in routes)


@pytest.fixture
def daemon(lab):
    daemon = Uplinkd(lab, config(lab)).start()
    wait_until(lambda: well(daemon), 20, "all links are up and in use")
    return daemon


def test_every_table_is_json_and_text(daemon):
    for command in ALL:
        assert daemon.ask(command)
        done = daemon.ctl(command)
        assert done.returncode == 0 and done.stdout and not done.stderr
    text = daemon.ctl("status").stdout
    assert text.startswith("lab: 2 of 2 links usable, tier 1 carries the traffic\n")
    assert re.search(r"^isp1 +wan1 +1/1 +up +active +[\d.]+ ms +0 % ", text, re.M), text
    assert daemon.ask("plan")["in_step"] is True
    assert all(row["installed"] for row in daemon.ask("plan")["routes"])
    assert all(row["loss_ppm"] == 0 and row["rtt_avg_us"] > 0 for row in daemon.ask("targets")["targets"])


def test_the_socket_is_for_root_and_the_group(daemon):
    st = os.stat(daemon.socket)
    assert stat.S_IMODE(st.st_mode) == 0o660
    assert (st.st_uid, grp.getgrgid(st.st_gid).gr_name) == (0, "_uplinkd")
    nobody = pwd.getpwnam("nobody")
    argv = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={nobody.pw_gid}", "--clear-groups"]
    done = as_user(daemon, argv, "status")
    assert done.returncode == 1 and "group _uplinkd" in done.stderr, done.stderr
    argv = ["setpriv", f"--reuid={nobody.pw_uid}", f"--regid={st.st_gid}", "--clear-groups"]
    done = as_user(daemon, argv, "drain", "isp1", "--comment", "by a member")
    assert done.returncode == 0, done.stderr
    events = daemon.ask("events")["events"]
    assert [e["actor_uid"] for e in events if e["type"] == "controlSet"] == [nobody.pw_uid]


def as_user(daemon, argv, *arguments):
    return daemon.namespace.try_run(*argv, tools.uplinkctl(), "-s", daemon.socket, *arguments)


def test_orders_happen_and_end_by_themselves(daemon):
    done = daemon.ctl("drain", "isp1", "--for", "3s", "--owner", "ann", "--comment", "new modem")
    assert done.returncode == 0 and re.match(r"link isp1: drain, now drain(ing|ed)", done.stdout)
    order = link(daemon, "isp1")["order"]
    assert (order["owner"], order["comment"], order["actor"]) == ("ann", "new modem", "control")
    assert 1 <= order["remaining_s"] <= 3
    told = daemon.ctl("status").stdout
    assert re.search(r"^isp1: drain ordered \ds ago by ann via control, \ds left: new modem$", told, re.M), told
    routes = lambda: [r for r in daemon.ask("plan")["routes"] if r["link"] == "isp1" and r["weight"]]  # noqa: E731
    wait_until(lambda: not routes(), 5, "isp1 takes no new flows")
    assert daemon.ctl("wait", "isp1", "active", "--timeout", "10s").returncode == 0
    types = [e["type"] for e in daemon.ask("events")["events"]]
    assert "controlSet" in types and "controlExpired" in types


def test_the_last_link_is_not_drained_unless_one_insists(daemon):
    assert daemon.ctl("drain", "isp1").returncode == 0
    done = daemon.ctl("drain", "isp2")
    assert done.returncode == 1 and "--force" in done.stderr
    assert link(daemon, "isp2")["admin"] == "auto"
    assert daemon.ctl("force-down", "isp2", "--force").returncode == 0
    assert link(daemon, "isp2")["order"]["forced"] is True
    assert daemon.ctl("auto", "isp2").returncode == 0
    assert daemon.ctl("auto", "isp1").returncode == 0
    assert daemon.ctl("drain", "isp3").returncode == 1


def test_verify_is_what_the_kernel_does(lab, daemon):
    for n in lab.isps:
        way = daemon.ask("verify", f"isp{n}", "203.0.113.2")
        assert (way["interface"], way["gateway"]) == (lab.interface(n), lab.gateway(n))
        assert way["source"] == lab.source(n)
        assert way["as_wanted"] is True
        assert daemon.ask("verify", f"isp{n}", "2001:db8:ffff::3")["gateway"] == lab.gateway6(n)
        assert daemon.ctl("verify", f"isp{n}").returncode == 0
    lab.router.run("ip", "link", "set", lab.interface(1), "down")
    done = daemon.ctl("verify", "isp1", "203.0.113.2")
    assert done.returncode == 1 and "no way" in done.stderr, done.stdout + done.stderr


def test_reload_says_whether_the_file_was_taken(lab, daemon):
    assert daemon.ctl("reload").returncode == 0  # nothing has changed
    daemon.write(config(lab) + "nonsense\n")
    done = daemon.ctl("reload")
    assert done.returncode == 1 and re.search(r"uplinkd.conf:\d+", done.stderr), done.stderr
    assert "was refused" in daemon.ctl("status").stdout
    assert daemon.ask("status")["global"]["config_ok"] is False
    daemon.write(config(lab).replace('site "lab"', 'site "moved"'))
    assert daemon.ctl("reload").returncode == 0
    assert daemon.ctl("status").stdout.startswith("moved: ")


def test_a_follower_lives_through_a_restart_of_the_engine(daemon):
    follower = daemon.namespace.start(
        "follower", tools.uplinkctl(), "-s", daemon.socket, "--json", "events", "--follow", "--limit", "0"
    )  # fmt: skip

    def numbers():
        return [json.loads(text)["number"] for text in follower.log().splitlines() if text.startswith("{")]

    def ordered(comment):
        daemon.ctl("drain", "isp1", "--comment", comment)
        return comment in follower.log()

    wait_until(lambda: ordered("before"), 10, "the follower sees an order")
    os.kill(daemon.children()["engine"], signal.SIGKILL)
    wait_until(lambda: daemon.ctl("status").returncode == 0, 20, "the engine is back")
    wait_until(lambda: ordered("after"), 20, "the follower sees an order after the restart")
    seen = numbers()
    assert seen == list(range(seen[0], seen[0] + len(seen))), "no event is missing or doubled"
    follower.stop()


def test_clients_that_misbehave_cost_nothing(daemon):
    """Hangers-on of every kind, while events go on and answers stay quick."""
    clients = []
    for i in range(70):
        s = socket.socket(socket.AF_UNIX)
        s.connect(str(daemon.socket))
        clients.append(s)
        if i % 3 == 0:
            s.sendall(b'{"v":1,"comm')
        elif i % 3 == 1:
            s.setblocking(False)
            try:
                s.sendall(b'{"v":1,"command":"targets"}\n' * 1000)
            except BlockingIOError:
                pass
    before = daemon.ask("stats") if daemon.ctl("stats").returncode == 0 else None
    assert before is None  # all places are taken: it says so, and does not hang
    assert "too many clients" in daemon.ctl("stats").stderr
    for s in clients[:40]:
        s.close()
    wait_until(lambda: daemon.ctl("stats").returncode == 0, 5, "there is room again")
    assert all(row["health"] == "up" for row in daemon.ask("status")["links"])
    assert daemon.ask("stats")["engine_restarts"] == 0
    for s in clients[40:]:
        s.close()


def test_release_leaves_nothing(lab, daemon):
    done = daemon.ctl("release", "--yes")
    assert done.returncode == 0 and done.stdout.startswith("released"), done.stderr
    daemon.process.wait()
    for command in ("ip rule", "ip -6 rule"):
        assert not re.search(r"lookup 7\d\d\d", lab.router.run(*command.split()))
    assert "uplink" not in lab.router.run("nft", "list", "ruleset")
    done = daemon.ctl("status")
    assert done.returncode == 3 and "not running" in done.stderr
