# SPDX-License-Identifier: ISC
"""With default settings nothing that is only slow, lossy, silent or full is taken for dead; and what is
dead is found. Each provider is a path of its own kind, all at the same time."""

import pytest

from uplab.daemon import Uplinkd, config
from uplab.flow import Flow
from uplab.wait import wait_until

IDLE, UPLOAD, LOSSY, SATELLITE, FULL = 1, 2, 3, 4, 5
ALARMS = {"linkDown", "degraded", "flapping", "failover", "allDown"}


def address_by(lab, n):
    """An address of the internet that the router itself reaches by link n."""
    address = f"203.0.113.{200 + n}"
    lab.inet.ip(f"addr add {address}/32 dev lo")
    lab.router.ip(f"route add {address}/32 via {lab.gateway(n)} dev wan{n}")
    return address


def nothing_comes_back(lab, port):
    lab.inet.nft(
        "add table ip quiet\nadd chain ip quiet output { type filter hook output priority 0; }\n"
        f"add rule ip quiet output udp sport {port} drop"
    )


def upload(lab):
    """A thousand packets a second and not one back."""
    flow = Flow(lab.router, lab.inet, address_by(lab, UPLOAD), rate=1000)
    nothing_comes_back(lab, flow.port)
    return flow


def fill_until(lab, daemon, milliseconds):
    """The line of 420 kbit/s gets a quarter more, so that its queue grows by a quarter of a second each
    second, until the answers take so long."""
    flow = Flow(lab.router, lab.inet, lab.full_address, rate=1000)

    def takes_long():
        assert not alarms(daemon), f"{alarms(daemon)}\n{daemon.process.log()}"
        rows = daemon.ask("targets", link=f"isp{FULL}")["targets"]
        return max(t.get("rtt_last_us") or 0 for t in rows) > milliseconds * 1000

    wait_until(takes_long, 30, f"answers take {milliseconds} ms")
    flow.stop()


def alarms(daemon, after=0):
    return [e for e in daemon.events() if e["type"] in ALARMS and e["number"] > after]


def sent(daemon, n):
    return sum(t["sent"] for t in daemon.ask("targets", link=f"isp{n}")["targets"])


def watch(make_lab, rounds):
    lab = make_lab(isps=5, cable=True)
    lab.cable.set("all", "both", "delay=10")
    lab.cable.set(SATELLITE, "both", "delay=350")
    lab.cable.set(FULL, "out", "rate=420", "queue=5000")
    lab.full_address = address_by(lab, FULL)
    daemon = Uplinkd(lab, config(lab, times="hold 0s\n", ipv6=False)).start()
    daemon.wait_all_active()
    wait_until(lambda: sent(daemon, IDLE) >= 10, 30, "some history")
    lab.cable.set(LOSSY, "out", "loss=10")
    one_way = upload(lab)
    for _ in range(rounds):
        fill_until(lab, daemon, 1450)
        wait_until(lambda: lab.cable.counters()[FULL, "out"]["queued"] == 0, 20, "the queue is empty")
    assert not alarms(daemon), daemon.process.log()
    assert sent(daemon, UPLOAD) > sent(daemon, IDLE), "the upload has raised a suspicion"
    one_way.stop()
    return lab, daemon


def test_no_false_alarm(make_lab):
    """And each of these links, dead at last, is found as quickly as its answers allow."""
    lab, daemon = watch(make_lab, 1)
    before = daemon.last_event()
    lab.cable.set(LOSSY, "both", "hole=1")
    event = daemon.wait_event("linkDown", f"isp{LOSSY}", after=before)
    assert event["detection_us"] < 2_500_000


@pytest.mark.long
def test_no_false_alarm_for_minutes(make_lab):
    watch(make_lab, 12)
