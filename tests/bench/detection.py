# SPDX-License-Identifier: ISC
"""How long it takes until a silent blackhole is acted on: from the moment at which the provider stops
forwarding until the kernel has the new routes, with a probe a second, default settings and traffic on
the link, at 20 moments that stand in no relation to the probes."""

import datetime
import random
import time

from bench import figure, main
from uplab.daemon import Uplinkd, config
from uplab.flow import Flow
from uplab.routing import members
from uplab.topology import TARGETS, Lab
from uplab.wait import wait_until

FAULTS, RATE = 20, 200
DELAY_MS = 20  # each way


def event_time(event):
    """Seconds of wall time. A failover is told once the kernel's routes were read back."""
    return datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()


def measure(run):
    random.seed(1)
    lab = Lab(run, "detection", cable=True)
    lab.cable.set("all", "both", f"delay={DELAY_MS}")
    # only what this measures is set: a link that fails twenty times is not held back
    uplinkd = Uplinkd(lab, config(lab, times="hold 0s\nup after 1\nflap no\n", ipv6=False)).start()
    uplinkd.wait_all_active()
    flows = [Flow(lab.client, lab.inet, address, rate=RATE) for address in TARGETS[1:4] + TARGETS[5:8]]
    wait_until(lambda: all(t["received"] > 5 for t in uplinkd.ask("targets")["targets"]), 30, "some history")
    taken, reported = [], []
    for i in range(FAULTS):
        n = 1 + i % 2
        pause = time.monotonic() + 1 + random.random()
        wait_until(lambda: time.monotonic() > pause, 3)
        before = uplinkd.last_event()
        began = time.time()
        lab.cable.set(n, "both", "hole=1")
        event = uplinkd.wait_event("failover", f"isp{n}", after=before, deadline_s=20)
        taken.append(round((event_time(event) - began) * 1000, 1))
        reported.append(round(event["detection_us"] / 1000, 1))
        lab.cable.set(n, "both", "hole=0")
        uplinkd.wait_link(f"isp{n}", oper="active", deadline_s=20)
        wait_until(lambda: len(members(lab.router)) == 2, 10, "both links carry")
    for flow in flows:
        flow.stop()
    print(f"  detection as published, from the first lost probe: {sorted(reported)} ms", flush=True)
    return figure("silent blackhole under traffic, 1 s probes, until acted on", taken, 400, "ms")


main(measure)
