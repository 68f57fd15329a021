# SPDX-License-Identifier: ISC
"""Zabbix: a template in YAML (6.0 and later). Rows are discovered by a walk of each table."""

import uuid

import yaml

from . import alerts

TEMPLATE = "uplinkd by SNMP"
COUNTERS = ("Counter32", "Counter64")
UNITS = {"microseconds": "us", "milliseconds": "ms", "seconds": "s", "octets": "B"}
TABLES = [
    ("uplinkLinkTable", "link", [("{#LINK}", "uplinkLinkName")]),
    ("uplinkControlTable", "order", [("{#LINK}", "uplinkControlLinkName")]),
    ("uplinkRouteTable", "route", [("{#LINK}", "uplinkRouteLinkName"), ("{#GATEWAY}", "uplinkRouteGateway")]),
    ("uplinkTargetTable", "target", [("{#LINK}", "uplinkTargetLinkName"), ("{#METHOD}", "uplinkTargetMethod")]),
]
UNIT_OVERRIDE = {"uplinkRouteOctets": "B"}


def identity(*words):
    """The same for the same thing, for ever: Zabbix knows things by it. It takes none but those of version 4."""
    named = uuid.uuid5(uuid.NAMESPACE_URL, "uplinkd/" + "/".join(words))
    return uuid.UUID(bytes=named.bytes, version=4).hex


def base_type(mib, name):
    kind = mib.type_of(name)
    base = kind.get("name", kind.get("basetype"))
    return mib.module["typedefs"].get(base, {}).get("basetype", base)


def words(name, prefix):
    out = ""
    for c in name.removeprefix("uplink").removeprefix(prefix):
        out += (" " if c.isupper() and out else "") + c
    return out


def value_maps(mib):
    return [
        {
            "uuid": identity("map", name),
            "name": name,
            "mappings": [{"value": str(n), "newvalue": label} for label, n in mib.labels(name).items()],
        }
        for name in [n for n, t in mib.module["typedefs"].items() if t["basetype"] == "Enumeration"]
    ] + [
        {
            "uuid": identity("map", "TruthValue"), "name": "TruthValue",
            "mappings": [{"value": "1", "newvalue": "true"}, {"value": "2", "newvalue": "false"}],
        }
    ]  # fmt: skip


def item(mib, name, key, oid, title, triggers=()):
    base, kind = base_type(mib, name), mib.type_of(name)
    text = base in ("OctetString", "SnmpAdminString")
    entry = {
        "uuid": identity("item", name),
        "name": title,
        "type": "SNMP_AGENT",
        "snmp_oid": oid,
        "key": key,
        "delay": "10m" if text else "30s",
        "history": "31d",
    }
    if text:
        entry["trends"] = "0"
        entry["value_type"] = "CHAR"
    units = mib.nodes[name].get("units")
    entry["description"] = mib.text(name)
    steps = []
    if base in COUNTERS:
        steps.append({"type": "CHANGE_PER_SECOND", "parameters": [""]})
        entry["value_type"] = "FLOAT"
        entry["units"] = UNIT_OVERRIDE.get(name, "") + "ps" if name in UNIT_OVERRIDE else ""
    elif kind.get("name") == "UplinkLoss":
        steps.append({"type": "MULTIPLIER", "parameters": ["0.001"]})
        entry["value_type"], entry["units"] = "FLOAT", "%"
    elif units in ("microseconds", "milliseconds"):
        steps.append({"type": "MULTIPLIER", "parameters": ["0.000001" if units == "microseconds" else "0.001"]})
        entry["value_type"], entry["units"] = "FLOAT", "s"
    elif units in UNITS:
        entry["units"] = UNITS[units]
    if steps:
        entry["preprocessing"] = steps
    if kind.get("name") in mib.module["typedefs"] and mib.labels(name):
        entry["valuemap"] = {"name": kind["name"]}
    elif kind.get("name") == "TruthValue":
        entry["valuemap"] = {"name": "TruthValue"}
    entry["tags"] = [{"tag": "component", "value": "uplink"}]
    if not entry.get("units"):
        entry.pop("units", None)
    if triggers:
        entry["trigger_prototypes" if "{#" in key else "triggers"] = list(triggers)
    return entry


def left_out(mib, name):
    return base_type(mib, name) in ("DateAndTime", "InetAddress", "InetAddressType", "InetAddressPrefixLength", "TestAndIncr")


