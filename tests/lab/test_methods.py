# SPDX-License-Identifier: ISC
"""Each way to ask a target: it sees death and return, keeps to its link, and takes no other answer."""

import os
import pathlib
import re
import signal

import pytest

from uplab import daemon
from uplab.capture import Capture
from uplab.daemon import Uplinkd
from uplab.topology import TARGETS, TARGETS6
from uplab.wait import holds_for, wait_until

HERE = pathlib.Path(__file__).parent
TCP, DNS = TARGETS[1], TARGETS[2]
TCP6, DNS6 = TARGETS6[1], TARGETS6[2]

# As a target's statement, what it looks like on the wire, and the faults that it must see.
METHODS = {
    "icmp": (f"{TARGETS[0]} icmp", "icmp[icmptype] == icmp-echo", ["blackhole", "dead-gateway"]),
    "icmp6": (f"{TARGETS6[0]} icmp", "icmp6 and ip6[40] == 128", ["blackhole"]),
    "tcp": (f"{TCP} tcp port 8080", "tcp port 8080", ["blackhole", "dead-gateway", "service"]),
    "tcp6": (f"{TCP6} tcp port 8080", "tcp port 8080", ["blackhole"]),
    "dns": (f'{DNS} dns query "example.net"', "udp port 53", ["blackhole", "dead-gateway", "service"]),
    "dns6": (f'{DNS6} dns query "example.net" type aaaa', "udp port 53", ["blackhole"]),
    "arp": ("gateway arp", "arp", ["dead-gateway"]),
    "nd": ("gateway nd", "icmp6 and ip6[40] == 135", ["dead-gateway"]),
}


def start_listener(lab, address, port=8080):
    listener = lab.inet.serve("listener", "/usr/bin/python3", HERE / "listener.py", address, port)
    listener.wait_log("ready")
    return listener


def start_dnsmasq(lab, *addresses):
    argv = ["dnsmasq", "-k", "-C", "/dev/null", "--no-resolv", "--no-hosts", "--bind-interfaces"]
    argv += ["--user=root", "--pid-file=", "--port=53", "--address=/example.net/192.0.2.80", "--local=/gone.test/"]
    argv += ["--address=/example.net/2001:db8::80"]
    server = lab.inet.serve("dnsmasq", *argv, *[f"--listen-address={a}" for a in addresses])
    wait_until(lambda: ":53 " in lab.inet.run("ss", "-Hlun"), 10, "dnsmasq listens")
    return server


def start_service(lab, method):
    if method.startswith("tcp"):
        return start_listener(lab, TCP6 if method == "tcp6" else TCP)
    if method.startswith("dns"):
        return start_dnsmasq(lab, DNS6 if method == "dns6" else DNS)
    return None


def config(lab, statement, n=None, extra=""):
    """Every link is asked in that way only."""
    text = 'site "lab"\n' + daemon.TIMES + "snmp no\n" + extra
    ipv6 = ":" in statement or statement.endswith(" nd")
    for i in [n] if n else lab.isps:
        gateway = lab.gateway6(i) if ipv6 else lab.gateway(i)
        source = lab.source6(i) if ipv6 else lab.source(i)
        text += (
            f'link "isp{i}" {{\n\tinterface {lab.interface(i)}\n\tgateway {gateway}\n\tsource {source}\n'
            f"\ttarget {statement}\n}}\n"
        )
    return text


def patient(text, timeout="500ms"):
    """It is waited longer for answers, and for a run of losses accordingly: those of other processes of the
    daemon, which have no real time on a busy machine."""
    run = int(timeout.removesuffix("ms")) // 100
    return text.replace("timeout 200ms\ndown after 3", f"timeout {timeout}\ndown after {run}")


def often(text):
    """The same with a probe every 20 ms."""
    return text.replace("interval 100ms", "interval 20ms").replace("down after 3", "down after 10")


def target(uplinkd, link="isp1"):
    return next(t for t in uplinkd.ask("targets")["targets"] if t["link"] == link)


