# SPDX-License-Identifier: ISC
"""How long it takes to cut the 100,000 flows of a link that has died, as the worker logs it; and
meanwhile, how late the engine's timers are, beside a control process, and how soon another link that
loses its cable right then is out of the routes: the parent's part."""

import json
import re
import time

from bench import figure, main
from timer_lateness import difference, percentile
from uplab import tools
from uplab.daemon import Uplinkd, config
from uplab.routing import members
from uplab.topology import Lab
from uplab.wait import wait_until

ROUNDS = 5
FLOWS = 100_000
TIMES = "interval 10ms\ntimeout 100ms\ndown after 10\nup after 3\nhold 0s\n"


def one(lab, number):
    """(milliseconds of the cut, lateness of engine above control, milliseconds until the other link is out)"""
    uplinkd = Uplinkd(lab, config(lab, times=TIMES), name=f"uplinkd-{number}-").start("-v").wait_all_active()
    lab.router.run(tools.helper("ctfill"), FLOWS, "0x100")
    control = lab.router.start(f"control{number}", tools.bench_helper("control_timer"), len(uplinkd.ask("targets")["targets"]), 10)
    control.wait_log("ready")
    before = uplinkd.ask("stats")["lateness_buckets"]
    lab.blackhole(1)
    wait_until(lambda: lab.gateway(1) not in members(lab.router), 5, "link 1 is out of the routes")
    pulled = time.monotonic()
    lab.carrier(2, False)
    wait_until(lambda: lab.gateway(2) not in members(lab.router), 5, "link 2 is out of the routes")
    switched = (time.monotonic() - pulled) * 1000
    cut = wait_until(
        lambda: re.search(r"(\d+) flows of link isp1 cut in ([\d.]+) ms", uplinkd.process.log()), 10, "the flows are cut"
    )
    assert int(cut[1]) >= FLOWS, cut[0]
    buckets = difference(uplinkd.ask("stats")["lateness_buckets"], before)
    control.stop()
    other = percentile(json.loads(control.log().splitlines()[-1]), 0.999) / 1000
    lab.heal(1)
    lab.carrier(2, True)
    uplinkd.stop()
    lab.router.run("conntrack", "-F")
    return float(cut[2]), percentile(buckets, 0.999) / 1000 - other, switched


def measure(run):
    lab = Lab(run, "kill", isps=3)
    results = [one(lab, number) for number in range(ROUNDS)]
    lab.close()
    cuts, late, switches = ([round(v, 1) for v in values] for values in zip(*results))
    good = figure(f"cutting {FLOWS} flows", cuts, 300, "ms")
    good = figure("engine timer lateness meanwhile, p99.9 above that of the control process", late, 5, "ms") and good
    return figure("another link loses carrier meanwhile, until it is out of the routes", switches, 50, "ms") and good


if __name__ == "__main__":
    main(measure)
