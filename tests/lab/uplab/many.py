# SPDX-License-Identifier: ISC
"""A router with hundreds of links, and a world behind them that answers for every target: link n has
the gateway 100.64.n.1 (and so on upwards), its targets are 198.18.n.1, 198.18.n.2, ..."""

import os

from .netns import Namespace
from .topology import PLAIN, ROUTING


class ManyLinks:
    def __init__(self, run, links):
        self.run = run
        self.links = range(links)
        self.folder = run.folder("many")
        plain = PLAIN + ROUTING + "net.ipv6.conf.default.disable_ipv6=1\n"
        self.router = Namespace(run, self.folder, "router")
        self.world = Namespace(run, self.folder, "world")
        for ns in (self.router, self.world):
            ns.sysctl(plain)
        Namespace._batch("\n".join(self._cable(n) for n in self.links))
        self.router.ip("\n".join(self._router_end(n) for n in self.links))
        self.world.ip("\n".join(self._world_end(n) for n in self.links) + "\nroute add local 198.18.0.0/15 dev lo")

    @staticmethod
    def network(n, first):
        return f"{first + (n >> 8)}.{n & 255}"

    def gateway(self, n):
        return f"100.{self.network(n, 64)}.1"

    def source(self, n):
        return f"100.{self.network(n, 64)}.2"

    def targets(self, n, count):
        return [f"198.{self.network(n, 18)}.{i}" for i in range(1, count + 1)]

    def _cable(self, n):
        return (
            f"link add wan{n} netns {self.router.full_name} address 02:00:00:01:{n >> 8:02x}:{n & 255:02x} "
            f"type veth peer name isp{n} netns {self.world.full_name} address 02:00:00:02:{n >> 8:02x}:{n & 255:02x}"
        )

    # The neighbours are written down: learned ones would be more than a kernel keeps by default.
    def _router_end(self, n):
        return (
            f"link set wan{n} up\naddr add {self.source(n)}/24 dev wan{n}\n"
            f"neigh add {self.gateway(n)} dev wan{n} lladdr 02:00:00:02:{n >> 8:02x}:{n & 255:02x} nud permanent"
        )

    def _world_end(self, n):
        return (
            f"link set isp{n} up\naddr add {self.gateway(n)}/24 dev isp{n}\n"
            f"neigh add {self.source(n)} dev isp{n} lladdr 02:00:00:01:{n >> 8:02x}:{n & 255:02x} nud permanent"
        )

    def config(self, targets, times):
        """So many targets on each link."""
        text = times + "snmp no\n"
        for n in self.links:
            text += f'link "l{n}" {{\n\tinterface wan{n}\n\tgateway {self.gateway(n)}\n'
            text += "".join(f"\ttarget {a}\n" for a in self.targets(n, targets)) + "}\n"
        return text

    def reach_by_main(self):
        """Other programs reach the targets by the same links."""
        self.router.ip("\n".join(f"route add 198.{self.network(n, 18)}.0/24 via {self.gateway(n)}" for n in self.links))

    def answers_lost(self):
        """Echo requests that reached the world, and whose answers its kernel threw away: those for all
        addresses wait in one queue with room for some 170, and who does not run for 20 ms fills it."""
        lines = self.world.run("cat", "/proc/net/snmp").splitlines()
        names, values = (line.split() for line in lines if line.startswith("Icmp:"))
        return int(dict(zip(names, values))["OutErrors"])

    @staticmethod
    def pin(pid):
        """The process runs on one core."""
        os.sched_setaffinity(pid, {0})

    def spread(self, pid):
        """The process runs on one core, and what comes in by a link is the other cores' work."""
        self.pin(pid)
        others = f"{(1 << os.cpu_count()) - 2:x}"
        for ns in (self.router, self.world):
            ns.run("sh", "-c", f"for f in /sys/class/net/*/queues/rx-0/rps_cpus; do echo {others} >$f; done")