def wait_status(uplinkd, status, link="isp1", deadline_s=10):
    wait_until(lambda: target(uplinkd, link)["status"] == status, deadline_s, f"the target of {link} is {status}")


CASES = [(method, fault) for method, (_, _, faults) in METHODS.items() for fault in faults]


@pytest.mark.parametrize("method, fault", CASES, ids=[f"{m}-{f}" for m, f in CASES])
def test_each_method_sees_death_and_return(lab, method, fault):
    statement = METHODS[method][0]
    service = start_service(lab, method)
    uplinkd = Uplinkd(lab, config(lab, statement)).start()
    for n in lab.isps:
        wait_status(uplinkd, "up", f"isp{n}")
    if fault == "service":
        service.stop()
    elif fault == "blackhole":
        lab.blackhole(1)
    else:
        lab.kill_gateway(1)
    wait_status(uplinkd, "down")
    if fault != "service":
        assert target(uplinkd, "isp2")["status"] == "up"
    if fault == "service":
        wait_status(uplinkd, "down", "isp2")
        start_service(lab, method)
    lab.heal(1)
    wait_status(uplinkd, "up")
    seen = target(uplinkd)
    assert seen["method"] == re.sub("6$", "", method).replace("arp", "neighbour").replace("nd", "neighbour")
    assert 0 < seen["rtt_last_us"] < 200000
    assert seen["wrong_interface"] == 0 and seen["lost"] >= 3


@pytest.mark.parametrize("shared", [False, True], ids=["one interface each", "shared interface"])
@pytest.mark.parametrize("method", METHODS)
def test_each_method_keeps_to_its_link(make_lab, method, shared):
    """Whatever is wrong with link 1, its probes never go by the gateway of link 2."""
    lab = make_lab(shared=shared)
    statement, wire, _ = METHODS[method]
    start_service(lab, method)
    captures = {n: Capture(lab.isps[n], "wan0", wire, "in") for n in lab.isps}
    uplinkd = Uplinkd(lab, config(lab, statement)).start()
    for n in lab.isps:
        wait_status(uplinkd, "up", f"isp{n}")
    lab.kill_gateway(1)
    wait_status(uplinkd, "down")
    count = target(uplinkd)["sent"]
    wait_until(lambda: target(uplinkd)["sent"] >= count + 5, 10, "more probes of link 1")
    for n, capture in captures.items():
        capture.stop()
        lines = capture.lines("-e")
        assert lines
        other = 3 - n
        if method in ("arp", "nd"):
            # on one segment a question to all reaches both: it asks for its own gateway
            asked = [lab.gateway(n), lab.gateway6(n)]
            strange = [line for line in lines if not any(f" {a}" in line for a in asked)]
            assert shared or not strange, strange
            continue
        sources = [lab.source(other), lab.source6(other)]
        strange = [line for line in lines if any(f" {a}." in line or f" {a} " in line for a in sources)]
        assert not strange, f"on the gateway of link {n}: {strange[:3]}"


def test_a_tcp_probe_leaves_nothing_behind(lab):
    """The service never sees a connection, no socket of either end waits for its end, and the ports
    of the router are not used up."""
    listener = start_listener(lab, TCP)
    capture = Capture(lab.router, "wan1", "tcp port 8080", "out")
    uplinkd = Uplinkd(lab, often(config(lab, METHODS["tcp"][0], n=1))).start()
    wait_until(lambda: target(uplinkd)["received"] >= 200, 30, "200 answers")
    capture.stop()
    assert target(uplinkd)["lost"] == 0
    assert "accepted" not in listener.log()
    for ns in (lab.router, lab.inet):
        states = ns.run("ss", "-Htan").split("\n")
        waiting = [line for line in states if line and "LISTEN" not in line]
        assert len(waiting) < 8, waiting
    lines = capture.lines()
    syns = [line for line in lines if "Flags [S]" in line]
    resets = [line for line in lines if "Flags [R" in line]
    assert len(syns) >= 200 and len(resets) >= len(syns) - 8
    assert not [line for line in lines if "Flags [F" in line]


