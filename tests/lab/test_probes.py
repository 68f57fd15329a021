# SPDX-License-Identifier: ISC
"""Probes: each leaves by its own link or not at all, and only its own answer counts."""

import pathlib
import re
import signal

import pytest

from uplab import daemon
from uplab.capture import Capture
from uplab.daemon import TIMES, Uplinkd, config
from uplab.routing import members
from uplab.topology import ROUTER_LAN
from uplab.wait import holds_for, wait_until

ECHO = "icmp[icmptype] == icmp-echo or (icmp6 and ip6[40] == 128)"
FORGE = pathlib.Path(__file__).parent / "forge.py"


def echoes(capture):
    """[(link-layer destination, source, destination)] of the captured requests"""
    found = []
    for line in capture.lines("-e"):
        m = re.search(r"> ([0-9a-f:]{17}), .*: (\S+) > (\S+): ICMP6?,? echo request", line)
        assert m, line
        found.append((m[1], m[2], m[3]))
    return found


def mac(ns, interface):
    return re.search(r"link/ether (\S+)", ns.run("ip", "link", "show", interface))[1]


@pytest.mark.parametrize("fault", [None, "blackhole", "dead-gateway", "carrier", "no-route", "no-address"])
def test_a_probe_never_leaves_by_another_link(lab, fault):
    captures = {n: Capture(lab.router, f"wan{n}", ECHO, "out") for n in lab.isps}
    uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active()
    if fault == "blackhole":
        lab.blackhole(1)
    elif fault == "dead-gateway":
        lab.kill_gateway(1)
    elif fault == "carrier":
        lab.carrier(1, False)
    elif fault == "no-route":
        # a moment between two looks of the daemon: the link's table is empty
        uplinkd.process.send(signal.SIGSTOP)
        lab.router.run("ip", "route", "flush", "table", "7001")
        lab.router.run("ip", "-6", "route", "flush", "table", "7001")
    elif fault == "no-address":
        lab.router.ip("addr flush dev wan1 scope global")
    if fault not in (None, "no-route"):
        uplinkd.wait_link("isp1", health="down")
    count = len(captures[2].so_far())
    wait_until(lambda: len(captures[2].so_far()) > count + 40, 10, "40 more probes of link 2")
    if fault == "no-route":
        uplinkd.process.send(signal.SIGCONT)
    for n, capture in captures.items():
        capture.stop()
        sources = {source for _, source, _ in echoes(capture)}
        assert sources == {lab.source(n), lab.source6(n)}, f"on wan{n}"


def test_behind_one_interface_each_goes_to_its_own_gateway(make_lab):
    lab = make_lab(shared=True)
    capture = Capture(lab.router, "wan1", ECHO, "out")
    uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active()
    lab.kill_gateway(1)
    uplinkd.wait_link("isp1", health="down")
    count = len(capture.so_far())
    wait_until(lambda: len(capture.so_far()) > count + 40, 10, "40 more probes")
    capture.stop()
    gateways = {mac(isp, "wan0"): n for n, isp in lab.isps.items()}
    seen = echoes(capture)
    for n in lab.isps:
        to = {gateways[m] for m, source, _ in seen if source in (lab.source(n), lab.source6(n))}
        assert to == {n}, f"probes of link {n} went to the gateways of {to}"


def test_sent_and_received_are_exact(lab):
    """What the daemon counts is what the wire saw."""
    captures = {n: Capture(lab.router, f"wan{n}", ECHO, "out") for n in lab.isps}
    uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active()
    counted = {}
    before = uplinkd.ask("targets")["targets"]
    wait_until(
        lambda: all(
            t["sent"] >= b["sent"] + 10 for t, b in zip(uplinkd.ask("targets")["targets"], before)
        ),
        10,
    )
    uplinkd.process.send(signal.SIGSTOP)
    uplinkd.process.send(signal.SIGCONT)
    uplinkd.stop()
    for n, capture in captures.items():
        capture.stop()
        for _, source, destination in echoes(capture):
            counted[n, destination] = counted.get((n, destination), 0) + 1
    log = {(int(t["link"][3:]), t["address"]): t["sent"] for t in before}
    assert log.keys() == counted.keys()
    for key, value in log.items():
        assert value <= counted[key], key


@pytest.mark.parametrize(
    "mutation", ["none", "identifier", "sequence", "payload", "source", "type"]
)
def test_only_the_own_answer_counts(lab, mutation):
    """The provider is a blackhole and forges answers: wrong ones do not keep the link up, right ones
    do, so the forger is not to blame."""
    uplinkd = Uplinkd(lab, config(lab, ipv6=False)).start().wait_all_active()
    forger = lab.isps[1].serve("forge", "/usr/bin/python3", FORGE, "wan0", mutation)
    forger.wait_log("ready")
    lab.blackhole(1)
    wait_until(lambda: forger.log().count(mutation) >= 10, 10, "forged answers")
    if mutation == "none":
        holds_for(lambda: uplinkd.link("isp1")["health"] == "up", 1.5)
    else:
        uplinkd.wait_link("isp1", health="down", oper="out", deadline_s=5)
        assert members(lab.router).keys() == {lab.gateway(2)}


