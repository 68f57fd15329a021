# SPDX-License-Identifier: ISC
"""How long it takes until a silent blackhole is acted on: from the moment at which the provider stops
forwarding until the kernel has the new routes, with a probe a second, default settings, both IP versions
and traffic on the link, at 20 moments that stand in no relation to the probes.

With default settings a link that was down stays out for half a minute after it is back. So each daemon
loses link after link until one is left, and then another daemon begins with all of them."""

import datetime
import random
import time

from bench import figure, main
from uplab.daemon import Uplinkd, config
from uplab.flow import Flow
from uplab.routing import members
from uplab.topology import TARGETS, Lab
from uplab.wait import wait_until

FAULTS, LINKS = 20, 6
FLOWS, RATE = 64, 25  # packets a second of each
DELAY_MS = 20  # each way


def event_time(event):
    """Seconds of wall time. A failover is told once the kernel's routes were read back."""
    return datetime.datetime.fromisoformat(event["time"].replace("Z", "+00:00")).timestamp()


def fault(lab, uplinkd, n):
    """Milliseconds until it is acted on, and as published: since the first lost probe."""
    link, pause = f"isp{n}", time.monotonic() + 1 + random.random()
    wait_until(lambda: time.monotonic() > pause, 3)
    wait_until(lambda: uplinkd.link(link)["live_flows"] > 0, 10, f"flows on {link}")
    before, began = uplinkd.last_event(), time.time()
    lab.cable.set(n, "both", "hole=1")
    event = uplinkd.wait_event("failover", link, after=before, deadline_s=20)
    wait_until(lambda: lab.gateway(n) not in members(lab.router), 5, "its route is gone")
    return round((event_time(event) - began) * 1000, 1), round(event["detection_us"] / 1000, 1)


def lose_all_but_one(lab, number):
    lab.cable.set("all", "both", f"hole=0 delay={DELAY_MS}")
    uplinkd = Uplinkd(lab, config(lab, times=""), name=f"uplinkd{number}").start().wait_all_active()
    wait_until(lambda: len(members(lab.router)) == LINKS, 10, "all links carry")
    flow = Flow(lab.client, lab.inet, TARGETS[1], rate=RATE, flows=FLOWS)
    wait_until(lambda: all(t["received"] > 5 for t in uplinkd.ask("targets")["targets"]), 30, "some history")
    values = [fault(lab, uplinkd, n) for n in random.sample(sorted(lab.isps), LINKS - 1)]
    flow.stop()
    uplinkd.stop()
    return values


def measure(run):
    random.seed(1)
    lab = Lab(run, "detection", isps=LINKS, cable=True)
    values = []
    while len(values) < FAULTS:
        values += lose_all_but_one(lab, len(values))
    print(f"  detection as published, from the first lost probe: {sorted(d for _, d in values)} ms", flush=True)
    return figure("silent blackhole under traffic, 1 s probes, until acted on", [t for t, _ in values], 400, "ms")


main(measure)
