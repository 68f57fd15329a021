# SPDX-License-Identifier: ISC
"""What contrib/demo shows, once everything is built. Each step runs the real tools, prints what they
print, and checks that what it announces has happened: a step that was not seen ends the demo with
status 1."""

import pathlib
import sys
import textwrap
import time

SOURCE = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(SOURCE / "tests" / "lab"))

from uplab import tools  # noqa: E402
from uplab.daemon import Uplinkd  # noqa: E402
from uplab.flow import Flow  # noqa: E402
from uplab.routing import members  # noqa: E402
from uplab.run import Run, remove_kept  # noqa: E402
from uplab.snmp import READ, WRITE, Manager, Snmpd, Station, environment, link_of  # noqa: E402
from uplab.topology import TARGETS, Lab  # noqa: E402
from uplab.wait import Expired, wait_until  # noqa: E402

KIND = "uldemo"
BOLD, DIM, GREEN, RED, PLAIN = "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[0m"
if not sys.stdout.isatty():
    BOLD = DIM = GREEN = RED = PLAIN = ""

CONFIG = """\
site "demo"
interval 200ms
timeout 200ms
down after 3
up after 3
hold 2s
snmp {{ agentx "{agentx}" }}
link "fibre" {{
	interface wan1
	gateway 100.64.1.1
	gateway 2001:db8:1::1
	target 203.0.113.1
	target 198.51.100.1
	target 2001:db8:ffff::1
}}
link "cable" {{
	interface wan2
	gateway 100.64.2.1
	gateway 2001:db8:2::1
	target 203.0.113.1
	target 198.51.100.1
	target 2001:db8:ffff::1
}}
"""

PICTURE = """\
                            /-- wan1 == fibre's provider --\\
   client ----- router ----+                                +---- internet ---- nms
                uplinkd     \\-- wan2 == cable's provider --/      8 targets     snmptrapd
                snmpd           (each drops foreign sources)                    snmpwalk, snmpset
"""


class NotSeen(Exception):
    """Something that the demo announces did not happen."""


def title(text):
    print(f"\n{BOLD}{text}{PLAIN}", flush=True)


def say(text):
    print(f"  {text}", flush=True)


def shown(where, command, output, most=14):
    """A command as a person would type it there, and what it printed."""
    print(f"{DIM}{where}${PLAIN} {command}")
    lines = output.rstrip().splitlines()
    for line in lines[:most]:
        print(f"    {line}")
    if len(lines) > most:
        print(f"    {DIM}... and {len(lines) - most} lines more{PLAIN}")
    sys.stdout.flush()


def seen(what):
    print(f"  {GREEN}seen{PLAIN} {what}", flush=True)


def pause(seconds):
    """Time for traffic to flow; nothing is awaited by it."""
    time.sleep(seconds)


def expect(predicate, deadline_s, what):
    """Waits until it is so and says it."""
    try:
        value = wait_until(predicate, deadline_s, what)
    except Expired as expired:
        raise NotSeen(str(expired)) from None
    seen(what)
    return value


