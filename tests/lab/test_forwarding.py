# SPDX-License-Identifier: ISC
"""What the settings of forwarding do to packets: prefixes, segment sizes, resets, flows that move back,
and flows without marks."""

import json
import re
import sys

import pytest

from uplab import daemon
from uplab.capture import Capture
from uplab.daemon import Uplinkd, config
from uplab.flow import Flow
from uplab.topology import CLIENT, TARGETS, TARGETS6
from uplab.wait import wait_until

PORT = 8088
INSIDE = "fd00:77::"

# Takes connections, says so, and never closes them.
SERVER = """
import socket
server = socket.create_server(("::", 8088), family=socket.AF_INET6, dualstack_ipv6=True)
print("ready", flush=True)
kept = []
while True:
    kept.append(server.accept()[0])
    print("accepted", flush=True)
"""

# One connection; an octet for each line that it reads, and what becomes of it.
CLIENT_PROGRAM = """
import socket, sys
s = socket.create_connection((sys.argv[1], 8088))
print("connected", flush=True)
while True:
    try:
        sys.stdin.readline()
        s.settimeout(0.3)
        s.send(b"x")
        s.recv(1)
    except TimeoutError:
        print("silence", flush=True)
    except OSError as e:
        print(type(e).__name__, flush=True)
        sys.exit()
"""


def serve(lab):
    server = lab.inet.start("server", sys.executable, "-c", SERVER)
    server.wait_log("ready")
    return server


class Connection:
    """A TCP connection from the client to a target, which says what its next octet meets."""

    _count = 0

    def __init__(self, lab, target):
        Connection._count += 1
        self.process = lab.client.start(
            f"connection{Connection._count}", sys.executable, "-c", CLIENT_PROGRAM, target, stdin=-1
        )
        self.process.wait_log("connected")

    def says(self):
        """What happens to one octet more: silence, or the error that ends it."""
        before = len(self.process.log().splitlines())
        self.process.popen.stdin.write(b"\n")
        self.process.popen.stdin.flush()
        wait_until(lambda: len(self.process.log().splitlines()) > before, 5, "it says something")
        return self.process.log().splitlines()[before]


def sources(capture):
    return set(re.findall(r"IP6 (\S+)\.\d+ > ", "\n".join(capture.lines())))


# ---- prefixes ----


@pytest.fixture
def inside(lab):
    """The client has an address inside; provider N routes 2001:db8:N:200::/64 to the router."""
    lab.client.ip(f"addr add {INSIDE}10/64 dev lan0 nodad")
    lab.router.ip(f"addr add {INSIDE}1/64 dev lan0 nodad")
    lab.client.ip(f"route replace default via {INSIDE}1 dev lan0 src {INSIDE}10")
    for n, isp in lab.isps.items():
        isp.ip(f"route add 2001:db8:{n}:200::/64 via {lab.source6(n)}")
    text = "".join(
        daemon.link_text(lab, n, extra=f"nat6 prefix {INSIDE}/64 to 2001:db8:{n}:200::/64") for n in lab.isps
    )
    return lab, Uplinkd(lab, 'site "lab"\nsnmp no\n' + daemon.TIMES + text).start().wait_all_active()


def test_a_prefix_becomes_that_of_the_link(inside):
    lab, uplinkd = inside
    seen = {n: Capture(isp, "wan0", "udp and src net 2001:db8::/32", "in") for n, isp in lab.isps.items()}
    flows = Flow(lab.client, lab.inet, TARGETS6[0], rate=40, flows=40)
    for n, capture in seen.items():
        wait_until(lambda c=capture: sources(c), 10, f"flows leave by link {n}: IPv6 is balanced")
    lab.blackhole(1)
    uplinkd.wait_link("isp1", oper="out")
    fresh = Flow(lab.client, lab.inet, TARGETS6[1], rate=40, flows=10)
    wait_until(lambda: len(fresh.receiver.log()) >= 0 and lab.client.pings(TARGETS6[2]), 5)
    flows.stop()
    assert fresh.stop()["answered"] > 0
    for n, capture in seen.items():
        assert sources(capture.stop()) == {f"2001:db8:{n}:200::10"}
    assert [lab.foreign_drops(n) for n in lab.isps] == [0, 0]
    # what comes in for either prefix finds the same host, and the router stays itself
    assert lab.inet.pings("2001:db8:2:200::10")
    lab.heal(1)
    uplinkd.wait_link("isp1", oper="active")
    assert lab.inet.pings("2001:db8:1:200::10")
    assert lab.inet.pings(lab.source6(1))


