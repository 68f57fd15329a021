# SPDX-License-Identifier: ISC
"""How far the engine's round-trip times are from those of the wire while two busy loops keep both cores:
each of its samples against the kernel's own stamps of the request and the reply on the link's
interface."""

import json
import os
import re
import time

from bench import figure, main
from uplab import tools
from uplab.capture import Capture
from uplab.daemon import Uplinkd, link_text
from uplab.topology import Lab
from uplab.wait import wait_until

SECONDS = 30
TIMES = "interval 20ms\ntimeout 500ms\ndown after 25\n"
PACKET = re.compile(r"(\d+\.\d+) .* > (\S+): ICMP echo (request|reply), .*seq (\d+)")


def busy_loops(ns):
    loops = []
    for core in range(os.cpu_count()):
        loop = ns.start(f"busy{core}", "sh", "-c", "while :; do :; done")
        os.sched_setaffinity(loop.pid, {core})
        loops.append(loop)
    return loops


def of_the_wire(capture):
    """{sequence: microseconds}"""
    asked, took = {}, {}
    for line in capture.lines("-tt", "--nano"):
        m = PACKET.match(line)
        stamp, kind, sequence = m[1], m[3], int(m[4])
        ns = int(stamp.replace(".", ""))
        if kind == "request":
            asked[sequence] = ns
        elif sequence in asked:
            took[sequence] = (ns - asked[sequence]) / 1000
    return took


def of_the_engine(recording):
    """The same: the sequences begin with the samples."""
    samples = [json.loads(line) for line in recording.splitlines() if line.startswith("{")]
    return {s["number"]: s["rtt_us"] for s in samples if "rtt_us" in s}


def measure(run):
    lab = Lab(run, "truth", cable=True)
    lab.cable.set(1, "both", "delay=5")
    text = 'site "lab"\nsnmp no\n' + TIMES + link_text(lab, 1, targets=False, ipv6=False, extra="target 203.0.113.1")
    loops = busy_loops(lab.inet)
    capture = Capture(lab.router, "wan1", "icmp[icmptype] == icmp-echo or icmp[icmptype] == icmp-echoreply")
    uplinkd = Uplinkd(lab, text).start()
    record = lab.router.start("record", tools.uplinkctl(), "-s", uplinkd.socket, "record")
    began = time.monotonic()
    wait_until(lambda: time.monotonic() - began > SECONDS, SECONDS + 1)
    record.stop()
    capture.stop()
    for loop in loops:
        loop.stop()
    wire, own = of_the_wire(capture), of_the_engine(record.log())
    errors = sorted(abs(own[n] - wire[n]) for n in own if n in wire)
    assert len(errors) > 0.8 * SECONDS * 50, f"{len(errors)} samples, {len(wire)} on the wire"
    shares = {f"p{100 * s:g}": errors[int(len(errors) * s)] for s in (0.5, 0.9, 0.99, 0.999)}
    print(f"  {len(errors)} samples: " + ", ".join(f"{k} {v:.0f} us" for k, v in shares.items()), flush=True)
    return figure("error of the round-trip time under two busy loops, p99", [shares["p99"]], 100, "us", "value", max)


main(measure)
