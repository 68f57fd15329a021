# SPDX-License-Identifier: ISC
"""Targets that are asked by a program: its exit status is the answer, what it sends keeps to its
link, and whatever it does costs its own target only."""

import os
import pathlib
import signal

import pytest

from test_methods import config, patient, target, wait_status
from uplab.capture import Capture
from uplab.daemon import Uplinkd
from uplab.topology import TARGETS, TARGETS6
from uplab.wait import wait_until

ADDRESS, ADDRESS6 = TARGETS[1], TARGETS6[1]
pytestmark = pytest.mark.usefixtures("programs")


def script(lab, text, name="check"):
    path = lab.folder / name
    path.write_text("#!/bin/bash\n" + text)
    path.chmod(0o755)
    return path


def command(lab, text, n=1, address=ADDRESS, timeout="900ms", **options):
    return patient(config(lab, f"{address} command {script(lab, text)}", n=n, **options), timeout)


def processes(name):
    """That have this word on their command line."""
    found = []
    for p in pathlib.Path("/proc").iterdir():
        try:
            if p.name.isdigit() and name in (p / "cmdline").read_text().split("\0"):
                found.append(int(p.name))
        except OSError:
            pass
    return found


RESULTS = {
    "good": ("exit 0", None),
    "bad": ("exit 1", "exit status 1"),
    "signal": ("kill -TERM $$", "ended by signal 15"),
    "hang": ("sleep 3600", "Connection timed out"),
    "stop": ("kill -STOP $$", "Connection timed out"),
    "deaf": ("trap '' TERM INT HUP; while :; do sleep 0.1; done", "Connection timed out"),
    "flood": ("exec cat /dev/zero /dev/zero >&2", "Connection timed out"),
    "reads": ("read -r line", "exit status 1"),
}


@pytest.mark.parametrize("case", RESULTS)
def test_the_exit_status_is_the_answer(lab, case):
    text, why = RESULTS[case]
    uplinkd = Uplinkd(lab, command(lab, text)).start()
    wait_status(uplinkd, "up" if why is None else "down")
    seen = target(uplinkd)
    assert seen["method"] == "command" and seen.get("last_error") == why
    assert (seen["lost"] == 0) == (why is None)
    if why is None:
        assert 0 < seen["rtt_last_us"] < 900000


def test_a_program_that_is_not_there_says_nothing_of_the_link(lab):
    uplinkd = Uplinkd(lab, config(lab, f"{ADDRESS} command /nonexistent/check", n=1)).start()
    wait_until(lambda: target(uplinkd)["send_errors"] >= 5, 10, "5 probes that were not sent")
    seen = target(uplinkd)
    assert seen["last_error"] == "No such file or directory"
    assert seen["lost"] == 0 and seen["status"] == "unknown"
    assert "/nonexistent/check can't be run: No such file or directory" in uplinkd.process.log()


def test_it_gets_its_words_and_a_small_world(lab):
    told = lab.folder / "told"
    told.touch()
    told.chmod(0o666)
    text = f"""exec >{told}
printf '<%s>\\n' "$@"
env | grep -v ^_= | sort
ls -l /proc/self/fd
id -un; pwd; ulimit -u
grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status
"""
    statement = f'{ADDRESS} command {script(lab, text)} one "two words" "$HOME;`id`" "*"'
    uplinkd = Uplinkd(lab, patient(config(lab, statement, n=1), "900ms")).start()
    wait_status(uplinkd, "up")
    uplinkd.stop()
    said = told.read_text()
    assert said.startswith("<one>\n<two words>\n<$HOME;`id`>\n<*>\n")
    environment = [line for line in said.splitlines() if "=" in line and "->" not in line]
    assert {line.split("=")[0] for line in environment} <= {
        "PATH", "LC_ALL", "UPLINK_LINK", "UPLINK_INTERFACE", "UPLINK_TARGET", "UPLINK_IPVERSION",
        "PWD", "OLDPWD", "SHLVL",  # bash's own
    }  # fmt: skip
    assert f"UPLINK_TARGET={ADDRESS}" in environment and "UPLINK_LINK=isp1" in environment
    assert "_uplinkprobe\n/\n256\n" in said
    assert "CapEff:\t0000000000000000" in said and "NoNewPrivs:\t1" in said
    assert "socket:" not in said


# A program knows nothing of marks: what it sends keeps to the link all the same.
TALKS = {
    "curl": f"curl -s -o /dev/null --max-time 1 http://{ADDRESS}:8080/; exit 0",
    "curl6": f"curl -s -o /dev/null --max-time 1 'http://[{ADDRESS6}]:8080/'; exit 0",
    "udp": f"echo x >/dev/udp/{ADDRESS}/8080; exit 0",
    "ping": f"ping -c 1 -W 1 {ADDRESS}; exit 0",
    "grandchild": f"bash -c 'bash -c \"exec 5<>/dev/tcp/{ADDRESS}/8080\" & wait'; exit 0",
    "python": "/usr/bin/python3 -c 'import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM);"
    f's.bind(("", 0)); s.sendto(b"x", ("{ADDRESS}", 8080))\'; exit 0',
}


