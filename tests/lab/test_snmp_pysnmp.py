# SPDX-License-Identifier: ISC
"""An SNMP manager that shares no code with net-snmp, over both ways: it reads all that net-snmp's tools
read, orders by SNMPv3, and takes what is told, under snmpd and without."""

import json
import os
import pathlib
import subprocess

import pytest

from uplab.alone import COMMUNITY, NMS_USER, Agent, Asker
from uplab.daemon import Uplinkd, config
from uplab.mib import Mib
from uplab.snmp import READ, Manager, Snmpd
from uplab.topology import NMS, ROUTER_LAN
from uplab.wait import wait_until

CLIENT = pathlib.Path(__file__).parent / "pysnmp_client.py"
TREE = pathlib.Path(__file__).resolve().parents[2]
MODULES = [TREE / "mibs", TREE / "tests" / "mibs"]
UPLINK = "1.3.6.1.4.1.8072.9999.9999.7705"
ADMIN = f"{UPLINK}.1.3.1.1"
TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"
FAILOVER = f"{UPLINK}.0.8"

# For snmpd: the same user, and informs as well as traps.
V3 = f"""
createUser nms SHA-256 "{NMS_USER.auth_secret}" AES "{NMS_USER.priv_secret.replace('"', chr(92) + '"')}"
rwuser nms priv
trapsess -Ci -v3 -u nms -l authPriv -a SHA-256 -A "{NMS_USER.auth_secret}" -x AES -X "{NMS_USER.priv_secret.replace('"', chr(92) + '"')}" {NMS}:1162
"""


