# SPDX-License-Identifier: ISC
"""uplinkd beside keepalived and lsm (both from Debian): the same lab, the same flow of 1000 packets a
second, the same faults. Printed is how many packets each of them loses, as the median of a few. The
peers are set up as well as they can be for this: probes as often as they allow, a route of its own for
each probe, and NAT by masquerade, whose flows begin again by themselves once their route changes."""

import shutil
import statistics

from bench import RATE, link_of_flow, main, packets_of, stay_calm
from uplab.daemon import Uplinkd, config
from uplab.flow import Flow
from uplab.topology import TARGETS, Lab
from uplab.wait import wait_until

ROUNDS = 5
TIMES = "interval 100ms\ntimeout 100ms\ndown after 2\nup after 2\nhold 0s\n"

MASQUERADE = """
table ip nat {
	chain post {
		type nat hook postrouting priority srcnat
		oifname "wan*" masquerade
	}
}
"""

KEEPALIVED = """\
global_defs {{
	script_user root
	enable_script_security
}}
"""

# A link is an instance: its route stands while it is master, and no longer than its script and its
# interface are well. An interval of a second is the shortest.
KEEPALIVED_LINK = """\
vrrp_script probe{n} {{
	script "{ping} -q -n -c 1 -W 1 -I wan{n} {target}"
	interval 1
	timeout 1
	fall 2
	rise 2
}}
vrrp_instance link{n} {{
	interface lan0
	state MASTER
	priority 200
	virtual_router_id {n}
	advert_int 0.1
	virtual_ipaddress {{
		192.168.77.20{n}/32 dev lan0
	}}
	virtual_routes {{
		default via {gateway} dev wan{n} metric {n}
	}}
	track_script {{
		probe{n}
	}}
	track_interface {{
		wan{n}
	}}
}}
"""

LSM = """\
debug=0
defaults {{
	name=defaults
	eventscript={script}
	notifyscript=
	interval_ms=100
	timeout_ms=100
	max_successive_pkts_lost=2
	min_successive_pkts_rcvd=2
	max_packet_loss=100
	min_packet_loss=90
	status=1
}}
"""

LSM_LINK = """\
connection {{
	name=link{n}
	checkip={target}
	device=wan{n}
}}
"""

# Its arguments: what became of it, and the connection's name.
LSM_SCRIPT = """\
#!/bin/sh
n=${{2#link}}
case $1 in
down) ip route del default metric "$n" ;;
up) ip route replace default via 100.64.$n.1 dev "wan$n" metric "$n" ;;
esac
"""


class Peer:
    """One way to keep a router online; with a route of its own for each link's probes."""

    def __init__(self, lab):
        self.lab = lab
        self.process = None

    def prepare(self):
        self.lab.router.nft("flush ruleset\n" + MASQUERADE)
        for n in self.lab.isps:
            self.lab.router.ip(
                f"route replace default via {self.lab.gateway(n)} dev wan{n} table {100 + n}\n"
                f"rule add pref {100 + n} oif wan{n} lookup {100 + n}"
            )

    def wait_ready(self):
        """The first link carries, the second stands by."""
        wait_until(lambda: self.routes() == [1, 2], 30, f"the routes of {self.name}")

    def routes(self):
        text = self.lab.router.run("ip", "-4", "route", "show", "default")
        return [int(line.split(" dev wan")[1].split()[0]) for line in text.splitlines()]

    def stop(self):
        self.process.stop()
        for n in self.lab.isps:
            self.lab.router.ip(f"rule del pref {100 + n}")
            self.lab.router.try_run("ip", "route", "del", "default", "dev", f"wan{n}")
        self.lab.router.nft("flush ruleset")
        self.lab.router.run("conntrack", "-F")


class Keepalived(Peer):
    name = "keepalived"

    def start(self, number):
        self.prepare()
        conf = self.lab.folder / f"keepalived{number}.conf"
        conf.write_text(
            KEEPALIVED.format()
            + "".join(
                KEEPALIVED_LINK.format(n=n, ping=shutil.which("ping"), target=TARGETS[0], gateway=self.lab.gateway(n))
                for n in self.lab.isps
            )
        )
        conf.chmod(0o644)
        files = [f"--{kind}={self.lab.folder}/keepalived{number}.{kind}" for kind in ("pid", "vrrp_pid")]
        self.process = self.lab.router.start(
            f"keepalived{number}", "keepalived", "--vrrp", "--dont-fork", "--log-console", "-f", conf, *files
        )
        self.wait_ready()


class Lsm(Peer):
    name = "lsm"

    def start(self, number):
        self.prepare()
        script = self.lab.folder / f"lsm{number}.sh"
        script.write_text(LSM_SCRIPT.format())
        script.chmod(0o755)
        conf = self.lab.folder / f"lsm{number}.conf"
        conf.write_text(
            LSM.format(script=script) + "".join(LSM_LINK.format(n=n, target=TARGETS[0]) for n in self.lab.isps)
        )
        for n in self.lab.isps:
            self.lab.router.ip(f"route replace default via {self.lab.gateway(n)} dev wan{n} metric {n}")
        self.process = self.lab.router.start(
            f"lsm{number}", "lsm", "--no-fork", "--config", conf, "--pidfile", self.lab.folder / f"lsm{number}.pid"
        )
        self.wait_ready()


class Own(Peer):
    name = "uplinkd"

    def start(self, number):
        text = config(self.lab, times=TIMES, ipv6=False)
        self.process = Uplinkd(self.lab, text, name=f"uplinkd-{number}-").start().wait_all_active()

    def stop(self):
        self.process.stop()
        self.process.ctl("release")
        self.lab.router.run("conntrack", "-F")


FAULTS = {
    "cable pulled": (lambda lab, n: lab.carrier(n, False), lambda lab, n: lab.carrier(n, True)),
    "provider silent": (lambda lab, n: lab.blackhole(n), lambda lab, n: lab.heal(n)),
}


def lost(lab, peer, number, fail, heal):
    peer.start(number)
    stay_calm()
    flow = Flow(lab.client, lab.inet, TARGETS[2], rate=RATE)
    n = link_of_flow(lab, flow.port)
    seen = packets_of(lab, 3 - n)
    fail(lab, n)
    wait_until(lambda: packets_of(lab, 3 - n) > seen + RATE // 2, 60, f"the flow goes on with {peer.name}")
    result = flow.stop()
    heal(lab, n)
    peer.stop()
    return result["lost"]


def measure(run):
    for program in ("keepalived", "lsm"):
        assert shutil.which(program), f"{program} is not installed: contrib/install-deps"
    medians = {}
    for kind in (Own, Keepalived, Lsm):
        # none inherits another's settings of the kernel
        lab = Lab(run, kind.name)
        for f, (fault, (fail, heal)) in enumerate(FAULTS.items()):
            values = sorted(lost(lab, kind(lab), f * ROUNDS + i, fail, heal) for i in range(ROUNDS))
            medians[fault, kind.name] = statistics.median(values)
            print(f"{fault}, {kind.name}: median {medians[fault, kind.name]:g} packets lost  "
                  f"({' '.join(map(str, values))})", flush=True)  # fmt: skip
        lab.close()
    # no limit but this: to be the best of them
    return all(value >= medians[fault, "uplinkd"] for (fault, _), value in medians.items())


if __name__ == "__main__":
    main(measure)
