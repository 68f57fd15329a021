# SPDX-License-Identifier: ISC
"""A Nagios of Debian's on the monitoring station, with the kit and the example at its end."""

import pathlib
import re

from . import snmp
from .system import System

KIT = pathlib.Path(__file__).parents[3] / "contrib" / "nms" / "icinga" / "nagios.cfg"

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
    """What stands at the end of the kit's file, for the lab."""
    text = KIT.read_text().partition("# Example:")[2].partition("\n")[2]
    text = re.sub(r"(?m)^# ?", "", text)
    return text.replace("192.0.2.10", "192.168.77.1").replace("\tpublic", f"\t{snmp.READ}")


class Nagios:
    def __init__(self, lab, site=None):
        self.system = System(lab)
        self.namespace = lab.client
        self.system.run("install", "-d", "-o", "nagios", "-g", "nagios", "/tmp/nagios", "/tmp/nagios/results")
        for name, text in ("nagios.cfg", NAGIOS), ("uplinkd.cfg", KIT.read_text()), ("site.cfg", site or example()):
            self.system.write(f"/tmp/nagios/{name}", text)

    def check(self):
        """What it says of its files."""
        return self.system.try_run("nagios4", "-v", "/tmp/nagios/nagios.cfg")

    def start(self):
        self.system.start("nagios", "nagios4", "/tmp/nagios/nagios.cfg", namespace=self.namespace)

    def states(self):
        """{service: state} of those that have been checked."""
        path = self.system.path("/tmp/nagios/status.dat")
        found = {}
        for block in re.findall(r"(?s)servicestatus \{(.*?)\}", path.read_text() if path.exists() else ""):
            values = dict(re.findall(r"(?m)^\t(\w+)=(.*)$", block))
            if values["has_been_checked"] == "1":
                found[values["service_description"]] = int(values["current_state"])
        return found
