# SPDX-License-Identifier: ISC
"""What is promised for the worst case: nothing ordered is lost, nobody has more rights than needed."""

import json
import os
import pathlib
import pwd
import re
import shutil
import struct
import time

import pytest

from uplab import tools
from uplab.daemon import Uplinkd, config
from uplab.flow import Flow
from uplab.snmp import Snmpd
from uplab.topology import TARGETS
from uplab.wait import holds_for, wait_until

# ---- what outlives a reboot ----


def reboot(daemon, how):
    """What a reboot leaves: the state folder. The processes are gone, and all of /run."""
    if how == "power cut":
        daemon.kill()
    else:
        assert daemon.stop() == 0
    shutil.rmtree(daemon.rundir)


def events(daemon):
    return daemon.ask("events", limit=1000)["events"]


def saved(daemon):
    """What is on the disk; {} where there is nothing that can be read."""
    path = daemon.statedir / "state.json"
    try:
        return json.loads(path.read_text()) if path.is_file() else {}
    except (OSError, ValueError):
        return {}


@pytest.mark.parametrize("how", ["shutdown", "power cut"])
def test_orders_and_event_numbers_outlive_a_reboot(lab, how):
    daemon = Uplinkd(lab, config(lab)).start()
    drain = ["drain", "isp1", "--for", "1h", "--owner", "noc", "--comment", "line card"]
    # refused until the other link can carry both IP versions
    wait_until(lambda: daemon.ctl(*drain).returncode == 0, 20, "the drain is taken")
    before, last = daemon.link("isp1"), events(daemon)[-1]["number"]
    if how == "power cut":  # what happened in the last second may be lost then
        wait_until(lambda: saved(daemon).get("events_last", 0) >= last, 5, "it is on the disk")
    last = events(daemon)[-1]["number"]
    reboot(daemon, how)
    if how == "shutdown":
        last = saved(daemon)["events_last"]  # the last word is on the disk
    daemon.start()
    after = daemon.link("isp1")
    assert after["admin"] == "drain"
    order, was = after["order"], before["order"]
    assert (order["owner"], order["comment"], order["actor"]) == ("noc", "line card", "control")
    assert 3500 < order["remaining_s"] <= was["remaining_s"]
    numbers = [event["number"] for event in events(daemon)]
    assert numbers[0] > last, "a number is never given twice"
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    # no event says that the order came: nobody ordered it anew
    assert not [event for event in events(daemon) if event["type"] == "controlSet"]
    assert "drain stays in force for another" in daemon.process.log()
    wait_until(lambda: daemon.link("isp1")["oper"] in ("draining", "drained"), 15, "isp1 is drained")


