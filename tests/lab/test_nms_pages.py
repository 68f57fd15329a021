# SPDX-License-Identifier: ISC
"""The pages of doc/nms as a newcomer does what they print, after what README says of SNMP: each file is
written where the page says and each command is run as it is printed, on a router and a station that have
the kits where the packages put them."""

import re
import shutil

import pytest

from uplab.documents import NMS_PAGES, TREE, blocks, of_kind
from uplab.reader import Reader, system_of
from uplab.topology import ROUTER_LAN
from uplab.wait import wait_until

NMS = TREE / "doc" / "nms"
README = TREE / "README.md"
STATION = "198.51.100.7"

# What is done by a test of its own here, and what has nothing that could be done here.
DONE_BELOW = {"README.md", "icinga.md", "prometheus.md", "snmptt.md"}
NOT_HERE = {
    "librenms.md": "LibreNMS is not in Debian: tests/unit/test_kits.py checks the files",
    "zabbix.md": "a web interface is clicked through: test_zabbix.py asks the same of its API",
}

STATUSDATA = """\
library "compat"
object StatusDataWriter "status-data" {
	update_interval = 1s
}
"""

# For syslog(3) there is nobody here to listen.
LOGGER = '#!/bin/sh\nshift 2\necho "$*" >>/tmp/logged\n'


@pytest.fixture
def system(make_lab):
    """README is done, as far as a station needs it."""
    system = system_of(make_lab(isps=3))
    system.lab.inet.ip(f"addr add {STATION}/32 dev lo")
    system.write("/etc/hosts", f"127.0.0.1 localhost\n{ROUTER_LAN} router lyon-3.example.net\n")
    system.path("/root/.snmp/mibs").mkdir(parents=True)
    for module in [TREE / "mibs" / "UPLINK-MIB.txt", *(TREE / "tests" / "mibs").iterdir()]:
        system.write(f"/root/.snmp/mibs/{module.name}", module.read_text())
    shutil.copytree(system.prefix / "share/uplinkd/nms", system.path("/usr/share/uplinkd/nms"))
    readme = Reader(system, README)
    wanted = {"conf /etc/uplinkd.conf", "conf /etc/snmp/snmpd.conf", "conf ~/.snmp/snmp.conf"}
    for kind, text in blocks(README):
        if kind in wanted or "createUser" in text:
            readme.does(kind, text)
    readme.does("sh", "uplinkd\nuplinkctl wait fibre active --timeout 1m\nuplinkctl wait lte standby --timeout 1m")
    asked = "snmpget", "-u", "monitor", "-r", "0", "router", "UPLINK-MIB::uplinkSite.0"
    wait_until(
        lambda: "lyon-3" in system.try_run(*asked, env=system.env, namespace=system.lab.client).stdout, 20, "the agent answers"
    )
    return system


def read(system, name):
    reader = Reader(system, NMS / name, conf=None)
    for kind, text in blocks(NMS / name):
        reader.does(kind, text)
        yield reader


def test_contents(system):
    assert list(read(system, "README.md"))


def test_prometheus(system):
    """Its last commands are repeated until both programs have begun."""
    reader = Reader(system, NMS / "prometheus.md", conf=None)
    for kind, text in blocks(NMS / "prometheus.md"):
        if "promtool query" not in text:
            reader.does(kind, text)
            continue

        def seen(text=text):
            done = system.try_run("bash", "-euo", "pipefail", "-c", text, env=system.env, namespace=system.lab.client)
            return "uplinkLinkName=\"lte\"" in done.stdout and "=> 1 @" in done.stdout

        wait_until(seen, 60, "Prometheus has its first answer")


def test_icinga(system):
    """And it runs the checks as the page's user: all within a minute, so the first is enough."""
    printed = "".join(reader.printed for reader in read(system, "icinga.md"))
    assert "Instantiated 2 Hosts" in printed and "Finished validating" in printed, printed
    system.write("/etc/icinga2/features-enabled/statusdata.conf", STATUSDATA)
    system.run("/usr/lib/icinga2/prepare-dirs", "/usr/lib/icinga2/icinga2")
    system.start("snmp-icinga2", "icinga2", "daemon", namespace=system.lab.client, env=system.env)

    def checked():
        """[what check_snmp said], by what Icinga writes for web interfaces."""
        path = system.path("/var/cache/icinga2/status.dat")
        return re.findall(r"(?m)^\s*plugin_output=(SNMP .*)$", path.read_text()) if path.exists() else []

    said = wait_until(checked, 70, "a check has been run")
    assert all(one.startswith("SNMP OK") for one in said), said


def told(system):
    """Nobody speaks to snmptrapd until now."""
    system.write("/usr/bin/logger", LOGGER, 0o755)
    path = system.path("/etc/snmp/snmptrapd.conf")
    engine = re.search(r"oldEngineID (0x\w+)", system.path("/var/lib/snmp/snmpd.conf").read_text())[1]
    text, replaced = re.subn(r"0x80001f88\w+", engine, path.read_text())
    assert replaced == 1
    path.write_text(text)
    unit = system.path("/lib/systemd/system/snmptrapd.service").read_text()
    user, command = (re.search(rf"(?m)^{key}=(.*)$", unit)[1] for key in ("User", "ExecStart"))
    # systemd opens the socket
    as_user = "setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--inh-caps=+net_bind_service", "--ambient-caps=+net_bind_service"
    process = system.start(
        "snmptrapd", *as_user, *command.replace("-LOw", "-Lo").split(), namespace=system.lab.inet, env={**system.env, "HOME": "/nonexistent"}
    )
    process.wait_log("NET-SNMP version")


def test_snmptt(system):
    for _ in read(system, "snmptt.md"):
        pass
    told(system)
    assert system.try_run("uplinkctl", "drain", "fibre", "--comment", "fibre work", env=system.env).returncode == 0

    def lines(name):
        return system.path(name).read_text() if system.path(name).exists() else ""

    wait_until(lambda: "lyon-3: drain started of link fibre" in lines("/tmp/logged"), 20, "syslog has it")
    wait_until(lambda: "lyon-3: drain started of link fibre" in lines("/var/log/snmptt/snmptt.log"), 20, "snmptt has it")


def test_what_is_not_done_here_is_named():
    pages = {p.name for p in NMS_PAGES}
    assert pages == DONE_BELOW | NOT_HERE.keys()
    for name in NOT_HERE:
        assert not blocks(NMS / name), f"{name} has something to do"
    assert [p.name for p in NMS_PAGES if of_kind(p, "sh nagios")] == ["icinga.md"], "done in test_nagios.py"