def test_a_refused_connection_is_named(lab):
    uplinkd = Uplinkd(lab, config(lab, METHODS["tcp"][0], n=1)).start()
    wait_status(uplinkd, "down")
    seen = target(uplinkd)
    assert seen["last_error"] == "Connection refused" and seen["port"] == 8080
    assert seen["lost"] >= 3 and seen["received"] == 0


@pytest.mark.parametrize(
    "query, status",
    [
        ('"example.net"', "up"),
        ('"EXAMPLE.net." type aaaa', "up"),
        ('"gone.test"', "down"),
        ('"gone.test" rcode nxdomain', "up"),
        ('"gone.test" rcode any', "up"),
        ('"example.net" rcode nxdomain', "down"),
        ('"elsewhere.test"', "down"),
        ('"elsewhere.test" rcode refused', "up"),
    ],
)
def test_an_answer_counts_with_the_response_code_that_is_wanted(lab, query, status):
    start_dnsmasq(lab, DNS)
    uplinkd = Uplinkd(lab, config(lab, f"{DNS} dns query {query}", n=1)).start()
    wait_status(uplinkd, status)
    seen = target(uplinkd)
    if status == "down":
        assert seen["last_error"] == "Protocol error"
    else:
        assert seen["lost"] == 0


def test_a_server_that_is_not_there_is_told_apart_from_a_dead_line(lab):
    """Its host says that nobody listens: an ICMP error, counted apart."""
    uplinkd = Uplinkd(lab, config(lab, METHODS["dns"][0], n=1)).start()
    wait_status(uplinkd, "down")
    seen = target(uplinkd)
    assert seen["icmp_errors"] >= 2 and seen["last_error"] == "Connection refused"


@pytest.mark.parametrize("mode", ["none", "truncated", "twice"])
def test_a_right_dns_answer_counts(lab, mode):
    server = lab.inet.serve("bad_dns", "/usr/bin/python3", HERE / "bad_dns.py", DNS, mode)
    server.wait_log("ready")
    uplinkd = Uplinkd(lab, config(lab, METHODS["dns"][0], n=1)).start()
    wait_until(lambda: target(uplinkd)["received"] >= 10, 10, "10 answers")
    seen = target(uplinkd)
    assert seen["lost"] == 0
    assert (seen["duplicates"] > 0) == (mode == "twice")


@pytest.mark.parametrize(
    "mode", ["id", "question", "type", "empty", "query", "port", "source", "short", "loop", "servfail", "large"]
)
def test_a_wrong_dns_answer_does_not_count(lab, mode):
    argv = ["/usr/bin/python3", HERE / "bad_dns.py", DNS, mode, TARGETS[3]]
    server = lab.inet.serve("bad_dns", *argv)
    server.wait_log("ready")
    uplinkd = Uplinkd(lab, config(lab, METHODS["dns"][0], n=1)).start()
    if mode == "large":  # it is a right one: that there is more than anybody needs is no fault
        wait_status(uplinkd, "up")
        return
    wait_status(uplinkd, "down")
    wait_until(lambda: server.log().count(mode) >= 5, 10, "5 wrong answers")
    seen = target(uplinkd)
    assert seen["received"] == 0 and seen["late"] == 0
    assert seen.get("last_error") == ("Protocol error" if mode == "servfail" else None)


