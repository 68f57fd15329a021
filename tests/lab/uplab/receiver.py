# SPDX-License-Identifier: ISC
"""snmptrapd at the monitoring station with both handlers of the kit: snmptt, and the one without it."""

import pathlib

from .wait import wait_until

KITS = pathlib.Path(__file__).parents[3] / "contrib" / "nms"

SNMPTT_INI = """\
[General]
snmptt_system_name =
mode = standalone
multiple_event = 1
dns_enable = 0
net_snmp_perl_enable = 0
mibs_environment =
translate_log_trap_oid = 0
translate_value_oids = 0
wildcard_expansion_separator = " "
allow_unsafe_regex = 0
remove_backslash_from_quotes = 0
dynamic_nodes = 0
description_mode = 0
[DaemonMode]
daemon_fork = 0
[Logging]
stdout_enable = 0
log_enable = 1
log_file = {folder}/snmptt.log
log_system_enable = 0
unknown_trap_log_enable = 1
unknown_trap_log_file = {folder}/unknown.log
statistics_interval = 0
syslog_enable = 0
syslog_system_enable = 0
[SQL]
mysql_dbi_enable = 0
[Exec]
exec_enable = 0
unknown_trap_exec =
[TrapFiles]
snmptt_conf_files = <<END
{kit}
END
"""


class Receiver:
    """Lines of snmptt.log and handler.log, one a notification."""

    def __init__(self, lab):
        self.folder = lab.folder / "receiver"
        self.folder.mkdir()
        ini = self.folder / "snmptt.ini"
        ini.write_text(SNMPTT_INI.format(folder=self.folder, kit=KITS / "snmptt" / "snmptt.conf"))
        both = self.folder / "both"
        both.write_text(
            f"#!/bin/sh\ncat >{self.folder}/trap.$$\n/usr/sbin/snmptt --ini={ini} <{self.folder}/trap.$$ >>{self.folder}/snmptt.out 2>&1\n"
            f"{KITS}/snmptt/snmptrapd-handler --print <{self.folder}/trap.$$ >>{self.folder}/handler.log\n"
        )
        both.chmod(0o755)
        conf = self.folder / "snmptrapd.conf"
        conf.write_text(f"disableAuthorization yes\ntraphandle default {both}\n")
        process = lab.nms.start(
            "snmptrapd", "snmptrapd", "-f", "-Lo", "-On", "-C", "-c", conf, "-n", "udp:162",
            env={"MIBS": "", "SNMP_PERSISTENT_DIR": str(self.folder)},
        )  # fmt: skip
        process.wait_log("NET-SNMP version")

    def lines(self, name):
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []

    def wait(self, name, *words):
        return wait_until(
            lambda: [line for line in self.lines(name) if all(w in line for w in words)], 20,
            f"{name} says {words}",
        )  # fmt: skip