class Demo:
    def __init__(self, run):
        self.run = run
        self.lab = Lab(run, "demo")
        self.router, self.nms, self.client = self.lab.router, self.lab.nms, self.lab.client
        self.traps_shown = 0

    # ---- what is shown ----

    def ctl(self, *arguments):
        done = self.uplinkd.ctl(*arguments)
        shown("router", "uplinkctl " + " ".join(arguments), done.stdout + done.stderr)
        if done.returncode != 0:
            raise NotSeen(f"uplinkctl {arguments}: status {done.returncode}")

    def routes(self):
        shown("router", "ip route show table 7000", self.router.run("ip", "route", "show", "table", 7000))

    def walk(self, *names):
        output = ""
        for name in names:
            done = self.manager.tool("snmpwalk", READ, self.manager.agent, f"UPLINK-MIB::{name}")
            if done.returncode != 0 or "UPLINK-MIB::" not in done.stdout:
                raise NotSeen(f"snmpwalk {name}: {done.stdout}{done.stderr}")
            output += done.stdout
        label = names[0] if len(names) == 1 else "{" + ",".join(names) + "}"
        shown("nms", f"snmpwalk -v2c -c {READ} {self.manager.agent} UPLINK-MIB::{label}", output)

    def set(self, *triples):
        words = " ".join(f"{n} {k} {v!r}" if " " in str(v) else f"{n} {k} {v}" for n, k, v in triples)
        arguments = [x for n, k, v in triples for x in (f"UPLINK-MIB::{n}", k, v)]
        done = self.manager.tool("snmpset", WRITE, self.manager.agent, *arguments)
        shown("nms", f"snmpset -v2c -c {WRITE} {self.manager.agent} {words}", done.stdout + done.stderr)
        if done.returncode != 0:
            raise NotSeen("snmpset was refused")

    def trap(self, name, link, source=None):
        """Waits for the notification and prints what snmptrapd said."""

        def arrived():
            traps = self.station.traps()[self.traps_shown :]
            return next((t for t in traps if t["name"] == name and link_of(t) == link), None)

        via = f" from {source}, the other link" if source else ""
        trap = expect(arrived, 20, f"{name} of {link} at the station{via}")
        if source and trap["from"] != source:
            raise NotSeen(f"{name} came from {trap['from']}, not from {source}")
        print(f"{DIM}nms snmptrapd:{PLAIN} UDP from {trap['from']}: {trap['snmpTrapOID.0']}")
        objects = [f"{k} = {v}" for k, v in trap.items() if k.startswith("uplink") and v]
        for line in textwrap.wrap(", ".join(objects), 104):
            print(f"    {line}")

    def mark_traps(self):
        self.traps_shown = len(self.station.traps())

    def gateways(self):
        return members(self.router).keys()

    def both(self):
        return self.gateways() == {self.lab.gateway(1), self.lab.gateway(2)}

    # ---- the steps ----

    def start(self):
        title("A site with two providers")
        print(PICTURE)
        self.station = Station(self.nms)
        self.snmpd = Snmpd(self.lab).start()
        self.uplinkd = Uplinkd(self.lab, CONFIG.format(agentx=self.snmpd.socket))
        self.uplinkd.start()
        self.manager = Manager(self.nms, agent=self.lab.source(2))
        expect(self.both, 20, "both links carry traffic")
        expect(self.manager.is_registered, 20, "snmpd has its subagent")
        self.ctl("status")
        self.routes()

    def tables(self):
        title("What an NMS sees")
        self.walk("uplinkLinkName", "uplinkLinkHealth", "uplinkLinkOperStatus", "uplinkLinkRttAvg")
        self.walk("uplinkRouteInstalled", "uplinkRouteWeight")
        self.walk("uplinkTargetStatus", "uplinkTargetRttLast")
        for name in ("uplinkLinkTable", "uplinkControlTable", "uplinkRouteTable", "uplinkTargetTable", "uplinkEventTable"):
            say(f"{name}: {len(self.manager.walk(name))} values")

    def sharing(self):
        title("Traffic of 200 flows is shared by both links")
        flow = Flow(self.client, self.lab.inet, TARGETS[2], rate=5, flows=200)
        pause(2)
        result = flow.stop()
        for source, packets in sorted(result["sources"].items()):
            say(f"{packets} packets with the source {source}")
        shares = [result["sources"].get(self.lab.source(n), 0) / result["received"] for n in (1, 2)]
        expect(lambda: min(shares) > 0.3 and result["lost"] == 0, 0, "about half of them each, none lost")
        self.expect_counters()
        self.walk("uplinkRoutePackets", "uplinkRouteNewFlows")

    def expect_counters(self):
        def counted():
            packets = self.manager.walk("uplinkRoutePackets")
            return all(int(v) > 500 for k, v in packets.items() if ".ipv4" in k) and packets

        expect(counted, 15, "the counters of both links show it")

    def failure(self):
        title("The fibre's provider fails, silently: its gateway answers, the internet behind it does not")
        self.mark_traps()
        flow = Flow(self.client, self.lab.inet, TARGETS[3], rate=50, flows=8)
        pause(0.5)
        began = time.monotonic()
        self.lab.blackhole(1)
        expect(lambda: self.gateways() == {self.lab.gateway(2)}, 10, "its route is gone")
        say(f"     after {time.monotonic() - began:.1f} s")
        self.routes()
        self.trap("uplinkLinkDown", "fibre", self.lab.source(2))
        self.trap("uplinkFailover", "fibre", self.lab.source(2))
        expect(lambda: all(self.client.pings(a) for a in TARGETS[:4]), 10, "the client reaches every target")
        pause(1.5)
        result = flow.stop()
        say(f"8 flows of the client: longest gap {result['longest_gap_ms'] / 1000:.1f} s, {result['moved']} moved to the cable")
        expect(lambda: 0 < result["moved"] and result["longest_gap_ms"] < 3000, 0, "its flows went on by the cable")
        self.ctl("status")

    def recovery(self):
        title("The fibre comes back, and carries flows again after its hold")
        self.mark_traps()
        self.lab.heal(1)
        self.trap("uplinkLinkUp", "fibre")
        expect(self.both, 20, "its route is back")
        self.trap("uplinkFailback", "fibre")
        self.routes()

    def drain(self):
        title("The NMS drains the fibre: what runs goes on, what is new takes the cable")
        self.mark_traps()
        index = self.uplinkd.index("fibre")
        old = Flow(self.client, self.lab.inet, TARGETS[4], rate=20, flows=20)
        pause(1)  # all of them have begun, on both links
        self.set(
            (f"uplinkControlAdminStatus.{index}", "i", "drain"),
            (f"uplinkControlTimeout.{index}", "u", 7200),
            (f"uplinkControlOwner.{index}", "s", "noc"),
            (f"uplinkControlComment.{index}", "s", "fibre work"),
        )
        self.trap("uplinkControlSet", "fibre")
        self.trap("uplinkDrainStarted", "fibre")
        expect(lambda: self.gateways() == {self.lab.gateway(2)}, 10, "the fibre left the default route")
        new = Flow(self.client, self.lab.inet, TARGETS[5], rate=20, flows=20)
        pause(1.5)
        new, old = new.stop(), old.stop()
        say(f"20 old flows: {old['lost']} packets lost, {old['moved']} moved; sources {old['sources']}")
        say(f"20 new flows: {new['lost']} packets lost; sources {new['sources']}")
        expect(lambda: old["lost"] == old["moved"] == new["lost"] == 0, 0, "no flow lost a packet or its link")
        expect(lambda: self.lab.source(1) in old["sources"], 0, "old flows stayed on the fibre")
        expect(lambda: set(new["sources"]) == {self.lab.source(2)}, 0, "new flows took the cable")
        self.ctl("status")

    def undrain(self):
        title("And releases it")
        self.mark_traps()
        index = self.uplinkd.index("fibre")
        self.set((f"uplinkControlAdminStatus.{index}", "i", "auto"))
        self.trap("uplinkControlSet", "fibre")
        expect(self.both, 10, "both links carry traffic")
        self.ctl("events")

    def all(self):
        for step in (self.start, self.tables, self.sharing, self.failure, self.recovery, self.drain, self.undrain):
            step()


