# SPDX-License-Identifier: ISC
"""The memory of all processes together with two links: proportional set size, after a walk of
everything and a failover."""

import pathlib
import re

from bench import figure, main
from uplab.daemon import Uplinkd, config
from uplab.snmp import Manager, Snmpd
from uplab.topology import Lab


def pss_kib(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+) kB", text, re.M)[1])


def measure(run):
    lab = Lab(run, "memory")
    snmpd = Snmpd(lab).start()
    uplinkd = Uplinkd(lab, config(lab, agentx=snmpd.socket)).start().wait_all_active()
    manager = Manager(lab.client)
    manager.wait_registered()
    lab.blackhole(1)
    uplinkd.wait_link("isp1", oper="out")
    lab.heal(1)
    uplinkd.wait_all_active()
    manager.walk("uplinkMIB")
    sizes = {"parent": pss_kib(uplinkd.process.pid)}
    sizes.update({name: pss_kib(pid) for name, pid in uplinkd.children().items()})
    for name, size in sizes.items():
        print(f"  {name} {size / 1024:.1f} MB")
    return figure("memory of all processes, PSS with 2 links", [sum(sizes.values()) / 1024], 20, "MB", "sum")


if __name__ == "__main__":
    main(measure)
