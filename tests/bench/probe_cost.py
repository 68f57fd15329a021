# SPDX-License-Identifier: ISC
"""What a probe costs: CPU time of the engine for 1,024 targets on 256 links at 10 probes a second each,
and what fping takes for the same targets at the same pace over the same links. As with a network card,
what comes in is another core's work; the line "all on one core" has that in it, and the work of the
targets, which in this lab would be the sender's."""

import pathlib
import statistics
import time

from bench import figure, main
from uplab.daemon import Uplinkd
from uplab.many import ManyLinks
from uplab.wait import wait_until

LINKS, TARGETS, RATE = 256, 4, 10
ROUNDS, SECONDS = 5, 4
PROBES = LINKS * TARGETS * RATE  # a second
TIMES = "interval 100ms\ntimeout 1s\ndown after 10\nup after 3\nhold 0s\n"


def cpu_us(pid):
    """What the process has used so far."""
    return int(pathlib.Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1000


def a_round(pid):
    """Microseconds a probe."""
    cpu, began = cpu_us(pid), time.monotonic()
    wait_until(lambda: time.monotonic() > began + SECONDS, SECONDS + 1, "the round")
    return round((cpu_us(pid) - cpu) / ((time.monotonic() - began) * PROBES), 2)


def counts(uplinkd):
    targets = uplinkd.ask("targets")["targets"]
    return {key: sum(t[key] for t in targets) for key in ("sent", "lost")}


def of_engine(lab, uplinkd):
    """Both ways to count, and the probes that were lost."""
    engine = uplinkd.children()["engine"]
    before, began, dropped = counts(uplinkd), time.monotonic(), lab.answers_lost()
    alone = [a_round(engine) for _ in range(ROUNDS)]
    lab.spread(engine)
    values = [a_round(engine) for _ in range(ROUNDS)]
    after, seconds = counts(uplinkd), time.monotonic() - began
    sent, lost = after["sent"] - before["sent"], after["lost"] - before["lost"]
    assert sent > 0.98 * seconds * PROBES, f"{sent} probes in {seconds} s are not the pace"
    dropped = lab.answers_lost() - dropped
    print(f"  engine: {sent} probes in {seconds:.1f} s, {lost} lost, {dropped} of them by the targets", flush=True)
    return alone, values, max(0, lost - dropped)


def of_fping(lab):
    """The same from fping: all that it has used in its life."""
    targets = [a for n in lab.links for a in lab.targets(n, TARGETS)]
    pace = ["-q", "-c", SECONDS * RATE, "-p", 1000 // RATE, "-i", f"{1000 / PROBES:.4f}", "-t", 1000]
    values = []
    for i in range(ROUNDS):
        fping = lab.router.start(f"fping{i}", "fping", *pace, *targets)
        lab.pin(fping.pid)
        used_s = fping.wait_usage(3 * SECONDS)
        values.append(round(used_s * 1e6 / (SECONDS * RATE * len(targets)), 2))
    return values


def measure(run):
    lab = ManyLinks(run, LINKS)
    uplinkd = Uplinkd(lab, lab.config(TARGETS, TIMES), namespace=lab.router).start()
    wait_until(lambda: all(t["status"] == "up" for t in uplinkd.ask("targets")["targets"]), 30, "all answer")
    alone, values, lost = of_engine(lab, uplinkd)
    uplinkd.stop()
    lab.reach_by_main()
    beside = of_fping(lab)
    for name, them in (("engine, all on one core", alone), ("fping", beside)):
        print(f"  {name}: median {statistics.median(them):g} us a probe  ({' '.join(f'{v:g}' for v in sorted(them))})")
    print(f"  engine: {statistics.median(values) / statistics.median(beside):.2f} of what fping takes")
    good = figure("CPU of the engine for a probe, 1,024 targets on 256 links at 10/s", values, 10, "us")
    return figure("probes lost by itself", [lost], 0, "probes", "sum", sum) and good


main(measure)
