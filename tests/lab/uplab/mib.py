# SPDX-License-Identifier: ISC
"""UPLINK-MIB as libsmi reads it: what each object may be. Nothing of our own scripts is asked."""

import os
import pathlib
import subprocess

from . import agent

MIBS = pathlib.Path(__file__).resolve().parents[3] / "mibs" / "UPLINK-MIB.txt"
OTHERS = pathlib.Path(__file__).resolve().parents[2] / "mibs"

TAGS = {
    "Integer32": agent.INTEGER, "Enumeration": agent.INTEGER, "OctetString": agent.OCTETS,
    "Unsigned32": agent.UNSIGNED32, "Gauge32": agent.UNSIGNED32, "Counter32": agent.COUNTER32,
    "Counter64": agent.COUNTER64, "TimeTicks": agent.TIMETICKS,
}  # fmt: skip
BOUNDS = {
    "Integer32": (-(2**31), 2**31 - 1), "Unsigned32": (0, 2**32 - 1), "Gauge32": (0, 2**32 - 1),
    "Counter32": (0, 2**32 - 1), "Counter64": (0, 2**64 - 1), "TimeTicks": (0, 2**32 - 1),
}  # fmt: skip


def dump(path, cache={}):
    if path not in cache:
        done = subprocess.run(
            ["smidump", "-c", "/dev/null", "-k", "-f", "python", str(path)],
            capture_output=True, text=True, env={**os.environ, "SMIPATH": str(OTHERS)},
        )  # fmt: skip
        scope = {}
        exec(compile(done.stdout, str(path), "exec"), scope)
        cache[path] = scope["MIB"]
    return cache[path]


def module(name):
    return dump(MIBS if name == "UPLINK-MIB" else OTHERS / f"{name}.txt")


def resolve(syntax):
    """The definition behind the names: basetype, ranges, named numbers."""
    kind = syntax["type"]
    if "basetype" in kind:
        return kind
    if kind["module"] in ("", "SNMPv2-SMI"):
        return {"basetype": kind["name"]}
    return module(kind["module"])["typedefs"][kind["name"]]


class Object:
    def __init__(self, name, node):
        self.name = name
        self.oid = tuple(int(i) for i in node["oid"].split("."))
        self.access = node["access"]
        kind = resolve(node["syntax"])
        self.base = kind["basetype"]
        self.tag = TAGS[self.base]
        self.numbers = {
            int(v["number"]) for v in kind.values() if isinstance(v, dict) and v.get("nodetype") == "namednumber"
        }
        self.ranges = [(int(r["min"]), int(r["max"])) for r in kind.get("ranges", [])]

    @property
    def readable(self):
        return self.access in ("readonly", "readwrite")

    def allows(self, value):
        """The module allows this value: enumeration, range of the number or of the length."""
        if self.numbers:
            return value in self.numbers
        if self.base == "OctetString":
            value = len(value)
            return not self.ranges or any(low <= value <= high for low, high in self.ranges)
        low, high = BOUNDS[self.base]
        return low <= value <= high and (not self.ranges or any(a <= value <= b for a, b in self.ranges))


class Mib:
    def __init__(self):
        nodes = module("UPLINK-MIB")["nodes"]
        self.root = tuple(int(i) for i in nodes["uplinkMIB"]["oid"].split("."))
        self.objects = {
            Object(n, d).oid: Object(n, d) for n, d in nodes.items() if d["nodetype"] in ("scalar", "column")
        }
        self.by_name = {o.name: o for o in self.objects.values()}
        self.notifications = {n: list(d["objects"]) for n, d in module("UPLINK-MIB")["notifications"].items()}
        self.kinds = {  # the number of the event type that has that notification
            n: int(d["oid"].rpartition(".")[2]) for n, d in module("UPLINK-MIB")["notifications"].items()
        }
        self.indexes = {
            tuple(int(i) for i in d["oid"].split(".")): self._index(nodes, d)
            for n, d in nodes.items()
            if d["nodetype"] == "row"
        }

    def _index(self, nodes, row):
        linkage = row["linkage"]
        if isinstance(linkage[0], dict):  # AUGMENTS
            linkage = nodes[linkage[0]["UPLINK-MIB"]["relatedNode"]]["linkage"]
        return [self.by_name[i] for i in linkage]

    def object_of(self, oid):
        """The object that the name is below, or at; None: there is none."""
        return next((self.objects[oid[:n]] for n in range(len(oid), 0, -1) if oid[:n] in self.objects), None)

    def check(self, oid, tag, value):
        """Says what is wrong with an instance, "" if nothing is."""
        o = self.object_of(oid)
        if o is None:
            return "undeclared"
        rest, index = oid[len(o.oid) :], self.indexes.get(o.oid[:-1])
        if not o.readable:
            return f"{o.name} is {o.access}"
        if index is None and rest != (0,):
            return f"{o.name} is a scalar, not {rest}"
        if index is not None and (len(rest) != len(index) or not all(i.allows(r) for i, r in zip(index, rest))):
            return f"{o.name} has no index {rest}"
        if tag != o.tag:
            return f"{o.name} has type {tag:#x}"
        return "" if o.allows(value) else f"{o.name} may not be {value!r}"
