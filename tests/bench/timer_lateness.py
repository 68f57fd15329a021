# SPDX-License-Identifier: ISC
"""How late the engine's timers are while snmpd stands still, against a process of the same scheduling
class that does nothing else, in the same run: p99.9 of each."""

import json
import signal
import time

from bench import difference, figure, main, percentile
from uplab import tools
from uplab.daemon import Uplinkd, config
from uplab.snmp import Manager, Snmpd
from uplab.topology import Lab
from uplab.wait import wait_until

RUNS = 5
SECONDS = 20
TIMES = "interval 10ms\ntimeout 100ms\ndown after 10\nup after 3\nhold 0s\n"


def one(lab, uplinkd, snmpd, timers):
    """(engine's, control's) p99.9 in milliseconds, of 20 s with a stopped master."""
    snmpd.process.send(signal.SIGSTOP)
    control = lab.nms.start("control", tools.bench_helper("control_timer"), timers, 10)
    control.wait_log("ready")
    before = uplinkd.ask("stats")["lateness_buckets"]
    lab.blackhole(1)  # so that there is something to tell the master
    began = time.monotonic()
    wait_until(lambda: time.monotonic() - began > SECONDS / 2, SECONDS)
    lab.heal(1)
    wait_until(lambda: time.monotonic() - began > SECONDS, SECONDS)
    buckets = difference(uplinkd.ask("stats")["lateness_buckets"], before)
    control.stop()
    snmpd.process.send(signal.SIGCONT)
    own = percentile(buckets, 0.999) / 1000
    other = percentile(json.loads(control.log().splitlines()[-1]), 0.999) / 1000
    print(f"  {sum(n for _, n in buckets)} timers: engine p99.9 {own:g} ms, control {other:g} ms", flush=True)
    return own, other


def measure(run):
    lab = Lab(run, "lateness")
    snmpd = Snmpd(lab).start()
    uplinkd = Uplinkd(lab, config(lab, times=TIMES, agentx=snmpd.socket)).start().wait_all_active()
    manager = Manager(lab.client)
    manager.wait_registered()
    timers = len(uplinkd.ask("targets")["targets"])
    results = [one(lab, uplinkd, snmpd, timers) for _ in range(RUNS)]
    return figure(
        "engine timer lateness with snmpd stopped, p99.9 above that of the control process",
        [own - other for own, other in results], 5, "ms",
    )  # fmt: skip


if __name__ == "__main__":
    main(measure)
