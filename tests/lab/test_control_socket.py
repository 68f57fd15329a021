# SPDX-License-Identifier: ISC
"""The control socket with the whole daemon: who ordered what is known, followers live through a
restart, and clients that misbehave cost nothing."""

import json
import os
import pwd
import re
import signal
import socket

import pytest

from uplab import tools
from uplab.daemon import Uplinkd, config
from uplab.wait import wait_until


def well(daemon):
    """Each link is up and in use, in both IP versions."""
    routes = daemon.ask("routes")["routes"]
    return len(routes) == 4 and all(row["health"] == "up" and row["installed"] for row in routes)


@pytest.fixture
def daemon(lab):
    daemon = Uplinkd(lab, config(lab)).start()
    wait_until(lambda: well(daemon), 20, "all links are up and in use")
    return daemon


def test_an_order_carries_the_user_id_of_its_giver(daemon):
    nobody, group = pwd.getpwnam("nobody").pw_uid, os.stat(daemon.socket).st_gid
    done = daemon.namespace.try_run(
        "setpriv", f"--reuid={nobody}", f"--regid={group}", "--clear-groups",
        tools.uplinkctl(), "-s", daemon.socket, "drain", "isp1", "--comment", "by a member",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    events = daemon.ask("events")["events"]
    assert [e["actor_uid"] for e in events if e["type"] == "controlSet"] == [nobody]


def test_verify_says_when_there_is_no_way(lab, daemon):
    assert daemon.ask("verify", link="isp1", target="203.0.113.2")["as_wanted"] is True
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
    done = daemon.ctl("stats")  # all places are taken: it says so, and does not hang
    assert done.returncode == 1 and "too many clients" in done.stderr, done.stderr
    for s in clients[:40]:
        s.close()
    wait_until(lambda: daemon.ctl("stats").returncode == 0, 5, "there is room again")
    assert all(row["health"] == "up" for row in daemon.ask("status")["links"])
    assert daemon.ask("stats")["engine_restarts"] == 0
    for s in clients[40:]:
        s.close()
