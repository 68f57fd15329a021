# SPDX-License-Identifier: ISC
"""The kits for monitoring against the real things: Prometheus with its exporter, check_snmp, Icinga 2,
snmptt and snmptrapd. Each sees a link die as an operator would."""

import json
import pathlib
import sys
import urllib.parse

import pytest

from uplab import snmp
from uplab.daemon import Uplinkd, config
from uplab.documents import of_kind
from uplab.receiver import Receiver
from uplab.topology import NMS
from uplab.wait import wait_until

KITS = pathlib.Path(__file__).parents[2] / "contrib" / "nms"
DOC = pathlib.Path(__file__).parents[2] / "doc" / "nms"
sys.path.insert(0, str(KITS))
from kits import icinga, notifications  # noqa: E402
from kits import prometheus as prometheus_kit  # noqa: E402
from kits.mib import Mib  # noqa: E402

ROUTER = "192.168.77.1"


@pytest.fixture(scope="module")
def mib():
    return Mib()


@pytest.fixture
def site(lab):
    lab.snmpd = snmp.Snmpd(lab).start()
    lab.uplinkd = Uplinkd(lab, config(lab, agentx=lab.snmpd.socket)).start().wait_all_active()
    lab.manager = snmp.Manager(lab.client)
    lab.manager.wait_registered()
    return lab


# ---- Prometheus ----


def scrape(folder):
    """What the kit's page prints for prometheus.yml, for this lab, and more often."""
    (text,) = of_kind(DOC / "prometheus.md", "yaml /etc/prometheus/prometheus.yml")
    for of_page, here in {
        "lyon-3.example.net": ROUTER, "/usr/share/uplinkd/nms/rules.yml": str(KITS / "prometheus" / "rules.yml"), "15s": "1s"
    }.items():  # fmt: skip
        assert of_page in text
        text = text.replace(of_page, here)
    (folder / "prometheus.yml").write_text("global: {evaluation_interval: 1s}\n" + text)


class Prometheus:
    def __init__(self, lab):
        folder = lab.folder / "prometheus"
        folder.mkdir()
        self.namespace = lab.client
        module = (KITS / "prometheus" / "snmp.yml").read_text() + f"  auth: {{community: {snmp.READ}}}\n"
        (folder / "snmp.yml").write_text(module)
        scrape(folder)
        lab.client.start("exporter", "prometheus-snmp-exporter", f"--config.file={folder}/snmp.yml")
        lab.client.start(
            "prometheus", "prometheus", f"--config.file={folder}/prometheus.yml",
            f"--storage.tsdb.path={folder}/data", "--web.listen-address=127.0.0.1:9090",
        )  # fmt: skip

    def ask(self, path, **parameters):
        url = f"http://127.0.0.1:9090/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        program = "import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=5).read().decode())"
        done = self.namespace.try_run("/usr/bin/python3", "-c", program, url)
        return json.loads(done.stdout)["data"] if done.returncode == 0 else None

    def query(self, query):
        """[(labels, value)]"""
        data = self.ask("query", query=query)
        return [(r["metric"], float(r["value"][1])) for r in data["result"]] if data else []

    def alerts(self):
        data = self.ask("alerts")
        return {a["labels"]["alertname"]: a for a in data["alerts"]} if data else {}


def test_prometheus(site, mib):
    prometheus = Prometheus(site)
    up = mib.value("UplinkHealth", "up")
    found = wait_until(lambda: prometheus.query("uplinkLinkHealth"), 30, "Prometheus has the links")
    assert {(m["uplinkLinkName"], v) for m, v in found} == {("isp1", up), ("isp2", up)}
    assert {m["instance"] for m, _ in found} == {ROUTER}
    site.uplinkd.ctl("drain", "isp2", "--for", "1h")
    site.uplinkd.ctl("auto", "isp2")

    board = json.loads((KITS / "prometheus" / "dashboard.json").read_text())
    for panel in board["panels"]:
        for target in panel["targets"]:
            query = target["expr"].replace("$instance", ROUTER)
            wait_until(lambda q=query: prometheus.query(q), 30, f"the panel {panel['title']} shows something: {query}")
    assert not [name for name, a in prometheus.alerts().items() if a["state"] == "firing"]

    site.blackhole(1)
    alert = wait_until(lambda: prometheus.alerts().get("UplinkLinkDown"), 30, "the alert")
    assert alert["labels"]["uplinkLinkName"] == "isp1"
    assert "uplinkctl explain" in alert["annotations"]["description"]
    site.blackhole(2)
    wait_until(
        lambda: prometheus.alerts().get("UplinkAllLinksDown", {}).get("state") == "firing", 30, "all down is told at once"
    )


