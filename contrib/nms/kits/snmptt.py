# SPDX-License-Identifier: ISC
"""snmptt, and a handler for snmptrapd alone: every notification in words, with what to do."""

from . import notifications

HEAD = "# Made from UPLINK-MIB by contrib/nms/generate: change that.\n"

# What stands in a line, in order, of those that the notification has.
SHOWN = [
    ("uplinkEventVersion", "IPv{}"),
    ("uplinkEventTarget", "target {}"),
    ("uplinkEventReason", "({})"),
    ("uplinkEventText", "{}"),
    ("uplinkEventReplayFirst", "from event {}"),
    ("uplinkEventReplayLast", "to {}"),
]
SEVERITY = {"critical": "Critical", "warning": "Warning", "ok": "Normal", "info": "Normal"}


def words(name):
    """uplinkLinkDown -> link down"""
    out = ""
    for c in name.removeprefix("uplink"):
        out += (" " if c.isupper() and out else "") + c.lower()
    return out


def sentence(mib, name):
    """The line, with {object} for values."""
    objects = list(mib.notifications[name]["objects"])
    link = notifications.link_object(mib, name)
    parts = ["{uplinkSite}: " + words(name)]
    parts += ["of link {" + link + "}"] if link else []
    parts += [text.replace("{}", "{" + o + "}") for o, text in SHOWN if o in objects]
    return " ".join(parts)


def snmptt(mib):
    out = [HEAD, "# Add this file to [TrapFiles] in snmptt.ini. With net_snmp_perl_enable = 1 and UPLINK-MIB installed\n"
           "# reasons are words, else numbers.\n"]
    for name, severity, clears in notifications.of(mib):
        objects = list(mib.notifications[name]["objects"])
        text = sentence(mib, name)
        for i, o in enumerate(objects):
            text = text.replace("{" + o + "}", f"${i + 1}")
        note = f" Clears {clears}." if clears else ""
        out.append(
            f'#\nEVENT {name} {mib.oid(name)} "uplinkd" {SEVERITY[severity]}\nFORMAT {text}\n'
            f"SDESC\n{mib.text(name)}{note}\nEDESC\n"
        )
    return "".join(out)


HANDLER = '''#!/usr/bin/python3
# SPDX-License-Identifier: ISC
# Made from UPLINK-MIB by contrib/nms/generate: change that.
"""For snmptrapd alone: one line of syslog for each notification of uplinkd, in words, at a priority of
its own, with what to do. In snmptrapd.conf:

    authCommunity execute,log public
    traphandle {below}.* /usr/share/uplinkd/nms/snmptrapd-handler

snmptrapd must be started with -On, or with this MIB. With --print it prints the line instead."""

import subprocess
import sys

# number: (priority, text with {{object}} for values, what to do)
NOTIFICATIONS = {{
{table}}}

# number of the object: its name, and its labels where it is an enumeration
OBJECTS = {{
{objects}}}

TRAP = ".1.3.6.1.6.3.1.1.4.1.0"


def read(lines):
    """The notification's number and its values, by the objects' names."""
    number, values = None, {{}}
    for line in lines[2:]:
        oid, _, value = line.strip().partition(" ")
        oid = oid.replace("SNMPv2-MIB::snmpTrapOID", TRAP[:-2]).replace("iso.", ".1.")
        value = value.strip().strip('"')
        if oid == TRAP:
            number = int(value.rpartition(".")[2])
            continue
        for below, (name, labels) in OBJECTS.items():
            if oid.startswith(below + "."):
                digits = value.rpartition("(")[2].rstrip(")")
                values[name] = labels.get(digits, value)
    return number, values


class Missing(dict):
    def __missing__(self, key):
        return "?"


def main():
    number, values = read(sys.stdin.read().splitlines())
    if number not in NOTIFICATIONS:
        return 0
    priority, text, do = NOTIFICATIONS[number]
    line = text.format_map(Missing(values)) + ". " + do
    line = "".join(c if c.isprintable() else "?" for c in line)
    if sys.argv[1:] == ["--print"]:
        print(priority, line)
        return 0
    return subprocess.run(["logger", "-t", "uplinkd-trap", "-p", "daemon." + priority, "--", line]).returncode


sys.exit(main())
'''
PRIORITY = {"critical": "crit", "warning": "warning", "ok": "notice", "info": "info"}


def handler(mib):
    table = ""
    used = []
    for name, severity, _ in notifications.of(mib):
        number = mib.oid(name).rpartition(".")[2]
        table += f"    {number}: ({PRIORITY[severity]!r}, {sentence(mib, name)!r}, {mib.text(name)!r}),\n"
        used += [o for o in mib.notifications[name]["objects"] if o not in used]
    objects = ""
    for o in used:
        labels = {str(number): label for label, number in mib.labels(o).items()}
        objects += f"    {mib.oid(o)!r}: ({o!r}, {labels!r}),\n"
    below = mib.oid("uplinkLinkDown").rpartition(".")[0]
    return HANDLER.format(table=table, objects=objects, below=below)


def files(mib):
    return {"snmptt/snmptt.conf": snmptt(mib), "snmptt/snmptrapd-handler": handler(mib)}
