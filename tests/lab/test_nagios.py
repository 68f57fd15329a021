# SPDX-License-Identifier: ISC
"""The kit for Nagios in a real Nagios: it takes the file and the example at its end, runs the checks
against the live agent, and shows a dead link with what to do."""

import pathlib
import re

import pytest

from uplab import snmp
from uplab.daemon import Uplinkd, config
from uplab.system import System
from uplab.wait import wait_until

KIT = pathlib.Path(__file__).parents[2] / "contrib" / "nms" / "icinga" / "nagios.cfg"

NAGIOS = """\
log_file=/tmp/nagios/log
cfg_file=/etc/nagios4/objects/commands.cfg
cfg_file=/etc/nagios4/objects/contacts.cfg
cfg_file=/etc/nagios4/objects/timeperiods.cfg
cfg_file=/etc/nagios4/objects/templates.cfg
cfg_file=/tmp/nagios/uplinkd.cfg
cfg_file=/tmp/nagios/site.cfg
resource_file=/etc/nagios4/resource.cfg
object_cache_file=/tmp/nagios/objects.cache
status_file=/tmp/nagios/status.dat
status_update_interval=1
lock_file=/tmp/nagios/pid
temp_path=/tmp
temp_file=/tmp/nagios/temp
check_result_path=/tmp/nagios/results
command_file=/tmp/nagios/commands
query_socket=/tmp/nagios/query
nagios_user=nagios
nagios_group=nagios
interval_length=1
service_inter_check_delay_method=n
max_service_check_spread=1
enable_notifications=0
illegal_object_name_chars=`~!$%^&*|'"<>?,()=
illegal_macro_output_chars=`~$&|'"<>
"""


def example():
    """What stands at the end of the kit's file, for this lab."""
    text = KIT.read_text().partition("# Example:")[2].partition("\n")[2]
    text = re.sub(r"(?m)^# ?", "", text)
    return text.replace("192.0.2.10", "192.168.77.1").replace("\tpublic", f"\t{snmp.READ}")


@pytest.mark.long
def test_nagios(lab):
    snmpd = snmp.Snmpd(lab).start()
    uplinkd = Uplinkd(lab, config(lab, agentx=snmpd.socket)).start().wait_all_active()
    snmp.Manager(lab.client).wait_registered()
    system = System(lab)
    system.run("install", "-d", "-o", "nagios", "-g", "nagios", "/tmp/nagios", "/tmp/nagios/results")
    for name, text in ("nagios.cfg", NAGIOS), ("uplinkd.cfg", KIT.read_text()), ("site.cfg", example()):
        system.write(f"/tmp/nagios/{name}", text)
    checked = system.try_run("nagios4", "-v", "/tmp/nagios/nagios.cfg")
    assert checked.returncode == 0 and "Total Warnings: 0" in checked.stdout, checked.stdout
    assert "Checked 5 services" in checked.stdout, checked.stdout

    system.start("nagios", "nagios4", "/tmp/nagios/nagios.cfg", namespace=lab.client)

    def states():
        path = system.path("/tmp/nagios/status.dat")
        found = {}
        for block in re.findall(r"(?s)servicestatus \{(.*?)\}", path.read_text() if path.exists() else ""):
            values = dict(re.findall(r"(?m)^\t(\w+)=(.*)$", block))
            if values["has_been_checked"] == "1":
                found[values["service_description"]] = int(values["current_state"])
        return found

    wait_until(lambda: len(states()) == 5 and set(states().values()) == {0}, 30, "all five are well")
    lab.blackhole(1)
    wait_until(lambda: states()["Link health fibre"] == 2, 20, "the dead link is critical")
    assert states()["Site online"] == 1
    assert "'uplinkd -n' names it." in system.path("/tmp/nagios/objects.cache").read_text(), "notes are whole"
    uplinkd.stop()
