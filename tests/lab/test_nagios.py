# SPDX-License-Identifier: ISC
"""The kit for Nagios in a real Nagios: it takes the file and the example at its end, runs the checks
against the live agent, and shows a dead link with what to do."""

import pytest

from uplab import snmp
from uplab.daemon import Uplinkd, config
from uplab.documents import NMS_PAGES, blocks
from uplab.nagios import KIT, Nagios
from uplab.reader import write
from uplab.topology import ROUTER_LAN
from uplab.wait import wait_until


@pytest.mark.long
def test_nagios(lab):
    snmpd = snmp.Snmpd(lab).start()
    uplinkd = Uplinkd(lab, config(lab, agentx=snmpd.socket)).start().wait_all_active()
    snmp.Manager(lab.client).wait_registered()
    nagios = Nagios(lab)
    checked = nagios.check()
    assert checked.returncode == 0 and "Total Warnings: 0" in checked.stdout, checked.stdout
    assert "Checked 5 services" in checked.stdout, checked.stdout

    nagios.start()
    wait_until(lambda: len(nagios.states()) == 5 and set(nagios.states().values()) == {0}, 30, "all five are well")
    lab.blackhole(1)
    wait_until(lambda: nagios.states()["Link health fibre"] == 2, 20, "the dead link is critical")
    assert nagios.states()["Site online"] == 1
    assert "'uplinkd -n' names it." in nagios.system.path("/tmp/nagios/objects.cache").read_text(), "notes are whole"
    uplinkd.stop()


@pytest.mark.long
def test_page(lab):
    """What the kit's page prints for Nagios, on Debian's own files."""
    system = Nagios(lab).system
    system.path("/usr/share/uplinkd/nms").mkdir(parents=True, exist_ok=True)
    system.write("/usr/share/uplinkd/nms/nagios.cfg", KIT.read_text())
    system.write("/etc/hosts", f"127.0.0.1 localhost\n{ROUTER_LAN} lyon-3.example.net\n")
    (page,) = (p for p in NMS_PAGES if p.name == "icinga.md")
    done = 0
    for kind, text in blocks(page):
        if "nagios4" in kind:
            write(system, page.name, kind, text)
        elif kind == "sh nagios":
            checked = system.try_run("bash", "-euo", "pipefail", "-c", text, namespace=lab.client)
            assert checked.returncode == 0 and "Total Errors:   0" in checked.stdout, checked.stdout
            done += 1
    assert done == 1
