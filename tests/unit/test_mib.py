#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""UPLINK-MIB is clean, and everything that speaks of it agrees with it: the subagent's columns and
notifications (as tests/unit/print_mib tells them), the enumerations of common/names.h, and the
manual page. What the module says is read by libsmi, not by our own script.

usage: test_mib.py SOURCE_FOLDER PRINT_MIB"""

import os
import pathlib
import shutil
import subprocess
import sys
import unittest

SOURCE, PRINT_MIB = pathlib.Path(sys.argv[1]), sys.argv[2]
MODULE = SOURCE / "mibs" / "UPLINK-MIB.txt"
FOLDERS = SOURCE / "tests" / "mibs"
SKIP = 77

# libsmi's names of types, by what the subagent calls them; Gauge32 and Unsigned32 are one on the wire
SAME = {"Gauge32": "Unsigned32", "Enumeration": "Integer32", "Integer32": "Integer32"}


def smi(*command):
    """Runs a program of libsmi with nothing but our own modules, and no configuration."""
    done = subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, "SMIPATH": str(FOLDERS.resolve())}
    )
    return done.stdout + done.stderr


def dump():
    scope = {}
    text = smi("smidump", "-c", "/dev/null", "-k", "-f", "python", str(MODULE))
    exec(compile(text, "smidump", "exec"), scope)
    return scope["MIB"]


MIB = dump() if shutil.which("smidump") and shutil.which("smilint") else None


def told(kind):
    """What print_mib prints of that kind, word by word."""
    lines = subprocess.run([PRINT_MIB], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.split()[1:] for line in lines if line.split()[0] == kind]


def module_type(node):
    """The type on the wire."""
    syntax = node["syntax"]["type"]
    if "module" in syntax and syntax["module"] == "UPLINK-MIB":
        syntax = MIB["typedefs"][syntax["name"]]
    if "basetype" in syntax:
        return SAME.get(syntax["basetype"], syntax["basetype"])
    known = {
        "SnmpAdminString": "OctetString", "DateAndTime": "OctetString", "InetAddress": "OctetString",
        "TruthValue": "Integer32", "TestAndIncr": "Integer32", "InterfaceIndex": "Integer32",
        "InetVersion": "Integer32", "InetAddressType": "Integer32", "InetAddressPrefixLength": "Unsigned32",
        "InetPortNumber": "Unsigned32",
    }  # fmt: skip
    name = syntax["name"]
    return SAME.get(name, known.get(name, name))


class Module(unittest.TestCase):
    def test_it_is_clean(self):
        # smilint exits 0 whatever it finds
        self.assertEqual(smi("smilint", "-c", "/dev/null", "-l", "6", "-m", str(MODULE)), "")

    def test_the_check_can_fail(self):
        broken = pathlib.Path(os.environ.get("TMPDIR", "/tmp")) / f"UPLINK-MIB.{os.getpid()}"
        broken.write_text(MODULE.read_text().replace("uplinkLinkTier OBJECT-TYPE", "uplinkLinkTir OBJECT-TYPE"))
        try:
            self.assertNotEqual(smi("smilint", "-c", "/dev/null", "-l", "6", "-m", str(broken)), "")
        finally:
            broken.unlink()

    def test_every_object_says_what_it_means(self):
        for name, node in MIB["nodes"].items():
            if node["nodetype"] in ("scalar", "column"):
                self.assertGreater(len(node["description"].strip()), 10, name)


class Subagent(unittest.TestCase):
    def test_it_has_every_object_and_no_other(self):
        module = {}
        for name, node in MIB["nodes"].items():
            if node["nodetype"] in ("scalar", "column") and node["access"] != "noaccess":
                module[name] = [node["oid"], module_type(node), node["access"]]
        self.assertGreater(len(module), 130)
        self.assertEqual({name: rest for name, *rest in told("column")}, module)

    def test_its_columns_stand_in_order(self):
        oids = [tuple(map(int, oid.split("."))) for _, oid, _, _ in told("column")]
        self.assertEqual(oids, sorted(set(oids)))

    def test_it_has_every_notification_with_its_objects(self):
        module = {n: [d["oid"], *d["objects"]] for n, d in MIB["notifications"].items()}
        self.assertEqual({name: rest for name, *rest in told("notification")}, module)

    def test_notifications_carry_no_index(self):
        for name, node in MIB["notifications"].items():
            for o in node["objects"]:
                self.assertNotEqual(MIB["nodes"][o]["access"], "noaccess", f"{name}: {o}")


class Enumerations(unittest.TestCase):
    def module_values(self, name):
        typedef = MIB["typedefs"][name]
        return {k: v["number"] for k, v in typedef.items() if isinstance(v, dict) and v.get("nodetype") == "namednumber"}

    def test_they_are_those_of_the_program(self):
        program = {}
        for name, number, label in told("value"):
            program.setdefault(name, {})[label] = number
        for name, values in program.items():
            self.assertEqual(values, self.module_values(name), name)
        missing = {
            n for n, t in MIB["typedefs"].items() if t.get("basetype") == "Enumeration"
        } - program.keys() - {"UplinkState"}  # fmt: skip
        self.assertEqual(missing, set())

    def test_a_state_has_the_labels_of_its_enumeration(self):
        module = self.module_values("UplinkState")
        want = {"none": "1"}
        parts = {"health": ("UplinkHealth", 10), "admin": ("UplinkAdmin", 20), "oper": ("UplinkOper", 30),
                 "target": ("UplinkProbeStatus", 40)}  # fmt: skip
        for prefix, (name, offset) in parts.items():
            for label, number in self.module_values(name).items():
                want[prefix + label[0].upper() + label[1:]] = str(int(number) + offset)
        self.assertEqual(module, want)

    def test_a_notification_has_the_number_of_its_event(self):
        kinds = self.module_values("UplinkEventKind")
        for name, node in MIB["notifications"].items():
            label = name.removeprefix("uplink")
            label = label[0].lower() + label[1:]
            self.assertEqual(node["oid"].rpartition(".")[2], kinds[label], name)


class Manual(unittest.TestCase):
    PAGE = SOURCE / "doc" / "uplinkd-mib.7"

    def test_it_is_what_the_module_says(self):
        head = SOURCE / "doc" / "uplinkd-mib.head"
        made = subprocess.run(
            ["awk", "-f", SOURCE / "mibs" / "manual.awk", head, MODULE], capture_output=True, text=True, check=True
        )
        self.assertTrue(made.stdout == self.PAGE.read_text(), "out of date: run make manual-mib")

    def test_it_names_everything(self):
        words = set(self.PAGE.read_text().split())
        names = [n for n, d in MIB["nodes"].items() if d["nodetype"] in ("scalar", "column", "table")]
        for name in [*names, *MIB["notifications"], *MIB["typedefs"]]:
            self.assertIn(name, words)


if __name__ == "__main__":
    if MIB is None:
        print("smilint and smidump are not installed (Debian: smitools)")
        sys.exit(SKIP)
    unittest.main(argv=sys.argv[:1], verbosity=2)
