# SPDX-License-Identifier: ISC
"""Somebody who reads README, guide and the pages for monitoring in a network like the one they speak of, and
does what they print: uplab/documents.py says what a block is."""

import pathlib

from . import tools
from .documents import GUIDE, TREE, WRITTEN, of_kind, same_but_for_numbers
from .system import System
from .wait import wait_until

LINK = (
    "link a {{ interface wan1; gateway 192.0.2.1; target 203.0.113.1; target 203.0.113.53; "
    "gateway 2001:db8:1::1; source 2001:db8:1::2; prefix 2001:db8:1::/48\n{}}}\nsnmp no\n"
)

# What has blocks that can't be run here, and why.
NOT_HERE = {
    "openbsd.md": "builds and installs on OpenBSD: tests/openbsd/check and test_openbsd* try its parts",
    "uplinkd-pf.7": "asks OpenBSD's pfctl and route: test_openbsd_pf and test_openbsd_shown try what they would show",
    "from-mwan3.md": "stops mwan3, which is OpenWrt's",
}


def stage(lab):
    """The network of the documents: wan1 with a fixed gateway, wan2 from DHCP, wwan0 for LTE."""
    first = lab.isps[1]
    first.ip("addr add 192.0.2.1/24 dev wan0")
    first.run("nft", "flush", "chain", "inet", "isp", "forward")
    lab.router.ip("addr flush dev wan1 scope global\naddr add 192.0.2.2/24 dev wan1\naddr add 2001:db8:1::2/64 dev wan1 nodad")
    lab.router.ip("link set wan3 down\nlink set wan3 name wwan0\nlink set wwan0 up")
    lab.router.ip(
        f"route add default via 192.0.2.1 metric 50\nroute add default via {lab.gateway(2)} proto dhcp metric 100\n"
        f"route add default via {lab.gateway(3)} dev wwan0 proto dhcp metric 700"
    )
    lab.inet.ip("route add 192.0.2.0/24 via 10.255.1.2")
    lab.inet.ip("\n".join(f"addr add {a}/32 dev lo" for a in ("203.0.113.53", "203.0.113.54")))
    for n, gateway in (1, "192.0.2.1"), (2, lab.gateway(2)), (3, lab.gateway(3)):
        wait_until(lambda g=gateway: lab.router.pings(g), 10, f"the gateway of line {n}")


def system_of(lab):
    """The router's files, with what is installed."""
    stage(lab)
    prefix = pathlib.Path(tools.uplinkd()).parents[1]
    system = System(lab, shown=[*tools.folders(), TREE])
    system.env = {"PATH": f"{prefix}/sbin:{prefix}/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8"}
    system.lab = lab
    system.prefix = prefix
    system.stand_in_for_systemctl()
    return system


def check(system, name, text):
    system.write("/tmp/check.conf", text)
    done = system.try_run("uplinkd", "-n", "-f", "/tmp/check.conf", env=system.env)
    assert done.returncode == 0, f"{name}:\n{text}{done.stderr}"


def shell(system, text, namespace=None):
    done = system.try_run("bash", "-euo", "pipefail", "-c", "cd\n" + text, env=system.env, namespace=namespace, timeout=120)
    assert done.returncode == 0, f"{text}\nprinted:\n{done.stdout}{done.stderr}"
    return done.stdout


def first_file():
    return of_kind(GUIDE / "first-links.md", "conf /etc/uplinkd.conf")[0]


def write(system, name, kind, text):
    """A file that the page prints, or what it adds to one."""
    added, file = WRITTEN.fullmatch(kind).groups()
    at = file.replace("~", "/root")
    if added:
        text = system.path(at).read_text() + text
    if at == "/etc/uplinkd.conf":
        check(system, name, text)
    system.path(at).parent.mkdir(parents=True, exist_ok=True)
    system.write(at, text, 0o600 if "secrets" in at else 0o644)
    if "keepalived" in at:
        done = system.try_run("keepalived", "--config-test", env=system.env)
        assert done.returncode == 0, (name, done)


class Reader:
    """Somebody who does what a page prints, block by block."""

    def __init__(self, system, path, conf="guide"):
        self.system, self.page = system, path.name
        self.printed = ""
        if conf:
            system.write("/etc/uplinkd.conf", first_file())

    def does(self, kind, text):
        system = self.system
        if kind == "sh":
            self.printed = shell(system, text)
        elif kind == "sh station":
            self.printed = shell(system, text, system.lab.client)
        elif kind == "output":
            missing = same_but_for_numbers(self.printed, text)
            assert not missing, f"{self.page}: {missing} not in\n{self.printed}"
        elif kind == "conf file":
            check(system, self.page, first_file() + text)
        elif kind == "conf link":
            check(system, self.page, LINK.format(text))
        elif kind == "conf line":
            for line in text.splitlines():
                check(system, line, LINK.format(line + "\n") if "# in a link" in line else first_file() + line + "\n")
        elif kind == "conf alone":
            check(system, self.page, text)
        elif kind in ("sh openbsd", "sh openwrt"):
            assert self.page in NOT_HERE
        elif kind == "sh nagios":
            assert self.page == "icinga.md"
        elif WRITTEN.fullmatch(kind):
            write(system, self.page, kind, text)
