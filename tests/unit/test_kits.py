#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""The kits for monitoring are what the MIB says, and what their own tools take as far as that can be
seen without a network. With one, they are tried in tests/lab/test_nms.py.

usage: test_kits.py SOURCE_FOLDER"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(sys.argv[1]).resolve()
KITS = SOURCE / "contrib" / "nms"
SKIP = 77
NEEDED = ["smidump", "prometheus-snmp-generator", "promtool"]

if [p for p in NEEDED if not shutil.which(p)]:
    print("missing: " + ", ".join(p for p in NEEDED if not shutil.which(p)))
    sys.exit(SKIP)
import yaml  # noqa: E402

sys.dont_write_bytecode = True
sys.path.insert(0, str(KITS))
from kits import alerts, notifications, zabbix  # noqa: E402
from kits.mib import Mib  # noqa: E402

MIB = Mib()
NUMBERS = {v["oid"]: n for n, v in {**MIB.nodes, **MIB.notifications}.items()}


def read(name):
    return (KITS / name).read_text()


def oids(text):
    """Every number below the module's in a text."""
    module = MIB.nodes["uplinkMIB"]["oid"]
    return {m[0].lstrip(".") for m in re.finditer(r"\.?" + re.escape(module) + r"[0-9.]*", text)}


def is_known(oid):
    """An object, or an instance of one."""
    oid = oid.rstrip(".")
    return oid in NUMBERS or oid.rpartition(".")[0] in NUMBERS or oid + ".1" in NUMBERS


