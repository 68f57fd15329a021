# SPDX-License-Identifier: ISC
"""What is said of a link is true, explained, and calm: limits with two edges, flap damping, bad targets."""

import json
import re

import pytest

from uplab import tools
from uplab.daemon import Uplinkd, config, happened_s, link_text
from uplab.routing import members
from uplab.wait import wait_until

# With these a fall is known after 0.3 s, and damping is over after some seconds.
QUICK_FLAP = "flap suppress 3000 reuse 1000 half life 3s ceiling 6000\n"


def start(lab, extra="", **options):
    daemon = Uplinkd(lab, config(lab, extra=extra, **options)).start()
    for n in lab.isps:
        daemon.wait_link(f"isp{n}", health="up", oper="active")
    daemon.wait_targets_up()
    return daemon


def penalty(falls, half_life_s):
    """After the last of these times, without a ceiling."""
    return sum(1000 * 0.5 ** ((falls[-1] - fall) / half_life_s) for fall in falls)


def test_a_link_that_comes_and_goes_is_suppressed_and_settles(lab):
    daemon = start(lab, QUICK_FLAP.replace("half life 3s", "half life 6s"))
    # three falls decay below the limit of 3000; how many more it takes is a matter of their pace
    for _ in range(10):
        lab.blackhole(1)
        daemon.wait_link("isp1", health="down")
        if daemon.link("isp1").get("flap_remaining_s"):
            break
        lab.heal(1)
        daemon.wait_link("isp1", health="up")
    flapping = daemon.wait_event("flapping", "isp1")
    assert flapping["reason"] == "flapping" and len(daemon.events("flapping")) == 1
    falls = [happened_s(e) for e in daemon.events("linkDown", link="isp1")]
    assert penalty(falls, 6) > 2950, "not before the limit"
    assert len(falls) > 3 and penalty(falls[:-1], 6) < 3050, "and with the fall that reaches it"

    lab.heal(1)
    row = daemon.wait_link("isp1", health="up", oper="out", oper_reason="flapping")
    assert row["flap_penalty"] > 1000 and row["flap_remaining_s"] > 0
    assert "suppressed for another" in daemon.ctl("status").stdout
    before = row["flap_penalty"]
    wait_until(lambda: daemon.link("isp1")["flap_penalty"] < before - 200, 5, "the penalty decays in between")

    # nothing else is left: better than none
    lab.blackhole(2)
    daemon.wait_link("isp2", health="down")
    row = daemon.wait_link("isp1", oper="active", oper_reason="noOtherLink")
    assert row["flap_remaining_s"] > 0
    lab.heal(2)
    daemon.wait_link("isp2", health="up", oper="active")
    daemon.wait_link("isp1", oper="out", oper_reason="flapping")

    daemon.wait_link("isp1", 60, oper="active", oper_reason="targetsAnswer")
    assert len(daemon.events("settled", link="isp1")) == 1
    assert "flap_remaining_s" not in daemon.link("isp1")


def test_a_suppressed_link_is_still_suppressed_by_the_next_engine(lab):
    daemon = start(lab, "flap suppress 1000 reuse 500 half life 10s ceiling 2000\n")
    lab.blackhole(1)
    daemon.wait_link("isp1", health="down")
    lab.heal(1)
    row = daemon.wait_link("isp1", health="up", oper_reason="flapping")
    engine = wait_until(lambda: daemon.children().get("engine"), 5)
    lab.router.run("kill", "-9", str(engine))
    wait_until(lambda: daemon.children().get("engine") not in (None, engine), 10, "the next engine")
    daemon.wait_ready()
    again = daemon.wait_link("isp1", health="up", oper="out", oper_reason="flapping")
    assert again["flap_remaining_s"] <= row["flap_remaining_s"]
    assert 400 < again["flap_penalty"] <= row["flap_penalty"]


def test_a_held_link_is_used_when_nothing_else_is_left(lab):
    daemon = start(lab, "flap no\n", times="interval 100ms; timeout 200ms; down after 3; up after 3; hold 60s\n")
    lab.blackhole(1)
    daemon.wait_link("isp1", health="down")
    lab.heal(1)
    row = daemon.wait_link("isp1", health="up", oper="out", oper_reason="hold")
    assert 50 < row["hold_remaining_s"] <= 60
    assert "held for another" in daemon.ctl("status").stdout
    lab.blackhole(2)
    daemon.wait_link("isp1", oper="active", oper_reason="noOtherLink")


