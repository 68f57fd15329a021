# SPDX-License-Identifier: ISC
"""Icinga 2 and Nagios: the same checks by check_snmp of monitoring-plugins, in the words of each."""

HEAD = "Made from UPLINK-MIB by contrib/nms/generate: change that.\n"


class Check:
    """Of a link (row: its index is appended) or of the daemon. A range is check_snmp's: outside is bad."""

    def __init__(self, name, title, objects, warning, critical, labels, row, do):
        self.name, self.title, self.objects = name, title, objects
        self.warning, self.critical, self.labels, self.row, self.do = warning, critical, labels, row, do

    def arguments(self, mib, index):
        oids = [mib.oid(o) + "." + index if self.row else mib.instance(o) for o in self.objects]
        found = [("-o", ",".join(oids)), ("-l", ",".join(self.labels))]
        found += [("-w", self.warning)] if self.warning else []
        found += [("-c", self.critical)] if self.critical else []
        return found


def checks(mib):
    up, degraded = mib.value("UplinkHealth", "up"), mib.value("UplinkHealth", "degraded")
    down, unknown = mib.value("UplinkHealth", "down"), mib.value("UplinkHealth", "unknown")
    assert unknown < up < degraded < down
    auto = mib.value("UplinkAdmin", "auto")
    no, accepted = mib.value("uplinkAllLinksDown", "false"), mib.value("uplinkConfigStatus", "accepted")
    return [
        Check("health", "Link health", ["uplinkLinkHealth", "uplinkLinkHealthReason"], f"{up}:{up},",
              f"{unknown}:{degraded},", ["health", "reason"], True,
              f"Health is {up} up, {degraded} degraded, {down} down. 'uplinkctl explain LINK' on the router says why: "
              "no carrier or gateway is cable, modem or line; targets lost behind a gateway that answers is a call to "
              "the provider."),
        Check("quality", "Link quality", ["uplinkLinkLoss", "uplinkLinkRttAvg", "uplinkLinkJitter"],
              "5000,300000,100000", "20000,1000000,500000", ["loss_thousandths_of_percent", "rtt_us", "jitter_us"], True,
              "Loss, RTT or jitter is high. Compare with the link's traffic: a full line is a reason to shape; an idle "
              "one that loses is a call to the provider. 'uplinkctl drain LINK' takes new flows off it."),
        Check("order", "Link order", ["uplinkControlAdminStatus"], f"{auto}:{auto}", None, ["order"], True,
              "Somebody overrides this link. 'uplinkctl status' says who, why and for how long; 'uplinkctl auto LINK' "
              "ends it."),
        Check("site", "Site online", ["uplinkAllLinksDown", "uplinkUsableLinks"], ",2:", f"{no}:{no},1:",
              ["all_down", "usable"], False,
              "Critical: no link is usable. Warning: one is left, and the next failure takes the site offline. "
              "'uplinkctl status' shows what each link lacks."),
        Check("daemon", "uplinkd", ["uplinkHeartbeatAge", "uplinkConfigStatus"], f",{accepted}:{accepted}", "2000,",
              ["heartbeat_age_ms", "config"], False,
              "Heartbeat above 2000: the engine stands still, see the daemon's log; 'systemctl restart uplinkd' keeps the "
              f"routes. Config other than {accepted}: the file has a mistake, 'uplinkd -n' names it."),
    ]  # fmt: skip


