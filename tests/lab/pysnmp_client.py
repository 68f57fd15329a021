# SPDX-License-Identifier: ISC
"""An SNMP manager by pysnmp, which shares no code with net-snmp. It runs in a namespace of the lab.

    pysnmp_client.py walk OID         one line for each: NAME TYPE VALUE
    pysnmp_client.py set NAME TYPE VALUE ...      prints "" or the name of the error
    pysnmp_client.py receive          one line for each notification, until it is ended

Whom it talks to, and as whom, is JSON in the environment's PYSNMP: {"host", "port", "community"} or
{"host", "port", "user", "auth", "auth_secret", "priv", "priv_secret"}; of receive also "engine", the
sender's engine in hexadecimal digits."""

import json
import os
import sys

from pysnmp import hlapi
from pysnmp.carrier.asyncore.dgram import udp, udp6
from pysnmp.entity import config, engine
from pysnmp.entity.rfc3413 import ntfrcv
from pysnmp.proto import rfc1902

AUTH = {"sha256": hlapi.usmHMAC192SHA256AuthProtocol, "sha512": hlapi.usmHMAC384SHA512AuthProtocol}
PRIV = {None: hlapi.usmNoPrivProtocol, "aes": hlapi.usmAesCfb128Protocol}
TYPES = {"i": rfc1902.Integer32, "u": rfc1902.Unsigned32, "s": rfc1902.OctetString}

who = json.loads(os.environ["PYSNMP"])


def credentials():
    if "community" in who:
        return hlapi.CommunityData(who["community"], mpModel=1)
    return hlapi.UsmUserData(
        who["user"], who["auth_secret"], who.get("priv_secret"),
        authProtocol=AUTH[who["auth"]], privProtocol=PRIV[who.get("priv")],
    )  # fmt: skip


def transport():
    kind = hlapi.Udp6TransportTarget if ":" in who["host"] else hlapi.UdpTransportTarget
    return kind((who["host"], who["port"]), timeout=2, retries=1)


def walk(root):
    for trouble, status, at, pairs in hlapi.bulkCmd(
        hlapi.SnmpEngine(), credentials(), transport(), hlapi.ContextData(), 0, 25,
        hlapi.ObjectType(hlapi.ObjectIdentity(root)), lookupMib=False, lexicographicMode=False,
    ):  # fmt: skip
        if trouble or status:
            sys.exit(f"{trouble or status.prettyPrint()} at {at}")
        for name, value in pairs:
            print(name, type(value).__name__, value.prettyPrint())


def set_all(triples):
    pairs = [
        hlapi.ObjectType(hlapi.ObjectIdentity(name), TYPES[kind](value if kind == "s" else int(value)))
        for name, kind, value in zip(*[iter(triples)] * 3)
    ]
    trouble, status, at, _ = next(
        hlapi.setCmd(hlapi.SnmpEngine(), credentials(), transport(), hlapi.ContextData(), *pairs, lookupMib=False)
    )
    print(trouble or (status.prettyPrint() if status else ""))


def receive():
    snmp = engine.SnmpEngine()
    six = ":" in who["host"]
    domain = (udp6.domainName if six else udp.domainName) + (1,)
    dispatcher = (udp6.Udp6Transport if six else udp.UdpTransport)().openServerMode((who["host"], who["port"]))
    config.addTransport(snmp, domain, dispatcher)
    if "community" in who:
        config.addV1System(snmp, "all", who["community"])
    else:
        keys = (AUTH[who["auth"]], who["auth_secret"], PRIV[who.get("priv")], who.get("priv_secret"))
        config.addV3User(snmp, who["user"], *keys)
        if who.get("engine"):  # traps are of the sender's engine
            sender = rfc1902.OctetString(hexValue=who["engine"])
            config.addV3User(snmp, who["user"], *keys, securityEngineId=sender)

    def take(_snmp, _reference, _engine, _context, pairs, _arg):
        print(json.dumps([[str(name), value.prettyPrint()] for name, value in pairs]), flush=True)

    ntfrcv.NotificationReceiver(snmp, take)
    print("ready", flush=True)
    snmp.transportDispatcher.jobStarted(1)
    snmp.transportDispatcher.runDispatcher()


if sys.argv[1] == "walk":
    walk(sys.argv[2])
elif sys.argv[1] == "set":
    set_all(sys.argv[2:])
else:
    receive()
