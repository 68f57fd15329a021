# SPDX-License-Identifier: ISC
"""What a packet costs that is forwarded: a router with conntrack, masquerade and a multipath default,
beside routers that uplinkd keeps, with 4 and with 256 links, all in one run, in turns of a fraction of
a millisecond (blast.c). A packet's cost is that of its whole way from a socket of the client to one of
the internet; what it is without any router in between is printed for comparison.

Where the kernel happens to put a router's tables and flows makes one router slower than its twin, by
more than a hundred runs of the same two would show: so the figure with 4 links is of routers that are
made afresh each time.

Of the 256 links four carry the traffic, as with 4 links, and the others stand by: so what is measured is
what links cost that are there. Where all 256 carry it, any router is slower, since no cache of a
processor holds so many interfaces. That is printed too, beside what it is for the router without uplinkd
when it has 256 links."""

import json
import statistics

from bench import figure, main
from uplab import tools
from uplab.daemon import Uplinkd
from uplab.netns import Namespace, veth
from uplab.run import delete_namespace
from uplab.topology import PLAIN, ROUTING
from uplab.wait import wait_until

SITES = 9
REPEATS = 5
ROUNDS = 1000
BATCH = 128
FLOWS = 512
PORT = 7777
LINKS = {"plain": 4, "four": 4, "many": 256, "plain many": 256}
NUMBER = {"plain": 1, "four": 2, "many": 3, "none": 4, "plain many": 5}

PLAIN_RULES = """
table ip nat {
	chain post {
		type nat hook postrouting priority srcnat
		oifname "wan*" masquerade
	}
}
"""

# A default route by as many next hops as there are: ip(8) has no room for 256.
MULTIPATH = """
import socket, struct, sys
def attribute(kind, data):
    return struct.pack("HH", 4 + len(data), kind) + data
hops = b""
for gateway in sys.argv[1:]:
    via = attribute(5, socket.inet_aton(gateway))
    hops += struct.pack("HBBi", 8 + len(via), 0, 0, 0) + via
route = struct.pack("8BI", socket.AF_INET, 0, 0, 0, 254, 4, 0, 1, 0) + attribute(9, hops)
s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)
s.send(struct.pack("IHHII", 16 + len(route), 24, 0x405, 1, 0) + route)
sys.exit(-struct.unpack_from("i", s.recv(65536), 16)[0])
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


def hardware(router, end, n):
    """The address of the interface of link n, at the router's end (1) or at the internet's (2)."""
    return f"02:00:{NUMBER[router]:02x}:{end:02x}:{n >> 8:02x}:{n & 255:02x}"


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
        self.routers = {}

    def _namespace(self, name, extra):
        ns = Namespace(self.run, self.folder, name)
        self.namespaces.append(ns)
        ns.sysctl(PLAIN + extra)
        return ns

    def _lan(self, name, router):
        n = NUMBER[name]
        lan = name.replace(" ", "-")
        veth(self.client, lan, router, "lan0")
        router.ip(f"addr add 192.168.{n}.1/24 dev lan0")
        self.client.ip(
            f"addr add 192.168.{n}.10/24 dev {lan}\nroute add {destination(name)} via 192.168.{n}.1"
        )
        self.inet.ip(f"addr add {destination(name)}/32 dev lo")

    def router(self, name):
        router = self._namespace(name.replace(" ", "-"), ROUTING + "net.ipv4.fib_multipath_hash_policy=1\n")
        self.routers[name] = router
        self._lan(name, router)
        links = range(1, LINKS[name] + 1)
        far = {n: f"to{NUMBER[name]}-{n}" for n in links}
        Namespace._batch(
            "\n".join(
                f"link add wan{n} netns {router.full_name} address {hardware(name, 1, n)} type veth "
                f"peer name {far[n]} netns {self.inet.full_name} address {hardware(name, 2, n)}"
                for n in links
            )
        )
        # The neighbours are written down: learned ones would be more than a kernel keeps by default.
        router.ip(
            "\n".join(
                f"link set wan{n} up\naddr add {source(name, n)}/30 dev wan{n}\n"
                f"neigh add {gateway(name, n)} dev wan{n} lladdr {hardware(name, 2, n)} nud permanent"
                for n in links
            )
        )
        self.inet.ip(
            "\n".join(
                f"link set {far[n]} up\naddr add {gateway(name, n)}/30 dev {far[n]}\n"
                f"neigh add {source(name, n)} dev {far[n]} lladdr {hardware(name, 1, n)} nud permanent"
                for n in links
            )
        )
        for ns, first in ((router, "wan"), (self.inet, f"to{NUMBER[name]}-")):
            wait_until(lambda n=ns, f=first: self.ready(n, f) == len(links), 10, f"the links of {name} take packets")
        return router

    @staticmethod
    def ready(ns, first):
        """How many interfaces with such names the kernel has put to use, which it does for some at a time."""
        lines = [line.split() for line in ns.run("ip", "-br", "link").splitlines()]
        return len([line for line in lines if line[0].startswith(first) and line[1] == "UP"])

    def plain(self, name):
        """A router with conntrack, masquerade and a multipath default by all of its links."""
        router = self.router(name)
        router.run("/usr/bin/python3", "-c", MULTIPATH, *[gateway(name, n) for n in range(1, LINKS[name] + 1)])
        router.nft(PLAIN_RULES)

    def configuration(self, name, carrying):
        """carrying links, evenly spread, are in the first tier."""
        step = LINKS[name] // carrying
        links = "".join(
            f'link "wan{n}" {{ interface wan{n}; gateway {gateway(name, n)}; tier {1 if n % step == 0 else 2} }}\n'
            for n in range(1, LINKS[name] + 1)
        )
        return f'site "bench"\nhold 0s\nsnmp no\n{links}'

    def uplinkd(self, name, carrying):
        """The daemon on that router."""
        text = self.configuration(name, carrying)
        daemon = Uplinkd(self, text, namespace=self.router(name), name=name).start()
        self.wait_carrying(daemon, carrying)
        return daemon

    @staticmethod
    def wait_carrying(daemon, number):
        def carry():
            routes = daemon.ask("routes")["routes"]
            return number == len([r for r in routes if r["installed"] and r["weight"] > 0])

        wait_until(carry, 60, f"{number} links carry")

    def carry_by_all(self, daemon, name):
        daemon.write(self.configuration(name, LINKS[name]))
        daemon.reload()
        self.wait_carrying(daemon, LINKS[name])
        self.establish(name)

    def establish(self, *names):
        """Afresh: a router without marks takes another socket's packets of the same flow by another link."""
        for name in names:
            self.routers[name].run("conntrack", "-F")
        addresses = [destination(name) for name in names]
        echo = self.inet.start("echo", "/usr/bin/python3", "-u", "-c", ECHO, PORT, *addresses)
        echo.wait_log("ready")
        self.client.run("/usr/bin/python3", "-c", ASK, FLOWS, PORT, *addresses, timeout=60)
        echo.stop()
        for name in names:
            wait_until(lambda n=name: FLOWS <= self._answered(n), 10, f"{FLOWS} flows through {name}")

    def _answered(self, name):
        listed = self.routers[name].run("conntrack", "-L", "-p", "udp", "--dport", PORT).splitlines()
        return len([line for line in listed if "UNREPLIED" not in line])

    def blast(self, *names):
        """{router: nanoseconds a packet, by round}, and "none": without any"""
        names = [*names, "none"]
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


