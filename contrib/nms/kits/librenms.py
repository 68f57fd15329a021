# SPDX-License-Identifier: ISC
"""LibreNMS: sensors by discovery YAML, and a handler for every notification."""

import yaml

from . import notifications
from .snmptt import sentence

HEAD = "# Made from UPLINK-MIB by contrib/nms/generate: change that.\n"

# generic: 0 ok, 1 warning, 2 critical, 3 unknown
GENERIC = {
    "UplinkHealth": {"unknown": 3, "up": 0, "degraded": 1, "down": 2},
    "UplinkOper": {"active": 0, "standby": 0, "draining": 1, "drained": 1, "out": 2},
    "UplinkAdmin": {"auto": 0, "drain": 1, "forceUp": 1, "forceDown": 1},
    "uplinkAllLinksDown": {"true": 2, "false": 0},
    "uplinkConfigStatus": {"accepted": 0, "rejected": 1},
}


def state(mib, name, table, enumeration, descr):
    labels = mib.labels(enumeration)
    generic = GENERIC[enumeration]
    assert set(labels) == set(generic), f"kits/librenms.py: the labels of {enumeration} have changed"
    row = table != name
    return {
        "oid": table,
        "value": name,
        "num_oid": f"{mib.oid(name)}.{{{{ $index }}}}",
        "descr": descr,
        "index": f"{name}.{{{{ $index }}}}",
        "state_name": name,
        "states": [{"value": n, "generic": generic[label], "graph": 1, "descr": label} for label, n in labels.items()],
        **({"group": "uplinkd"} if row else {}),
    }


def number(mib, name, table, descr, divisor=1, **limits):
    return {
        "oid": table,
        "value": name,
        "num_oid": f"{mib.oid(name)}.{{{{ $index }}}}",
        "descr": descr,
        "index": f"{name}.{{{{ $index }}}}",
        "divisor": divisor,
        "group": "uplinkd",
        **limits,
    }


def discovery(mib):
    link, route = "{{ $uplinkLinkName }}", "{{ $uplinkRouteLinkName }}"
    sensors = {
        "state": {
            "data": [
                state(mib, "uplinkLinkHealth", "uplinkLinkTable", "UplinkHealth", f"{link} health"),
                state(mib, "uplinkLinkOperStatus", "uplinkLinkTable", "UplinkOper", f"{link} duty"),
                state(mib, "uplinkControlAdminStatus", "uplinkControlTable", "UplinkAdmin", "{{ $uplinkControlLinkName }} order"),
                state(mib, "uplinkAllLinksDown", "uplinkAllLinksDown", "uplinkAllLinksDown", "All links down"),
                state(mib, "uplinkConfigStatus", "uplinkConfigStatus", "uplinkConfigStatus", "Configuration"),
            ]
        },
        "delay": {
            "data": [
                number(mib, "uplinkLinkRttAvg", "uplinkLinkTable", f"{link} RTT", 1000000),
                number(mib, "uplinkLinkJitter", "uplinkLinkTable", f"{link} jitter", 1000000),
            ]
        },
        "percent": {
            "data": [number(mib, "uplinkLinkLoss", "uplinkLinkTable", f"{link} loss", 1000, warn_limit=5, high_limit=20)]
        },
        "count": {
            "data": [
                number(mib, "uplinkUsableLinks", "uplinkUsableLinks", "Usable links", low_limit=1, low_warn_limit=2),
                number(mib, "uplinkLinkLiveFlows", "uplinkLinkTable", f"{link} live flows"),
                number(mib, "uplinkRouteTargetsUp", "uplinkRouteTable", f"{route} targets up"),
            ]
        },
    }
    data = {"mib": "UPLINK-MIB", "modules": {"sensors": sensors}}
    return (
        HEAD + "# Merge below modules.sensors of resources/definitions/os_discovery/linux.yaml (or of your OS), and copy\n"
        "# mibs/UPLINK-MIB.txt to LibreNMS' mibs folder as UPLINK-MIB.\n"
        + yaml.safe_dump(data, sort_keys=False, width=110)
    )


SEVERITY = {"critical": "Severity::Error", "warning": "Severity::Warning", "ok": "Severity::Ok", "info": "Severity::Info"}


def php_text(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def traps(mib):
    rows, lines = "", ""
    for name, severity, _ in notifications.of(mib):
        text = sentence(mib, name)
        objects = [o for o in mib.notifications[name]["objects"] if "{" + o + "}" in text]
        for o in objects:
            text = text.replace("{" + o + "}", "%s")
        names = ", ".join(php_text(o) for o in objects)
        rows += f"        'UPLINK-MIB::{name}' => [{SEVERITY[severity]}, {php_text(text)}, [{names}]],\n"
        lines += f"//     'UPLINK-MIB::{name}' => \\LibreNMS\\Snmptrap\\Handlers\\Uplinkd::class,\n"
    return f"""<?php

// SPDX-License-Identifier: ISC
// Made from UPLINK-MIB by contrib/nms/generate: change that.
//
// LibreNMS/Snmptrap/Handlers/Uplinkd.php: an entry of the event log for every notification of uplinkd.
// In config/snmptraps.php, in 'trap_handlers':
//
{lines}
namespace LibreNMS\\Snmptrap\\Handlers;

use App\\Models\\Device;
use LibreNMS\\Enum\\Severity;
use LibreNMS\\Interfaces\\SnmptrapHandler;
use LibreNMS\\Snmptrap\\Trap;

class Uplinkd implements SnmptrapHandler
{{
    private const TEXTS = [
{rows}    ];

    public function handle(Device $device, Trap $trap)
    {{
        [$severity, $text, $objects] = self::TEXTS[$trap->getTrapOid()] ?? [Severity::Unknown, $trap->getTrapOid(), []];
        $values = array_map(fn ($name) => $trap->getOidData($trap->findOid('UPLINK-MIB::' . $name)), $objects);
        $trap->log(vsprintf($text, $values), $severity, 'uplinkd');
    }}
}}
"""


def files(mib):
    return {"librenms/uplinkd.yaml": discovery(mib), "librenms/Uplinkd.php": traps(mib)}
