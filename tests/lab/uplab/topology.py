# SPDX-License-Identifier: ISC
"""The site and the world around it:

    client --lan-- router ==wan1== isp1 --\\
                          ==wan2== isp2 --- inet --- nms
                          ==wanN== ispN --/

Provider N gives the router 100.64.N.2/24 and 2001:db8:N::2/64 and routes 2001:db8:N:100::/64 to it.
Each drops packets with a foreign source, of both IP versions, as providers do. inet holds the
targets, nms is the station that polls and takes notifications. With shared=True the providers'
gateways stand behind one interface of the router, wan1, on one segment: N has the gateway
192.0.2.N, the router there 192.0.2.10N; IPv6 as above.

The router gets its addresses, but no default route: that is the daemon's part.
"""

from .cable import Cable
from .netns import Namespace, veth
from .wait import wait_until

TARGETS = ["203.0.113.1", "203.0.113.2", "203.0.113.3", "203.0.113.4"]
TARGETS += ["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.4"]
TARGETS6 = [f"2001:db8:ffff::{n}" for n in range(1, 9)]
NMS = "198.18.0.10"
NMS6 = "2001:db8:fffe::10"
CLIENT = "192.168.77.10"
ROUTER_LAN = "192.168.77.1"

# The ruleset of a provider: its own sources only (BCP 38), and a place for faults.
ISP_RULES = """
table inet isp {{
	chain fault {{
	}}
	chain forward {{
		type filter hook forward priority filter
		jump fault
		iifname "wan0" meta nfproto ipv4 ip saddr != {v4} counter drop
		iifname "wan0" meta nfproto ipv6 ip6 saddr != {v6} counter drop
	}}
}}
table netdev fault {{
	chain ingress {{
		type filter hook ingress device "wan0" priority 0
	}}
}}
"""

ROUTING = """
net.ipv4.ip_forward=1
net.ipv6.conf.all.forwarding=1
"""

# No duplicate address detection, which would make the first seconds a matter of luck; addresses stay
# when an interface goes down; replies are not rationed.
PLAIN = """
net.ipv4.conf.all.rp_filter=0
net.ipv4.conf.default.rp_filter=0
net.ipv6.conf.all.accept_dad=0
net.ipv6.conf.default.accept_dad=0
net.ipv6.conf.default.router_solicitations=0
net.ipv6.conf.all.keep_addr_on_down=1
net.ipv6.conf.default.keep_addr_on_down=1
net.ipv4.ping_group_range=0 2147483647
net.ipv4.icmp_ratelimit=0
net.ipv4.icmp_msgs_per_sec=100000
net.ipv6.icmp.ratelimit=0
"""


