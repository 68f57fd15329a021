# SPDX-License-Identifier: ISC
"""Links that wait for their turn, and links that cost money: asked less often, and within a budget."""

from uplab import daemon
from uplab.capture import Capture
from uplab.daemon import Uplinkd, link_text
from uplab.wait import wait_until


def config(lab, first="", second=""):
    text = 'site "lab"\n' + daemon.TIMES + "snmp no\n"
    text += link_text(lab, 1, ipv6=False, extra=first)
    return text + link_text(lab, 2, ipv6=False, extra="tier 2\n" + second)


def targets(uplinkd, link):
    return [t for t in uplinkd.ask("targets")["targets"] if t["link"] == link]


def answered(uplinkd, link):
    return sum(t["received"] for t in targets(uplinkd, link))


def both_answered(uplinkd):
    """{link: count} of one moment"""
    rows = uplinkd.ask("targets")["targets"]
    return {link: sum(t["received"] for t in rows if t["link"] == link) for link in ("isp1", "isp2")}


def test_a_link_that_waits_is_asked_less_often_until_its_turn(lab):
    uplinkd = Uplinkd(lab, config(lab, second="standby interval 2s")).start()
    uplinkd.wait_link("isp2", oper="standby")
    wait_until(lambda: all(t["interval_ms"] == 2000 for t in targets(uplinkd, "isp2")), 5, "the slower pace")
    assert all(t["interval_ms"] == 100 for t in targets(uplinkd, "isp1"))
    before = both_answered(uplinkd)
    wait_until(lambda: answered(uplinkd, "isp1") >= before["isp1"] + 80, 20, "4 seconds of link 1")
    more = {link: count - before[link] for link, count in both_answered(uplinkd).items()}
    assert more["isp2"] <= more["isp1"] / 20 + 4, more
    lab.blackhole(1)
    uplinkd.wait_link("isp2", oper="active")
    wait_until(lambda: all(t["interval_ms"] == 100 for t in targets(uplinkd, "isp2")), 5, "its own pace")
    count = answered(uplinkd, "isp2")
    wait_until(lambda: answered(uplinkd, "isp2") >= count + 20, 3, "20 answers within 3 s")


def test_a_link_that_waits_is_still_known_to_be_dead_at_once(lab):
    """The first answer that is overdue starts a burst, whatever the interval is."""
    uplinkd = Uplinkd(lab, config(lab, second="standby interval 2s")).start()
    uplinkd.wait_link("isp2", oper="standby")
    wait_until(lambda: all(t["interval_ms"] == 2000 for t in targets(uplinkd, "isp2")), 5, "the slower pace")
    wait_until(lambda: all(t["status"] == "up" for t in targets(uplinkd, "isp2")), 5, "both have answered")
    lab.blackhole(2)
    down = uplinkd.wait_event("linkDown", "isp2", deadline_s=4)
    assert down["detection_us"] < 2_000_000, "without bursts it took three intervals"


def test_a_budget_is_kept_and_shown(lab):
    budget = 10_000_000
    capture = Capture(lab.isps[2], "wan0", "icmp[icmptype] == icmp-echo", "in")
    uplinkd = Uplinkd(lab, config(lab, second=f"budget {budget} per day")).start()
    uplinkd.wait_link("isp2", health="up")
    # a probe and its answer are 88 octets; three quarters of the budget are for the intervals
    pace = round(2 * 88 * 86400_000 / (budget * 0.75))
    assert all(abs(t["interval_ms"] - pace) <= 20 for t in targets(uplinkd, "isp2"))
    count = answered(uplinkd, "isp2")
    wait_until(lambda: answered(uplinkd, "isp2") >= count + 4, 10, "4 more answers")
    link = uplinkd.link("isp2")
    assert link["budget_per_day"] == budget
    assert budget / 24 - link["probe_octets"] <= link["budget_left"] <= budget / 24
    # bursts are paid for as well
    lab.blackhole(2)
    uplinkd.wait_link("isp2", health="down")
    link = uplinkd.link("isp2")
    sent = sum(t["sent"] for t in targets(uplinkd, "isp2"))
    capture.stop()
    assert link["probe_octets"] == 88 * sent
    assert abs(len(capture.lines()) - sent) <= 2
    assert "budget" not in str(uplinkd.link("isp1"))


def test_a_budget_outlives_the_daemon(lab):
    """Each start begins with a probe of each target, and none with a new budget."""
    uplinkd = Uplinkd(lab, config(lab, second="budget 100K per day"))
    spent = 0
    for _ in range(3):
        uplinkd.start()
        wait_until(lambda: uplinkd.link("isp2")["probe_octets"] >= spent + 2 * 88, 5, "a probe of each target")
        link = uplinkd.link("isp2")
        spent = link["probe_octets"]
        # in these few seconds it has grown by one octet a second
        assert 0 <= link["budget_left"] - (100_000 // 24 - spent) <= 60
        uplinkd.stop()