def damage(path, how):
    if how == "cut off":
        path.write_bytes(path.read_bytes()[:-10])
    elif how == "one octet":
        octets = bytearray(path.read_bytes())
        octets[len(octets) // 2] ^= 1
        path.write_bytes(octets)
    elif how == "empty":
        path.write_text("")
    elif how == "absent":
        path.unlink()
    elif how == "a pipe":
        path.unlink()
        os.mkfifo(path)
    elif how == "a folder":
        path.unlink()
        path.mkdir()
    elif how == "endless":
        path.unlink()
        path.symlink_to("/dev/zero")


HOW = {
    "cut off": "checksum is wrong",
    "one octet": "checksum is wrong",
    "empty": "does not begin with a checksum",
    "absent": "there is no ",
    "a pipe": "not a regular file",
    "a folder": "not a regular file",
    "endless": "not a regular file",
}


def test_a_damaged_state_is_no_state(lab):
    daemon = Uplinkd(lab, config(lab)).start()
    path = daemon.statedir / "state.json"
    for how, said in HOW.items():
        assert daemon.ctl("drain", "isp1", "--force").returncode == 0
        assert daemon.stop() == 0
        damage(path, how)
        shutil.rmtree(daemon.rundir)
        daemon.start()
        assert daemon.link("isp1")["admin"] == "auto", how
        assert events(daemon)[0]["number"] == 1, how
        log = daemon.process.log()
        lines = [line for line in log.splitlines() if said in line]
        assert len(lines) == 1 and "events are numbered from 1" in lines[0], f"{how}:\n{log}"
        if how == "a folder":
            wait_until(lambda: "the state is not stored" in daemon.process.log(), 5, "it says so")
            path.rmdir()
        # what is there now is a state again
        wait_until(lambda: saved(daemon).get("version") == 1, 15, f"stored after {how}")


def test_the_state_is_not_used_while_the_board_stands(lab):
    daemon = Uplinkd(lab, config(lab)).start()
    assert daemon.ctl("drain", "isp1", "--force").returncode == 0
    wait_until(lambda: "drain" in json.dumps(saved(daemon)), 5, "the order is on the disk")
    old = (daemon.statedir / "state.json").read_bytes()
    assert daemon.ctl("auto", "isp1").returncode == 0
    number = events(daemon)[-1]["number"]
    daemon.kill()
    (daemon.statedir / "state.json").write_bytes(old)
    daemon.start()
    assert daemon.link("isp1")["admin"] == "auto"
    assert events(daemon)[-1]["number"] > number


# ---- what each process may do ----

CAPABILITIES = {
    "KILL": 5, "SETGID": 6, "SETUID": 7, "NET_BIND_SERVICE": 10, "NET_ADMIN": 12, "NET_RAW": 13, "SYS_NICE": 23,
}  # fmt: skip
PARENT_HAS = {"KILL", "SETGID", "SETUID", "NET_ADMIN", "NET_RAW"}
HAS = {"parent": PARENT_HAS, "engine": set(), "worker": {"NET_ADMIN"}, "snmp": set()}
USERS = {"parent": "root", "engine": "_uplinkd", "worker": "root", "snmp": "_uplinksnmp"}


@pytest.fixture
def processes(lab):
    """The daemon with all its processes, once each has all that it is ever handed: {name: pid}."""
    snmpd = Snmpd(lab).start()
    daemon = Uplinkd(lab, config(lab, agentx=snmpd.socket)).start().wait_all_active()
    wait_until(lambda: daemon.ask("stats")["agentx_connected"], 15, "the SNMP process has its master")
    wait_until(lambda: len(daemon.children()) == 3, 10, "all children run")
    return lab, {"parent": daemon.process.pid, **daemon.children()}


def status_of(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return {k: v.split() for k, v in (line.split(":", 1) for line in text.splitlines())}


def named(mask):
    names = {bit: name for name, bit in CAPABILITIES.items()}
    return {names.get(bit, bit) for bit in range(64) if int(mask, 16) >> bit & 1}


def test_each_process_has_the_rights_that_are_promised_and_no_more(processes):
    _, pids = processes
    for name, pid in pids.items():
        status, user = status_of(pid), pwd.getpwnam(USERS[name])
        assert status["Uid"] == [str(user.pw_uid)] * 4, name
        assert status["Gid"] == [str(user.pw_gid)] * 4, name
        assert set(status["Groups"]) <= {str(user.pw_gid)}, name
        assert named(status["CapEff"][0]) == named(status["CapPrm"][0]) == HAS[name], name
        assert named(status["CapInh"][0]) == named(status["CapAmb"][0]) == set(), name
        # a child can't lower its bound without one right more; no new privileges makes it idle
        assert named(status["CapBnd"][0]) <= PARENT_HAS, name
        assert status["NoNewPrivs"] == ["1"], name


def scheduling(pid):
    policy = os.sched_getscheduler(pid)
    reset = policy & os.SCHED_RESET_ON_FORK
    return policy & ~reset, os.sched_getparam(pid).sched_priority, bool(reset)


def test_the_engine_is_in_real_time_and_the_slow_ones_are_not(lab):
    daemon = Uplinkd(lab, config(lab)).start().wait_all_active()
    pids = daemon.children()
    for _ in range(2):  # also one that is started when the right is given up
        engine, worker = pids["engine"], pids["worker"]
        assert scheduling(engine) == (os.SCHED_RR, 10, True)
        assert scheduling(worker)[0] == os.SCHED_OTHER
        # what takes long in the kernel has the last processor for itself
        mine = sorted(os.sched_getaffinity(worker))
        assert sorted(os.sched_getaffinity(engine)) == (mine[:-1] or mine)
        os.kill(engine, 9)
        wait_until(lambda: daemon.children().get("engine", engine) != engine, 5, "it is back")
        pids = daemon.children()
    daemon.write("realtime no\n" + config(lab))
    assert daemon.stop() == 0
    daemon.start()
    assert {scheduling(p)[0] for p in daemon.children().values()} == {os.SCHED_OTHER}


@pytest.mark.needs("filters")
def test_each_process_has_its_filter_of_system_calls(processes):
    _, pids = processes
    filters = {name: status_of(pid) for name, pid in pids.items()}
    assert {name: status["Seccomp"] for name, status in filters.items()} == dict.fromkeys(pids, ["2"])
    # the parent's is inherited, each child has its own besides
    outside = int(status_of(os.getpid())["Seccomp_filters"][0])
    count = {name: int(status["Seccomp_filters"][0]) - outside for name, status in filters.items()}
    assert count == {"parent": 1, "engine": 2, "worker": 2, "snmp": 2}


def test_no_core_dump_and_no_other_process_gets_at_their_memory(processes):
    lab, pids = processes
    for name, pid in pids.items():
        # of a process that is not dumpable all of /proc/PID belongs to root
        assert os.stat(f"/proc/{pid}/mem").st_uid == 0, name
        user = "_uplinkd" if USERS[name] == "root" else USERS[name]
        for what in ["mem", "maps", "environ", "fd/3"]:
            done = lab.router.try_run(
                "setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs",
                "head", "-c", "1", f"/proc/{pid}/{what}",
            )  # fmt: skip
            assert done.returncode != 0 and "ermission denied" in done.stderr, (name, what, done.stderr)


def kinds_of_sockets(lab):
    """{inode: kind} of all sockets in the router's namespace."""
    kinds = {}

    def table(name, column, kind):
        for line in lab.router.run("cat", f"/proc/net/{name}").splitlines()[1:]:
            words = line.split()
            kinds[words[column]] = kind(words)

    for name in ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"]:
        table(name, 9, lambda words, name=name: name.rstrip("6"))
    table("packet", 8, lambda words: "packet")
    table("netlink", 9, lambda words: {"0": "route", "4": "diag", "12": "netfilter"}.get(words[1], words[1]))
    listens = {True: " listening", False: ""}
    types = {"0001": "stream", "0002": "datagram", "0005": "channel"}
    table("unix", 6, lambda words: types[words[4]] + listens[bool(int(words[3], 16) & 0x10000)])
    return kinds


def descriptors(lab, pid):
    """How many of which kind, beyond the three standard ones."""
    kinds, found = kinds_of_sockets(lab), {}
    for fd in map(int, os.listdir(f"/proc/{pid}/fd")):
        target = os.readlink(f"/proc/{pid}/fd/{fd}")
        flags = int(re.search(r"flags:\s*(\d+)", pathlib.Path(f"/proc/{pid}/fdinfo/{fd}").read_text())[1], 8)
        if fd <= 2:
            assert fd != 0 or os.path.samefile(f"/proc/{pid}/fd/0", "/dev/null"), target
            continue
        access = ["read", "write", "both"][flags & 3]
        if target.startswith("socket:"):
            kind = kinds[target[len("socket:[") : -1]]
        elif target.endswith("/board"):
            kind = f"board {access}"
        elif target.endswith(".log"):
            kind = "log"
        else:
            kind = re.sub(r"pipe:.*", f"pipe {access}", target.rpartition("/")[2])
        found[kind] = found.get(kind, 0) + 1
    return found


LOOP = {"anon_inode:[eventpoll]": 1, "pipe read": 1, "pipe write": 1, "log": 1}


def has_just(lab, pid, wanted):
    """Not counting what it opens for a moment: a ruleset for nft(8), the state for the disk."""
    def has():
        try:
            return descriptors(lab, pid) == wanted
        except (OSError, KeyError):  # it is closed, or another one, since they were listed
            return False

    try:
        wait_until(has, 5)
    except AssertionError:
        assert descriptors(lab, pid) == wanted


def test_each_process_has_the_descriptors_that_it_needs_and_no_others(processes):
    lab, pids = processes
    probes = 2 * len(lab.isps) + 2  # to send, one for each link and IP version; to hear, one for each of these
    has_just(lab, pids["engine"], {
        **LOOP, "anon_inode:[timerfd]": 1, "board both": 1, "channel": 3, "stream listening": 1, "dev": 1,
        "raw": probes,
    })  # fmt: skip
    has_just(lab, pids["snmp"], {**LOOP, "board read": 1, "channel": 2, "stream": 1})
    has_just(lab, pids["worker"], {**LOOP, "channel": 2, "netfilter": 2, "diag": 1})
    routes = descriptors(lab, pids["parent"]).get("route", 0)
    assert routes >= 2
    has_just(lab, pids["parent"], {
        **LOOP, "uplinkd.pid": 1, "board both": 1, "board read": 1, "memfd:uplinkd-text (deleted)": 1,
        "channel": 3, "stream listening": 1, "route": routes,
    })  # fmt: skip


# ---- the clock of the day ----

YEAR_S = 365 * 24 * 3600


class WallClock:
    """The clock of the day of one daemon and its children, to be set while they run."""

    def __init__(self, folder):
        self.path = folder / "wallclock"
        self.set(0)
        self.env = {
            "LD_PRELOAD": str(tools.build() / "tests" / "lab" / "wallclock.so"),
            "WALLCLOCK": str(self.path),
            "ASAN_OPTIONS": tools.asan_options("verify_asan_link_order=0"),
        }

    def set(self, seconds):
        """So far from the true one."""
        with open(self.path, "r+b" if self.path.exists() else "wb") as f:
            f.write(struct.pack("=q", seconds))


def test_jumps_of_the_wall_clock_change_no_decision_and_no_age(lab):
    clock = WallClock(lab.folder)
    daemon = Uplinkd(lab, config(lab)).start(env=clock.env).wait_all_active()
    flows = Flow(lab.client, lab.inet, TARGETS[1], rate=100, flows=20)
    assert daemon.ctl("force-up", "isp2", "--for", "15s").returncode == 0
    last = daemon.events()[-1]["number"]
    before, since = daemon.links(), time.monotonic()
    for years in [30, -30, 0, 100, -1, 0.5]:
        clock.set(int(years * YEAR_S))

        def as_it_was():
            elapsed = time.monotonic() - since
            for name, link in daemon.links().items():
                was = before[name]
                assert (link["health"], link["oper"]) == ("up", "active"), (years, link)
                assert link["transitions"] == was["transitions"]
                for age in ["health_age_s", "oper_age_s"]:
                    assert abs(link[age] - was[age] - elapsed) < 2, (years, age, link)
                assert link["rtt_max_us"] < 1000000 and link["rtt_min_us"] > 0, (years, link)
            return True

        holds_for(as_it_was, 1.5)
        # it does see that clock: what is saved for after a reboot is of the one in force
        now = time.time() + int(years * YEAR_S)
        wait_until(lambda: abs(saved(daemon)["saved_wall_ns"] / 1e9 - now) < 30, 5, "saved anew")
    # the order has its time, to the second, whatever the clock says
    daemon.wait_event("controlExpired", "isp2", deadline_s=15)
    age = {e["type"]: e["age_s"] for e in daemon.events()}
    assert age["controlSet"] - age["controlExpired"] in (15, 16), "whole seconds"
    # nothing else has happened, and the event tells the wall clock's time for people
    told = [e for e in daemon.events() if e["number"] > last]
    assert [e["type"] for e in told] == ["controlExpired"]
    assert told[0]["age_s"] < 5
    result = flows.stop()
    assert (result["lost"], result["moved"]) == (0, 0)
    # and a link that dies while the clock jumps is out as soon as ever
    lab.blackhole(1)
    died = time.monotonic()
    clock.set(-20 * YEAR_S)
    daemon.wait_link("isp1", health="down", deadline_s=3)
    clock.set(20 * YEAR_S)
    assert daemon.link("isp1")["detection_us"] < (time.monotonic() - died + 0.5) * 1e6
    lab.heal(1)
    daemon.wait_link("isp1", oper="active", deadline_s=10)


# ---- messages ----

EVIL = """\
#!/bin/sh
# Says something else at each start, then waits to be killed.
n=$(cat "$0.starts" 2>/dev/null || echo 0)
echo $((n + 1)) >"$0.starts"
case $n in
0) printf 'nonsense' >&3 ;;
1) printf x >&3 ;;
2) printf '\\006\\000\\001\\000\\000\\000\\000\\000' >&3 ;; # a plan, from the wrong one
esac
exec sleep 60
"""


def test_a_process_that_sends_nonsense_is_killed_and_no_other(lab):
    evil = lab.folder / "evil"
    evil.write_text(EVIL)
    evil.chmod(0o755)
    daemon = Uplinkd(lab, config(lab, agentx="/nonexistent"))
    daemon.start("-s", evil).wait_all_active()
    flows = Flow(lab.client, lab.inet, TARGETS[1], rate=100, flows=10)

    def restarts():
        stats = daemon.ask("stats")
        return stats["snmp_restarts"]

    wait_until(lambda: restarts() == 3, 15, "three are killed and replaced")
    log = daemon.process.log()
    assert len(re.findall(r"the snmp process \(pid \d+\) sent a malformed message: killed", log)) == 3
    assert [e["text"] for e in daemon.events("processRestarted")] == ["snmp"] * 3
    stats = daemon.ask("stats")
    assert (stats["engine_restarts"], stats["worker_restarts"]) == (0, 0)
    holds_for(lambda: restarts() == 3 and daemon.process.running(), 1)
    result = flows.stop()
    assert (result["lost"], result["moved"]) == (0, 0)
