# SPDX-License-Identifier: ISC
"""How long the parent needs to apply a plan, of both IP versions: replace the routes, and read back
what stands (apply_plan.c), with 4 and with 256 links, each on an interface of its own."""

import json

from bench import figure, main
from uplab import tools
from uplab.netns import Namespace
from uplab.topology import PLAIN

ROUNDS = 100
LIMIT_MS = {4: 1, 256: 20}


def site(run, folder, n):
    """A namespace with n interfaces that are up, and the configuration for them."""
    ns = Namespace(run, folder, f"apply{n}")
    ns.sysctl(PLAIN)
    numbers = range(1, n + 1)
    ns.ip("\n".join(f"link add wan{i} type veth peer name isp{i}" for i in numbers))
    ns.ip("\n".join(f"link set wan{i} up\nlink set isp{i} up" for i in numbers))
    ns.ip(
        "\n".join(
            f"addr add 10.{i // 256}.{i % 256}.2/24 dev wan{i}\naddr add 2001:db8:{i:x}::2/64 dev wan{i} nodad"
            for i in numbers
        )
    )
    conf = folder / f"apply{n}.conf"
    conf.write_text(
        "nat6 masquerade\n"
        + "".join(
            f'link "wan{i}" {{ index {i}; interface wan{i}; gateway 10.{i // 256}.{i % 256}.1; '
            f"gateway 2001:db8:{i:x}::1 }}\n"
            for i in numbers
        )
    )
    return ns, conf


def measure(run):
    folder = run.folder("apply")
    good = True
    for n, limit in LIMIT_MS.items():
        ns, conf = site(run, folder, n)
        times = json.loads(ns.run(tools.bench_helper("apply_plan"), conf, ROUNDS, timeout=120))
        times = sorted(t / 1000 for t in times)
        # so many values are told by their tenths
        shown = [round(times[k * (len(times) - 1) // 10], 3) for k in range(11)]
        good = figure(f"applying a plan of {n} links", shown, limit, "ms") and good
    return good


if __name__ == "__main__":
    main(measure)