class Lab:
    """All of it, set up and reachable. close() takes it down."""

    def __init__(self, run, name="lab", isps=2, cable=False, shared=False):
        self.run = run
        self.folder = run.folder(name)
        self.shared = shared
        self.number = next(n for n in range(100) if n not in run.open_labs)
        run.open_labs.add(self.number)
        self.namespaces = []
        self.cable = None
        self.resources = []
        run.closers.append(self.close)
        self.client = self._namespace("client")
        self.router = self._namespace("router", ROUTING)
        self.inet = self._namespace("inet", ROUTING)
        self.nms = self._namespace("nms")
        self.isps = {n: self._namespace(f"isp{n}", ROUTING) for n in range(1, isps + 1)}
        self._make_lan()
        self._make_internet()
        if shared:
            self._make_segment()
        for n in self.isps:
            self._make_isp(n)
        if cable and not shared:
            self._make_cables()
        elif not shared:
            for n, isp in self.isps.items():
                veth(self.router, f"wan{n}", isp, "wan0")
        for n in self.isps:
            self._address_wan(n)
        self._wait_reachable()

    def _namespace(self, name, extra=""):
        ns = Namespace(self.run, self.folder, name, self.number)
        self.namespaces.append(ns)
        ns.sysctl(PLAIN + extra)
        return ns

    def _make_lan(self):
        veth(self.client, "lan0", self.router, "lan0")
        self.client.ip(f"addr add {CLIENT}/24 dev lan0\nroute add default via {ROUTER_LAN}")
        self.router.ip(f"addr add {ROUTER_LAN}/24 dev lan0")
        for n in self.isps:
            self.client.ip(f"addr add 2001:db8:{n}:100::10/64 dev lan0 nodad")
            self.router.ip(f"addr add 2001:db8:{n}:100::1/64 dev lan0 nodad")
        self.client.ip("route add default via 2001:db8:1:100::1")

    def _make_internet(self):
        self.inet.ip("\n".join(f"addr add {a}/32 dev lo" for a in TARGETS))
        self.inet.ip("\n".join(f"addr add {a}/128 dev lo nodad" for a in TARGETS6))
        veth(self.inet, "nms0", self.nms, "net0")
        self.inet.ip("addr add 198.18.0.1/24 dev nms0\naddr add 2001:db8:fffe::1/64 dev nms0 nodad")
        self.nms.ip(f"addr add {NMS}/24 dev net0\naddr add {NMS6}/64 dev net0 nodad")
        self.nms.ip("route add default via 198.18.0.1\nroute add default via 2001:db8:fffe::1")

    def _make_isp(self, n):
        isp = self.isps[n]
        veth(isp, "up0", self.inet, f"isp{n}")
        isp.ip(
            f"addr add 10.255.{n}.2/30 dev up0\naddr add 2001:db8:fe{n:02}::2/64 dev up0 nodad\n"
            f"route add default via 10.255.{n}.1\nroute add default via 2001:db8:fe{n:02}::1"
        )
        self.inet.ip(
            f"addr add 10.255.{n}.1/30 dev isp{n}\naddr add 2001:db8:fe{n:02}::1/64 dev isp{n} nodad\n"
            f"route add {self.wan_prefix(n)} via 10.255.{n}.2\n"
            f"route add 2001:db8:{n}::/48 via 2001:db8:fe{n:02}::2"
        )

    def _make_cables(self):
        wire = self._namespace("wire", "net.ipv6.conf.default.disable_ipv6=1\n")
        for n, isp in self.isps.items():
            veth(self.router, f"wan{n}", wire, f"r{n}")
            veth(isp, "wan0", wire, f"i{n}")
        self.wire = wire
        self.cable = Cable(wire, self.folder / "cable.sock", [(f"r{n}", f"i{n}") for n in self.isps])

    def _make_segment(self):
        switch = self._namespace("switch", "net.ipv6.conf.default.disable_ipv6=1\n")
        switch.ip("link add br0 type bridge\nlink set br0 up")
        veth(self.router, "wan1", switch, "router")
        switch.ip("link set router master br0")
        for n, isp in self.isps.items():
            veth(isp, "wan0", switch, f"isp{n}")
            switch.ip(f"link set isp{n} master br0")

    def _address_wan(self, n):
        isp = self.isps[n]
        plen = 24
        self.router.ip(
            f"addr add {self.source(n)}/{plen} dev {self.interface(n)}\n"
            f"addr add {self.source6(n)}/64 dev {self.interface(n)} nodad"
        )
        isp.ip(
            f"addr add {self.gateway(n)}/{plen} dev wan0\naddr add {self.gateway6(n)}/64 dev wan0 nodad\n"
            f"route add 2001:db8:{n}:100::/64 via {self.source6(n)}"
        )
        isp.nft(ISP_RULES.format(v4=self.wan_prefix(n), v6=f"2001:db8:{n}::/48"))

    def _wait_reachable(self):
        """Every part reaches its neighbour, so that no test measures the set-up."""
        for n, isp in self.isps.items():
            for address in (self.gateway(n), self.gateway6(n)):
                wait_until(lambda a=address: self.router.pings(a), 15, f"router reaches {address}")
            for address in (TARGETS[0], TARGETS6[0]):
                wait_until(lambda a=address: isp.pings(a), 15, f"provider {n} reaches {address}")
        for address in (NMS, NMS6):
            wait_until(lambda a=address: self.inet.pings(a), 15, f"inet reaches {address}")
        wait_until(lambda: self.client.pings(ROUTER_LAN), 15, "client reaches the router")

    # ---- names and numbers of link n ----

    def interface(self, n):
        return "wan1" if self.shared else f"wan{n}"

    def gateway(self, n):
        return f"192.0.2.{n}" if self.shared else f"100.64.{n}.1"

    def gateway6(self, n):
        return f"2001:db8:{n}::1"

    def source(self, n):
        return f"192.0.2.{100 + n}" if self.shared else f"100.64.{n}.2"

    def source6(self, n):
        return f"2001:db8:{n}::2"

    def wan_prefix(self, n):
        """The sources that provider n lets through."""
        return f"192.0.2.{100 + n}/32" if self.shared else f"100.64.{n}.0/24"

    # ---- faults ----

    def blackhole(self, n):
        """Provider n stops forwarding, silently: its gateway still answers, carrier stays."""
        self.isps[n].nft("add rule inet isp fault drop")

    def kill_gateway(self, n):
        """Provider n's gateway takes nothing any more, not even ARP; carrier stays."""
        self.isps[n].nft("add rule netdev fault ingress drop")

    def heal(self, n):
        """Ends blackhole and kill_gateway."""
        self.isps[n].nft("flush chain inet isp fault\nflush chain netdev fault ingress")

    def carrier(self, n, up):
        """Plugs or unplugs the router's cable of link n."""
        state = "up" if up else "down"
        if self.shared:
            self._switch().ip(f"link set router {state}")
        elif self.cable:
            self.wire.ip(f"link set r{n} {state}")
        else:
            self.isps[n].ip(f"link set wan0 {state}")

    def remove_interface(self, n):
        """Takes the router's interface of link n away, as of a modem that is unplugged."""
        self.router.ip(f"link del wan{n}")
        self.isps[n].nft("flush ruleset")

    def add_interface(self, n):
        """Another one with the name and the addresses of that which was removed."""
        veth(self.router, f"wan{n}", self.isps[n], "wan0")
        self._address_wan(n)

    def _switch(self):
        return next(ns for ns in self.namespaces if ns.name == "switch")

    def foreign_drops(self, n):
        """Packets with a foreign source that provider n has dropped."""
        rules = self.isps[n].run("nft", "list", "chain", "inet", "isp", "forward")
        return sum(int(word.split()[1]) for word in rules.split("counter ")[1:])

    # ---- the end ----

    def processes(self):
        return [p for ns in self.namespaces for p in ns.processes]

    def close(self):
        from .run import delete_namespace

        if self.close in self.run.closers:
            self.run.closers.remove(self.close)
            self.run.open_labs.discard(self.number)
        for ns in reversed(self.namespaces):
            ns.stop_all()
        for ns in self.namespaces:
            delete_namespace(ns.full_name)
        self.namespaces = []
