# SPDX-License-Identifier: ISC
"""Processes: who they are, what they may not do to each other, and what their death costs."""

import os
import pathlib
import pty
import re
import signal
import socket

import pytest

from uplab.daemon import Uplinkd, children_of, config, owner_of
from uplab.flow import Flow
from uplab.routing import members
from uplab.snmp import Snmpd
from uplab.topology import TARGETS
from uplab.wait import holds_for, wait_until

CHILDREN = {"engine": "_uplinkd", "worker": "root", "snmp": "_uplinksnmp"}


@pytest.fixture
def running(lab):
    snmpd = Snmpd(lab).start()
    uplinkd = Uplinkd(lab, config(lab, agentx=snmpd.socket)).start().wait_all_active()
    wait_until(lambda: uplinkd.children().keys() == CHILDREN.keys(), 10, "all children run")
    return lab, uplinkd


def status_of(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def test_each_runs_as_its_own_user_with_nothing_to_spare(running):
    _, uplinkd = running
    for child, pid in uplinkd.children().items():
        status = status_of(pid)
        assert owner_of(pid) == CHILDREN[child]
        assert status["NoNewPrivs"].strip() == "1", child
        if child != "worker":
            assert int(status["CapEff"], 16) == 0 and int(status["CapPrm"], 16) == 0, child
            groups = status["Groups"].split()
            assert groups in ([], [status["Gid"].split()[0]]), child


def test_only_the_snmp_process_has_net_snmp(running):
    _, uplinkd = running
    for child, pid in [("parent", uplinkd.process.pid), *uplinkd.children().items()]:
        maps = pathlib.Path(f"/proc/{pid}/maps").read_text()
        assert ("netsnmp" in maps) == (child == "snmp"), child


INTRUDER = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
victim, board = int(sys.argv[1]), sys.argv[2]

def attempt(name, action):
    try:
        action()
        print(name, "succeeded")
    except OSError:
        print(name, "refused")

def ptrace():
    if libc.ptrace(16, victim, 0, 0) != 0:  # PTRACE_ATTACH
        raise OSError(ctypes.get_errno())
    os.waitpid(victim, 0)
    libc.ptrace(17, victim, 0, 0)

attempt("signal", lambda: os.kill(victim, 0))
attempt("trace", ptrace)
attempt("memory", lambda: os.open(f"/proc/{victim}/mem", os.O_RDWR))
attempt("descriptors", lambda: os.listdir(f"/proc/{victim}/fd"))
attempt("board", lambda: os.open(board, os.O_RDWR))
attempt("board-by-name", lambda: os.rename(board, board + ".x"))
"""


def intrude(uplinkd, victim, user):
    """What each attempt of a process of that user gave."""
    command = ["setpriv", "--no-new-privs"]
    if user != "root":
        command += ["--reuid", user, "--regid", user, "--clear-groups"]
    # Not the interpreter of whoever runs the tests: that user must reach it.
    done = uplinkd.namespace.run(
        *command, "/usr/bin/python3", "-c", INTRUDER, victim, uplinkd.rundir / "board"
    )
    return dict(line.split() for line in done.splitlines())


def test_the_snmp_user_cannot_touch_the_others(running):
    _, uplinkd = running
    others = {"parent": uplinkd.process.pid, **uplinkd.children()}
    snmp = others.pop("snmp")
    for name, pid in others.items():
        results = intrude(uplinkd, pid, "_uplinksnmp")
        assert set(results.values()) == {"refused"}, (name, results)
    # Nor does anything of its own user get hold of the snmp process itself: it is not dumpable.
    results = intrude(uplinkd, snmp, "_uplinksnmp")
    assert results["trace"] == results["memory"] == results["descriptors"] == "refused"


def test_the_attempts_themselves_work(running):
    """The same as root: so a refusal above is a refusal, and not a mistake of the test."""
    _, uplinkd = running
    results = intrude(uplinkd, uplinkd.children()["engine"], "root")
    (uplinkd.rundir / "board.x").rename(uplinkd.rundir / "board")
    assert set(results.values()) == {"succeeded"}, results
    assert uplinkd.links()


def test_the_snmp_process_holds_the_board_read_only(running):
    _, uplinkd = running
    pid = uplinkd.children()["snmp"]
    board = uplinkd.rundir / "board"
    assert board.stat().st_mode & 0o077 == 0
    maps = pathlib.Path(f"/proc/{pid}/maps").read_text()
    mapped = [line for line in maps.splitlines() if line.endswith(str(board))]
    assert mapped and all(line.split()[1].startswith("r--") for line in mapped), mapped
    for fd in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        if os.readlink(fd) == str(board):
            info = pathlib.Path(f"/proc/{pid}/fdinfo/{fd.name}").read_text()
            flags = int(re.search(r"flags:\s*(\d+)", info)[1], 8)
            assert flags & os.O_ACCMODE == os.O_RDONLY


@pytest.mark.parametrize("child", CHILDREN)
def test_a_killed_child_is_started_again_and_the_others_go_on(running, child):
    lab, uplinkd = running
    before = uplinkd.children()
    flow = Flow(lab.client, lab.inet, TARGETS[0], rate=200)
    os.kill(before[child], signal.SIGKILL)
    wait_until(lambda: uplinkd.children().get(child, before[child]) != before[child], 3, f"another {child}")
    uplinkd.wait_ready()
    after = uplinkd.children()
    assert {k: v for k, v in after.items() if k != child} == {k: v for k, v in before.items() if k != child}
    wait_until(lambda: uplinkd.ask("stats")[f"{child}_restarts"] == 1, 5, "counted")
    lab.blackhole(1)
    wait_until(lambda: members(lab.router).keys() == {lab.gateway(2)}, 5, "failover goes on")
    lab.heal(1)
    uplinkd.wait_link("isp1", oper="active")
    # what the blackhole cost the flow is another test's matter: it must go on
    assert flow.stop()["sources"]


def test_a_child_that_keeps_dying_is_started_less_and_less_often(lab):
    uplinkd = Uplinkd(lab, config(lab, agentx="/nonexistent/master"))
    dying = uplinkd.folder / "dying"
    dying.write_text(f"#!/bin/sh\necho x >> {uplinkd.folder}/starts\nexit 1\n")
    dying.chmod(0o755)
    uplinkd.namespace_argv = uplinkd.argv
    uplinkd.argv = lambda *options: [
        dying if str(a).endswith("uplinkd-snmp") else a for a in uplinkd.namespace_argv(*options)
    ]
    (uplinkd.folder / "starts").touch()
    (uplinkd.folder / "starts").chmod(0o666)
    uplinkd.start().wait_all_active()

    def starts():
        return len((uplinkd.folder / "starts").read_text().split())

    wait_until(lambda: starts() >= 3, 20, "three starts")
    count = starts()
    holds_for(lambda: starts() - count <= 4, 3, "back-off")
    assert uplinkd.links()["isp1"]["oper"] == "active"


def test_the_daemon_runs_without_the_snmp_program_and_says_so(lab):
    uplinkd = Uplinkd(lab, config(lab, agentx="/nonexistent/master"))
    argv = uplinkd.argv
    uplinkd.argv = lambda *options: [
        "/nonexistent/uplinkd-snmp" if str(a).endswith("uplinkd-snmp") else a for a in argv(*options)
    ]
    uplinkd.start().wait_all_active()
    assert "/nonexistent/uplinkd-snmp" in uplinkd.process.log()
    lab.blackhole(1)
    wait_until(lambda: members(lab.router).keys() == {lab.gateway(2)}, 5)


def test_children_leave_with_their_parent(running):
    _, uplinkd = running
    uplinkd.kill()


def chatty(lab):
    """A configuration that has something to say: links that come and go."""
    return config(lab, times="interval 50ms\ntimeout 100ms\ndown after 2\nup after 1\nhold 0s\n")


def talk(lab, uplinkd, orders):
    """Many lines for the log, and a failover that is in time although nobody reads them."""
    for _ in range(orders):
        uplinkd.ask("drain", link="isp2", comment="so that there is something to log")
        uplinkd.ask("auto", link="isp2")
    lab.blackhole(1)
    wait_until(lambda: members(lab.router).keys() == {lab.gateway(2)}, 3, "failover in time")
    lab.heal(1)
    wait_until(lambda: len(members(lab.router)) == 2, 3, "return in time")


def fill(fd):
    """Until the pipe or terminal takes nothing more."""
    os.set_blocking(fd, False)
    for size in (4096, 1):
        try:
            while True:
                os.write(fd, b"x" * size)
        except BlockingIOError:
            pass
    os.set_blocking(fd, True)


@pytest.mark.parametrize("kind", ["pipe", "terminal"])
def test_a_stopped_reader_of_the_log_costs_lines_not_time(lab, kind):
    reader, writer = os.pipe() if kind == "pipe" else pty.openpty()
    uplinkd = Uplinkd(lab, chatty(lab))
    uplinkd.start("-v", stderr=writer).wait_all_active()
    fill(writer)
    before = uplinkd.ask("stats")["log_lines_lost"]
    talk(lab, uplinkd, 10)
    wait_until(lambda: uplinkd.ask("stats")["log_lines_lost"] > before, 10, "lost lines are counted")
    # Someone reads again: the next lines come out.
    os.set_blocking(reader, False)
    seen = bytearray()

    def reads_again():
        try:
            seen.extend(os.read(reader, 1 << 20))
        except BlockingIOError:
            pass
        return b"isp1" in seen.replace(b"x", b"")

    lab.blackhole(1)
    wait_until(reads_again, 15, "log lines after the pause")
    os.close(reader)
    os.close(writer)


def test_a_stopped_syslog_costs_lines_not_time(lab):
    """The daemon in the background, its /dev/log a socket that nobody reads."""
    uplinkd = Uplinkd(lab, chatty(lab))
    dev = uplinkd.folder / "dev"
    dev.mkdir()
    log = uplinkd.folder / "log.sock"
    syslog = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    syslog.bind(str(log))
    log.chmod(0o666)
    script = (
        f"mount -t tmpfs -o mode=755 none {dev} && cp -a /dev/null /dev/zero /dev/random /dev/urandom {dev}/ && "
        f"ln -s {log} {dev}/log && mount --bind {dev} /dev && exec \"$@\""
    )
    lab.router.run("unshare", "-m", "sh", "-c", script, "sh", *uplinkd.argv("-v"))
    pid = int(wait_until(lambda: pid_in(uplinkd.rundir / "uplinkd.pid"), 10, "the pid file"))
    try:
        wait_until(lambda: uplinkd.answers(), 15)
        uplinkd.wait_all_active()
        first = syslog.recv(4096)
        assert b"uplinkd" in first
        before = uplinkd.ask("stats")["log_lines_lost"]
        # A datagram socket holds few: nobody reads from here on.
        talk(lab, uplinkd, 200)
        wait_until(lambda: uplinkd.ask("stats")["log_lines_lost"] > before, 10, "lost lines are counted")
    finally:
        for child in [*children_of(pid), pid]:
            os.kill(child, signal.SIGKILL)
        syslog.close()


def pid_in(path):
    return path.read_text().strip() if path.exists() else ""


def test_the_background_daemon_leaves_no_terminal_behind(lab):
    uplinkd = Uplinkd(lab, config(lab))
    lab.router.run(*uplinkd.argv())
    pid = int(wait_until(lambda: pid_in(uplinkd.rundir / "uplinkd.pid"), 10, "the pid file"))
    try:
        wait_until(lambda: uplinkd.answers(), 15)
        stat = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        assert stat[4] == "0", "no controlling terminal"
        assert os.path.samefile(f"/proc/{pid}/fd/0", "/dev/null")
    finally:
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), 10, "it ends")
    assert not (uplinkd.rundir / "uplinkd.pid").exists()


def test_standard_streams_that_are_closed_take_no_file_along(lab):
    """Else the pid file or the board would be standard error, and what is printed would stand in it."""
    uplinkd = Uplinkd(lab, config(lab))
    lab.router.run("sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *uplinkd.argv())
    pid = int(wait_until(lambda: pid_in(uplinkd.rundir / "uplinkd.pid"), 10, "the pid file"))
    try:
        wait_until(lambda: uplinkd.answers(), 15)
        for process in [pid, *children_of(pid)]:
            for fd in range(3):
                assert os.path.samefile(f"/proc/{process}/fd/{fd}", "/dev/null"), (process, fd)
        again = lab.router.try_run(*uplinkd.argv())
        assert again.returncode != 0 and "runs already" in again.stderr
    finally:
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), 10, "it ends")


def test_a_supervisor_hears_when_it_is_ready_and_that_it_lives(lab):
    """sd_notify(3): READY once it runs, WATCHDOG while its loop turns and no longer, STOPPING at its end."""
    path = lab.folder / "supervisor.sock"
    said = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(path))
        supervisor.setblocking(False)

        def listen():
            while True:
                try:
                    said.append(supervisor.recv(256).decode())
                except BlockingIOError:
                    return said

        environment = {"NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "3000000"}
        uplinkd = Uplinkd(lab, config(lab)).start(env=environment)
        wait_until(lambda: listen().count("WATCHDOG=1") >= 2, 10, "it lives")
        assert said[0].startswith("READY=1")

        uplinkd.process.send(signal.SIGSTOP)
        wait_until(lambda: status_of(uplinkd.process.pid)["State"].startswith("T"), 5)
        count = len(listen())
        holds_for(lambda: len(listen()) == count, 2, "a stopped parent says nothing")
        uplinkd.process.send(signal.SIGCONT)
        wait_until(lambda: len(listen()) > count, 5, "it lives again")

        for pid in uplinkd.pids()[1:]:
            environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
            assert b"NOTIFY_SOCKET" not in environment and b"WATCHDOG" not in environment
        uplinkd.stop()
        assert "STOPPING=1" in listen()


@pytest.mark.parametrize("child", CHILDREN)
def test_one_that_hangs_is_ended_and_replaced(running, child):
    lab, uplinkd = running
    pid = uplinkd.children()[child]
    flow = Flow(lab.client, lab.inet, TARGETS[0], rate=200)
    os.kill(pid, signal.SIGSTOP)
    wait_until(lambda: uplinkd.children().get(child, pid) != pid, 25, f"another {child}")
    result = flow.stop()
    assert result["lost"] == 0 and result["moved"] == 0, result
