# SPDX-License-Identifier: ISC
"""How late the engine's timers are while three other programs use up the processors: p99.9, and that of
a process of the same scheduling class that does nothing else, in the same run."""

import json
import time

from bench import figure, main
from timer_lateness import difference, percentile
from uplab import tools
from uplab.daemon import Uplinkd, config
from uplab.topology import Lab
from uplab.wait import wait_until

RUNS = 5
SECONDS = 10
LOOPS = 3
TIMES = "interval 10ms\ntimeout 100ms\ndown after 10\nup after 3\nhold 0s\n"


def one(lab, uplinkd, timers):
    """(engine's, control's) p99.9 in milliseconds."""
    control = lab.nms.start("control", tools.bench_helper("control_timer"), timers, 10)
    control.wait_log("ready")
    before = uplinkd.ask("stats")["lateness_buckets"]
    over = time.monotonic() + SECONDS
    wait_until(lambda: time.monotonic() > over, SECONDS + 5)
    buckets = difference(uplinkd.ask("stats")["lateness_buckets"], before)
    control.stop()
    own = percentile(buckets, 0.999) / 1000
    other = percentile(json.loads(control.log().splitlines()[-1]), 0.999) / 1000
    print(f"  {sum(n for _, n in buckets)} timers: engine p99.9 {own:g} ms, control {other:g} ms", flush=True)
    return own


def measure(run):
    lab = Lab(run, "busy")
    uplinkd = Uplinkd(lab, config(lab, times=TIMES)).start().wait_all_active()
    timers = len(uplinkd.ask("targets")["targets"])
    for i in range(LOOPS):
        lab.client.start(f"busy{i}", "/usr/bin/python3", "-c", "while True: pass")
    values = [one(lab, uplinkd, timers) for _ in range(RUNS)]
    lab.close()
    return figure(f"engine timer lateness beside {LOOPS} busy loops, p99.9", values, 5, "ms")


if __name__ == "__main__":
    main(measure)