def pysnmp(namespace, who, *arguments, start=False):
    environment = {"PYSNMP": json.dumps(who)}
    argv = ["/usr/bin/python3", CLIENT, *arguments]
    if start:
        return namespace.start(f"pysnmp-{who['port']}", *argv, env=environment)
    done = namespace.try_run(*argv, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def user(host, port=161, **more):
    return {
        "host": host, "port": port, "user": NMS_USER.name, "auth": NMS_USER.auth,
        "auth_secret": NMS_USER.auth_secret, "priv": NMS_USER.priv, "priv_secret": NMS_USER.priv_secret, **more,
    }  # fmt: skip


def received(process):
    """The notifications so far, each as {name: value}."""
    return [dict(json.loads(line)) for line in process.log().splitlines() if line.startswith("[")]


def walked(text):
    return {line.split()[0]: line.split(maxsplit=1)[1] for line in text.splitlines()}


def check(lab, uplinkd, community, expected, receivers):
    """Reads, orders, and is told. expected: the names that net-snmp's tools see."""
    client = lab.client
    names = walked(pysnmp(client, user(ROUTER_LAN), "walk", UPLINK)).keys()
    assert len(names) > 200
    stable = {n for n in expected if n.startswith((f"{UPLINK}.1.2.", f"{UPLINK}.1.4.1.2"))}
    assert stable and stable <= names
    plain = walked(pysnmp(client, {"host": ROUTER_LAN, "port": 161, "community": community}, "walk", UPLINK))
    assert stable <= plain.keys()
    i = uplinkd.index("isp1")
    assert pysnmp(client, user(ROUTER_LAN), "set", f"{ADMIN}.{i}", "i", "9").strip() == "wrongValue"
    done = pysnmp(client, user(ROUTER_LAN), "set", f"{ADMIN}.{i}", "i", "2", f"{UPLINK}.1.3.1.4.{i}", "s", "by pysnmp")
    assert done.strip() == "", done
    uplinkd.wait_link("isp1", admin="drain")
    assert walked(pysnmp(client, user(ROUTER_LAN), "walk", f"{ADMIN}"))[f"{ADMIN}.{i}"] == "Integer 2"
    assert pysnmp(client, user(ROUTER_LAN), "set", f"{ADMIN}.{i}", "i", "1").strip() == ""
    uplinkd.wait_link("isp1", oper="active")
    lab.blackhole(2)
    for receiver in receivers:
        wait_until(
            lambda: [t for t in received(receiver) if t[TRAP_OID] == FAILOVER], 15, f"{receiver.name} is told of the failover"
        )
        told = [t[TRAP_OID] for t in received(receiver)]
        assert told.count(FAILOVER) == 1


LOAD = """
import sys
from pysmi.codegen import PySnmpCodeGen
from pysmi.compiler import MibCompiler
from pysmi.parser import SmiStarParser
from pysmi.reader import FileReader
from pysmi.searcher import StubSearcher
from pysmi.writer import PyFileWriter
from pysnmp.smi import builder

folder, *sources = sys.argv[1:]
compiler = MibCompiler(SmiStarParser(), PySnmpCodeGen(), PyFileWriter(folder))
compiler.addSources(*[FileReader(s) for s in sources])
compiler.addSearchers(StubSearcher(*PySnmpCodeGen.baseMibs))
compiler.compile("UPLINK-MIB")
loaded = builder.MibBuilder()
loaded.addMibSources(builder.DirMibSource(folder))
loaded.loadModules("UPLINK-MIB")
for name, symbol in loaded.mibSymbols["UPLINK-MIB"].items():
    if type(symbol).__name__ in ("MibScalar", "MibTableColumn", "NotificationType"):
        print(name, ".".join(map(str, symbol.getName())))
"""


def test_every_reader_of_modules_reads_the_same(tmp_path):
    """libsmi, pysnmp and net-snmp, each with its own parser."""
    mib = Mib()
    want = {o.name: ".".join(map(str, oid)) for oid, o in mib.objects.items()}
    assert len(want) > 180
    done = subprocess.run(
        ["/usr/bin/python3", "-c", LOAD, tmp_path, *MODULES], capture_output=True, text=True, check=True
    )
    found = dict(line.split() for line in done.stdout.splitlines())
    assert want.items() <= found.items()
    assert mib.notifications.keys() == found.keys() - want.keys()
    environment = {"PATH": os.environ["PATH"], "MIBS": "UPLINK-MIB", "MIBDIRS": ":".join(map(str, MODULES))}
    done = subprocess.run(["snmptranslate", "-Tz"], capture_output=True, text=True, check=True, env=environment)
    assert done.stderr == "", "and net-snmp has nothing to complain of"
    numbers = dict(line.replace('"', "").split() for line in done.stdout.splitlines())
    assert want.items() <= numbers.items()


def test_under_snmpd(lab):
    snmpd = Snmpd(lab, extra=V3).start()
    receivers = [pysnmp(lab.nms, {"host": NMS, "port": 162, "community": READ}, "receive", start=True)]
    receivers += [pysnmp(lab.nms, user(NMS, 1162), "receive", start=True)]
    for receiver in receivers:
        receiver.wait_log("ready")
    uplinkd = Uplinkd(lab, config(lab, agentx=snmpd.socket)).start().wait_all_active()
    Manager(lab.client).wait_registered()
    expected = Asker(lab.client, NMS_USER.options()).walk_numbers(f".{UPLINK}")
    check(lab, uplinkd, READ, {name[1:] for name in expected}, receivers)


@pytest.mark.parametrize("kind", ["inform", "trap"])
def test_alone(lab, kind):
    agent = Agent(lab, f"{kind} {NMS} user nms\n{kind} {NMS} port 1162 community graphs")
    agent.start()
    receivers = [
        pysnmp(lab.nms, user(NMS, 162, engine=agent.engine_id()), "receive", start=True),
        pysnmp(lab.nms, {"host": NMS, "port": 1162, "community": COMMUNITY}, "receive", start=True),
    ]
    for receiver in receivers:
        receiver.wait_log("ready")
    expected = agent.manager.walk_numbers(f".{UPLINK}")
    check(lab, agent.uplinkd, COMMUNITY, {name[1:] for name in expected}, receivers)
