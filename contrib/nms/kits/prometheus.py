# SPDX-License-Identifier: ISC
"""Prometheus: the exporter's module, rules, and a dashboard for Grafana."""

import json
import os
import pathlib
import subprocess
import tempfile

import yaml

from . import alerts
from .mib import TREE

HEAD = "# Made from UPLINK-MIB by contrib/nms/generate: change that.\n"

def generator(mib):
    tables = ["uplinkLinkTable", "uplinkControlTable", "uplinkRouteTable", "uplinkTargetTable"]
    lookups, overrides, walk = [], {}, []
    for name in mib.scalars():
        kind = mib.type_of(name)
        if kind.get("name", kind.get("basetype")) in ("DateAndTime", "TestAndIncr", "SnmpAdminString", "OctetString"):
            continue
        walk.append(name)
    for name in ["uplinkVersion", "uplinkSite"]:
        walk.append(name)
        overrides[name] = {"type": "DisplayString"}
    walk += tables
    lookups.append({"source_indexes": ["uplinkLinkIndex"], "lookup": "uplinkLinkName"})
    for table in tables:
        for name in mib.columns(table):
            kind = mib.type_of(name)
            base = kind.get("name", kind.get("basetype"))
            if base in ("DateAndTime", "OctetString", "SnmpAdminString", "InetAddress", "InetAddressType",
                        "InetAddressPrefixLength"):  # fmt: skip
                overrides[name] = {"ignore": True}
    module = {"walk": walk, "max_repetitions": 50, "timeout": "4s", "lookups": lookups, "overrides": overrides}
    return yaml.safe_dump({"modules": {"uplinkd": module}}, sort_keys=False, width=110)


def exporter_module(text):
    """What prometheus-snmp-generator makes of it."""
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "generator.yml").write_text(text)
        folders = [str(TREE / "mibs"), str(TREE / "tests" / "mibs")]
        subprocess.run(
            ["prometheus-snmp-generator", "generate"], cwd=folder, check=True, capture_output=True,
            env={**os.environ, "MIBDIRS": ":".join(folders), "MIBS": "UPLINK-MIB"},
        )  # fmt: skip
        return pathlib.Path(folder, "snmp.yml").read_text()


def rules(mib):
    up = mib.value("UplinkHealth", "up")
    records = [
        ("uplink:loss:ratio", "uplinkLinkLoss / 100000"),
        ("uplink:rtt:seconds", "uplinkLinkRttAvg / 1e6"),
        ("uplink:jitter:seconds", "uplinkLinkJitter / 1e6"),
        ("uplink:sent:bits_per_second", "rate(uplinkRouteOctets[2m]) * 8"),
        ("uplink:up:ratio_1d", f"avg_over_time((uplinkLinkHealth == bool {up})[1d:])"),
    ]
    groups = [
        {"name": "uplinkd", "rules": [{"record": name, "expr": query} for name, query in records]},
        {
            "name": "uplinkd-alerts",
            "rules": [
                {
                    "alert": a.name,
                    "expr": a.prometheus,
                    "for": f"{a.minutes}m",
                    "labels": {"severity": a.severity},
                    "annotations": {"summary": a.summary, "description": a.do},
                }
                for a in alerts.of(mib)
            ]
            + [
                {
                    "alert": "UplinkNotSeen",
                    "expr": 'up{job="uplinkd"} == 0 or on(instance) (up{job="uplinkd"} unless on(instance) uplinkLinkCount)',
                    "for": "5m",
                    "labels": {"severity": "critical"},
                    "annotations": {
                        "summary": "{{ $labels.instance }} tells nothing of its links",
                        "description": "snmpd does not answer, or it has no UPLINK-MIB. If the site answers otherwise: is "
                        "uplinkd running, and does its log say that it is connected to snmpd?",
                    },
                }
            ],
        },
    ]
    return yaml.safe_dump({"groups": groups}, sort_keys=False, width=110)


# ---- the dashboard ----