def icinga(mib):
    out = ["/* " + HEAD.strip() + " */\n"]
    out.append(
        """
/* In the router's Host object:

       vars.uplinkd = true
       vars.snmp_community = "..."
       vars.uplinkd_links["fibre"] = { index = 1 }
       vars.uplinkd_links["lte"] = { index = 2 }

   The indexes are those of `uplinkctl status --json`; they never change for a name. */
template CheckCommand "uplinkd-snmp" {
	command = [ PluginDir + "/check_snmp" ]
	timeout = 30s
	arguments = {
		"-H" = "$address$"
		"-P" = "$snmp_version$"
		"-C" = {
			value = "$snmp_community$"
			set_if = {{ macro("$snmp_version$") != "3" }}
		}
		"-L" = "$snmp_security_level$"
		"-U" = "$snmp_user$"
		"-a" = "$snmp_auth_protocol$"
		"-A" = "$snmp_auth_password$"
		"-x" = "$snmp_privacy_protocol$"
		"-X" = "$snmp_privacy_password$"
		"-e" = "2"
		"-t" = "5"
	}
	vars.snmp_version = "2c"
	vars.snmp_community = "public"
}
"""
    )
    for check in checks(mib):
        arguments = "".join(f'\t\t"{k}" = "{v}"\n' for k, v in check.arguments(mib, "$uplinkd_index$"))
        out.append(
            f'\nobject CheckCommand "uplinkd-{check.name}" {{\n\timport "uplinkd-snmp"\n\targuments += {{\n{arguments}\t}}\n}}\n'
        )
        each = "for (link => config in host.vars.uplinkd_links) " if check.row else ""
        name = f'"uplinkd-{check.name}-" ' if check.row else f'"uplinkd-{check.name}" '
        title = f'"{check.title} " + link' if check.row else f'"{check.title}"'
        config = "\tvars.uplinkd_index = config.index\n" if check.row else ""
        out.append(
            f"\napply Service {name}{each}{{\n\tdisplay_name = {title}\n\tcheck_command = \"uplinkd-{check.name}\"\n"
            f"\tcheck_interval = 1m\n\tretry_interval = 20s\n\tmax_check_attempts = 3\n{config}"
            f'\tnotes = "{check.do}"\n\tassign where host.vars.uplinkd\n}}\n'
        )
    return "".join(out)


# It begins a comment elsewhere.
ESCAPED = "\\;"


def nagios(mib):
    out = ["# " + HEAD]
    out.append(
        """#
# For each router set _SNMP_COMMUNITY in its host; for each of its links define the three services of
# a link with the link's index, as at the end of this file.
"""
    )
    for check in checks(mib):
        words = " ".join(f"{k} '{v}'" for k, v in check.arguments(mib, "$ARG1$"))
        out.append(
            f"\ndefine command {{\n\tcommand_name\tuplinkd-{check.name}\n\tcommand_line\t$USER1$/check_snmp "
            f"-H $HOSTADDRESS$ -P 2c -C $_HOSTSNMP_COMMUNITY$ -t 5 -e 2 {words}\n}}\n"
        )
        out.append(
            f"\ndefine service {{\n\tname\tuplinkd-{check.name}\n\tuse\tgeneric-service\n\tcheck_interval\t1\n"
            f"\tretry_interval\t1\n\tmax_check_attempts\t3\n\tnotes\t{check.do.replace(';', ESCAPED)}\n\tregister\t0\n}}\n"
        )
    out.append("\n# Example: a router, and its link 1.\n#\n")
    example = "define host {\n\tuse\tgeneric-host\n\thost_name\tlyon-3\n\taddress\t192.0.2.10\n\tmax_check_attempts\t3\n"
    example += "\tcontact_groups\tadmins\n"
    example += "\t_SNMP_COMMUNITY\tpublic\n}\n"
    for check in checks(mib):
        argument = "!1" if check.row else ""
        title = f"{check.title} fibre" if check.row else check.title
        example += (
            f"define service {{\n\tuse\tuplinkd-{check.name}\n\thost_name\tlyon-3\n\tservice_description\t{title}\n"
            f"\tcheck_command\tuplinkd-{check.name}{argument}\n}}\n"
        )
    out += [f"# {line}\n" for line in example.splitlines()]
    return "".join(out)


def files(mib):
    return {"icinga/uplinkd.conf": icinga(mib), "icinga/nagios.cfg": nagios(mib)}