def test_settings_hold_per_file_link_and_target(lab):
    """The innermost counts."""
    text = config(lab, links=[2], times="interval 1s\ntimeout 300ms\ndown after 3\nup after 3\nhold 0s\n", ipv6=False)
    text += (
        f'link "isp1" {{\n\tinterface wan1\n\tgateway {lab.gateway(1)}\n\tinterval 200ms\n'
        "\ttarget 203.0.113.1\n\ttarget 203.0.113.2 { interval 50ms; timeout 100ms }\n}\n"
    )
    uplinkd = Uplinkd(lab, text).start()
    uplinkd.wait_all_active()

    def target(link, address):
        return next(
            t for t in uplinkd.ask("targets")["targets"] if (t["link"], t["address"]) == (link, address)
        )

    expected = {
        ("isp2", "203.0.113.1"): (1000, 300),
        ("isp1", "203.0.113.1"): (200, 300),
        ("isp1", "203.0.113.2"): (50, 100),
    }
    for key, (interval, timeout) in expected.items():
        assert (target(*key)["interval_ms"], target(*key)["timeout_ms"]) == (interval, timeout)
    capture = Capture(lab.router, "wan1", "icmp[icmptype] == icmp-echo and dst 203.0.113.2", "out")
    wait_until(lambda: len(capture.so_far()) >= 41, 15)
    capture.stop()
    stamps = [float(line.split()[0]) for line in capture.lines("-tt")]
    gaps = sorted(b - a for a, b in zip(stamps, stamps[1:]))
    # where the engine did not run for longer than an interval, those that it missed are left out
    assert sum(gaps) / len(gaps) > 0.045 and gaps[len(gaps) // 4] < 0.06, gaps


def test_a_link_without_targets_is_judged_by_its_gateway(lab):
    uplinkd = Uplinkd(lab, config(lab, targets=False))
    assert "targets" in uplinkd.check().stderr, "warned about"
    uplinkd.start().wait_all_active()
    assert uplinkd.link("isp1")["gateway_only"] is True
    lab.kill_gateway(1)
    wait_until(lambda: members(lab.router).keys() == {lab.gateway(2)}, 5)


def test_quorum(lab):
    uplinkd = Uplinkd(
        lab, config(lab, links=[2]) + daemon.link_text(lab, 1, ipv6=False, extra="quorum 2")
    ).start()
    uplinkd.wait_all_active()
    lab.isps[1].nft("add rule inet isp fault ip daddr 203.0.113.1 drop")
    uplinkd.wait_link("isp1", health="down", health_reason="targetsLost")


def test_measurements_are_those_of_the_line(make_lab):
    lab = make_lab(cable=True)
    lab.cable.set(1, "both", "delay=25")
    uplinkd = Uplinkd(lab, config(lab, ipv6=False)).start().wait_all_active()
    wait_until(
        lambda: all(t["received"] > 20 for t in uplinkd.ask("targets")["targets"]), 20, "20 answers"
    )
    slow, fast = uplinkd.link("isp1"), uplinkd.link("isp2")
    assert 50_000 <= slow["rtt_min_us"] <= slow["rtt_avg_us"] <= slow["rtt_max_us"]
    assert slow["rtt_min_us"] < 70_000, slow
    assert fast["rtt_min_us"] < 20_000, fast
    assert slow["loss_ppm"] == 0

    lab.cable.set(1, "out", "loss=30")
    wait_until(lambda: uplinkd.link("isp1")["loss_ppm"] > 100_000, 20, "loss above 10 %")


def test_carrier_and_addresses_are_told_at_once(lab):
    """From the kernel's events, not from probes: with probes once an hour."""
    text = config(lab, times="interval 1h\ntimeout 1s\ndown after 3\nup after 1\nhold 0s\n")
    uplinkd = Uplinkd(lab, text).start().wait_all_active()
    lab.carrier(1, False)
    uplinkd.wait_link("isp1", 2, health="down", health_reason="noCarrier", carrier="down")
    lab.carrier(1, True)
    uplinkd.wait_link("isp1", 15, carrier="up")
    lab.router.ip(f"addr del {lab.source(2)}/24 dev wan2")
    uplinkd.wait_link("isp2", 2, health_reason="noAddress")
    lab.router.ip("link set wan2 down")
    uplinkd.wait_link("isp2", 2, health_reason="interfaceDown")


def test_the_probes_of_a_router_behind_this_one_are_answered(lab):
    """Both ask the same target by their first link, with the same identifier: each gets its own answers."""
    uplinkd = Uplinkd(lab, config(lab, links=[1], ipv6=False)).start()
    uplinkd.wait_link("isp1", health="up")
    text = f'{TIMES}snmp no\nlink "up" {{\n\tinterface lan0\n\tgateway {ROUTER_LAN}\n\ttarget 203.0.113.1\n}}\n'
    inner = Uplinkd(lab, text, namespace=lab.client, name="inner").start()
    inner.wait_link("up", health="up")
    wait_until(lambda: targets_of(inner, "up")[0]["received"] >= 10, 10, "10 answers")
    assert targets_of(inner, "up")[0]["lost"] == 0
    assert targets_of(uplinkd, "isp1")[0]["lost"] == 0


def targets_of(uplinkd, name):
    return uplinkd.ask("targets", link=name)["targets"]


def test_late_answers_are_counted_apart_and_take_their_loss_back(make_lab):
    """Answers take 300 ms, and the timeout is 200 ms. A burst would ask three times at once."""
    lab = make_lab(cable=True)
    uplinkd = Uplinkd(lab, config(lab, extra="confirm no\n")).start().wait_all_active()
    lab.cable.set(1, "both", "delay=150")
    before = {t["target"]: t for t in targets_of(uplinkd, "isp1")}
    wait_until(lambda: all(t["late"] >= 40 for t in targets_of(uplinkd, "isp1")), 15, "40 late answers")
    for t in targets_of(uplinkd, "isp1"):
        was = before[t["target"]]
        assert t["status"] == "up"
        assert t["received"] - was["received"] <= 5, "an answer that is late was not in time"
        assert t["lost"] - was["lost"] >= 40, "the counter of lost probes does not go back"
        assert t["loss_ppm"] <= 100_000, f"the window has the losses back: {t}"
        assert 299_000 < t["rtt_last_us"] < 400_000
    assert not uplinkd.events("linkDown")
