# SPDX-License-Identifier: ISC
"""uplinkd --suggest: what it prints of a machine that runs is a configuration that runs."""

import re

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


# what the router's routes are made of, and the links that come of it: {name: lines that are in it}
ODD = {
    "two at one metric": (
        "route add default metric 5 nexthop via {gw1} nexthop via {gw2} weight 3",
        {"wan1": "gateway {gw1}", "wan2": "gateway {gw2}"},
    ),
    "PPP": (
        "tuntap add dev ppp0 mode tun\naddr add 10.9.0.2 peer 10.9.0.1 dev ppp0\nlink set ppp0 up\nroute add default dev ppp0",
        {"ppp0": "gateway auto inet "},
    ),
    "IPv6 alone, by router advertisement": (
        "route add default via fe80::1 dev wan2 proto ra metric 1024 expires 1800",
        {"wan2": "gateway auto inet6 # now fe80::1"},
    ),
    "nexthop objects": (
        "nexthop add id 7 via {gw1} dev wan1\nnexthop add id 8 via {gw2} dev wan2\nnexthop add id 9 group 7/8\nroute add default nhid 9",
        {"wan1": "gateway {gw1}", "wan2": "gateway {gw2}"},
    ),
    "one that leads nowhere": (
        "route add unreachable default metric 4278198272\nroute add default via {gw1}",
        {"wan1": "gateway {gw1}"},
    ),
    "two to one gateway": (
        "route add default via {gw1} metric 1\nroute add default via {gw1} metric 2 proto dhcp",
        {"wan1": "gateway {gw1}"},
    ),
    "without carrier, and a dot in its name": (
        "tuntap add dev eth0.100 mode tap\naddr add 172.16.0.2/24 dev eth0.100\nlink set eth0.100 up\n"
        "route add default via 172.16.0.1 dev eth0.100",
        {"eth0.100": "gateway 172.16.0.1"},
    ),
}


def without_default(lab):
    for version, *kind in ["-4"], ["-6"], ["-4", "unreachable"]:
        while lab.router.try_run("ip", version, "route", "del", *kind, "default").returncode == 0:
            pass


def test_odd_networks(lab):
    addresses = {"gw1": lab.gateway(1), "gw2": lab.gateway(2)}
    uplinkd = Uplinkd(lab, "")
    for name, (commands, wanted) in ODD.items():
        lab.router.ip(commands.format(**addresses))
        done = suggest(lab)
        assert done.returncode == 0 and not done.stderr, (name, done)
        links = dict(re.findall(r'(?ms)^link "(\S+)" \{(.*?)^\}', done.stdout))
        assert links.keys() == wanted.keys(), (name, done.stdout)
        for link, line in wanted.items():
            assert line.format(**addresses) in links[link], (name, done.stdout)
        uplinkd.write(done.stdout)
        checked = uplinkd.check()
        assert checked.returncode == 0, (name, done.stdout, checked.stderr)
        without_default(lab)
