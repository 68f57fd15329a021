# SPDX-License-Identifier: ISC
"""The pictures of doc/, made anew from the real things: run by tests/pictures, not a test. Each needs some
minutes of a site's life, since what is drawn are minutes."""

import pathlib
import re
import textwrap
import time

import pytest

from uplab import pictures, snmp, tools
from uplab.daemon import Uplinkd
from uplab.nagios import Nagios, example
from uplab.receiver import Receiver
from uplab.wait import wait_until
from uplab.zabbix import Zabbix

TREE = pathlib.Path(__file__).resolve().parents[2]
DOC = TREE / "doc"

LINE = """\
link "{name}" {{
	interface wan{n}
	gateway 100.64.{n}.1
	target 203.0.113.{n}
	target 198.51.100.{n}
{more}}}
"""
FILE = """\
site "lyon-3"
interval 500ms
timeout 400ms
hold 5s
"""
DELAYS = {1: 4, 2: 11, 3: 38}  # ms, of fibre, cable and lte


def live(seconds):
    """Life goes on: what is drawn is time."""
    time.sleep(seconds)


@pytest.fixture
def site(make_lab):
    lab = make_lab(isps=3, cable=True)
    for n, delay in DELAYS.items():
        lab.cable.set(n, "both", f"delay={delay / 2}", f"jitter={delay / 20}")
    lab.snmpd = snmp.Snmpd(lab).start()
    text = FILE + f'snmp {{ agentx "{lab.snmpd.socket}" }}\n'
    for n, name, more in (1, "fibre", "\tweight 3\n"), (2, "cable", ""), (3, "lte", "\ttier 2\n"):
        text += LINE.format(n=n, name=name, more=more)
    lab.uplinkd = Uplinkd(lab, text).start()
    for name, oper in ("fibre", "active"), ("cable", "active"), ("lte", "standby"):
        lab.uplinkd.wait_link(name, oper=oper)
    snmp.Manager(lab.client).wait_registered()
    return lab


def ctl(site, *words):
    return site.router.argv(tools.uplinkctl(), "-s", site.uplinkd.socket, *words)


def typed(site, screen, *words):
    """A command as somebody types it."""
    screen.say("$ uplinkctl " + " ".join(words) + "\n")
    screen.run(ctl(site, *words))


def test_console(site):
    """top, status and explain around the death of a provider."""
    live(150)
    site.cable.set(2, "both", "loss=6")
    live(100)
    site.cable.set(2, "both", "loss=0")
    live(60)
    done = site.uplinkd.ctl("drain", "lte", "--for", "2h", "--comment", "quota is used up")
    assert done.returncode == 0, done
    site.blackhole(2)
    site.uplinkd.wait_link("cable", health="down", oper="out")
    live(70)
    screen = pictures.Terminal(80, 24)
    screen.run(ctl(site, "top"), seconds=6)
    (DOC / "top.svg").write_text(screen.svg("uplinkctl top while the provider of one of three links is dead"))
    screen = pictures.Terminal(80, 60)
    typed(site, screen, "status")
    screen.say("\n")
    typed(site, screen, "explain", "cable")
    (DOC / "status.svg").write_text(screen.svg("uplinkctl status and explain while the provider of one of three links is dead"))


def test_notifications(site):
    """What snmptt and the handler without it write."""
    receiver = Receiver(site)
    site.blackhole(2)
    receiver.wait("snmptt.log", "link down of link cable")
    receiver.wait("handler.log", "failover")
    assert site.uplinkd.ctl("drain", "lte", "--for", "2h", "--comment", "quota").returncode == 0
    site.heal(2)
    receiver.wait("handler.log", "link up of link cable")
    receiver.wait("handler.log", "drain")
    screen = pictures.Terminal(110, 50)
    for name in "snmptt.log", "handler.log":
        screen.say(f"$ tail {name}\n")
        for line in receiver.lines(name):
            screen.say("\n".join(textwrap.wrap(line, 108, subsequent_indent="    ")) + "\n")
        screen.say("\n")
    (DOC / "nms" / "snmptt.svg").write_text(screen.svg("lines of snmptt and of snmptrapd-handler around the death of a provider"))


