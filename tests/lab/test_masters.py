# SPDX-License-Identifier: ISC
"""No master hurts the SNMP process, and it keeps none waiting. After each kind of trouble it is back
within 2 s of the master's return; meanwhile it neither spins nor grows."""

import os
import pathlib
import signal
import socket
import statistics
import struct
import time

import pytest
from snmpbench import Bench, go_on, stop
from test_snmp_agent import CONTROL, LINK_DOWN, MIB, cpu_seconds, numbers, uplink_traps
from uplab import master as bad
from uplab import tools
from uplab.master import CLEANUPSET, COMMITSET, GET, GETBULK, GETNEXT, NOTIFY, TESTSET, UNDOSET, Master
from uplab.wait import Stopwatch, holds_for, wait_until

BACK_S = 2
EVERYTHING = [MIB]


@pytest.fixture
def bench(run, request):
    bench = Bench(run, request.node.name[:40])
    request.node.labs = [bench]
    yield bench
    bench.close()


def memory_kb(pid):
    """Its own, without the pages of the board that it has looked at."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(status.split("RssAnon:")[1].split()[0])


GROWTH_KB = 2000  # what a process touches for the first time is not yet growth


class Watch:
    """What the SNMP process used of the machine."""

    def __init__(self, bench):
        self.pid = bench.engine.pid()
        self.cpu, self.memory, self.began = cpu_seconds(self.pid), memory_kb(self.pid), time.monotonic()

    def share(self):
        """Of one processor."""
        return (cpu_seconds(self.pid) - self.cpu) / (time.monotonic() - self.began)

    def grown_kb(self):
        return memory_kb(self.pid) - self.memory - tools.quarantine_kb()


def assert_back(bench):
    """The real master is there: within 2 s it has its subagent, and the notification that waited."""
    wait_until(lambda: bench.engine.notified()["connected"] == 1, BACK_S, "it is back")
    assert bench.engine.alive() and bench.manager.get("uplinkLinkName.1") == "link1"


@pytest.mark.parametrize("behave", bad.BAD, ids=lambda f: f.__name__)
def test_a_bad_master(bench, behave):
    master = Master(bench.snmpd.socket).run(behave)
    bench.start(master=False, connected=False)
    wait_until(lambda: master.connections >= 1, 5, "it tries")
    watch = Watch(bench)
    last = bench.engine.event(LINK_DOWN, 1, 2, 4)
    holds_for(bench.engine.alive, 1.5)
    if behave is not bad.floods and behave is not bad.asks_without_reading:
        assert watch.share() < 0.1
        assert master.connections <= 20, "and not too often"
    assert watch.grown_kb() < 3000
    master.close()
    bench.snmpd.start()
    assert_back(bench)
    bench.engine.wait_told(last, 5)


def test_no_master_for_a_while(bench):
    bench.start(master=False, connected=False)
    watch = Watch(bench)
    holds_for(bench.engine.alive, 1.5)
    assert watch.share() < 0.05 and watch.grown_kb() < GROWTH_KB
    bench.snmpd.start()
    assert_back(bench)


def test_a_master_that_is_killed_again_and_again(bench):
    bench.start()
    watch = Watch(bench)
    for _ in range(3):
        bench.snmpd.process.stop(signal.SIGKILL)
        wait_until(lambda: bench.engine.notified()["connected"] == 0, BACK_S, "the loss is noticed")
        bench.snmpd.start()
        assert_back(bench)
    assert watch.share() < 0.2 and watch.grown_kb() < GROWTH_KB


def test_a_master_that_stands_still(bench):
    bench.start()
    stop(bench.snmpd.process)
    watch = Watch(bench)
    bench.engine.events(100)
    wait_until(lambda: bench.engine.notified()["pending"] > 0, 5, "they wait")
    holds_for(lambda: bench.engine.notified()["pending"] > 0, 1.5)
    assert watch.share() < 0.1 and watch.grown_kb() < GROWTH_KB
    go_on(bench.snmpd.process)
    wait_until(lambda: bench.manager.get("uplinkLinkName.1") == "link1", BACK_S, "it answers again")
    bench.engine.wait_told(100)
    wait_until(lambda: len(uplink_traps(bench)) >= 100, 5)
    assert numbers(uplink_traps(bench)) == list(range(1, 101))


def test_a_master_whose_backlog_is_full(bench):
    """connect(2) would wait for ever."""
    master = Master(bench.snmpd.socket, backlog=0)
    waiting = []
    for _ in range(3):
        s = socket.socket(socket.AF_UNIX)
        s.setblocking(False)
        try:
            s.connect(str(master.path))
        except BlockingIOError:
            pass
        waiting.append(s)
    bench.start(master=False, connected=False)
    watch = Watch(bench)
    wait_until(lambda: "takes no connections" in bench.engine.log(), 5, "one line")
    holds_for(bench.engine.alive, 2)
    assert watch.share() < 0.05 and watch.grown_kb() < GROWTH_KB
    assert bench.engine.log().count("takes no connections") == 1
    for s in waiting:
        s.close()
    master.close()
    bench.snmpd.start()
    assert_back(bench)


def test_a_stuck_master_and_one_that_takes_its_place(bench):
    bench.start()
    old = bench.snmpd.process
    stop(old)
    bench.snmpd.socket.unlink()
    bench.snmpd.start(address="udp:1161")
    wait_until(lambda: bench.engine.notified()["reconnects"] == 1, BACK_S, "it goes over")
    old.send(signal.SIGKILL)


def test_a_new_socket_in_the_place_of_an_old_one_is_tried_at_once(bench):
    """Also where the session has just begun: nobody has refused it, so the new master is not kept waiting."""
    old = Master(bench.snmpd.socket)
    bench.start(master=False, connected=False)
    old.accept().accept()
    wait_until(lambda: bench.engine.notified()["connected"] == 1, 5, "the session")
    pid, began = bench.engine.pid(), time.monotonic()
    # it stands for as long as the old master must be silent before another one is looked for
    os.kill(pid, signal.SIGSTOP)
    bench.snmpd.socket.unlink()
    new = Master(bench.snmpd.socket)
    wait_until(lambda: time.monotonic() - began > 0.6, 5)
    watch = Stopwatch(pid)
    os.kill(pid, signal.SIGCONT)
    connection = new.accept()
    assert watch.seconds() < 0.6
    connection.accept()
    wait_until(lambda: bench.engine.notified()["reconnects"] == 1, BACK_S, "it is back")
    for master in (old, new):
        master.close()


def test_what_was_never_confirmed_is_told_to_the_next_master(bench):
    """Whether it had left nobody can know. Its number says that it is the same."""
    master = Master(bench.snmpd.socket)
    bench.start(master=False, connected=False)
    connection = master.accept().accept()
    connection.silent = True
    number = bench.engine.event(LINK_DOWN, 1, 2, 4)
    assert struct.pack("<I", number) in connection.serve(NOTIFY)[2]
    master.close()
    bench.snmpd.start()
    bench.engine.wait_told(number, 5)
    wait_until(lambda: numbers(uplink_traps(bench)) == [number], 5, "once more, with the same number")


# ---- it keeps nobody waiting


@pytest.fixture
def served(bench):
    """A good master with its subagent, the engine steered."""
    master = Master(bench.snmpd.socket)
    bench.start(master=False, connected=False)
    connection = master.accept().accept()
    yield bench, connection
    master.close()


def asked(bench, connection, *question):
    """(seconds, error, octets of the answer): how long the SNMP process, and the engine behind it, took for it."""
    watch = Stopwatch(bench.engine.pid(), bench.engine.process.pid)
    error, octets = connection.ask(*question)
    return watch.seconds(), error, octets


def times(bench, connection, n, kind, body):
    took = []
    for _ in range(n):
        seconds, error, octets = asked(bench, connection, kind, body)
        assert error == 0 and octets
        took.append(seconds)
    return took


def assert_quick(took, median_s=0.002, worst_s=0.1):
    assert statistics.median(took) < median_s and max(took) < worst_s, (statistics.median(took), max(took))


QUESTIONS = {
    "one": (GET, bad.ranges([MIB + (1, 1, 1, 0)])),
    "twenty": (GET, bad.ranges([MIB + (1, 2, 1, c, 1) for c in range(2, 22)])),
    "next": (GETNEXT, bad.ranges([MIB])),
    "twenty-next": (GETNEXT, bad.ranges([MIB + (1, g, 1, 2) for g in (2, 3, 4, 5, 6, 7)] * 3)),
    "bulk": (GETBULK, bad.bulk([MIB], 500)),
    "all-events": (GETBULK, bad.bulk([MIB + (1, 7)], 500)),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_it_answers_at_once(served, question):
    bench, connection = served
    bench.engine.events(500)
    assert_quick(times(bench, connection, 200, *QUESTIONS[question]), 0.02 if "bulk" in question or "all" in question else 0.002)


def test_it_answers_at_once_while_much_happens(served):
    """Events pour in, rows come and go, nobody takes the notifications."""
    bench, connection = served
    connection.silent = True
    took = []
    for i in range(40):
        bench.engine.do("events 200")
        bench.engine.do(f"add {400 + i}")
        took += times(bench, connection, 5, *QUESTIONS["twenty-next"])
    assert_quick(took)


def test_it_answers_at_once_whatever_the_board_holds(served):
    """An engine gone mad costs answers, not time."""
    bench, connection = served
    worst = []
    for seed in range(1, 30):
        bench.engine.do(f"hostile {seed}")
        for question in QUESTIONS.values():
            worst.append(asked(bench, connection, *question)[0])
    assert_quick(worst, 0.02, 0.2)


def test_a_set_is_answered_in_time_even_by_an_engine_that_is_not_there(served):
    bench, connection = served
    order = bad.integer_binding(MIB + (1, CONTROL, 1, 1, 2), 2)
    for transaction in range(1, 30):
        seconds, error, _ = asked(bench, connection, TESTSET, order, transaction)
        assert error == 0 and seconds < 0.05
        assert connection.ask(COMMITSET, transaction=transaction)[0] == 0
        if transaction % 2:
            assert connection.ask(UNDOSET, transaction=transaction)[0] == 0
        else:
            connection.send(bad.pdu(CLEANUPSET, transaction=transaction))
    bench.engine.do("mute 1")
    seconds, error, _ = asked(bench, connection, TESTSET, order, 100)
    assert error == 13 and seconds < 0.1  # resourceUnavailable
    assert_quick(times(bench, connection, 50, *QUESTIONS["twenty"]))