# ---- segments ----


def sizes(capture):
    """{who sent it: the segment sizes that were announced}"""
    found = {}
    for line in capture.lines():
        m = re.search(r"IP6? (\S+)\.\d+ > .*mss (\d+)", line)
        if m:
            found.setdefault(m[1], set()).add(int(m[2]))
    return found


def test_segments_are_cut_both_ways(lab):
    extra = {1: "mss clamp 1300", 2: "mss clamp no"}
    text = 'site "lab"\nsnmp no\nmss clamp pmtu\n' + daemon.TIMES
    for n in lab.isps:
        text += daemon.link_text(lab, n, extra=extra[n] + f"\ntier {n}")
    uplinkd = Uplinkd(lab, text).start().wait_ruleset()
    uplinkd.wait_link("isp1", oper="active")
    serve(lab)
    syn = "tcp port 8088 and (tcp[tcpflags] & tcp-syn != 0)"
    out, back = Capture(lab.isps[1], "wan0", syn, "in"), Capture(lab.client, "lan0", syn, "in")
    Connection(lab, TARGETS[0])
    wait_until(lambda: sizes(out) and sizes(back), 5, "both SYNs are seen")
    assert sizes(out) == {lab.source(1): {1300}}
    assert sizes(back) == {TARGETS[0]: {1300}}
    uplinkd.write(text.replace("mss clamp 1300", "mss clamp pmtu"))
    uplinkd.ask("reload")
    lab.router.ip("link set wan1 mtu 1400")
    wait_until(lambda: "rt mtu" in lab.router.run("nft", "list", "table", "inet", "uplinkd"), 5)
    Connection(lab, TARGETS[1])
    wait_until(lambda: len(sizes(back)) == 2, 5)
    assert sizes(out.stop())[lab.source(1)] == {1300, 1360}


# ---- resets ----


@pytest.mark.parametrize("told", [True, False], ids=["reset clients yes", "no"])
def test_a_client_is_told_that_its_flow_was_cut(lab, told):
    """The other end says nothing to segments of flows that it does not know, as firewalls do."""
    lab.inet.nft("table inet quiet { chain out { type filter hook output priority 0; tcp flags rst drop; }; }")
    uplinkd = Uplinkd(lab, config(lab, extra=f"reset clients {'yes' if told else 'no'}\n")).start()
    uplinkd.wait_all_active()
    serve(lab)
    connections = [Connection(lab, TARGETS[0]) for _ in range(16)]  # each link has some
    assert {c.says() for c in connections} == {"silence"}, "established, and nobody is told anything"
    lab.blackhole(1)
    uplinkd.wait_link("isp1", oper="out")
    wait_until(lambda: uplinkd.events("failover") and uplinkd.events("failover")[0].get("flows_killed"), 5)
    said = [c.says() for c in connections]
    assert "silence" in said, "flows of the other link go on"
    assert ("ConnectionResetError" in said) == told
    serve_again = Connection(lab, TARGETS[1])
    assert serve_again.says() == "silence"


# ---- flows that move back ----


@pytest.mark.parametrize("rebalance", [True, False], ids=["rebalance yes", "no"])
def test_flows_move_back_where_they_are_told_to(lab, rebalance):
    text = 'site "lab"\nsnmp no\n' + daemon.TIMES + daemon.link_text(lab, 1, extra="tier 1")
    text += daemon.link_text(lab, 2, extra=f"tier 2\nrebalance {'yes' if rebalance else 'no'}")
    uplinkd = Uplinkd(lab, text).start().wait_ruleset()
    uplinkd.wait_link("isp1", oper="active")
    lab.blackhole(1)
    uplinkd.wait_link("isp1", oper="out")
    flow = Flow(lab.client, lab.inet, TARGETS[0], rate=100, flows=5)
    wait_until(lambda: (uplinkd.link("isp2").get("live_flows") or 0) >= 5, 10, "flows live on isp2")
    lab.heal(1)
    uplinkd.wait_link("isp1", oper="active")
    if rebalance:
        wait_until(lambda: (uplinkd.link("isp1").get("live_flows") or 0) >= 5, 10, "they are back on isp1")
    fresh = Flow(lab.client, lab.inet, TARGETS[1], rate=100, flows=5)
    wait_until(lambda: (uplinkd.link("isp1").get("live_flows") or 0) >= 5, 10, "new ones are on isp1")
    result, new = flow.stop(), fresh.stop()
    assert (lab.source(1) in result["sources"]) == rebalance
    assert result["moved"] == (5 if rebalance else 0)
    assert new["lost"] == 0 and new["moved"] == 0
    assert set(new["sources"]) == {lab.source(1)}
    if not rebalance:
        assert result["lost"] == 0


