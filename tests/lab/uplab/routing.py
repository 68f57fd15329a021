# SPDX-License-Identifier: ISC
"""What stands in the kernel's routing, as ip(8) tells it."""

import json

TABLE = 7000  # the daemon's own
PROTOCOL = "77"


def _routes(ns, family, *arguments):
    text = ns.run("ip", f"-{family}", "-j", "route", "show", *arguments)
    return json.loads(text) if text.strip() else []


def members(ns, family=4, table=TABLE):
    """{gateway: weight} of that table's default route; {} where there is none."""
    done = ns.try_run("ip", f"-{family}", "-j", "route", "show", "table", table, "default")
    if done.returncode != 0 or not done.stdout.strip():
        return {}
    found = {}
    for route in json.loads(done.stdout):
        for hop in route.get("nexthops", [route]):
            if "gateway" in hop:
                found[hop["gateway"]] = hop.get("weight", 1)
    return found


def rules(ns, family=4):
    """[(preference, text)]"""
    lines = ns.run("ip", f"-{family}", "rule", "show").splitlines()
    return [(int(line.split(":")[0]), line.split(":", 1)[1].strip()) for line in lines]


def main_table(ns, family=4):
    """The main table without what the kernel itself and the lab put there, line by line."""
    return sorted(ns.run("ip", f"-{family}", "route", "show", "table", "main").splitlines())


def snapshot(ns):
    """Everything that a daemon could have changed: rules, routes of all tables, the ruleset."""
    texts = []
    for family in (4, 6):
        texts += [f"rule {family} {pref} {text}" for pref, text in rules(ns, family)]
        lines = ns.run("ip", f"-{family}", "route", "show", "table", "all").splitlines()
        # neighbours and path MTU make entries of their own
        texts += [line.strip() for line in lines if " cache" not in line]
    return sorted(texts) + ns.run("nft", "list", "ruleset").splitlines()


def refuse_gateway6(lab, n):
    """The kernel takes no new IPv6 route by link n: its gateway is an address of the router's own. What
    stands goes on, as both ends know each other without discovery, which would end then."""
    for ns, interface, address, other in (
        (lab.isps[n], "wan0", lab.source6(n), (lab.router, lab.interface(n))),
        (lab.router, lab.interface(n), lab.gateway6(n), (lab.isps[n], "wan0")),
    ):
        mac = other[0].run("cat", f"/sys/class/net/{other[1]}/address").strip()
        ns.ip(f"neigh replace {address} lladdr {mac} nud permanent dev {interface}")
    lab.router.ip(f"addr add {lab.gateway6(n)}/128 dev lo nodad")
