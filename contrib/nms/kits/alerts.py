# SPDX-License-Identifier: ISC
"""What is worth a call, once for all kits that poll: the condition in numbers of the MIB, how long it
must hold, and what the person who is called should do."""

from dataclasses import dataclass


@dataclass
class Alert:
    name: str
    objects: list  # what the condition is about; the first is the one to graph
    prometheus: str  # the condition as a query
    minutes: int  # it must hold for so long
    severity: str  # "critical" or "warning"
    summary: str  # {{ }} are Prometheus' own
    do: str


def of(mib):
    v = mib.value
    stale_ms = 2000
    restarts = [o for o in mib.scalars() if o.endswith("Restarts")]
    return [
        Alert(
            "UplinkAllLinksDown", ["uplinkAllLinksDown"],
            f"uplinkAllLinksDown == {v('uplinkAllLinksDown', 'true')}", 0, "critical",
            "No link of {{ $labels.instance }} is usable",
            "The last routes stay, so traffic that can pass does. Run `uplinkctl status` for what each link lacks, "
            "`uplinkctl explain LINK` for why. If all fail at once look at what they share: power, the switch, "
            "the router's own firewall.",
        ),
        Alert(
            "UplinkLinkDown", ["uplinkLinkHealth"],
            f"uplinkLinkHealth == {v('UplinkHealth', 'down')}", 1, "warning",
            "Link {{ $labels.uplinkLinkName }} of {{ $labels.instance }} is down",
            "Traffic is on the other links. `uplinkctl explain LINK` tells a dead line from a dead provider: no "
            "carrier or gateway is cable, modem or line; a gateway that answers while targets are lost is a call "
            "to the provider, with `uplinkctl history LINK --svg` as evidence.",
        ),
        Alert(
            "UplinkNoSpareLink", ["uplinkUsableLinks"],
            "uplinkUsableLinks == 1 and uplinkLinkCount > 1", 5, "critical",
            "{{ $labels.instance }} has one usable link left",
            "The next failure takes the site offline. Work on the links that are down first, and give no drain or "
            "forceDown on the one that is left.",
        ),
        Alert(
            "UplinkLinkDegraded", ["uplinkLinkHealth"],
            f"uplinkLinkHealth == {v('UplinkHealth', 'degraded')}", 5, "warning",
            "Link {{ $labels.uplinkLinkName }} of {{ $labels.instance }} is degraded",
            "Loss, RTT or jitter is above its limit. Compare with the link's traffic: a full line is a reason to "
            "shape or to move weight; an idle one that loses is a call to the provider. `uplinkctl drain LINK` "
            "takes new flows off it.",
        ),
        Alert(
            "UplinkLinkFlapping", ["uplinkLinkOperReason"],
            f"uplinkLinkOperReason == {v('UplinkReason', 'flapping')}", 0, "warning",
            "Link {{ $labels.uplinkLinkName }} of {{ $labels.instance }} flaps and is kept out",
            "It comes back by itself once it has been stable. `uplinkctl events` shows the pattern; "
            "look at cable, modem log and radio.",
        ),
        Alert(
            "UplinkRouteNotInstalled", ["uplinkRouteInstalled", "uplinkRouteWanted"],
            f"uplinkRouteWanted == {v('uplinkRouteWanted', 'true')} and "
            f"uplinkRouteInstalled == {v('uplinkRouteInstalled', 'false')}", 1, "critical",
            "{{ $labels.instance }}: the kernel lacks the route of link {{ $labels.uplinkLinkName }}",
            "The daemon wants the route and the kernel does not have it. `uplinkctl routes` and the log name the "
            "error; look for another program that removes routes or rules (`ip monitor`).",
        ),
        Alert(
            "UplinkForgottenOrder", ["uplinkControlAdminStatus"],
            f"uplinkControlAdminStatus != {v('UplinkAdmin', 'auto')} unless on(instance, uplinkLinkIndex) "
            "uplinkControlRemaining > 0", 720, "warning",
            "Link {{ $labels.uplinkLinkName }} of {{ $labels.instance }} has been overridden for 12 hours",
            "An order without an end is in force. `uplinkctl status` says whose and why; `uplinkctl auto LINK` ends "
            "it. Give orders with --for.",
        ),
        Alert(
            "UplinkConfigRejected", ["uplinkConfigStatus"],
            f"uplinkConfigStatus == {v('uplinkConfigStatus', 'rejected')}", 5, "warning",
            "The configuration of {{ $labels.instance }} was not taken",
            "The one before it is in force. `uplinkd -n` names every mistake with its line; then `uplinkctl reload`.",
        ),
        Alert(
            "UplinkEngineStale", ["uplinkHeartbeatAge"],
            f"uplinkHeartbeatAge > {stale_ms}", 1, "critical",
            "The engine of {{ $labels.instance }} stands still",
            "What is shown is old, and nobody measures. See the daemon's log for why it stands or keeps dying; "
            "`systemctl restart uplinkd` keeps the routes as they are.",
        ),
        Alert(
            "UplinkRestarts",
            restarts, " or ".join(f"increase({o}[15m]) > 0" for o in restarts), 0, "warning",
            "A process of uplinkd on {{ $labels.instance }} died and was replaced",
            "Nothing was lost, but it should not happen: report it with the log's lines of that moment.",
        ),
        Alert(
            "UplinkHookFailed", ["uplinkHooksFailed"],
            "increase(uplinkHooksFailed[15m]) > 0", 0, "warning",
            "A program on an event of {{ $labels.instance }} failed",
            "What it should have done was not done: a VRRP priority, a route or a mail may be out of step. "
            "`uplinkctl status` says which program, and what it printed.",
        ),
        Alert(
            "UplinkNotificationsLost", ["uplinkNotificationsLost"],
            "increase(uplinkNotificationsLost[15m]) > 0", 0, "warning",
            "Notifications of {{ $labels.instance }} were lost",
            "Read what happened in uplinkEventTable, or with `uplinkctl events`. See whether snmpd runs and takes "
            "notifications (uplinkAgentXConnected).",
        ),
    ]  # fmt: skip