# The alerts that one item says, in Zabbix' words: name: (object, condition).
def conditions(mib):
    v = mib.value
    last = "last(/{template}/{key})"
    return {
        "UplinkAllLinksDown": ("uplinkAllLinksDown", f"{last}={v('uplinkAllLinksDown', 'true')}"),
        "UplinkLinkDown": ("uplinkLinkHealth", f"min(/{{template}}/{{key}},1m)={v('UplinkHealth', 'down')}"),
        "UplinkNoSpareLink": ("uplinkUsableLinks", "max(/{template}/{key},5m)=1"),
        "UplinkLinkDegraded": (
            "uplinkLinkHealth",
            f"min(/{{template}}/{{key}},5m)={v('UplinkHealth', 'degraded')} and {last}={v('UplinkHealth', 'degraded')}",
        ),
        "UplinkLinkFlapping": ("uplinkLinkOperReason", f"{last}={v('UplinkReason', 'flapping')}"),
        "UplinkForgottenOrder": ("uplinkControlAdminStatus", f"min(/{{template}}/{{key}},12h)>{v('UplinkAdmin', 'auto')}"),
        "UplinkConfigRejected": ("uplinkConfigStatus", f"min(/{{template}}/{{key}},5m)={v('uplinkConfigStatus', 'rejected')}"),
        "UplinkEngineStale": ("uplinkHeartbeatAge", "min(/{template}/{key},1m)>2"),
        "UplinkRestarts": ("uplinkEngineRestarts", f"{last}>0"),
        "UplinkHookFailed": ("uplinkHooksFailed", f"{last}>0"),
        "UplinkNotificationsLost": ("uplinkNotificationsLost", f"{last}>0"),
    }


def triggers(mib, name, key, row):
    found = []
    by_name = {a.name: a for a in alerts.of(mib)}
    for alert, (about, condition) in conditions(mib).items():
        if about != name:
            continue
        a = by_name[alert]
        title = a.summary.replace("{{ $labels.uplinkLinkName }}", "{#LINK}").replace("{{ $labels.instance }}", "{HOST.NAME}")
        found.append(
            {
                "uuid": identity("trigger", alert),
                "expression": condition.format(template=TEMPLATE, key=key),
                "name": title,
                "priority": "HIGH" if a.severity == "critical" else "AVERAGE",
                "description": a.do,
            }
        )
    return found


def discovery(mib, table, word, macros):
    key = f"uplink.{word}"
    title = "{#LINK}" + "".join(f" {m}" for m, _ in macros[1:])
    if word in ("route", "target"):
        title = f"{title} {{#SNMPINDEX}}"
    walked = ",".join(f"{macro},{mib.oid(name)}" for macro, name in macros)
    rule = {
        "uuid": identity("discovery", table), "name": f"uplinkd: {word}s", "type": "SNMP_AGENT",
        "snmp_oid": f"discovery[{walked}]", "key": f"{key}.discovery", "delay": "10m", "lifetime": "30d",
        "description": mib.text(table), "item_prototypes": [],
    }  # fmt: skip
    for name in mib.columns(table):
        if left_out(mib, name) or name.endswith("LinkName"):
            continue
        item_key = f"{key}[{name},{{#SNMPINDEX}}]"
        rule["item_prototypes"].append(
            item(mib, name, item_key, f"{mib.oid(name)}.{{#SNMPINDEX}}",
                 f"{word} {title}: {words(name, word.capitalize() if word != 'order' else 'Control')}",
                 triggers(mib, name, item_key, True))
        )  # fmt: skip
    return rule


def files(mib):
    items = [
        item(mib, name, f"uplink.{name}", mib.instance(name), f"uplinkd: {words(name, '')}",
             triggers(mib, name, f"uplink.{name}", False))
        for name in mib.scalars() if not left_out(mib, name)
    ]  # fmt: skip
    template = {
        "uuid": identity("template"), "template": TEMPLATE, "name": TEMPLATE,
        "description": "The WAN links of a site, as uplinkd measures and uses them. Made from UPLINK-MIB by "
                       "contrib/nms/generate. The host needs an SNMP interface; bulk requests on.",
        "groups": [{"name": "Templates/Network devices"}],
        "items": items,
        "discovery_rules": [discovery(mib, *t) for t in TABLES],
        "tags": [{"tag": "class", "value": "network"}, {"tag": "target", "value": "uplinkd"}],
        "valuemaps": value_maps(mib),
    }  # fmt: skip
    export = {
        "zabbix_export": {
            "version": "6.0",
            "date": "2026-01-01T00:00:00Z",
            "groups": [{"uuid": "36bff6c29af64692839d077febfc7079", "name": "Templates/Network devices"}],
            "templates": [template],
        }
    }
    # Zabbix takes no quoted text that goes on in the next line after a quote.
    return {"zabbix/template.yaml": "# Made from UPLINK-MIB by contrib/nms/generate: change that.\n"
            + yaml.safe_dump(export, sort_keys=False, width=100000)}  # fmt: skip
