# SPDX-License-Identifier: ISC
"""uplinkd as its own SNMP agent: its part of the configuration, the secrets, and managers who ask by
SNMPv3 or SNMPv2c over any transport."""

import dataclasses
import re

from .daemon import Uplinkd, config
from .snmp import clean, environment
from .topology import NMS, ROUTER_LAN
from .wait import wait_until


@dataclasses.dataclass(frozen=True)
class User:
    name: str
    auth: str = "sha256"
    auth_secret: str = "Loch Ness is deep"
    priv: str = "aes"
    priv_secret: str = "and \"Loch Lomond\" too"
    rights: str = ""

    def statement(self):
        priv = f" priv {self.priv}" if self.priv else ""
        return f'user "{self.name}" auth {self.auth}{priv} {self.rights}'

    def secret(self):
        def quoted(text):
            return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

        priv = f" priv {quoted(self.priv_secret)}" if self.priv else ""
        return f'user "{self.name}" auth {quoted(self.auth_secret)}{priv}'

    def options(self):
        """For net-snmp's tools."""
        auth = {"sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}[self.auth]
        options = ["-v3", "-u", self.name, "-a", auth, "-A", self.auth_secret]
        if not self.priv:
            return [*options, "-l", "authNoPriv"]
        priv = {"aes": "AES", "aes256": "AES-256"}[self.priv]
        return [*options, "-l", "authPriv", "-x", priv, "-X", self.priv_secret]

    def but(self, **changes):
        return dataclasses.replace(self, **changes)


NMS_USER = User("nms", rights="read all write links")
READER = User("reader", auth="sha512", priv="aes256", rights="read all")
PLAIN = User("plain", auth="sha512", priv="", rights="read links")
NOBODY = User("nobody")  # without any right
COMMUNITY = "8fk2-ddw0"
V2C = ["-v2c", "-c", COMMUNITY]

STATEMENTS = f"""
	listen "udp:161"; listen "udp6:161"; listen "tcp:161"; listen "tcp6:161"
	contact "noc@example.net"; location "lab"
	view "links" include uplinkMIB include system exclude 1.3.6.1.2.1.1.4
	community "graphs" read "links" from 192.168.77.0/24
"""


class Agent:
    """A lab whose router has uplinkd as its own agent."""

    def __init__(self, lab, extra="", users=(NMS_USER, READER, PLAIN, NOBODY), statements=STATEMENTS):
        self.lab = lab
        self.secrets = lab.folder / "secrets"
        self.users = users
        self.write_secrets(users)
        self.statements = statements
        self.uplinkd = Uplinkd(lab, self.text(extra))
        self.manager = Asker(lab.client, NMS_USER.options())

    def write_secrets(self, users, community=COMMUNITY):
        lines = [u.secret() for u in users] + [f'community "graphs" "{community}"']
        self.secrets.write_text("\n".join(lines) + "\n")
        self.secrets.chmod(0o600)

    def text(self, extra="", users=None):
        lines = [u.statement() for u in users or self.users]
        block = f'snmp {{\n\tsecrets "{self.secrets}"\n{self.statements}\n' + "\n".join(lines) + f"\n{extra}\n}}\n"
        return config(self.lab, snmp=block)

    def start(self):
        self.uplinkd.start().wait_all_active()
        self.manager.wait_answers()
        return self

    def engine_id(self):
        """As hexadecimal digits."""
        return (self.uplinkd.statedir / "snmp-engine").read_text().split()[1]


class Asker:
    """Someone who asks, from a namespace, by net-snmp's tools."""

    def __init__(self, namespace, options, agent=f"udp:{ROUTER_LAN}:161"):
        self.namespace = namespace
        self.options = options
        self.agent = agent

    def tool(self, program, *arguments, timeout_s=2, retries=1):
        return self.namespace.try_run(
            program, *self.options, "-t", timeout_s, "-r", retries, *arguments,
            env={**environment(), "SNMP_PERSISTENT_DIR": str(self.namespace.folder)},
        )  # fmt: skip

    def wait_answers(self, deadline_s=15):
        wait_until(lambda: self.get(".1.3.6.1.2.1.1.3.0") is not None, deadline_s, "the agent answers")

    def get(self, name):
        """The value, None where there is none, or the tool's complaint."""
        done = self.tool("snmpget", "-OQUv", self.agent, name)
        return clean(done.stdout) if done.returncode == 0 else None

    def walk_numbers(self, name, program="snmpbulkwalk"):
        """{".1.3.6.1.2.1.1.4.0": "noc", ...} in the order of the answers."""
        done = self.tool(program, "-m", "", "-On", "-OQ", "-OU", "-Oe", self.agent, name)
        assert done.returncode == 0, f"{program} {name}: {done.stdout}{done.stderr}"
        lines = [line.partition(" = ") for line in done.stdout.splitlines()]
        return {name: clean(value) for name, sign, value in lines if sign and "No more variables" not in value}

    def refusal(self, program, *arguments):
        """Why it was refused: "" where it was not."""
        done = self.tool(program, "-OQ", "-Ir", self.agent, *arguments, retries=0, timeout_s=1)
        text = done.stdout + done.stderr
        reason = re.search(r"Reason: (\w+)", text)
        if reason:
            return reason[1]
        return "" if done.returncode == 0 else text.strip()

    def set(self, *triples):
        arguments = []
        for name, kind, value in triples:
            arguments += [f"UPLINK-MIB::{name}" if name[0].isalpha() else name, kind, value]
        return self.refusal("snmpset", *arguments)


class Receiver:
    """snmptrapd at the station, that takes from those users and communities only."""

    def __init__(self, namespace, users=(), engine_id=None, community=None, port=162, name="snmptrapd"):
        self.namespace = namespace
        self.name = name
        self.port = port
        self.conf = namespace.folder / f"{name}.conf"
        lines = []
        for user in users:
            options = user.options()
            made = f'{user.name} {options[options.index("-a") + 1]} {quote(user.auth_secret)}'
            if user.priv:
                made += f' {options[options.index("-x") + 1]} {quote(user.priv_secret)}'
            lines += [f"createUser {made}", f"authUser log {user.name}"]
            if engine_id:  # traps are of the sender's engine, informs of the receiver's
                lines.append(f"createUser -e 0x{engine_id} {made}")
        lines += [f"authCommunity log {community}"] if community else []
        self.conf.write_text("\n".join(lines) + "\n")
        self.starts = 0
        self.processes = []

    def start(self):
        self.starts += 1
        process = self.namespace.start(
            f"{self.name}-{self.starts}", "snmptrapd", "-f", "-Lo", "-C", "-c", self.conf, "-n", "-OQ",
            "-F", "TRAP|%b|%V|%v\\n", f"udp:{NMS}:{self.port}",
            env={**environment(), "SNMP_PERSISTENT_DIR": str(self.namespace.folder / f"{self.name}-state")},
        )  # fmt: skip
        process.wait_log("NET-SNMP version")
        self.processes.append(process)
        return self

    def stop(self):
        self.processes[-1].stop()

    def numbers(self):
        """The event numbers of all that came, in order."""
        found = []
        for process in self.processes:
            for line in process.log().splitlines():
                if line.startswith("TRAP|"):
                    found.append(int(re.search(r"uplinkEventType\.(\d+) = ", line)[1]))
        return found


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
