# SPDX-License-Identifier: ISC
"""Two routers with keepalived: the one whose links are all down gives the inner address up to the other,
within its bound, and takes it back. doc/guide/ha-pair.md is this set-up."""

import pathlib
import time

import pytest

from uplab.daemon import Uplinkd, config
from uplab.documents import GUIDE, of_kind
from uplab.flow import Flow
from uplab.netns import veth
from uplab.topology import TARGETS
from uplab.wait import holds_for, wait_until

HOOK = pathlib.Path(__file__).parents[2] / "contrib" / "hooks" / "keepalived-track-file"
SHARED = "192.168.77.254"
# To notice (three probes of 100 ms at most, and the burst), to tell keepalived, three of its
# advertisements of 0.2 s, and as much again for two busy cores.
BOUND_S = 3

# The one that the guide prints, with files and names of the lab.
KEEPALIVED = of_kind(GUIDE / "ha-pair.md", "conf /etc/keepalived/keepalived.conf")[0]


class Router:
    """One of the pair: its links, its daemon, its keepalived."""

    def __init__(self, lab, namespace, name, links, priority):
        self.namespace = namespace
        self.links = links
        folder = lab.folder / f"uplinkd-{name}"
        file = folder / "run" / "hooks" / "all-down"
        text = config(lab, extra=f'on allDown allDownClear sync run "{HOOK}" "{file}"\n', links=links, ipv6=False)
        self.uplinkd = Uplinkd(lab, text, namespace=namespace, name=folder.name).start().wait_all_active()
        wait_until(lambda: file.exists() and file.read_text() == "0\n", 10, "the hook has said how things stand")
        conf = lab.folder / f"keepalived-{name}.conf"
        text = KEEPALIVED.replace("/run/uplinkd/hooks/all-down", str(file)).replace("priority 100", f"priority {priority}")
        assert str(file) in text and f"priority {priority}" in text and SHARED in text
        conf.write_text(text)
        self.keepalived = namespace.serve(
            f"keepalived-{name}", "keepalived", "--dont-fork", "--log-console", "--log-detail", "--vrrp", "-f", conf,
            "-p", lab.folder / f"keepalived-{name}.pid", "-r", lab.folder / f"vrrp-{name}.pid",
        )  # fmt: skip

    def is_master(self):
        return SHARED in self.namespace.ip("addr show dev lan0")


@pytest.fixture
def pair(make_lab):
    lab = make_lab(isps=4)
    second = lab._namespace("router2", "\nnet.ipv4.ip_forward=1\n")
    # one inner network of three: the client is its switch, too
    lab.client.ip("link add lan type bridge\naddr flush dev lan0\nlink set lan0 master lan\nlink set lan up")
    lab.client.ip("addr add 192.168.77.10/24 dev lan")
    veth(lab.client, "lan1", second, "lan0")
    lab.client.ip("link set lan1 master lan")
    lab.client.ip(f"route replace default via {SHARED}")
    second.ip("addr add 192.168.77.2/24 dev lan0")
    for n in (3, 4):
        lab.router.ip(f"link set wan{n} netns {second.full_name}")
        second.ip(f"link set wan{n} up\naddr add {lab.source(n)}/24 dev wan{n}")
        wait_until(lambda n=n: second.pings(lab.gateway(n)), 10, f"router2 reaches provider {n}")
    lab.first = Router(lab, lab.router, "first", [1, 2], 100)
    wait_until(lab.first.is_master, 15, "the first is master")
    lab.second = Router(lab, second, "second", [3, 4], 90)
    return lab


def test_the_router_that_is_cut_off_steps_back(pair):
    first, second = pair.first, pair.second
    wait_until(lambda: pair.client.pings(TARGETS[0]), 15, "the client has the internet")
    holds_for(lambda: first.is_master() and not second.is_master(), 1)

    # one link is not a reason
    pair.blackhole(1)
    first.uplinkd.wait_link("isp1", oper="out")
    holds_for(first.is_master, 1.5, "one of two links is enough")

    flow = Flow(pair.client, pair.inet, TARGETS[0], rate=500)
    start = time.monotonic()
    pair.blackhole(2)
    wait_until(lambda: second.is_master() and not first.is_master(), BOUND_S, "the second takes over")
    took = time.monotonic() - start
    wait_until(lambda: pair.client.pings(TARGETS[0]), BOUND_S)
    result = flow.stop()
    print(f"taken over after {took:.2f} s, longest gap of the flow {result['lost'] / 500:.2f} s")
    assert result["lost"] / 500 < BOUND_S, result

    # it is back, and takes the address again
    pair.heal(2)
    first.uplinkd.wait_event("allDownClear")
    wait_until(lambda: first.is_master() and not second.is_master(), 10, "the first is master again")
    wait_until(lambda: pair.client.pings(TARGETS[0]), 5)

    # where neither has a link the address stays, and so does what still can pass
    for n in (2, 3, 4):
        pair.blackhole(n)
    for router in (first, second):
        router.uplinkd.wait_event("allDown")
    wait_until(lambda: first.is_master() and not second.is_master(), 10, "the address is never without a router")
    holds_for(lambda: first.is_master() or second.is_master(), 2)