def test_size_and_ttl_are_what_was_asked_for(lab):
    capture = Capture(lab.router, "wan1", "icmp[icmptype] == icmp-echo or (icmp6 and ip6[40] == 128)", "out")
    text = config(lab, f"{TARGETS[0]} icmp size 1472 ttl 9", n=1).replace(
        "\tsource", f"\tgateway {lab.gateway6(1)}\n\ttarget {TARGETS6[0]} icmp size 1400 ttl 7\n\ttarget {TARGETS[1]}\n\tsource"
    )
    uplinkd = Uplinkd(lab, text).start()
    wait_until(lambda: all(t["status"] == "up" for t in uplinkd.ask("targets")["targets"]), 10)
    wanted = [
        rf"ttl 9,.*> {TARGETS[0]}: ICMP echo request.*length 1480",
        rf"ttl 64,.*> {TARGETS[1]}: ICMP echo request.*length 24",
        rf"hlim 7,.*> {TARGETS6[0]}: .*echo request",
    ]

    def missing():
        text = " ".join(capture.so_far("-v"))
        return [line for line in wanted if not re.search(line, text)]

    wait_until(lambda: not missing(), 10, "each of them is captured")


@pytest.mark.parametrize("ipv6", [False, True], ids=["IPv4", "IPv6"])
def test_errors_from_the_way_are_counted_apart(lab, ipv6):
    """A time to live that ends at the provider: its router says so, and the probe is lost."""
    address = TARGETS6[0] if ipv6 else TARGETS[0]
    uplinkd = Uplinkd(lab, config(lab, f"{address} icmp ttl 1", n=1)).start()
    wait_status(uplinkd, "down")
    seen = target(uplinkd)
    assert seen["icmp_errors"] >= 2 and seen["received"] == 0
    assert seen["last_error"] == "No route to host"


@pytest.mark.parametrize("method", ["icmp", "icmp6", "tcp", "dns"])
def test_a_firewall_that_drops_what_is_invalid_does_no_harm(lab, method):
    """Probes have no flow in the router's table, and nor have their answers."""
    lab.router.nft(
        "table inet fw {\n\tchain in {\n\t\ttype filter hook input priority filter\n"
        "\t\tct state invalid counter drop\n\t}\n}\n"
    )
    start_service(lab, method)
    uplinkd = Uplinkd(lab, config(lab, METHODS[method][0])).start()
    wait_until(lambda: "table inet uplinkd" in lab.router.run("nft", "list", "tables"), 10)
    wait_status(uplinkd, "up")
    lab.router.run("conntrack", "-F")  # what was before the ruleset
    lost = target(uplinkd)["lost"]
    count = target(uplinkd)["received"]
    wait_until(lambda: target(uplinkd)["received"] >= count + 20, 10, "20 more answers")
    assert target(uplinkd)["lost"] == lost
    family = ("-f", "ipv6") if method == "icmp6" else ()
    for direction in ("-s", "-d"):
        tracked = lab.router.run("conntrack", "-L", *family, direction, target(uplinkd)["address"])
        assert not tracked.strip(), tracked


