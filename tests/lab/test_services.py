# SPDX-License-Identifier: ISC
"""Targets that are asked by http and https: what is a good answer, and why another is not."""

import os
import pathlib
import signal

import pytest

from test_methods import config as config_of_methods
from test_methods import patient, target, wait_status
from uplab.capture import Capture
from uplab.certificates import Authority
from uplab.daemon import Uplinkd, owner_of
from uplab.topology import TARGETS, TARGETS6
from uplab.wait import holds_for, wait_until

HERE = pathlib.Path(__file__).parent
WEB, WEB6 = TARGETS[1], TARGETS6[1]


def config(lab, statement, n=None):
    return patient(config_of_methods(lab, statement, n))


def start_web(lab, mode="good", address=WEB, port=80, certificate=()):
    server = lab.inet.serve("web", "/usr/bin/python3", HERE / "web.py", address, port, mode, *certificate)
    server.wait_log("ready")
    return server


@pytest.mark.parametrize("address", [WEB, WEB6], ids=["IPv4", "IPv6"])
def test_http_sees_death_and_return(lab, address):
    server = start_web(lab, address=address)
    statement = f'{address} http host www.test path /health?x=1 expect "all is well"'
    capture = Capture(lab.isps[2], "wan0", "tcp port 80", "in")
    uplinkd = Uplinkd(lab, config(lab, statement)).start()
    for n in lab.isps:
        wait_status(uplinkd, "up", f"isp{n}")
    seen = target(uplinkd)
    assert seen["method"] == "http" and seen["port"] == 80 and 0 < seen["rtt_last_us"] < 500000
    assert "GET /health?x=1 HTTP/1.1 Host: www.test" in server.log()
    lab.blackhole(1)
    wait_status(uplinkd, "down")
    assert target(uplinkd)["last_error"] == "Connection timed out"
    assert target(uplinkd, "isp2")["status"] == "up"
    lab.heal(1)
    wait_status(uplinkd, "up")
    server.stop()
    wait_status(uplinkd, "down")
    assert target(uplinkd)["last_error"] == "Connection refused"
    capture.stop()
    sources = [lab.source(1), lab.source6(1)]
    strange = [line for line in capture.lines() if any(f" {a}." in line for a in sources)]
    assert not strange, f"link 1's packets on the gateway of link 2: {strange[:3]}"


@pytest.mark.parametrize("address", [WEB, WEB6], ids=["IPv4", "IPv6"])
@pytest.mark.parametrize("method", ["http", "https"])
def test_an_answer_by_another_interface_does_not_count(lab, method, address):
    """The way back is another provider's."""
    if method == "http":
        start_web(lab, address=address)
        statement = f"{address} http"
    else:
        authority = Authority(lab.folder)
        start_web(lab, address=address, port=443, certificate=authority.issue(f"IP:{address}"))
        statement = f"{address} https ca {authority.certificate}"
    uplinkd = Uplinkd(lab, config(lab, statement)).start()
    for n in lab.isps:
        wait_status(uplinkd, "up", f"isp{n}")
    own, via, by = lab.source(1), lab.source(2), "10.255.2.2"
    if address == WEB6:
        own, via, by = lab.source6(1), lab.source6(2), "2001:db8:fe02::2"
    lab.isps[2].ip(f"route add {own} via {via}")
    lab.inet.ip(f"route add {own} via {by}")
    wait_status(uplinkd, "down")
    assert target(uplinkd)["wrong_interface"] >= 3 and target(uplinkd, "isp2")["wrong_interface"] == 0
    assert target(uplinkd, "isp2")["status"] == "up"
    lab.inet.ip(f"route del {own} via {by}")
    wait_status(uplinkd, "up")


@pytest.mark.parametrize("mode", ["good", "continue", "chunked", "until-close", "huge"])
def test_a_right_answer_counts(lab, mode):
    """Also one that is told in pieces, or that never ends: what is behind the text is not waited for."""
    start_web(lab, mode)
    expect = "xxxx" if mode == "huge" else "all is well"
    uplinkd = Uplinkd(lab, config(lab, f'{WEB} http expect "{expect}"', n=1)).start()
    wait_until(lambda: target(uplinkd)["received"] >= 10, 10, "10 answers")
    assert target(uplinkd)["lost"] == 0


