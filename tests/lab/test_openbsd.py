# SPDX-License-Identifier: ISC
"""The whole daemon with OpenBSD's routing and pf, against a process that plays OpenBSD's kernel:
routes are asked for over a route socket, rules are loaded by a pfctl. Only the probes are this
system's: what a routing table for each link does there, an ip rule does here."""

import json
import shutil
import socket
import subprocess

import pytest

from uplab import tools
from uplab.daemon import Uplinkd, config
from uplab.wait import holds_for, wait_until

PROBE = 0x40000


class Kernel:
    """The process that plays the kernel, with the files that play pf beside it."""

    def __init__(self, lab):
        self.folder = lab.folder / "openbsd"
        self.folder.mkdir(mode=0o755)
        shutil.copy2(tools.build() / "tests/openbsd/fake_pfctl", self.folder / "pfctl")
        (self.folder / "MAIN").write_text('anchor "uplinkd/nat"\nanchor "uplinkd/inside" in on lan0 all\n')
        self.process = lab.router.start(
            "kernel", tools.build() / "tests/openbsd/fake_openbsd", self.folder, stdin=subprocess.PIPE
        )
        wait_until(lambda: (self.folder / "command.sock").exists(), 5, "the kernel is there")
        links = json.loads(lab.router.run("ip", "-j", "link"))
        index = {link["ifname"]: link["ifindex"] for link in links}
        self(f"interface lan0 {index['lan0']}")
        self("address lan0 192.168.77.1/24")
        for n in lab.isps:
            name = lab.interface(n)
            self(f"interface {name} {index[name]}")
            self(f"address {name} {lab.source(n)}/24")
            lab.router.ip(
                f"rule add pref {n} fwmark {PROBE | n << 8:#x}/0x7ff00 lookup {100 + n}\n"
                f"route add default via {lab.gateway(n)} dev {name} table {100 + n}"
            )

    def __call__(self, line):
        """What happens; what there is to say of it."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.settimeout(5)
            s.connect(str(self.folder / "command.sock"))
            s.sendall(line.encode() + b"\n")
            with s.makefile() as answer:
                lines = answer.read().splitlines()
        assert lines[-1] == "ok", f"{line}: {lines}"
        return lines[:-1]

    def routes(self, table=0):
        """[(gateway, priority, label)] of those that are in use."""
        fields = [line.split() for line in self(f"routes {table}")]
        return [(f[1], int(f[2]), f[5]) for f in fields if f[3] == "up"]

    def own(self, table=0):
        """The gateways of the daemon's routes."""
        return {gateway for gateway, _, label in self.routes(table) if label == "uplinkd"}

    def rules(self, part):
        """The rules of an anchor; None: nobody has loaded it."""
        file = self.folder / f"uplinkd-{part}"
        return file.read_text().splitlines() if file.exists() else None

    def wait_inside(self, want, what):
        """Until the rules for what comes from inside are these."""
        try:
            wait_until(lambda: self.rules("inside") == want, 5, what)
        except AssertionError as expired:
            raise AssertionError(f"{expired}; there is {self.rules('inside')}, not {want}") from None

    def states(self, *lines):
        """ID FAMILY out|in plain|route-to|reply-to GATEWAY LOCAL IDLE"""
        (self.folder / "new-states").write_text("".join(f"{line}\n" for line in lines))
        (self.folder / "new-states").rename(self.folder / "states")

    def killed(self):
        return (self.folder / "killed").read_text().split()


class Daemon(Uplinkd):
    has_ruleset = False

    def __init__(self, lab, kernel, text=None):
        super().__init__(lab, text or config(lab, ipv6=False))
        self.kernel = kernel

    def argv(self, *options):
        argv = super().argv(*options)
        return [
            tools.build() / "tests/openbsd/uplinkd",
            "--system", f"fake-openbsd={self.kernel.folder}", *argv[1:],
        ]  # fmt: skip


@pytest.fixture
def kernel(lab):
    kernel = Kernel(lab)
    yield kernel
    kernel.process.stop()


def inside(*gateways):
    to = f"{{ {', '.join(f'{g} weight 1' for g in gateways)} }} round-robin" if len(gateways) > 1 else gateways[0]
    return [f'pass in inet to route "uplinkd" route-to {to}']


def test_a_dead_link_leaves_and_returns(lab, kernel):
    one, two = lab.gateway(1), lab.gateway(2)
    kernel(f"route add 0 {one} 8 dhcpleased")
    kernel("noise yes")
    kernel.states(
        f"1 4 in route-to {one} {lab.source(1)} 0",
        f"2 4 out plain - {lab.source(1)} 0",
        f"3 4 out plain - {lab.source(2)} 0",
    )
    uplinkd = Daemon(lab, kernel).start().wait_all_active()
    assert kernel.own() == {one, two}
    assert {p for _, p, label in kernel.routes() if label == "uplinkd"} == {7}
    assert kernel.own(101) == {one} and kernel.own(102) == {two}
    kernel.wait_inside(inside(one, two), "new flows are spread by pf")

    lab.blackhole(1)
    wait_until(lambda: kernel.own() == {two}, 5, "link 1 leaves the routes")
    kernel.wait_inside(inside(two), "and pf's pool")
    uplinkd.wait_event("failover", "isp1")
    wait_until(lambda: kernel.killed() == ["1", "2"], 5, "its states are ended, and no others")
    # probes go on over its own table
    assert kernel.own(101) == {one}
    assert (one, 8, "dhcpleased") in kernel.routes()

    lab.heal(1)
    wait_until(lambda: kernel.own() == {one, two}, 10, "link 1 returns")
    kernel.wait_inside(inside(one, two), "and to pf's pool")
    uplinkd.wait_event("failback", "isp1")

    before = uplinkd.last_event()
    kernel(f"route delete 0 {two} 7")
    uplinkd.wait_event("routeRepaired", after=before)
    assert kernel.own() == {one, two}


