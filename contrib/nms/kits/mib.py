# SPDX-License-Identifier: ISC
"""UPLINK-MIB as the kits need it: numbers, enumerations, notifications. libsmi reads the module."""

import os
import pathlib
import subprocess

TREE = pathlib.Path(__file__).resolve().parents[3]


class Mib:
    def __init__(self):
        text = subprocess.run(
            ["smidump", "-c", "/dev/null", "-k", "-f", "python", str(TREE / "mibs" / "UPLINK-MIB.txt")],
            env={**os.environ, "SMIPATH": str(TREE / "tests" / "mibs")}, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        scope = {}
        exec(compile(text, "smidump", "exec"), scope)
        self.module = scope["MIB"]
        self.nodes = self.module["nodes"]
        self.notifications = self.module["notifications"]

    def oid(self, name):
        """".1.3.6..." of an object, table or notification."""
        node = self.nodes.get(name) or self.notifications[name]
        return "." + node["oid"]

    def instance(self, name):
        """The number of a scalar's only instance."""
        assert self.nodes[name]["nodetype"] == "scalar", name
        return self.oid(name) + ".0"

    def type_of(self, name):
        return self.nodes[name]["syntax"]["type"]

    def labels(self, name):
        """{label: number} of an enumeration, by its own name or that of an object of it."""
        kind = self.module["typedefs"].get(name) or self.type_of(name)
        if "name" in kind:
            if kind["name"] == "TruthValue":
                return {"true": 1, "false": 2}
            kind = self.module["typedefs"].get(kind["name"], kind)
        return {
            label: int(v["number"])
            for label, v in kind.items()
            if isinstance(v, dict) and v.get("nodetype") == "namednumber"
        }

    def value(self, name, label):
        return self.labels(name)[label]

    def text(self, name):
        """What the module says of it, as one line."""
        node = self.nodes.get(name) or self.notifications[name]
        return " ".join(node["description"].split())

    def columns(self, table):
        """The columns of a table that can be read, in their order."""
        below = self.nodes[table]["oid"] + ".1."
        found = [
            (int(node["oid"].rpartition(".")[2]), name)
            for name, node in self.nodes.items()
            if node["nodetype"] == "column" and node["oid"].startswith(below) and node["access"] != "noaccess"
        ]
        return [name for _, name in sorted(found)]

    def scalars(self):
        return [n for n, v in self.nodes.items() if v["nodetype"] == "scalar" and v["access"].startswith("read")]