WRONG = {
    "status": ("", "HTTP status 503"),
    "redirect": ("", "HTTP status 302"),
    "good": ('expect "all is lost"', "the answer lacks the expected text"),
    "chunked": ('expect "all is lost"', "the answer lacks the expected text"),
    "until-close": ('expect "all is lost"', "the answer lacks the expected text"),
    "huge": ('expect "all is lost"', "the answer is too long"),
    "long-head": ('expect "all is lost"', "the answer is too long"),
    "short": ('expect "all is well"', "the answer ends too early"),
    "empty": ("", "the answer ends too early"),
    "garbage": ("", "not an HTTP answer"),
    "hang": ("", "Connection timed out"),
    "drip": ("", "Connection timed out"),
}


@pytest.mark.parametrize("mode", WRONG)
def test_a_wrong_answer_does_not_count_and_says_why(lab, mode):
    options, why = WRONG[mode]
    start_web(lab, mode)
    uplinkd = Uplinkd(lab, config(lab, f"{WEB} http {options}", n=1)).start()
    wait_status(uplinkd, "down")
    seen = target(uplinkd)
    assert seen["received"] == 0 and seen["last_error"] == why


HOST = "www.test"
TLS = {
    # what the certificate is for, what the statement says, and why it fails
    "name": (HOST, f"host {HOST}", None),
    "address": (f"IP:{WEB}", "", None),
    "IPv6 address": (f"IP:{WEB6}", "", None),
    "other-name": ("other.test", f"host {HOST}", "certificate is for another name"),
    "no-name": (HOST, "", "certificate is for another name"),
    "expired": (HOST, f"host {HOST}", "certificate has expired"),
    "stranger": (HOST, f"host {HOST}", "certificate not trusted"),
    "plain": (None, f"host {HOST}", "no TLS session"),
    "no-ca": (HOST, f"host {HOST}", "there are no certificates to check by"),
    "status": (HOST, f"host {HOST}", "HTTP status 503"),
}


def host_of(address):
    """As it stands in a request."""
    return f"[{address}]" if ":" in address else address


@pytest.mark.parametrize("case", TLS)
def test_https_checks_the_certificate(lab, case):
    name, options, why = TLS[case]
    authority = Authority(lab.folder)
    issuer = Authority(lab.folder, "stranger") if case == "stranger" else authority
    certificate = issuer.issue(name, expired=case == "expired") if name else ()
    mode = {"status": "status", "plain": "rude"}.get(case, "good")
    address = WEB6 if case == "IPv6 address" else WEB
    server = start_web(lab, mode, address=address, port=443, certificate=certificate)
    ca = "/nonexistent.pem" if case == "no-ca" else authority.certificate
    uplinkd = Uplinkd(lab, config(lab, f"{address} https {options} ca {ca}", n=1)).start()
    if why is None:
        wait_until(lambda: target(uplinkd)["received"] >= 10, 10, "10 answers")
        seen = target(uplinkd)
        assert seen["lost"] == 0 and seen["port"] == 443
        assert f"Host: {options.split()[-1] if options else host_of(address)}" in server.log()
    elif case == "no-ca":
        # that says nothing of the link
        wait_until(lambda: target(uplinkd)["send_errors"] >= 5, 10, "5 probes that were not sent")
        seen = target(uplinkd)
        assert seen["last_error"] == why and seen["lost"] == 0 and seen["status"] == "unknown"
    else:
        wait_status(uplinkd, "down")
        seen = target(uplinkd)
        assert seen["received"] == 0 and seen["last_error"] == why


def both(lab):
    """Link 1 with a web target and one that the engine asks itself."""
    return config(lab, f"{WEB} http\n\ttarget {TARGETS[0]}", n=1)


def by_method(uplinkd, method):
    return next(t for t in uplinkd.ask("targets")["targets"] if t["method"] == method)


