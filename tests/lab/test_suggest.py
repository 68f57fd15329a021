# SPDX-License-Identifier: ISC
"""uplinkd --suggest: what it prints of a machine that runs is a configuration that runs."""

from uplab import tools
from uplab.daemon import Uplinkd
from uplab.routing import members


def suggest(lab):
    return lab.router.try_run(
        "setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "--inh-caps=-all",
        "--bounding-set=-all", tools.uplinkd(), "--suggest",
    )  # fmt: skip


def test_what_it_prints_runs(lab):
    lab.router.ip(
        f"route add default via {lab.gateway(1)} proto dhcp metric 100\n"
        f"route add default via {lab.gateway(2)} metric 200\n"
        f"route add default via {lab.gateway6(2)} dev wan2"
    )
    done = suggest(lab)
    assert done.returncode == 0 and not done.stderr, done
    assert "lan0, address 192.168.77.1" in done.stdout
    uplinkd = Uplinkd(lab, done.stdout + "snmp no\nhold 1s\n")
    checked = uplinkd.check()
    assert checked.returncode == 0, checked.stderr
    uplinkd.start().wait_all_active()
    assert members(lab.router).keys() == {lab.gateway(1), lab.gateway(2)}
    assert {r["link"] for r in uplinkd.ask("routes")["routes"] if r["version"] == 6} == {"wan2"}
    # the daemon's own routes are not taken for lines
    assert suggest(lab).stdout == done.stdout


def test_without_a_line_it_says_what_to_do(lab):
    done = suggest(lab)
    assert done.returncode == 1 and "no default route" in done.stderr, done
    assert len(done.stderr.splitlines()) == 1