def test_a_command_has_its_links_routing_table(lab, kernel, programs):
    """It is a variable of the environment here, which goes the same ways."""
    text = "\n".join(
        f'link "isp{n}" {{\n\tinterface {lab.interface(n)}\n\tgateway {lab.gateway(n)}\n\tinterval 200ms\n'
        f'\ttarget 203.0.113.{n} command /bin/sh -c "exit $((FAKE_RTABLE - {table}))"\n}}'
        for n, table in ((1, 101), (2, 101))
    )
    uplinkd = Daemon(lab, kernel, text).start()
    wait_until(lambda: uplinkd.link("isp1")["health"] == "up", 10, "link 1 has table 101")
    wait_until(lambda: uplinkd.link("isp2")["health"] == "down", 10, "link 2 has another one")


def test_a_drained_link_keeps_its_flows(lab, kernel):
    one, two = lab.gateway(1), lab.gateway(2)
    kernel.states(f"1 4 in route-to {one} {lab.source(1)} 0", f"2 4 out plain - {lab.source(1)} 0")
    (kernel.folder / "LABELS").write_text("uplinkd-inet-1 9 9 999 2 222 7 777 3\n")
    uplinkd = Daemon(lab, kernel).start().wait_all_active()
    kernel.wait_inside(inside(one, two), "both are in the pool")
    nat = kernel.rules("nat")
    assert f"match out on {lab.interface(1)} inet ! tagged uplinkd_self label \"uplinkd-inet-1\"" in nat
    wait_until(lambda: uplinkd.link("isp1").get("live_flows") == 1, 10, "its flow is counted")
    route = wait_until(
        lambda: next((r for r in uplinkd.ask("routes")["routes"] if r.get("octets")), None),
        5, "what pf has counted is published",
    )  # fmt: skip
    assert [route[k] for k in ("link", "packets", "octets", "new_flows")] == ["isp1", 7, 777, 3]
    kernel(f"use 0 {one} 1000")
    route = wait_until(lambda: next((r for r in uplinkd.ask("routes")["routes"] if r["lookups"]), None), 5, "its look-ups")
    assert [route[k] for k in ("link", "packets", "lookups")] == ["isp1", 7, 1000], "look-ups are not packets"
    assert "LOOK-UPS" in uplinkd.ctl("routes").stdout

    assert uplinkd.ctl("drain", "isp1").returncode == 0
    uplinkd.wait_link("isp1", oper="draining")
    wait_until(lambda: kernel.own() == {two}, 5, "no new flows by the route")
    kernel.wait_inside(inside(two), "nor by pf")
    assert kernel.rules("nat") == nat
    holds_for(lambda: uplinkd.link("isp1")["oper"] == "draining", 2, "it waits for its flow")
    assert kernel.killed() == []
    kernel.states()
    uplinkd.wait_link("isp1", oper="drained")


def test_a_restart_takes_over_and_release_gives_back(lab, kernel):
    one, two = lab.gateway(1), lab.gateway(2)
    kernel(f"route add 0 {one} 8 dhcpleased")
    uplinkd = Daemon(lab, kernel).start().wait_all_active()
    kernel.wait_inside(inside(one, two), "both are in the pool")
    changes = kernel("changes")
    uplinkd.kill()
    assert kernel.own() == {one, two}
    uplinkd.start().wait_all_active()
    assert kernel("changes") == changes, "what stood was not touched"

    kernel("silent yes")
    kernel(f"unaddress {lab.interface(1)} {lab.source(1)}")
    uplinkd.wait_link("isp1", oper="out", oper_reason="noAddress")
    wait_until(lambda: kernel.own() == {two} and kernel.own(101) == set(), 5, "its routes are gone")
    kernel(f"address {lab.interface(1)} {lab.source(1)}/24")
    wait_until(lambda: kernel.own() == {one, two} and kernel.own(101) == {one}, 10, "they are back")
    uplinkd.wait_link("isp1", oper="active")

    assert uplinkd.ctl("release").returncode == 0
    uplinkd.process.wait()
    assert kernel.routes() == [] or kernel.own() == set()
    assert kernel.own(101) == kernel.own(102) == set()
    assert kernel.rules("inside") == kernel.rules("nat") == []


def test_what_the_kernel_could_not_tell_is_found_out(lab, kernel):
    two = lab.gateway(2)
    kernel("release 7.9")
    kernel("multipath no")
    uplinkd = Daemon(lab, kernel).start().wait_all_active()
    log = uplinkd.process.log()
    assert "OpenBSD 7.9 never takes the last of several default routes" in log
    assert "net.inet.ip.multipath is 0" in log

    kernel(f"carrier {lab.interface(1)} down")
    uplinkd.wait_link("isp1", oper="out", health_reason="noCarrier")
    wait_until(lambda: kernel.own() == {two}, 5, "link 1 leaves the routes")
    kernel("lose 3")
    kernel(f"carrier {lab.interface(1)} up")
    kernel(f"carrier {lab.interface(2)} down")
    kernel(f"carrier {lab.interface(2)} up")
    uplinkd.wait_link("isp1", oper="active")
    assert kernel.own() == {lab.gateway(1), two}