@pytest.mark.parametrize("fault", ["killed", "stopped"])
def test_a_dead_prober_costs_samples_and_nothing_else(lab, fault):
    """No loss is made up, other targets are asked on time, and a new prober goes on."""
    start_web(lab)
    uplinkd = Uplinkd(lab, both(lab)).start()
    wait_until(lambda: by_method(uplinkd, "http")["received"] >= 5, 10, "5 answers")
    engine, prober = uplinkd.children()["engine"], uplinkd.children()["prober"]
    os.kill(prober, signal.SIGKILL if fault == "killed" else signal.SIGSTOP)
    before = by_method(uplinkd, "icmp")
    wait_until(lambda: uplinkd.children().get("prober") not in (None, prober), 15, "a new prober")
    count = by_method(uplinkd, "http")["received"]
    wait_until(lambda: by_method(uplinkd, "http")["received"] >= count + 5, 10, "5 more answers")
    icmp, http = by_method(uplinkd, "icmp"), by_method(uplinkd, "http")
    assert uplinkd.children()["engine"] == engine
    assert icmp["received"] > before["received"] and icmp["lost"] == 0 and icmp["late"] == 0
    assert http["lost"] == 0 and http["status"] == "up"
    assert any(e["text"] == "prober" for e in uplinkd.events("processRestarted"))
    assert uplinkd.link("isp1")["health"] == "up"


def test_the_prober_is_there_when_it_is_needed(lab):
    start_web(lab)
    uplinkd = Uplinkd(lab, config(lab, TARGETS[0], n=1)).start()
    assert "prober" not in uplinkd.children() and "runner" not in uplinkd.children()
    uplinkd.write(both(lab))
    uplinkd.reload()
    wait_until(lambda: uplinkd.children().get("prober"), 10, "the prober")
    wait_until(lambda: by_method(uplinkd, "http")["received"] >= 5, 10, "5 answers")
    first = uplinkd.children()["prober"]
    uplinkd.write(both(lab).replace(f"{WEB} http", f"{WEB} http path /other"))
    uplinkd.reload()
    wait_until(lambda: uplinkd.children().get("prober") not in (None, first), 10, "one that knows of it")
    wait_until(lambda: by_method(uplinkd, "http")["received"] >= 5, 10, "5 answers")
    assert not uplinkd.events("processRestarted")  # it was no fault
    uplinkd.write(config(lab, TARGETS[0], n=1))
    uplinkd.reload()
    wait_until(lambda: "prober" not in uplinkd.children(), 10, "none any more")
    holds_for(lambda: "prober" not in uplinkd.children(), 0.5)


def test_prober_and_runner_have_nothing_to_spare(lab, programs):
    """A user of their own, no right, no socket but their channels; TLS in one of them only."""
    start_web(lab)
    statement = f"{WEB} http\n\ttarget {WEB} command /bin/true"
    uplinkd = Uplinkd(lab, config(lab, statement, n=1)).start()
    for method in ("http", "command"):
        wait_until(lambda m=method: by_method(uplinkd, m)["received"] >= 3, 10, f"3 answers by {method}")
    children = uplinkd.children()
    for name, pid in [("parent", uplinkd.process.pid), *children.items()]:
        maps = pathlib.Path(f"/proc/{pid}/maps").read_text()
        assert ("libssl" in maps) == (name == "prober"), name
    for name in ("prober", "runner"):
        folder = pathlib.Path(f"/proc/{children[name]}")
        status = dict(line.split(":\t", 1) for line in (folder / "status").read_text().splitlines() if ":\t" in line)
        assert owner_of(children[name]) == "_uplinkprobe"
        assert int(status["CapEff"], 16) == 0 and int(status["CapPrm"], 16) == 0
        assert status["NoNewPrivs"].strip() == "1"
        assert set(status["Groups"].split()) <= {status["Gid"].split()[0]}
        uid, gid = status["Uid"].split()[0], status["Gid"].split()[0]
        refused = lab.router.try_run(
            "setpriv", "--reuid", uid, "--regid", gid, "--clear-groups", "cat", folder / "mem"
        )
        assert refused.returncode != 0  # not even to its own user
        for other in ("engine", "worker"):
            kill = ["setpriv", "--reuid", uid, "--regid", gid, "--clear-groups", "/bin/kill", "-0", children[other]]
            assert lab.router.try_run(*kill).returncode != 0