CGI = "main_config_file=/tmp/nagios/nagios.cfg\nphysical_html_path=/usr/share/nagios4/htdocs\nurl_html_path=/nagios4\nuse_authentication=0\nenable_page_tour=0\n"


def services():
    """The example of the kit, for three links."""
    text = example()
    one = [s for s in re.findall(r"(?ms)^define service \{.*?^\}\n", text) if "fibre" in s]
    return text + "".join(s.replace("fibre", name).replace("!1", f"!{n}") for n, name in ((2, "cable"), (3, "lte")) for s in one)


def test_nagios(site):
    nagios = Nagios(site, services())
    nagios.start()
    wait_until(lambda: len(nagios.states()) == 11 and set(nagios.states().values()) == {0}, 60, "all are well")
    assert site.uplinkd.ctl("drain", "lte", "--for", "2h", "--comment", "quota").returncode == 0
    site.blackhole(2)
    wait_until(lambda: nagios.states()["Link health cable"] == 2 and nagios.states()["Link order lte"] == 1, 30, "the dead link is critical")
    live(30)
    nagios.system.write("/tmp/nagios/cgi.cfg", CGI)
    page = nagios.system.try_run(
        "/usr/lib/cgi-bin/nagios4/status.cgi", namespace=nagios.namespace,
        env={"REQUEST_METHOD": "GET", "QUERY_STRING": "host=lyon-3&noheader", "NAGIOS_CGI_CONFIG": "/tmp/nagios/cgi.cfg", "REMOTE_USER": "nagiosadmin"},
    ).stdout.partition("\n\n")[2]  # fmt: skip
    for url, at in ("/nagios4/stylesheets", "/etc/nagios4/stylesheets"), ("/nagios4/", "/usr/share/nagios4/htdocs/"):
        page = re.sub(rf"(['\"]){url}", rf"\1file://{at}", page)
    nagios.system.write("/tmp/nagios/page.html", page)
    pictures.page_png(nagios.system, nagios.namespace, "file:///tmp/nagios/page.html", "/tmp/nagios/page.png", 1000, 390)
    (DOC / "nms" / "nagios.png").write_bytes(nagios.system.path("/tmp/nagios/page.png").read_bytes())


def test_zabbix(site):
    zabbix = Zabbix(site)
    zabbix.take(TREE / "contrib" / "nms" / "zabbix" / "template.yaml")
    host = zabbix.add_host("lyon-3", "192.168.77.1", snmp.READ, "uplinkd by SNMP")
    rules = zabbix.call("discoveryrule.get", hostids=[host], output=["key_"])

    def items():
        return {i["key_"]: i["itemid"] for i in zabbix.items(host)}

    def discovered():
        zabbix.poll_now([r["itemid"] for r in rules])
        return "uplink.link[uplinkLinkHealth,3]" in items()

    wait_until(discovered, 60, "the links are discovered")
    watched = [i for key, i in items().items() if re.match(r"uplink\.(link|order)|uplink\.uplink", key)]

    def polled(seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            zabbix.poll_now(watched)
            live(3)

    polled(60)
    site.cable.set(2, "both", "delay=40", "jitter=5")
    polled(45)
    site.blackhole(2)
    wait_until(lambda: polled(3) or "Link cable of lyon-3 is down" in zabbix.problems(host), 120, "the dead link is a problem")
    polled(30)
    zabbix.see_without_password()
    web = zabbix.web
    query = f"action=problem.view&show=3&hostids%5B%5D={host}&show_timeline=0&filter_set=1&sort=clock&sortorder=DESC"
    pictures.page_png(zabbix.system, zabbix.namespace, f"{web}/zabbix.php?{query}", "/tmp/page.png", 1200, 700)
    pictures.cut_png(zabbix.system, zabbix.namespace, "/tmp/page.png", "/tmp/cut.png", 195, 510, 1005, 64)
    (DOC / "nms" / "zabbix.png").write_bytes(zabbix.system.path("/tmp/cut.png").read_bytes())
    names = items()
    zabbix.chart([names[f"uplink.link[uplinkLinkRttAvg,{n}]"] for n in (1, 2, 3)], DOC / "nms" / "zabbix-rtt.png", minutes=5)
