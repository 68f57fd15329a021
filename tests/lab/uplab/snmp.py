# SPDX-License-Identifier: ISC
"""net-snmp's real programs: the master agent, the trap receiver, and the tools that ask."""

import re

from . import tools
from .wait import wait_until

READ = "lab-read"
WRITE = "lab-write"

# Access by address: only the lab's own namespaces. A site would use an SNMPv3 user: see README.
SNMPD_CONF = """\
master agentx
agentXSocket {socket}
agentXPerms 0660 0755 root _uplinksnmp
agentXTimeout 5
agentXRetries 1
sysName lab-router
sysLocation lab
sysContact nobody
rocommunity {read} 192.168.77.0/24
rwcommunity {write} 192.168.77.0/24
rocommunity {read} 198.18.0.0/24
rwcommunity {write} 198.18.0.0/24
rwcommunity {write} 127.0.0.1
trap2sink {station} {read} 162
"""


def environment():
    folders = ":".join(str(f) for f in tools.mib_folders())
    return {"MIBDIRS": folders, "MIBS": "SNMPv2-MIB:UPLINK-MIB"}


class Snmpd:
    """The master agent on the router."""

    def __init__(self, lab, namespace=None, station=None, extra="", conf=SNMPD_CONF):
        self.namespace = namespace or lab.router
        folder = lab.folder / "snmpd"
        folder.mkdir(mode=0o755, exist_ok=True)
        folder.chmod(0o755)
        # In a folder of its own: snmpd sets that folder's permissions too.
        self.socket = folder / "agentx" / "master"
        self.conf_path = folder / "snmpd.conf"
        station = station or "198.18.0.10"
        self.conf_path.write_text(
            conf.format(socket=self.socket, read=READ, write=WRITE, station=station) + extra
        )
        self.folder = folder
        self.process = None

    def start(self, address="udp:161"):
        self.process = self.namespace.start(
            "snmpd", "snmpd", "-f", "-Lo", "-C", "-c", self.conf_path, "-m", "", address,
            env={"SNMP_PERSISTENT_DIR": str(self.folder / "state"), "MIBS": ""},
        )  # fmt: skip
        wait_until(self.socket.exists, 10, "snmpd's AgentX socket")
        return self

    def stop(self):
        self.process.stop()




class Station:
    """snmptrapd at the monitoring station."""

    def __init__(self, namespace, *addresses):
        """By default at udp:162. Over TCP none is lost on the way, however many come."""
        self.namespace = namespace
        conf = namespace.folder / "snmptrapd.conf"
        conf.write_text("disableAuthorization yes\ndoNotLogTraps no\n")
        self.process = namespace.start(
            "snmptrapd", "snmptrapd", "-f", "-Lo", "-C", "-c", conf, "-n", "-OQ", "-F",
            "TRAP|%b|%V|%v\\n", *(addresses or ["udp:162"]),
            env={**environment(), "SNMP_PERSISTENT_DIR": str(namespace.folder / "state")},
        )  # fmt: skip
        self.process.wait_log("NET-SNMP version")

    def traps(self):
        """Every notification so far: {"name": "uplinkLinkDown", "from": address, "uplinkLinkName.1": ...}"""
        traps = []
        for line in self.process.log().splitlines():
            if not line.startswith("TRAP|"):
                continue
            _, source, *pairs = line.split("|")
            trap = {"from": re.search(r"\[([^]]*)\]", source)[1]}
            for pair in pairs:
                name, _, value = pair.partition(" = ")
                trap[name.strip().rpartition("::")[2]] = value.strip().strip('"')
            trap["name"] = trap.get("snmpTrapOID.0", "?").rpartition("::")[2]
            traps.append(trap)
        return traps

    def named(self, name, link=None):
        """The notifications of that name, about that link."""
        return [t for t in self.traps() if t["name"] == name and (link is None or link_of(t) == link)]

    def wait(self, name, link=None, deadline_s=15, count=1):
        """Until so many have come; returns the last."""
        wait_until(
            lambda: len(self.named(name, link)) >= count,
            deadline_s,
            f"the station gets {name} of {link or 'any link'}; it got "
            f"{[(t['name'], link_of(t)) for t in self.traps()]}",
        )
        return self.named(name, link)[-1]


def column(trap, name):
    """The value of that object of a notification, whatever its index; None where it has none."""
    return next((v for k, v in trap.items() if k.partition(".")[0] == name), None)


def link_of(trap):
    return column(trap, "uplinkLinkName")


class Manager:
    """snmpget, snmpwalk and snmpset in a namespace, by the names of UPLINK-MIB."""

    def __init__(self, namespace, agent="192.168.77.1"):
        self.namespace = namespace
        self.agent = agent

    def tool(self, program, community, *arguments, timeout_s=2, retries=1):
        return self.namespace.try_run(
            program, "-v2c", "-c", community, "-t", timeout_s, "-r", retries, *arguments,
            env={**environment(), "SNMP_PERSISTENT_DIR": str(self.namespace.folder)},
        )  # fmt: skip

    def is_registered(self):
        """The master answers, and has the subagent."""
        done = self.tool("snmpget", READ, "-OQv", self.agent, "UPLINK-MIB::uplinkLinkCount.0")
        return done.returncode == 0 and clean(done.stdout) is not None

    def wait_registered(self, deadline_s=20):
        wait_until(self.is_registered, deadline_s, "snmpd has its subagent")

    def walk(self, name, program="snmpbulkwalk", numbers=False):
        """{"uplinkLinkName.1": "fibre", ...} of everything under it; numbers: enumerations as such."""
        options = ["-OQUe" if numbers else "-OQU"]
        done = self.tool(program, READ, *options, self.agent, f"UPLINK-MIB::{name}")
        assert done.returncode == 0, f"{program} {name}: {done.stdout}{done.stderr}"
        return parse(done.stdout)

    def get(self, *names, numbers=False):
        """The values, in order; a missing one is None. A single name gives a single value."""
        options = "-OQUve" if numbers else "-OQUv"
        done = self.tool("snmpget", READ, options, self.agent, *[f"UPLINK-MIB::{n}" for n in names])
        assert done.returncode == 0, f"snmpget {names}: {done.stdout}{done.stderr}"
        values = [clean(v) for v in done.stdout.splitlines()]
        return values[0] if len(names) == 1 else values

    def set(self, *triples, community=WRITE, timeout_s=2):
        """set(("uplinkControlAdminStatus.1", "i", "drain"), ...) in one PDU. Returns "" or the reason that
        the agent gave ("inconsistentValue")."""
        arguments = []
        for name, kind, value in triples:
            arguments += [f"UPLINK-MIB::{name}" if name[0].isalpha() else name, kind, value]
        done = self.tool("snmpset", community, "-Ir", self.agent, *arguments, timeout_s=timeout_s, retries=0)
        if done.returncode == 0:
            return ""
        reason = re.search(r"Reason: (\w+)", done.stderr)
        return reason[1] if reason else done.stderr.strip()


def clean(value):
    value = value.strip()
    if value.startswith("No Such") or value.startswith("No more"):
        return None
    return value[1:-1] if len(value) >= 2 and value[0] == value[-1] == '"' else value


def parse(text):
    values = {}
    for line in text.splitlines():
        name, separator, value = line.partition(" = ")
        if separator:
            values[name.rpartition("::")[2]] = clean(value)
    return values


def table(values):
    """{"1": {"uplinkLinkName": "fibre", ...}} of a walk, by the index as it is printed."""
    rows = {}
    for name, value in values.items():
        object_name, _, index = name.partition(".")
        rows.setdefault(index, {})[object_name] = value
    return rows