# ---- drain ----


def test_idle_flows_and_a_deadline_end_a_drain(make_lab):
    lab = make_lab(isps=3)
    extra = {1: "drain idle 1s", 2: "drain deadline 2s", 3: ""}
    text = 'site "lab"\nsnmp no\n' + daemon.TIMES
    for n in lab.isps:
        text += daemon.link_text(lab, n, extra=extra[n])
    uplinkd = Uplinkd(lab, text).start().wait_all_active()
    serve(lab)
    idle = [Connection(lab, TARGETS[0]) for _ in range(12)]
    busy = Flow(lab.client, lab.inet, TARGETS[1], rate=300, flows=30)
    wait_until(lambda: all((link.get("live_flows") or 0) > 0 for link in uplinkd.links().values()), 10)
    uplinkd.ctl("drain", "isp2")
    over = uplinkd.wait_event("drained", "isp2", deadline_s=10)
    assert over["reason"] == "deadline" and uplinkd.link("isp2")["live_flows"] > 0
    uplinkd.ctl("drain", "isp1")
    started = uplinkd.wait_event("drainStarted", "isp1")
    result = busy.stop()
    over = uplinkd.wait_event("drained", "isp1", deadline_s=15)
    assert over["reason"] == "noFlows" and over["number"] > started["number"]
    assert {c.says() for c in idle} == {"silence"}, "none was cut"
    assert result["lost"] == 0 and result["moved"] == 0


# ---- prefixes that carry nothing ----

# Announces the prefixes 2001:db8:N:100::/64, as radvd does, once.
ANNOUNCER = """
import ipaddress, socket, struct
s = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
index = socket.if_nametoindex("lan0")
packet = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, 1800, 0, 0)
for n in (1, 2):
    net = ipaddress.IPv6Address(f"2001:db8:{n}:100::").packed
    packet += struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 86400, 3600, 0) + net
s.sendto(packet, ("ff02::1", 0, 0, index))
"""


def made_addresses(lab):
    """{net: whether it is deprecated} of the addresses that the client made itself"""
    found = {}
    for entry in json.loads(lab.client.run("ip", "-6", "-j", "address", "show", "dev", "lan0"))[0]["addr_info"]:
        if entry.get("dynamic"):
            found[entry["local"].split("::")[0][:14]] = entry.get("deprecated", False)
    return found


def test_hosts_leave_the_prefix_of_a_dead_link(lab):
    first, second = "2001:db8:1:100", "2001:db8:2:100"
    lab.client.sysctl("net.ipv6.conf.lan0.accept_ra=1\nnet.ipv6.conf.lan0.autoconf=1")
    lab.client.run("ip", "-6", "route", "flush", "default")
    uplinkd = Uplinkd(lab, config(lab, extra="deprecate on lan0\n")).start().wait_all_active()
    lab.router.run(sys.executable, "-c", ANNOUNCER)
    wait_until(lambda: made_addresses(lab) == {first: False, second: False}, 5, "both are announced")
    default = lab.client.run("ip", "-6", "route", "show", "default")
    assert "via fe80:" in default
    lab.blackhole(1)
    uplinkd.wait_link("isp1", oper="out")
    wait_until(lambda: made_addresses(lab) == {first: True, second: False}, 3, "the dead one is left")
    lab.router.run(sys.executable, "-c", ANNOUNCER)  # says the opposite
    wait_until(lambda: made_addresses(lab)[first], 8, "it is left again")
    used = lab.client.run("ip", "-6", "route", "get", TARGETS6[0])
    assert f"src {second}" in used
    lab.heal(1)
    uplinkd.wait_link("isp1", oper="active")
    wait_until(lambda: made_addresses(lab) == {first: False, second: False}, 5, "it is back")
    assert uplinkd.ctl("drain", "isp2").returncode == 0
    wait_until(lambda: made_addresses(lab) == {first: False, second: True}, 5, "a drained one is left too")
    now = lab.client.run("ip", "-6", "route", "show", "default")
    assert now.split(" expires")[0] == default.split(" expires")[0], "nobody's default router is another"