class Generated(unittest.TestCase):
    def test_the_files_are_what_the_generator_makes(self):
        done = subprocess.run([KITS / "generate", "--check"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_every_number_is_one_of_the_module(self):
        files = [p for p in KITS.rglob("*") if p.is_file() and p.parent.name not in ("kits", "nms") and p.suffix != ".svg"]
        self.assertGreater(len(files), 9)
        for path in files:
            unknown = sorted(o for o in oids(path.read_text()) if not is_known(o))
            self.assertEqual(unknown, [], path)

    def test_every_notification_is_in_every_kit_that_takes_them(self):
        for name, _, _ in notifications.of(MIB):
            self.assertIn(f"EVENT {name} {MIB.oid(name)} ", read("snmptt/snmptt.conf"))
            self.assertIn(f"'UPLINK-MIB::{name}'", read("librenms/Uplinkd.php"))


class Prometheus(unittest.TestCase):
    def promtool(self, *arguments):
        done = subprocess.run(["promtool", *arguments], cwd=KITS / "prometheus", capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_rules(self):
        self.promtool("check", "rules", "rules.yml")
        self.promtool("test", "rules", "rules_test.yml")

    def test_every_alert_says_what_to_do(self):
        for alert in alerts.of(MIB):
            self.assertGreater(len(alert.do), 60, alert.name)

    def metrics(self):
        return {m["name"] for m in yaml.safe_load(read("prometheus/snmp.yml"))["uplinkd"]["metrics"]}

    def test_rules_and_dashboard_ask_for_what_the_exporter_gives(self):
        rules = yaml.safe_load(read("prometheus/rules.yml"))
        queries = [r["expr"] for g in rules["groups"] for r in g["rules"]]
        records = {r["record"] for g in rules["groups"] for r in g["rules"] if "record" in r}
        board = json.loads(read("prometheus/dashboard.json"))
        queries += [t["expr"] for p in board["panels"] for t in p["targets"]]
        known = self.metrics() | records | {"uplinkLinkName", "uplinkLinkIndex", "uplinkTargetIndex"}
        for query in queries:
            for name in re.findall(r"uplink[A-Za-z0-9_:]+", query.replace('job="uplinkd"', "")):
                self.assertIn(name, known, query)

    def test_panels_do_not_cover_each_other(self):
        cells = set()
        for p in json.loads(read("prometheus/dashboard.json"))["panels"]:
            g = p["gridPos"]
            here = {(x, y) for x in range(g["x"], g["x"] + g["w"]) for y in range(g["y"], g["y"] + g["h"])}
            self.assertFalse(here & cells, p["title"])
            cells |= here
            self.assertLessEqual(g["x"] + g["w"], 24)


class Zabbix(unittest.TestCase):
    def setUp(self):
        self.export = yaml.safe_load(read("zabbix/template.yaml"))["zabbix_export"]
        self.template = self.export["templates"][0]

    def all_of(self, key, node=None):
        node = self.export if node is None else node
        if isinstance(node, dict):
            for k, v in node.items():
                if k == key:
                    yield v
                yield from self.all_of(key, v)
        elif isinstance(node, list):
            for v in node:
                yield from self.all_of(key, v)

    def test_no_text_goes_on_in_the_next_line(self):
        """YAML allows it, but Zabbix refuses the file where a line ends with a quote of the text."""
        for line in read("zabbix/template.yaml").splitlines():
            if not line.startswith("#"):
                yaml.safe_load(line.strip().removeprefix("- "))
                self.assertRegex(line, r"^ *(- )?[\w]+:( |$)|^ *- ")

    def test_identities(self):
        ids = list(self.all_of("uuid"))
        self.assertEqual(len(ids), len(set(ids)))
        for one in ids:
            self.assertRegex(one, r"^[0-9a-f]{32}$")

    def test_keys_and_names_are_unique(self):
        keys = [i["key"] for i in self.template["items"]]
        for rule in self.template["discovery_rules"]:
            keys += [rule["key"]] + [i["key"] for i in rule["item_prototypes"]]
            names = [i["name"] for i in rule["item_prototypes"]]
            self.assertEqual(len(names), len(set(names)))
        self.assertEqual(len(keys), len(set(keys)))

    def test_value_maps_exist(self):
        maps = {m["name"] for m in self.template["valuemaps"]}
        for used in self.all_of("valuemap"):
            self.assertIn(used["name"], maps)

    def test_triggers_are_about_their_own_item(self):
        found = 0
        for owner in self.template["items"] + [i for r in self.template["discovery_rules"] for i in r["item_prototypes"]]:
            for trigger in owner.get("triggers", []) + owner.get("trigger_prototypes", []):
                found += 1
                for host, key in re.findall(r"/([^/]+)/([^,)\[]+(?:\[[^]]*\])?)", trigger["expression"]):
                    self.assertEqual((host, key), (self.template["template"], owner["key"]))
                self.assertTrue(trigger["description"])
        self.assertEqual(found, len(zabbix.conditions(MIB)))


class LibreNMS(unittest.TestCase):
    def test_states_are_all_there(self):
        data = yaml.safe_load(read("librenms/uplinkd.yaml"))
        for sensor in data["modules"]["sensors"]["state"]["data"]:
            labels = MIB.labels(sensor["value"])
            self.assertEqual({s["descr"]: s["value"] for s in sensor["states"]}, labels)

    def test_it_says_what_a_discovery_can_be_told(self):
        """The members of LibreNMS' own schema of such files, of those that are used here."""
        needed = {"oid": str, "num_oid": str, "descr": str}
        may = {**needed, "value": str, "index": str, "group": str, "low_limit": int, "low_warn_limit": int, "warn_limit": int,
               "high_limit": int}  # fmt: skip
        of_state = {**may, "state_name": str, "states": list}
        of_others = {**may, "divisor": int}
        state = {"value": int, "descr": str, "graph": int, "generic": int}
        data = yaml.safe_load(read("librenms/uplinkd.yaml"))
        self.assertEqual(set(data), {"mib", "modules"})
        self.assertEqual(set(data["modules"]), {"sensors"})
        for kind, sensors in data["modules"]["sensors"].items():
            self.assertIn(kind, ("state", "delay", "percent", "count"))
            self.assertEqual(set(sensors), {"data"})
            for sensor in sensors["data"]:
                allowed = of_state if kind == "state" else of_others
                self.assertEqual({k: v for k, v in sensor.items() if not isinstance(v, allowed.get(k, ()))}, {})
                self.assertLessEqual(set(needed), set(sensor))
                self.assertRegex(sensor["num_oid"], r"^(\.\d+)+\.?\{\{ \$index \}\}(\.\d+)*$")
                for row in sensor.get("states", []):
                    self.assertEqual({k: type(v) for k, v in row.items()}, state)
                    self.assertIn(row["generic"], range(4))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