def how_to_play(demo):
    lab, variables = demo.lab, " ".join(f"{k}={v}" for k, v in environment().items())
    router, nms = lab.router.full_name, lab.nms.full_name
    title("The lab is up")
    print(f"""\
  the router        ip netns exec {router} bash
  its console       ip netns exec {router} {tools.uplinkctl()} -s {demo.uplinkd.socket} status
  the NMS           ip netns exec {nms} env {variables} snmpwalk -v2c -c {READ} {demo.manager.agent} UPLINK-MIB::uplinkMIB
  notifications     tail -f {demo.station.process.log_path}
  fibre fails       ip netns exec {lab.isps[1].full_name} nft add rule inet isp fault drop
  fibre is back     ip netns exec {lab.isps[1].full_name} nft flush chain inet isp fault
  the client        ip netns exec {lab.client.full_name} ping {TARGETS[0]}
  take it down      {SOURCE}/contrib/demo --clean""")


def main(arguments):
    if arguments == ["--clean"]:
        say(f"{remove_kept(KIND)} kept labs removed")
        return 0
    keep = arguments == ["--keep"]
    began = time.monotonic()
    run = Run(KIND, outlive=keep)
    try:
        demo = Demo(run)
        demo.all()
        if keep:
            run.keep()
            how_to_play(demo)
    except (NotSeen, AssertionError) as problem:
        print(f"\n{RED}NOT SEEN{PLAIN} {problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    finally:
        run.close()
    print(f"\n{GREEN}Everything was seen{PLAIN}, in {time.monotonic() - began:.0f} s.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
