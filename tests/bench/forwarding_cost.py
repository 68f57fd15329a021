# SPDX-License-Identifier: ISC
"""What a packet costs that is forwarded: a router with conntrack, masquerade and a multipath default,
beside routers that uplinkd keeps, with 4 and with 256 links, all in one run, in turns of a fraction of
a millisecond (blast.c). A packet's cost is that of its whole way from a socket of the client to one of
the internet; what it is without any router in between is printed for comparison."""

import json
import statistics

from bench import figure, main
from uplab import tools
from uplab.daemon import Uplinkd
from uplab.netns import Namespace, veth
from uplab.run import delete_namespace
from uplab.topology import PLAIN, ROUTING
from uplab.wait import wait_until

REPEATS = 5
ROUNDS = 2000
BATCH = 128
FLOWS = 512
PORT = 7777
LINKS = {"plain": 4, "four": 4, "many": 256}
NUMBER = {"plain": 1, "four": 2, "many": 3, "none": 4}

PLAIN_RULES = """
table ip nat {
	chain post {
		type nat hook postrouting priority srcnat
		oifname "wan*" masquerade
	}
}
"""

# An answer has to come from the address that was asked: a socket for each.
ECHO = """
import select, socket, sys
sockets = []
for address in sys.argv[2:]:
    sockets.append(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    sockets[-1].bind((address, int(sys.argv[1])))
print("ready")
while True:
    for s in select.select(sockets, [], [])[0]:
        s.sendto(*s.recvfrom(2048))
"""

# Each flow is answered once, so that conntrack takes it for an established one.
ASK = """
import socket, sys
for port in range(20000, 20000 + int(sys.argv[1])):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(("", port))
    s.settimeout(5)
    for address in sys.argv[3:]:
        s.sendto(b"?", (address, int(sys.argv[2])))
        s.recv(10)
"""


def gateway(router, n):
    return f"10.{NUMBER[router]}.{n // 64}.{n % 64 * 4 + 1}"


def source(router, n):
    return f"10.{NUMBER[router]}.{n // 64}.{n % 64 * 4 + 2}"


def destination(router):
    return f"203.0.113.{NUMBER[router]}"


class Site:
    """The client, a router of each kind, and the internet behind all their links."""

    def __init__(self, run):
        self.folder = run.folder("forwarding")
        self.run = run
        run.closers.append(self.close)
        self.namespaces = []
        self.inet = self._namespace("inet", "")
        self.client = self._namespace("client", "")
        self._lan("none", self.inet)
        self.routers = {name: self._router(name) for name in LINKS}

    def _namespace(self, name, extra):
        ns = Namespace(self.run, self.folder, name)
        self.namespaces.append(ns)
        ns.sysctl(PLAIN + extra)
        return ns

    def _lan(self, name, router):
        n = NUMBER[name]
        veth(self.client, name, router, "lan0")
        router.ip(f"addr add 192.168.{n}.1/24 dev lan0")
        self.client.ip(
            f"addr add 192.168.{n}.10/24 dev {name}\nroute add {destination(name)} via 192.168.{n}.1"
        )
        self.inet.ip(f"addr add {destination(name)}/32 dev lo")

    def _router(self, name):
        router = self._namespace(name, ROUTING + "net.ipv4.fib_multipath_hash_policy=1\n")
        self._lan(name, router)
        links = range(1, LINKS[name] + 1)
        Namespace._batch(
            "\n".join(
                f"link add wan{n} netns {router.full_name} type veth peer name {name}{n} "
                f"netns {self.inet.full_name}"
                for n in links
            )
        )
        router.ip("\n".join(f"link set wan{n} up\naddr add {source(name, n)}/30 dev wan{n}" for n in links))
        self.inet.ip(
            "\n".join(f"link set {name}{n} up\naddr add {gateway(name, n)}/30 dev {name}{n}" for n in links)
        )
        return router

    def plain(self):
        router = self.routers["plain"]
        hops = " ".join(f"nexthop via {gateway('plain', n)}" for n in range(1, LINKS["plain"] + 1))
        router.ip(f"route add default {hops}")
        router.nft(PLAIN_RULES)

    def uplinkd(self, name):
        """The daemon on that router, all its links active."""
        links = "".join(
            f'link "wan{n}" {{ interface wan{n}; gateway {gateway(name, n)} }}\n'
            for n in range(1, LINKS[name] + 1)
        )
        text = f'site "bench"\nhold 0s\nsnmp no\n{links}'
        return Uplinkd(self, text, namespace=self.routers[name], name=name).start().wait_all_active(60)

    def establish(self):
        addresses = [destination(name) for name in LINKS]
        echo = self.inet.start("echo", "/usr/bin/python3", "-u", "-c", ECHO, PORT, *addresses)
        echo.wait_log("ready")
        self.client.run("/usr/bin/python3", "-c", ASK, FLOWS, PORT, *addresses, timeout=60)
        echo.stop()
        for name, router in self.routers.items():
            wait_until(lambda: FLOWS <= self._answered(router), 10, f"{FLOWS} flows through {name}")

    @staticmethod
    def _answered(router):
        listed = router.run("conntrack", "-L", "-p", "udp", "--dport", PORT).splitlines()
        return len([line for line in listed if "UNREPLIED" not in line])

    def blast(self):
        """{router: nanoseconds a packet, by round}"""
        names = [*LINKS, "none"]
        text = self.client.run(
            tools.bench_helper("blast"), ROUNDS, BATCH, FLOWS, f"/run/netns/{self.inet.full_name}", PORT,
            *[destination(name) for name in names], timeout=120,
        )  # fmt: skip
        result = json.loads(text)
        lost = {name: result[destination(name)]["lost"] for name in names}
        assert not any(lost.values()), f"packets did not arrive: {lost}"
        return {name: result[destination(name)]["ns"] for name in names}

    def close(self):
        for ns in reversed(self.namespaces):
            ns.stop_all()
        for ns in self.namespaces:
            delete_namespace(ns.full_name)
        self.namespaces = []


def percent_above(costs, base):
    """By round, so that both were measured within the same millisecond."""
    return round((statistics.median(a / b for a, b in zip(costs, base)) - 1) * 100, 1)


def measure(run):
    site = Site(run)
    site.plain()
    daemons = [site.uplinkd(name) for name in ("four", "many")]
    site.establish()
    four, many = [], []
    for _ in range(REPEATS):
        costs = site.blast()
        medians = [f"{name} {statistics.median(values):.0f}" for name, values in costs.items()]
        print(f"  ns a packet by router: {', '.join(medians)}", flush=True)
        four.append(percent_above(costs["four"], costs["plain"]))
        many.append(percent_above(costs["many"], costs["four"]))
    for daemon in daemons:
        daemon.stop()
    good = figure("forwarding with 4 links, above conntrack and masquerade alone", four, 15, "%")
    return figure("forwarding with 256 links, above 4 links", many, 10, "%") and good


if __name__ == "__main__":
    main(measure)