COLOURS = {"up": "green", "active": "green", "degraded": "yellow", "standby": "blue", "draining": "orange",
           "drained": "orange", "down": "red", "out": "red", "unknown": "grey"}  # fmt: skip


def mappings(mib, enumeration):
    options = {
        str(number): {"text": label, "color": COLOURS.get(label, "text"), "index": number}
        for label, number in mib.labels(enumeration).items()
    }
    return [{"type": "value", "options": options}]


def panel(number, kind, title, queries, x, y, w, h, unit="none", **more):
    defaults = {"unit": unit, "custom": {}, "mappings": more.pop("mappings", [])}
    defaults.update(more.pop("defaults", {}))
    return {
        "id": number, "type": kind, "title": title, "gridPos": {"x": x, "y": y, "w": w, "h": h},
        "datasource": {"type": "prometheus", "uid": "${source}"},
        "targets": [
            {"refId": chr(65 + i), "expr": query, "legendFormat": legend} for i, (query, legend) in enumerate(queries)
        ],
        "fieldConfig": {"defaults": defaults, "overrides": []}, "options": more,
    }  # fmt: skip


def dashboard(mib):
    at = '{instance="$instance"}'
    link = "{{uplinkLinkName}}"
    panels = [
        panel(1, "stat", "Usable links", [(f"uplinkUsableLinks{at}", "usable"), (f"uplinkLinkCount{at}", "of")], 0, 0, 4, 4),
        panel(2, "stat", "Up over the last day", [(f"uplink:up:ratio_1d{at}", link)], 4, 0, 20, 4, "percentunit"),
        panel(3, "state-timeline", "Health", [(f"uplinkLinkHealth{at}", link)], 0, 4, 12, 7, mappings=mappings(mib, "UplinkHealth")),
        panel(4, "state-timeline", "Duty", [(f"uplinkLinkOperStatus{at}", link)], 12, 4, 12, 7, mappings=mappings(mib, "UplinkOper")),
        panel(5, "timeseries", "Round-trip time", [(f"uplink:rtt:seconds{at}", link)], 0, 11, 12, 8, "s"),
        panel(6, "timeseries", "Loss", [(f"uplink:loss:ratio{at}", link)], 12, 11, 12, 8, "percentunit",
              defaults={"min": 0, "max": 1}),
        panel(7, "timeseries", "Sent", [(f"sum by (uplinkLinkName) (uplink:sent:bits_per_second{at})", link)], 0, 19, 12, 8, "bps"),
        panel(8, "timeseries", "Jitter", [(f"uplink:jitter:seconds{at}", link)], 12, 19, 12, 8, "s"),
        panel(9, "timeseries", "Live flows", [(f"uplinkLinkLiveFlows{at}", link)], 0, 27, 12, 8),
        panel(10, "timeseries", "Targets: loss", [(f"uplinkTargetLoss{at} / 100000", "{{uplinkLinkName}} target {{uplinkTargetIndex}}")],
              12, 27, 12, 8, "percentunit"),
    ]  # fmt: skip
    variables = [
        {"name": "source", "type": "datasource", "query": "prometheus", "label": "Source"},
        {
            "name": "instance", "type": "query", "label": "Site", "refresh": 2,
            "datasource": {"type": "prometheus", "uid": "${source}"},
            "query": {"query": "label_values(uplinkLinkCount, instance)", "refId": "instance"},
        },
    ]  # fmt: skip
    board = {
        "title": "uplinkd", "uid": "uplinkd", "schemaVersion": 38, "version": 1, "refresh": "30s", "tags": ["uplinkd"],
        "time": {"from": "now-6h", "to": "now"}, "templating": {"list": variables}, "panels": panels,
    }  # fmt: skip
    return json.dumps(board, indent=1) + "\n"


def files(mib):
    text = generator(mib)
    return {
        "prometheus/generator.yml": HEAD + text,
        "prometheus/snmp.yml": HEAD + exporter_module(text),
        "prometheus/rules.yml": HEAD + rules(mib),
        "prometheus/dashboard.json": dashboard(mib),
    }
