# SPDX-License-Identifier: ISC
"""What the benchmarks share: the lab, the way a figure is printed, and the loss of one failover."""

import pathlib
import re
import statistics
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "lab"))

import uplab.run  # noqa: E402
from uplab.daemon import Uplinkd  # noqa: E402
from uplab.flow import Flow  # noqa: E402
from uplab.routing import members  # noqa: E402
from uplab.run import Run  # noqa: E402
from uplab.topology import TARGETS, Lab  # noqa: E402
from uplab.wait import wait_until  # noqa: E402

ROUNDS = 10
CALM_S = 1.5
RATE = 1000  # packets a second: one lost packet is one millisecond


def figure(name, values, limit, unit, which="median", statistic=statistics.median):
    """Prints the figure with its limit and spread; returns whether it is within it."""
    value = statistic(values)
    verdict = "ok" if value <= limit else "TOO MUCH"
    spread = " ".join(f"{v:g}" for v in sorted(values))
    print(f"{name}: {which} {value:g} {unit}, limit {limit:g}: {verdict}  ({spread})", flush=True)
    return value <= limit


def percentile(buckets, share):
    """Of a histogram of [top, count]: the top of the bucket that holds it."""
    total, below = sum(count for _, count in buckets), 0
    for top, count in sorted(buckets):
        below += count
        if below >= share * total:
            return top
    return None


def difference(after, before):
    """What has come to such a histogram."""
    old = dict(map(tuple, before))
    return [[top, count - old.get(top, 0)] for top, count in after]


def main(measure):
    """Runs measure(run) -> bool and exits accordingly."""
    # In memory, as /run is where the daemon really runs: a disk that writes its pages back holds up
    # whoever touches them, and it is not the disk that is measured here.
    uplab.run.BASE = pathlib.Path("/dev/shm")
    run = Run("ulbench")
    try:
        good = measure(run)
    finally:
        run.close()
    sys.exit(0 if good else 1)


def link_of_flow(lab, port):
    """The number of the link that the router has put the flow on, by its translated address."""

    def found():
        done = lab.router.try_run("conntrack", "-L", "-p", "udp", "--orig-port-dst", port)
        m = re.search(r"dst=100\.64\.(\d+)\.2", done.stdout)
        return int(m[1]) if m else None

    return wait_until(found, 5, "the flow's entry in the router")


def lost_by_a_failure(lab, uplinkd, fail, end):
    """Packets of a client's flow that are lost because its link n fails by fail(n); end(n) repairs
    it afterwards."""
    flow = Flow(lab.client, lab.inet, TARGETS[2], rate=RATE)
    n = link_of_flow(lab, flow.port)
    seen = packets_of(lab, 3 - n)
    fail(n)
    wait_until(lambda: members(lab.router).keys() == {lab.gateway(3 - n)}, 10, "the route is gone")
    # half a second of its life after: what comes later is not the failure's
    wait_until(lambda: packets_of(lab, 3 - n) > seen + RATE // 2, 15, "the flow goes on")
    result = flow.stop()
    end(n)
    for name in uplinkd.links():
        uplinkd.wait_link(name, oper="active")
    wait_until(lambda: len(members(lab.router)) == 2, 10, "both links carry")
    return result["lost"]


def packets_of(lab, n):
    """Packets that have come by provider n to the internet."""
    text = lab.inet.run("cat", f"/sys/class/net/isp{n}/statistics/rx_packets")
    return int(text)


def stay_calm():
    """The kernel holds back the news of a cable that comes less than a second after another's."""
    over = time.monotonic() + CALM_S
    wait_until(lambda: time.monotonic() > over, CALM_S + 1)


def failover_losses(run, times, fail, end, rounds=ROUNDS):
    """The packets lost in each of so many failures. fail and end take the lab and the link."""
    from uplab.daemon import config

    lab = Lab(run, "failover")
    losses = []
    for i in range(rounds):
        # A daemon of its own for each: links that fail ten times in a row are held back as flapping.
        uplinkd = Uplinkd(lab, config(lab, times=times), name=f"uplinkd-{i}-").start()
        uplinkd.wait_all_active()
        stay_calm()
        losses.append(lost_by_a_failure(lab, uplinkd, lambda n: fail(lab, n), lambda n: end(lab, n)))
        uplinkd.stop()
    lab.close()
    return losses