# ---- check_snmp, and those who run it ----


def check(site, mib, name, index="1"):
    wanted = next(c for c in icinga.checks(mib) if c.name == name)
    words = [w for pair in wanted.arguments(mib, index) for w in pair]
    return site.client.try_run(
        "/usr/lib/nagios/plugins/check_snmp", "-H", ROUTER, "-P", "2c", "-C", snmp.READ, "-t", "5", "-e", "2", *words,
        env={"MIBS": ""},
    )  # fmt: skip


def test_check_snmp(site, mib):
    for wanted in icinga.checks(mib):
        done = check(site, mib, wanted.name)
        assert done.returncode == 0, (wanted.name, done.stdout, done.stderr)
    site.uplinkd.ctl("drain", "isp2")
    assert check(site, mib, "order", "2").returncode == 1
    site.uplinkd.ctl("auto", "isp2")
    site.blackhole(1)
    site.uplinkd.wait_link("isp1", health="down", oper="out")
    done = check(site, mib, "health")
    assert done.returncode == 2 and "health" in done.stdout, done
    assert check(site, mib, "health", "2").returncode == 0
    assert check(site, mib, "site").returncode == 1
    site.blackhole(2)
    site.uplinkd.wait_event("allDown")
    assert check(site, mib, "site").returncode == 2
    site.uplinkd.write("nonsense\n")
    site.uplinkd.reload()
    site.uplinkd.wait_event("configRejected")
    assert check(site, mib, "daemon").returncode == 1


HOSTS = """
object Host "lyon-3" {
	check_command = "dummy"
	address = "192.168.77.1"
	vars.uplinkd = true
	vars.snmp_community = "lab-read"
	vars.uplinkd_links["fibre"] = { index = 1 }
	vars.uplinkd_links["lte"] = { index = 2 }
}
"""


def test_icinga_takes_it(tmp_path):
    import subprocess

    conf = tmp_path / "icinga2.conf"
    conf.write_text(f'const PluginDir = "/usr/lib/nagios/plugins"\ninclude <itl>\ninclude "{KITS}/icinga/uplinkd.conf"\n{HOSTS}')
    done = subprocess.run(
        ["icinga2", "daemon", "-C", "-c", str(conf), "-D", f"DataDir={tmp_path}", "-D", f"CacheDir={tmp_path}",
         "-D", "RunAsUser=root", "-D", "RunAsGroup=root"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    # three of each of two links, two of the daemon
    assert "Instantiated 8 Services" in done.stdout, done.stdout


# ---- notifications ----


def test_a_dead_link_is_told_in_words(site, mib):
    receiver = Receiver(site)
    site.blackhole(1)
    receiver.wait("snmptt.log", mib.oid("uplinkLinkDown"), "Critical", "link down of link isp1", "targets lost")
    receiver.wait("handler.log", "crit lab: link down of link isp1 (targetsLost)", "Call the provider")


def test_every_notification_has_its_words(lab, mib):
    receiver = Receiver(lab)
    kinds = {"OctetString": "s", "SnmpAdminString": "s", "DateAndTime": "x"}
    for name, _, _ in notifications.of(mib):
        varbinds = []
        for o in mib.notifications[name]["objects"]:
            kind = mib.type_of(o)
            base = kind.get("name", kind.get("basetype"))
            letter = kinds.get(base, "u" if base in ("Unsigned32", "Gauge32") else "i")
            value = {"s": f"the {o}", "x": "07EA010100000000", "u": "7", "i": "1"}[letter]
            varbinds += [mib.oid(o) + ".1", letter, value]
        done = lab.inet.try_run("snmptrap", "-v2c", "-c", snmp.READ, "-m", "", NMS, "", mib.oid(name), *varbinds)
        assert done.returncode == 0, (name, done.stderr)
        link = notifications.link_object(mib, name)
        receiver.wait("snmptt.log", f" {mib.oid(name)} ", *([f"the {link}"] if link else []))
    wait_until(lambda: len(receiver.lines("handler.log")) == len(mib.notifications), 20, "the handler has told all")
    assert not receiver.lines("unknown.log")
    assert not [line for line in receiver.lines("handler.log") if "?" in line]


def test_the_kit_has_no_community(mib):
    """It is the same for everybody: who may ask is the administrator's."""
    assert "community" not in prometheus_kit.generator(mib)