@pytest.mark.parametrize(
    "what, oper, carries",
    [("stay", "active", True), ("weight 1", "active", True), ("last", "standby", False), ("leave", "out", False)],
)
def test_loss_degrades_and_the_setting_says_what_follows(make_lab, what, oper, carries):
    lab = make_lab(cable=True)
    extra = f"limit loss 15% leave 5%\nwhen degraded {what}\n"
    times = "interval 50ms; timeout 200ms; down after 30; up after 3; hold 1s; window 5s\nflap no\n"
    text = 'site "lab"\nsnmp no\n' + times + extra
    text += link_text(lab, 1, extra="weight 3") + link_text(lab, 2, extra="weight 3")
    daemon = Uplinkd(lab, text).start()
    for n in (1, 2):
        daemon.wait_link(f"isp{n}", health="up", oper="active")
    lab.cable.set(1, "both", "loss=25")
    row = daemon.wait_link("isp1", 20, health="degraded", oper=oper)
    assert row["health_reason"] == "loss"
    told = daemon.events("degraded", link="isp1")
    assert told and told[-1]["reason"] == "loss"

    expected = {"stay": 3, "weight 1": 1}.get(what, 0)

    def weights():
        return {r["weight"] for r in daemon.ask("routes", link="isp1")["routes"]}

    wait_until(lambda: weights() == {expected}, 10, f"weight {expected} in both IP versions")
    if not carries:
        lab.blackhole(2)
        daemon.wait_link("isp2", health="down")
        daemon.wait_link("isp1", oper="active")
        lab.heal(2)
        daemon.wait_link("isp2", 20, health="up", oper="active")
    lab.cable.set(1, "both", "reset")
    daemon.wait_link("isp1", 30, health="up", oper="active")
    assert daemon.events("recovered", link="isp1")


QUALITY = {
    "rtt": ("limit rtt 60ms leave 30ms", ["delay=50"]),
    "jitter": ("limit jitter 8ms leave 3ms", ["delay=30", "jitter=25"]),
    "loss": ("limit loss 12% leave 5%", ["loss=25", "burst=4"]),
}


@pytest.mark.parametrize("reason", QUALITY)
def test_a_line_that_is_slow_unsteady_or_loses_in_bursts_is_degraded(make_lab, reason):
    limit, faults = QUALITY[reason]
    lab = make_lab(cable=True)
    times = "interval 50ms; timeout 200ms; down after 30; up after 3; hold 0s; window 5s\nflap no\n"
    text = 'site "lab"\nsnmp no\n' + times + limit + "\n" + link_text(lab, 1) + link_text(lab, 2)
    daemon = Uplinkd(lab, text).start().wait_all_active()
    lab.cable.set(1, "both", *faults)
    assert daemon.wait_link("isp1", 20, health="degraded")["health_reason"] == reason
    lab.cable.set(1, "both", "reset")
    daemon.wait_link("isp1", 30, health="up")
    told = [e["type"] for e in daemon.events(link="isp1") if e["type"] in ("degraded", "recovered", "linkDown")]
    assert told == ["degraded", "recovered"], told
    assert daemon.link("isp2")["health"] == "up"


@pytest.mark.parametrize("direction", ["out", "in"])
def test_a_fault_of_one_direction_is_a_dead_link(make_lab, direction):
    """The other direction works: what is asked arrives, and its answers do not, or nothing is asked at all."""
    lab = make_lab(cable=True)
    daemon = Uplinkd(lab, config(lab)).start().wait_all_active()
    lab.cable.set(1, direction, "hole=1")
    row = daemon.wait_link("isp1", health="down", oper="out")
    assert row["health_reason"] == "targetsLost"
    assert members(lab.router).keys() == {lab.gateway(2)}
    lab.cable.set(1, direction, "reset")
    daemon.wait_link("isp1", 20, health="up", oper="active")


def kill_target(lab, address):
    lab.inet.nft(
        "add table ip target\nadd chain ip target input { type filter hook input priority 0; }\n"
        f"add rule ip target input ip daddr {address} drop"
    )