# ---- without marks ----


def test_flows_without_marks(lab):
    for n, isp in lab.isps.items():
        isp.nft("flush chain inet isp forward\nadd rule inet isp forward jump fault")
        isp.ip(f"route add 192.168.77.0/24 via {lab.source(n)}")
    lab.inet.ip("route add 192.168.77.0/24 nexthop via 10.255.1.2 nexthop via 10.255.2.2")
    uplinkd = Uplinkd(lab, config(lab, extra="flows kernel\n")).start().wait_all_active()
    flows = Flow(lab.client, lab.inet, TARGETS[0], rate=200, flows=40)

    def packets():
        rows = [r for r in uplinkd.ask("routes")["routes"] if r["version"] == 4]
        assert all("new_flows" not in r or r["new_flows"] is None for r in rows)
        return [r.get("packets", 0) for r in rows]

    wait_until(lambda: all(n > 100 for n in packets()), 15, "both links carry flows")
    uplinkd.ctl("drain", "isp1")
    uplinkd.wait_link("isp1", oper="drained", deadline_s=3)
    assert uplinkd.link("isp1").get("live_flows") is None
    at = packets()[1]
    wait_until(lambda: packets()[1] > at + 400, 10, "the other link carries all")
    result = flows.stop()
    assert result["lost"] == 0
    assert set(result["sources"]) == {CLIENT}
    assert lab.router.run("cat", "/proc/sys/net/netfilter/nf_conntrack_count").strip() == "0"
    assert "fwmark 0x100" not in lab.router.run("ip", "rule")


# ---- next hops ----

# A line between two namespaces with a point-to-point device at either end, as PPP has.
LINE = """
import ctypes, fcntl, os, select, struct, sys
libc, ends = ctypes.CDLL(None, use_errno=True), []
for name in sys.argv[1:]:
    ns = os.open(f"/run/netns/{name}", os.O_RDONLY)
    assert libc.setns(ns, 0x40000000) == 0
    ends.append(os.open("/dev/net/tun", os.O_RDWR))
    fcntl.ioctl(ends[-1], 0x400454CA, struct.pack("16sH", b"ppp2", 0x1001))
print("ready", flush=True)
while True:
    for fd in select.select(ends, [], [])[0]:
        try:
            os.write(ends[1] if fd == ends[0] else ends[0], os.read(fd, 65536))
        except OSError:
            pass
"""


def test_next_hops_of_every_kind(lab):
    """Link 1: IPv4 and IPv6 by a link-local next hop. Link 2: a line that has no next hop at all."""
    lab.isps[1].ip("addr add fe80::a/64 dev wan0 nodad")
    names = [ns.full_name for ns in (lab.router, lab.isps[2])]
    lab.router.start("line", sys.executable, "-c", LINE, *names).wait_log("ready")
    for ns, mine, other in ((lab.router, 2, 1), (lab.isps[2], 1, 2)):
        ns.ip(f"addr add 10.9.2.{mine} peer 10.9.2.{other} dev ppp2\nlink set ppp2 up")
    lab.inet.ip("route add 10.9.2.0/24 via 10.255.2.2")
    text = 'site "lab"\nsnmp no\n' + daemon.TIMES + """
link "local" {
	interface wan1
	gateway fe80::a inet
	gateway fe80::a
	prefix 2001:db8:1::/48
	target 203.0.113.1
	target 2001:db8:ffff::1
	target gateway inet6
}
link "line" { interface ppp2; gateway auto inet; target 203.0.113.1 }
"""
    uplinkd = Uplinkd(lab, text).start().wait_all_active()
    flows = Flow(lab.client, lab.inet, TARGETS[0], rate=20, flows=30)
    wait_until(lambda: all((link.get("live_flows") or 0) >= 3 for link in uplinkd.links().values()), 15)
    assert lab.client.pings(TARGETS6[2], source="2001:db8:1:100::10")
    result = flows.stop()
    assert result["lost"] == 0
    assert set(result["sources"]) == {lab.source(1), "10.9.2.2"}
    routes = {(r["link"], r["version"]): r for r in uplinkd.ask("routes")["routes"]}
    assert routes["local", 4]["gateway"].startswith("fe80::a")
    lab.router.ip("link set ppp2 down")
    uplinkd.wait_link("line", oper="out")
    assert lab.client.pings(TARGETS[3])
