# SPDX-License-Identifier: ISC
"""How late the engine's timers are while the SNMP master is in every kind of trouble, against a process
of the same scheduling class that does nothing else, at the same time: p99.9 of each."""

import collections
import json
import signal
import socket
import time

from bench import figure, main
from timer_lateness import TIMES, difference, percentile
from uplab import master as bad
from uplab import tools
from uplab.daemon import Uplinkd, config
from uplab.master import Master
from uplab.snmp import Snmpd
from uplab.topology import Lab
from uplab.wait import wait_until

SECONDS = 6
ROUNDS = 3


class Trouble:
    """What the master does for a while."""

    def __init__(self, uplinkd, snmpd):
        self.uplinkd, self.snmpd = uplinkd, snmpd

    def _start(self):
        """snmpd, until the daemon has a session with it."""
        wait_until(lambda: not self._has_session(), 10, "the end of the session before")
        self.snmpd.start()
        wait_until(self._has_session, 10, "a session with the master")

    def _has_session(self):
        return self.uplinkd.ask("stats")["agentx_connected"]

    def absent(self):
        return lambda: None

    def stopped(self):
        self._start()
        self.snmpd.process.send(signal.SIGSTOP)
        return lambda: self.snmpd.process.stop(signal.SIGKILL)

    def killed_again_and_again(self):
        self._start()

        def end():
            for _ in range(3):
                self.snmpd.process.stop(signal.SIGKILL)
                self._start()
            self.snmpd.process.stop(signal.SIGKILL)

        return end

    def backlog_full(self):
        master = Master(self.snmpd.socket, backlog=0)
        for _ in range(3):
            s = socket.socket(socket.AF_UNIX)
            s.setblocking(False)
            try:
                s.connect(str(master.path))
            except BlockingIOError:
                pass
            master.kept.append(s)
        return master.close

    def _bad(self, behave):
        return Master(self.snmpd.socket).run(behave).close

    def closes_at_random(self):
        return self._bad(bad.closes_at_random)

    def garbage(self):
        return self._bad(bad.sends_garbage_within)

    def asks_without_reading(self):
        return self._bad(bad.asks_without_reading)

    def floods(self):
        return self._bad(bad.floods)


ALL = [
    "absent", "stopped", "killed_again_and_again", "backlog_full", "closes_at_random", "garbage",
    "asks_without_reading", "floods",
]  # fmt: skip


def p999_ms(buckets):
    return percentile(buckets, 0.999) / 1000


def total(histograms):
    """One histogram of all."""
    counts = collections.Counter()
    for buckets in histograms:
        for top, count in buckets:
            counts[top] += count
    return [[top, count] for top, count in counts.items() if count > 0]


def one(lab, uplinkd, snmpd, name, timers):
    """The histograms of engine and control process under that trouble."""
    snmpd.socket.unlink(missing_ok=True)
    end = getattr(Trouble(uplinkd, snmpd), name)()
    control = lab.nms.start("control", tools.bench_helper("control_timer"), timers, 10)
    control.wait_log("ready")
    before = uplinkd.ask("stats")["lateness_buckets"]
    lab.blackhole(1)  # so that there is something to tell
    began = time.monotonic()
    wait_until(lambda: time.monotonic() - began > SECONDS / 2, SECONDS)
    lab.heal(1)
    wait_until(lambda: time.monotonic() - began > SECONDS, SECONDS)
    end()
    own = difference(uplinkd.ask("stats")["lateness_buckets"], before)
    control.stop()
    return own, json.loads(control.log().splitlines()[-1])


def measure(run):
    lab = Lab(run, "trouble")
    snmpd = Snmpd(lab)
    uplinkd = Uplinkd(lab, config(lab, times=TIMES, agentx=snmpd.socket)).start().wait_all_active()
    timers = len(uplinkd.ask("targets")["targets"])
    engine, control, rounds = [], [], []
    for _ in range(ROUNDS):
        for name in ALL:
            own, other = one(lab, uplinkd, snmpd, name, timers)
            print(f"  {name}: engine p99.9 {p999_ms(own):g} ms, control {p999_ms(other):g} ms", flush=True)
            engine.append(own)
            control.append(other)
        rounds.append(p999_ms(total(engine[-len(ALL) :])) - p999_ms(total(control[-len(ALL) :])))
    timers = sum(count for _, count in total(engine))
    print(f"  all {timers} timers: engine p99.9 {p999_ms(total(engine)):g} ms, "
          f"control {p999_ms(total(control)):g} ms", flush=True)  # fmt: skip
    return figure(
        "engine timer lateness with the SNMP master in trouble, p99.9 above that of the control process",
        rounds, 5, "ms",
    )  # fmt: skip


if __name__ == "__main__":
    main(measure)
