# SPDX-License-Identifier: ISC
"""How late the engine's probes leave with 10,240 targets on 256 links at one probe a second each, beside
a process of the same scheduling class with as many timers that does nothing else: p99.9 of each, at
the same time."""

import json
import time

from bench import difference, figure, main, percentile
from uplab import tools
from uplab.daemon import Uplinkd
from uplab.many import ManyLinks
from uplab.wait import wait_until

LINKS, TARGETS = 256, 40
ROUNDS, SECONDS = 3, 10
TIMES = "interval 1s\ntimeout 1s\ndown after 3\nup after 3\nhold 0s\n"


def one(lab, uplinkd):
    """(engine's, control's) p99.9 in milliseconds."""
    control = lab.router.start("control", tools.bench_helper("control_timer"), LINKS * TARGETS, 1000)
    control.wait_log("ready")
    before = uplinkd.ask("stats")["lateness_buckets"]
    began = time.monotonic()
    wait_until(lambda: time.monotonic() - began > SECONDS, SECONDS + 1)
    buckets = difference(uplinkd.ask("stats")["lateness_buckets"], before)
    control.stop()
    own = percentile(buckets, 0.999) / 1000
    other = percentile(json.loads(control.log().splitlines()[-1]), 0.999) / 1000
    print(f"  {sum(n for _, n in buckets)} probes: engine p99.9 {own:g} ms, control {other:g} ms", flush=True)
    return own, other


def measure(run):
    lab = ManyLinks(run, LINKS)
    uplinkd = Uplinkd(lab, lab.config(TARGETS, TIMES), namespace=lab.router).start()
    wait_until(lambda: uplinkd.status()["usable_links"] == LINKS, 60, "all links answer")
    wait_until(lambda: all(t["sent"] for t in uplinkd.ask("targets")["targets"]), 30, "all were asked")
    first = uplinkd.ask("stats")["lateness_buckets"]
    print(f"  the first {sum(n for _, n in first)} probes: engine p99.9 {percentile(first, 0.999) / 1000:g} ms", flush=True)
    results = [one(lab, uplinkd) for _ in range(ROUNDS)]
    lost, dropped = sum(t["lost"] for t in uplinkd.ask("targets")["targets"]), lab.answers_lost()
    print(f"  {lost} probes lost, {dropped} of them by the targets")
    good = figure(
        "lateness of 10,240 targets at 1/s, p99.9 above that of the control process",
        [round(own - other, 3) for own, other in results], 10, "ms",
    )  # fmt: skip
    return figure("probes lost by itself", [max(0, lost - dropped)], 0, "probes", "sum", sum) and good


main(measure)