def test_a_dead_target_is_set_aside_and_returns(lab):
    text = config(lab, ipv6=False).replace("\ttarget 203.0.113.1\n", "\ttarget 203.0.113.1\n\tquorum 2\n")
    daemon = Uplinkd(lab, text).start()
    for n in lab.isps:
        daemon.wait_link(f"isp{n}", health="up", oper="active")
    kill_target(lab, "203.0.113.1")

    def aside():
        rows = daemon.ask("targets")["targets"]
        return [t["link"] for t in rows if t["set_aside"] and t["address"] == "203.0.113.1"]

    wait_until(lambda: len(aside()) == 2, 10, "it is set aside on both links")
    told = [e for e in daemon.events("targetDown") if e["reason"] == "setAside"]
    assert len(told) == 2 and "203.0.113.1" in told[0]["text"]
    for n in lab.isps:
        assert daemon.link(f"isp{n}")["health"] == "up"
    assert not daemon.events("linkDown"), "no link was declared down for it"

    # a dead link is still seen, and an outage of everything is one: the routes stay
    lab.blackhole(1)
    row = daemon.wait_link("isp1", health="down")
    assert row["health_reason"] == "targetsLost"
    down = daemon.events("linkDown", link="isp1")[-1]
    assert down["text"] == "1 of 1 targets lost (quorum 2): 198.51.100.1, 1 set aside"
    lab.blackhole(2)
    wait_until(lambda: daemon.events("allDown"), 10, "allDown")
    assert "dev wan" in lab.router.run("ip", "route", "show", "table", "7000")
    lab.heal(1)
    lab.heal(2)
    for n in lab.isps:
        daemon.wait_link(f"isp{n}", health="up", oper="active")

    lab.inet.nft("delete table ip target")
    wait_until(lambda: not aside(), 10, "it comes back by itself")
    wait_until(lambda: len(daemon.events("targetUp")) >= 2, 5, "both links tell")


def test_a_restarted_engine_explains_what_it_finds(lab):
    daemon = start(lab)
    lab.blackhole(1)
    daemon.wait_link("isp1", health="down")
    down = daemon.events("linkDown", link="isp1")[-1]
    assert down["reason"] == "targetsLost"
    assert down["text"].startswith("IPv4: 2 of 2 targets lost: 203.0.113.1, 198.51.100.1; IPv6: 2 of 2 targets lost: ")
    number = down["number"]
    engine = wait_until(lambda: daemon.children().get("engine"), 5)
    lab.router.run("kill", "-9", str(engine))
    wait_until(lambda: daemon.children().get("engine") not in (None, engine), 10, "the next engine")
    daemon.wait_ready()
    daemon.process.wait_log("link isp1 is down: too few targets answer: IPv4: 2 of 2 targets lost")
    assert not [e for e in daemon.events("linkDown") if e["number"] > number], "it is no news"
    lab.heal(1)
    daemon.wait_link("isp1", health="up")
    assert "targets answer" in daemon.events("linkUp", link="isp1")[-1]["text"]


def test_what_was_recorded_is_judged_again_as_it_was(lab, tmp_path):
    daemon = start(lab)
    recording = tmp_path / "recording.jsonl"
    recorder = lab.router.start("recorder", tools.uplinkctl(), "-s", daemon.socket, "record", "isp1")
    wait_until(lambda: len(recorder.log().splitlines()) > 10, 10, "samples are recorded")
    lab.blackhole(1)
    daemon.wait_link("isp1", health="down")
    lab.heal(1)
    up = daemon.wait_event("linkUp", "isp1")
    wait_until(lambda: max(re.findall(r'"time":"([^"]+)"', recorder.log())) > up["time"], 10, "samples of after it")
    recorder.stop()
    lines = recorder.log().splitlines(keepends=True)
    recording.write_text("".join(line for line in lines if line.endswith("}\n")))
    samples = [json.loads(line) for line in recording.read_text().splitlines()]
    assert {s["link"] for s in samples} == {"isp1"} and any(s.get("lost") for s in samples)

    done = lab.router.try_run(*daemon.argv("--replay", recording))
    assert done.returncode == 0, done.stderr
    down = next(line for line in done.stdout.splitlines() if "  linkDown " in line)
    told = daemon.events("linkDown", link="isp1")[-1]
    assert told["text"] in down and f"after {told['detection_us'] / 1e6:.3f} s" in down
    assert abs(happened_s({"time": down.split()[0]}) - happened_s(told)) < 0.1

    # and with another configuration as that would have judged it
    patient = daemon.folder / "patient.conf"
    patient.write_text(daemon.conf.read_text().replace("down after 3", "down after 1000"))
    done = lab.router.try_run(tools.uplinkd(), "-f", patient, "--replay", recording)
    assert done.returncode == 0 and "linkDown" not in done.stdout, done.stdout
    assert not [p for p in lab.router.processes if p.name == "recorder" and p.running()]