@pytest.mark.parametrize("shared", [False, True], ids=["one interface each", "shared interface"])
@pytest.mark.parametrize("case", TALKS)
def test_what_it_sends_keeps_to_its_link(make_lab, case, shared):
    """With a program on each link, and link 1 dead: nothing of it goes by the gateway of link 2, or
    has its address."""
    lab = make_lab(shared=shared)
    lab.router.sysctl("net.ipv4.ping_group_range=0 2147483647\n")
    wire = f"host {ADDRESS} or host {ADDRESS6}"
    captures = {n: Capture(lab.isps[n], "wan0", wire, "in") for n in lab.isps}
    six = "6" in case
    text = command(lab, TALKS[case], n=None, address=ADDRESS6 if six else ADDRESS)
    uplinkd = Uplinkd(lab, text).start()
    for n in lab.isps:
        wait_status(uplinkd, "up", f"isp{n}")
    lab.kill_gateway(1)
    count = target(uplinkd)["received"] + target(uplinkd)["lost"]
    wait_until(lambda: target(uplinkd)["received"] + target(uplinkd)["lost"] >= count + 5, 15, "5 more runs")
    for n, capture in captures.items():
        capture.stop()
        lines = capture.lines()
        own, other = ([lab.source(i), lab.source6(i)] for i in (n, 3 - n))
        assert any(f" {a}." in line or f" {a} >" in line for line in lines for a in own), lines[:3]
        strange = [line for line in lines if any(f" {a}." in line or f" {a} >" in line for a in other)]
        assert not strange, f"on the gateway of link {n}: {strange[:3]}"


SHUT = """exec /usr/bin/python3 - <<'END'
import ctypes, os, socket, sys

def refused(action):
    try:
        action()
    except OSError:
        return True
    return False

s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
libc = ctypes.CDLL(None, use_errno=True)
sys.exit(
    0 if s.getsockopt(socket.SOL_SOCKET, 36)
    and refused(lambda: s.setsockopt(socket.SOL_SOCKET, 36, 0))
    and refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
    and refused(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0))
    and refused(os.setsid) and refused(lambda: os.setpgid(0, 0))
    and libc.syscall(425, 1, None) == -1 and ctypes.get_errno() == 38
    else 1)
END
"""


def test_other_ways_out_are_shut(lab):
    """Raw and packet sockets, a mark of its own, io_uring, another process group."""
    uplinkd = Uplinkd(lab, command(lab, SHUT)).start()
    wait_status(uplinkd, "up")


BOMB = "bomb() { bomb | bomb & }; bomb; wait; sleep 3600"
# Other runs of the lab have processes of their own, at the same time.
LASTS = str(10_000_000 + os.getpid())
LEFT = f"sleep {LASTS} & disown; (sleep {LASTS} &); exit 0"


def both(lab, text, timeout="500ms"):
    """Link 1 with a command and a target that the engine asks itself."""
    return command(lab, text, timeout=timeout).replace("}\n", f"\ttarget {TARGETS[0]}\n}}\n")


def by_method(uplinkd, method):
    return next(t for t in uplinkd.ask("targets")["targets"] if t["method"] == method)


def test_a_fork_bomb_is_bounded_and_ends(lab):
    uplinkd = Uplinkd(lab, both(lab, BOMB)).start()
    wait_until(lambda: by_method(uplinkd, "command")["status"] == "down", 20, "the target is down")
    icmp = by_method(uplinkd, "icmp")
    assert icmp["status"] == "up" and icmp["lost"] == 0
    assert uplinkd.link("isp1")["health"] == "up"
    check = str(lab.folder / "check")
    assert len(processes(check)) <= 256
    uplinkd.stop()
    wait_until(lambda: not processes(check), 10, "nothing of it is left")


def test_what_a_program_leaves_behind_ends_with_it(lab):
    uplinkd = Uplinkd(lab, command(lab, LEFT)).start()
    wait_until(lambda: target(uplinkd)["received"] >= 5, 10, "5 answers")
    wait_until(lambda: len(processes(LASTS)) <= 4, 5, "only those of the run that is on")
    uplinkd.stop()
    wait_until(lambda: not processes(LASTS), 10, "nothing of it is left")


@pytest.mark.parametrize("fault", ["killed", "stopped"])
def test_a_dead_runner_costs_samples_and_nothing_else(lab, fault):
    uplinkd = Uplinkd(lab, both(lab, f"sleep {LASTS} & sleep 0.2; exit 0")).start()
    wait_until(lambda: by_method(uplinkd, "command")["received"] >= 3, 10, "3 answers")
    engine, runner = uplinkd.children()["engine"], uplinkd.children()["runner"]
    os.kill(runner, signal.SIGKILL if fault == "killed" else signal.SIGSTOP)
    wait_until(lambda: uplinkd.children().get("runner") not in (None, runner), 15, "a new runner")
    count = by_method(uplinkd, "command")["received"]
    wait_until(lambda: by_method(uplinkd, "command")["received"] >= count + 5, 10, "5 more answers")
    icmp, program = by_method(uplinkd, "icmp"), by_method(uplinkd, "command")
    assert uplinkd.children()["engine"] == engine
    assert icmp["lost"] == 0 and icmp["late"] == 0
    assert program["lost"] == 0 and program["status"] == "up"
    uplinkd.stop()
    wait_until(lambda: not processes(LASTS), 10, "nothing of what it ran is left")