@pytest.mark.parametrize("method", ["icmp", "icmp6"])
def test_the_round_trip_time_is_that_of_the_wire(lab, method):
    """Between what leaves and what comes in on the link's own interface; the daemon's own time and
    the kernel's are not in it."""
    statement, wire, _ = METHODS[method]
    reply = wire.replace("icmp-echo", "icmp-echoreply").replace("128", "129")
    text = often(config(lab, statement, n=1))
    capture = Capture(lab.router, "wan1", f"({wire}) or ({reply})")
    uplinkd = Uplinkd(lab, text).start()
    wait_until(lambda: target(uplinkd)["received"] >= 150, 30, "150 answers")
    seen = target(uplinkd)
    capture.stop()
    sent, times = {}, []
    for line in capture.lines("-tt"):
        stamp, kind, sequence = re.match(r"([0-9.]+) .*echo (request|reply), .*seq (\d+)", line).groups()
        if kind == "request":
            sent[sequence] = float(stamp)
        elif sequence in sent:
            times.append((float(stamp) - sent[sequence]) * 1e6)
    times = sorted(times[: seen["received"]])
    assert abs(seen["rtt_avg_us"] - sum(times) / len(times)) < 100
    assert abs(seen["rtt_p95_us"] - times[len(times) * 95 // 100]) < 200


@pytest.mark.parametrize("mode", ["none", "large", "ack", "reset", "address", "port", "short", "checksum"])
def test_only_the_servers_answer_to_the_own_connection_counts(lab, mode):
    """The server hears nothing, and a forger answers in its place: what a stranger can make up who did
    not see the probe neither opens a connection nor refuses one."""
    lab.blackhole(1)
    forger = lab.isps[1].serve("forge", "/usr/bin/python3", HERE / "forge_tcp.py", "wan0", 8080, mode)
    forger.wait_log("ready")
    uplinkd = Uplinkd(lab, config(lab, METHODS["tcp"][0], n=1)).start()
    wait_until(lambda: forger.log().count(mode) >= 10, 10, "10 forged answers")
    if mode in ("none", "large"):
        wait_status(uplinkd, "up")
        return
    wait_status(uplinkd, "down")
    seen = target(uplinkd)
    assert seen["received"] == 0 and "last_error" not in seen


@pytest.mark.parametrize("mutation", ["none", "identifier", "sequence", "payload", "source", "type"])
def test_only_the_own_answer_counts_over_ipv6_too(lab, mutation):
    """The same as test_probes has it for IPv4."""
    lab.blackhole(1)
    forger = lab.isps[1].serve("forge", "/usr/bin/python3", HERE / "forge.py", "wan0", mutation, 6)
    forger.wait_log("ready")
    uplinkd = Uplinkd(lab, config(lab, METHODS["icmp6"][0], n=1)).start()
    wait_until(lambda: forger.log().count(mutation) >= 10, 10, "10 forged answers")
    if mutation == "none":
        wait_status(uplinkd, "up")
        return
    wait_status(uplinkd, "down")
    assert target(uplinkd)["received"] == 0


FORGED = [("arp", mode) for mode in ("none", "sender", "station", "address", "frame", "request", "short")]
FORGED += [("nd", mode) for mode in ("none", "sender", "request", "short", "hops", "unasked", "option", "checksum")]


@pytest.mark.parametrize("method, mode", FORGED, ids=[f"{m}-{mode}" for m, mode in FORGED])
def test_only_the_gateways_answer_to_the_own_question_counts(lab, method, mode):
    """The gateway hears nothing, and a forger answers in its place: wrong answers do not count, right
    ones do, so the forger is not to blame."""
    lab.kill_gateway(1)
    forger = lab.isps[1].serve("forge", "/usr/bin/python3", HERE / "forge_neighbour.py", "wan0", mode)
    forger.wait_log("ready")
    uplinkd = Uplinkd(lab, config(lab, METHODS[method][0])).start()
    wait_until(lambda: forger.log().count(mode) >= 10, 10, "10 forged answers")
    if mode == "none":
        wait_status(uplinkd, "up")
        holds_for(lambda: target(uplinkd)["status"] == "up", 1)
    else:
        wait_status(uplinkd, "down")
        assert target(uplinkd)["received"] == 0
    assert target(uplinkd, "isp2")["status"] == "up"


@pytest.mark.parametrize("method", ["icmp", "icmp6", "tcp", "tcp6", "dns", "dns6"])
def test_an_answer_by_another_interface_does_not_count(lab, method):
    """The way back is another provider's, from the beginning or from now on."""
    start_service(lab, method)
    uplinkd = Uplinkd(lab, config(lab, METHODS[method][0])).start()
    for n in lab.isps:
        wait_status(uplinkd, "up", f"isp{n}")
    assert target(uplinkd)["wrong_interface"] == 0
    own, via, by = lab.source(1), lab.source(2), "10.255.2.2"
    if method.endswith("6"):
        own, via, by = lab.source6(1), lab.source6(2), "2001:db8:fe02::2"
    lab.isps[2].ip(f"route add {own} via {via}")
    lab.inet.ip(f"route add {own} via {by}")
    wait_status(uplinkd, "down")
    seen = target(uplinkd)
    assert seen["wrong_interface"] >= 3 and seen["late"] == 0 and seen["lost"] >= 3
    assert target(uplinkd, "isp2")["status"] == "up" and target(uplinkd, "isp2")["wrong_interface"] == 0
    lab.inet.ip(f"route del {own} via {by}")
    wait_status(uplinkd, "up")


@pytest.mark.parametrize("method", ["icmp", "tcp", "tcp6", "dns", "arp", "nd"])
def test_an_interface_that_is_made_anew_is_asked_on_as_the_old_one_was(lab, method):
    """As that of a modem which was unplugged: the kernel gives it another number, by which answers are told
    from those that come in elsewhere."""
    start_service(lab, method)
    uplinkd = Uplinkd(lab, config(lab, METHODS[method][0])).start()
    wait_status(uplinkd, "up")
    before = uplinkd.link("isp1")["ifindex"]
    lab.remove_interface(1)
    uplinkd.wait_link("isp1", health="down", health_reason="noInterface")
    wait_status(uplinkd, "down")
    lab.add_interface(1)
    wait_status(uplinkd, "up")
    uplinkd.wait_link("isp1", health="up")
    assert uplinkd.link("isp1")["ifindex"] != before
    seen = target(uplinkd)
    assert seen["wrong_interface"] == 0 and seen["received"] > 0
    if method.startswith("tcp"):
        # and what comes in elsewhere is kept out by the new number, too
        own, via, by = lab.source(1), lab.source(2), "10.255.2.2"
        if method == "tcp6":
            own, via, by = lab.source6(1), lab.source6(2), "2001:db8:fe02::2"
        lab.isps[2].ip(f"route add {own} via {via}")
        lab.inet.ip(f"route add {own} via {by}")
        wait_status(uplinkd, "down")
        assert target(uplinkd)["wrong_interface"] >= 3


@pytest.mark.parametrize("method", ["arp", "nd"])
def test_a_neighbour_is_asked_as_the_standard_says(lab, method):
    """By name of the link's own address, and by tcpdump's reading of it."""
    capture = Capture(lab.router, "wan1", METHODS[method][1], "out")
    uplinkd = Uplinkd(lab, config(lab, METHODS[method][0], n=1)).start()
    wait_status(uplinkd, "up")
    capture.stop()
    text = "\n".join(capture.lines("-v"))
    if method == "arp":
        assert f"Request who-has {lab.gateway(1)} tell {lab.source(1)}" in text
    else:
        assert f"who has {lab.gateway6(1)}" in text and "source link-address option" in text
        assert f"{lab.source6(1)} > ff02::1:ff00:1" in text and "hlim 255" in text
        assert "bad icmp6" not in text


def test_methods_come_and_go_with_the_configuration(lab):
    """A reload brings the sockets of what is new, and keeps the targets that stay; so does a new
    engine."""
    start_listener(lab, TCP)
    start_dnsmasq(lab, DNS)
    plain = config(lab, METHODS["icmp"][0], n=1)
    more = "".join(f"\ttarget {METHODS[m][0]}\n" for m in ("tcp", "dns", "arp"))
    full = plain.replace("\ttarget", more + "\ttarget")

    def statuses():
        return {t["method"]: t["status"] for t in uplinkd.ask("targets")["targets"]}

    everything = dict.fromkeys(("icmp", "tcp", "dns", "neighbour"), "up")
    uplinkd = Uplinkd(lab, plain).start()
    wait_until(lambda: statuses() == {"icmp": "up"}, 10)
    for text, expected in ((full, everything), (plain, {"icmp": "up"}), (full.replace("200ms", "300ms"), everything)):
        before = target(uplinkd)
        uplinkd.write(text)
        uplinkd.reload()
        wait_until(lambda: statuses() == expected, 10, f"{expected}")
        icmp = next(t for t in uplinkd.ask("targets")["targets"] if t["method"] == "icmp")
        if before["method"] == "icmp":
            assert icmp["received"] >= before["received"]
        assert icmp["lost"] == 0
    engine = uplinkd.children()["engine"]
    os.kill(engine, signal.SIGKILL)
    wait_until(lambda: uplinkd.children().get("engine", engine) != engine, 10, "a new engine")
    counts = {t["method"]: t["received"] for t in uplinkd.ask("targets")["targets"]}
    wait_until(
        lambda: all(t["received"] > counts[t["method"]] for t in uplinkd.ask("targets")["targets"]), 10, "answers of all"
    )


COSTS = "icmp[icmptype] == icmp-echo or icmp[icmptype] == icmp-echoreply or tcp port 8080 or udp port 53"
COSTS += " or (icmp6 and (ip6[40] == 128 or ip6[40] == 129))"


def test_what_probes_take_of_a_budget_is_what_is_on_the_wire(lab):
    """Octet by octet: probes and their answers, over IPv4 and IPv6."""
    for address in (TCP, TCP6):
        start_listener(lab, address, 8080)
    start_dnsmasq(lab, DNS, DNS6)
    statements = [s for s, _, _ in METHODS.values() if not s.startswith("gateway")]
    text = 'site "lab"\ninterval 20s\nsnmp no\nbudget 1G per day\n'  # the first round, then silence
    text += f'link "isp1" {{\n\tinterface wan1\n\tgateway {lab.gateway(1)}\n\tgateway {lab.gateway6(1)}\n'
    text += f"\tsource {lab.source6(1)}\n" + "".join(f"\ttarget {s}\n" for s in statements) + "}\n"
    capture = Capture(lab.router, "wan1", COSTS)
    uplinkd = Uplinkd(lab, text).start()
    wait_until(lambda: all(t["received"] for t in uplinkd.ask("targets")["targets"]), 10, "an answer of each")
    assert len(uplinkd.ask("targets")["targets"]) == 6
    wait_until(lambda: uplinkd.link("isp1")["probe_octets"] == capture.octets()[1], 5, "both are the same")
    uplinkd.stop()
    capture.stop()


@pytest.mark.parametrize("method", ["tcp", "tcp6"])
def test_a_late_tcp_answer_takes_its_loss_back(make_lab, method):
    """Answers take 300 ms, and the timeout is 200 ms. A burst would ask three times at once."""
    lab = make_lab(cable=True)
    start_service(lab, method)
    uplinkd = Uplinkd(lab, "confirm no\n" + config(lab, METHODS[method][0])).start()
    wait_status(uplinkd, "up")
    lab.cable.set(1, "both", "delay=150")
    wait_until(lambda: target(uplinkd)["late"] >= 40, 15, "40 late answers")
    seen = target(uplinkd)
    assert seen["status"] == "up" and seen["lost"] >= 40
    assert seen["loss_ppm"] <= 100_000, f"the window has the losses back: {seen}"
    assert 299_000 < seen["rtt_last_us"] < 400_000


def test_the_answer_to_a_segment_that_was_sent_again_takes_no_loss_back(make_lab):
    """The first segment is lost and the kernel sends it again a second later, when the probe is lost
    as well: what answers that is not the probe's."""
    lab = make_lab(cable=True)
    start_service(lab, "tcp")
    text = config(lab, METHODS["tcp"][0]).replace("interval 100ms\ntimeout 200ms", "interval 2s\ntimeout 800ms")
    uplinkd = Uplinkd(lab, "confirm no\n" + text).start()
    wait_until(lambda: target(uplinkd)["received"] >= 1, 10, "an answer")
    seen = target(uplinkd)
    lab.blackhole(1)
    wait_until(lambda: target(uplinkd)["sent"] > seen["sent"], 5, "a probe that is lost")
    lab.heal(1)
    wait_until(lambda: target(uplinkd)["received"] > seen["received"], 10, "the next answer")
    now = target(uplinkd)
    assert now["lost"] == seen["lost"] + 1 and now["late"] == 0