def told(costs):
    medians = [f"{name} {statistics.median(values):.0f}" for name, values in costs.items()]
    print(f"  ns a packet by router: {', '.join(medians)}", flush=True)


def above(site, name, base):
    """Percent, of each repeat."""
    values = []
    for _ in range(REPEATS):
        costs = site.blast(base, name)
        told(costs)
        values.append(percent_above(costs[name], costs[base]))
    return values


def check_sources(site, value, *names):
    """Whether those routers look for the way back of what they forward (rp_filter 2), which a router
    without policy rules otherwise does not."""
    for name in names:
        site.routers[name].sysctl(f"net.ipv4.conf.all.rp_filter={value}\n")


def four_above_plain(run):
    """Percent without and with a check of sources, and the site with its daemon, which stays."""
    site = Site(run)
    site.plain("plain")
    daemon = site.uplinkd("four", 4)
    site.establish("plain", "four")
    values = []
    for check in (2, 0):
        check_sources(site, check, "plain", "four")
        costs = site.blast("plain", "four")
        values.insert(0, percent_above(costs["four"], costs["plain"]))
    told(costs)
    return *values, site, daemon


def four_links(run):
    """The figure with 4 links: whether it is within its limit, and the last of the sites."""
    values, checked, site = [], [], None
    for _ in range(SITES):
        if site is not None:
            daemon.stop()
            site.close()
        value, value_checked, site, daemon = four_above_plain(run)
        values.append(value)
        checked.append(value_checked)
    good = figure("forwarding with 4 links, above conntrack and masquerade alone", values, 15, "%")
    spread = " ".join(f"{v:g}" for v in sorted(checked))
    print(f"  where both check sources: {statistics.median(checked):g} % above  ({spread})", flush=True)
    return good, site, daemon


def measure(run):
    good, site, four = four_links(run)
    many = site.uplinkd("many", 4)
    site.establish("four", "many")
    good = figure("forwarding with 256 links, above 4 links", above(site, "many", "four"), 10, "%") and good
    site.carry_by_all(many, "many")
    site.plain("plain many")
    site.establish("plain", "plain many")
    costs = site.blast("plain", "four", "many", "plain many")
    print(
        f"  where all 256 carry: {percent_above(costs['many'], costs['four'])} % above 4 links; without uplinkd "
        f"{percent_above(costs['plain many'], costs['plain'])} % above 4 links; with it "
        f"{percent_above(costs['many'], costs['plain many'])} % above without",
        flush=True,
    )
    told(costs)
    four.stop()
    many.stop()
    site.close()
    return good


if __name__ == "__main__":
    main(measure)
