# SPDX-License-Identifier: ISC
"""README and guide as a new user reads them: each file that they print is written where they say, and each
command is run as it is printed, in a network like the one they speak of. uplab/documents.py says what a
block is; those for a bare Debian are run by tests/bare-debian."""

import pathlib
import re

import pytest

from uplab import tools
from uplab.documents import GUIDE, PAGES, TREE, WRITTEN, blocks, of_kind, same_but_for_numbers
from uplab.snmp import environment
from uplab.system import System
from uplab.topology import ROUTER_LAN
from uplab.wait import wait_until

LINK = (
    "link a {{ interface wan1; gateway 192.0.2.1; target 203.0.113.1; target 203.0.113.53; "
    "gateway 2001:db8:1::1; source 2001:db8:1::2; prefix 2001:db8:1::/48\n{}}}\nsnmp no\n"
)
STATION = "198.51.100.7"

# What has blocks that can't be run here, and why.
NOT_HERE = {
    "openbsd.md": "builds and installs on OpenBSD: tests/openbsd/check and test_openbsd* try its parts",
    "uplinkd-pf.7": "asks OpenBSD's pfctl and route: test_openbsd_pf and test_openbsd_routing try what they would show",
    "from-mwan3.md": "stops mwan3, which is OpenWrt's",
}


def stage(lab):
    """The network of the documents: wan1 with a fixed gateway, wan2 from DHCP, wwan0 for LTE."""
    first = lab.isps[1]
    first.ip("addr add 192.0.2.1/24 dev wan0")
    first.run("nft", "flush", "chain", "inet", "isp", "forward")
    lab.router.ip("addr flush dev wan1 scope global\naddr add 192.0.2.2/24 dev wan1\naddr add 2001:db8:1::2/64 dev wan1 nodad")
    lab.router.ip("link set wan3 down\nlink set wan3 name wwan0\nlink set wwan0 up")
    lab.router.ip(
        f"route add default via 192.0.2.1 metric 50\nroute add default via {lab.gateway(2)} proto dhcp metric 100\n"
        f"route add default via {lab.gateway(3)} dev wwan0 proto dhcp metric 700"
    )
    lab.inet.ip("route add 192.0.2.0/24 via 10.255.1.2")
    lab.inet.ip("\n".join(f"addr add {a}/32 dev lo" for a in ("203.0.113.53", "203.0.113.54")))
    for n, gateway in (1, "192.0.2.1"), (2, lab.gateway(2)), (3, lab.gateway(3)):
        wait_until(lambda g=gateway: lab.router.pings(g), 10, f"the gateway of line {n}")


@pytest.fixture
def system(make_lab):
    lab = make_lab(isps=3)
    stage(lab)
    prefix = pathlib.Path(tools.uplinkd()).parents[1]
    system = System(lab, shown=[prefix, TREE])
    system.env = {"PATH": f"{prefix}/sbin:{prefix}/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8"}
    system.lab = lab
    system.stand_in_for_systemctl()
    return system


def check(system, name, text, *options):
    system.write("/tmp/check.conf", text)
    done = system.try_run("uplinkd", "-n", "-f", "/tmp/check.conf", env=system.env)
    assert done.returncode == 0, f"{name}:\n{text}{done.stderr}"


def shell(system, text, namespace=None):
    done = system.try_run("bash", "-euo", "pipefail", "-c", "cd\n" + text, env=system.env, namespace=namespace, timeout=120)
    assert done.returncode == 0, f"{text}\nprinted:\n{done.stdout}{done.stderr}"
    return done.stdout


def first_file():
    return of_kind(GUIDE / "first-links.md", "conf /etc/uplinkd.conf")[0]


def write(system, name, kind, text):
    """A file that the page prints, or what it adds to one."""
    added, file = WRITTEN.fullmatch(kind).groups()
    at = file.replace("~", "/root")
    if added:
        text = system.path(at).read_text() + text
    if at == "/etc/uplinkd.conf":
        check(system, name, text)
    system.path(at).parent.mkdir(parents=True, exist_ok=True)
    system.write(at, text, 0o600 if "secrets" in at else 0o644)
    if "keepalived" in at:
        done = system.try_run("keepalived", "--config-test", env=system.env)
        assert done.returncode == 0, (name, done)


class Reader:
    """Somebody who does what a page prints, block by block."""

    def __init__(self, system, path):
        self.system, self.page = system, path.name
        self.printed = ""
        system.write("/etc/uplinkd.conf", first_file())

    def does(self, kind, text):
        system = self.system
        if kind == "sh":
            self.printed = shell(system, text)
        elif kind == "sh station":
            self.printed = shell(system, text, system.lab.client)
        elif kind == "output":
            missing = same_but_for_numbers(self.printed, text)
            assert not missing, f"{self.page}: {missing} not in\n{self.printed}"
        elif kind == "conf file":
            check(system, self.page, first_file() + text)
        elif kind == "conf link":
            check(system, self.page, LINK.format(text))
        elif kind == "conf line":
            for line in text.splitlines():
                check(system, line, LINK.format(line + "\n") if "# in a link" in line else first_file() + line + "\n")
        elif kind == "conf alone":
            check(system, self.page, text)
        elif kind in ("sh openbsd", "sh openwrt"):
            assert self.page in NOT_HERE
        elif WRITTEN.fullmatch(kind):
            write(system, self.page, kind, text)


@pytest.mark.parametrize("path", [p for p in PAGES if p.name != "README.md"], ids=lambda p: p.stem)
def test_each_block_is_as_good_as_its_word(system, path):
    reader = Reader(system, path)
    if path.name == "openbsd.md":
        had_ifstated(system)
    for kind, text in blocks(path):
        reader.does(kind, text)


def had_ifstated(system):
    """The files of one who comes from OpenBSD, and the program for them."""
    files = TREE / "tests" / "openbsd" / "ifstated"
    for file in [files / "seed.conf", *(files / "etc").iterdir()]:
        name = "ifstated.conf" if file.suffix == ".conf" else file.name
        system.write(f"/etc/{name}", file.read_text())
    system.env["PATH"] += f":{TREE}/contrib"


# ---- the EXAMPLES of manual pages; those of uplinkd.conf(5) are for tests/unit/test_conf_docs ----


def examples(page):
    """The literal blocks of that section, as they are shown."""
    text = (TREE / "doc" / page).read_text().partition(".Sh EXAMPLES\n")[2].partition("\n.Sh ")[0]
    return [b.replace("\\e", "\\") for b in re.findall(r"(?ms)^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", text)]


def test_examples_of_the_manual_pages(system):
    pages = {p.name for p in (TREE / "doc").glob("*.[0-9]") if examples(p.name)}
    assert pages - NOT_HERE.keys() == {"uplinkctl.8", "uplinkd.conf.5", "uplinkd-flows.7", "uplinkd-routes.7"}
    system.write("/etc/uplinkd.conf", first_file().replace('"cable"', '"dsl"'))
    shell(system, "uplinkd\nuplinkctl wait dsl active --timeout 1m")
    for page in sorted(pages - NOT_HERE.keys() - {"uplinkd.conf.5"}):
        for text in examples(page):
            shell(system, text)
    shell(system, "uplinkctl release --yes")


# ---- README: the same, with a station that polls and one that is told ----


def answered(system):
    """Until the station is answered by who can show the module."""

    def so():
        asked = "snmpget", "-u", "monitor", "-r", "0", "router", "UPLINK-MIB::uplinkSite.0"
        return "lyon-3" in system.try_run(*asked, env=system.env, namespace=system.lab.client).stdout

    wait_until(so, 20, "the agent answers the user monitor")


# It is the authority of informs; of traps their sender is.
RECEIVER = """\
createUser monitor SHA-256 "auth password" AES "priv password"
createUser -e 0x{} monitor SHA-256 "auth password" AES "priv password"
authUser log monitor priv
"""


def receiver(system):
    """snmptrapd where the notifications of snmpd go."""
    engine = re.search(r"oldEngineID 0x(\w+)", system.path("/var/lib/snmp/snmpd.conf").read_text())[1]
    folder = system.lab.folder / "receiver"
    folder.mkdir()
    (folder / "snmptrapd.conf").write_text(RECEIVER.format(engine))
    process = system.lab.inet.start(
        "snmptrapd", "snmptrapd", "-f", "-Lo", "-C", "-c", folder / "snmptrapd.conf", "-F", "%P|%v\\n", f"udp:{STATION}:162",
        env={**environment(), "SNMP_PERSISTENT_DIR": str(folder)},
    )  # fmt: skip
    process.wait_log("NET-SNMP version")
    return process


def informed(told, kind):
    def came():
        return any("INFORM" in line and f"UPLINK-MIB::{kind}" in line for line in told.log().splitlines())

    wait_until(came, 10, f"an inform of {kind}")


def test_readme(system):
    system.lab.inet.ip(f"addr add {STATION}/32 dev lo")
    system.write("/etc/hosts", f"127.0.0.1 localhost\n{ROUTER_LAN} router\n")
    system.path("/root/.snmp/mibs").mkdir(parents=True)
    for module in [TREE / "mibs" / "UPLINK-MIB.txt", *(TREE / "tests" / "mibs").iterdir()]:
        system.write(f"/root/.snmp/mibs/{module.name}", module.read_text())
    reader = Reader(system, TREE / "README.md")
    told = None
    for kind, text in blocks(TREE / "README.md"):
        if kind == "sh station":
            answered(system)
            told = receiver(system)
        reader.does(kind, text)
    told.wait_log("UPLINK-MIB::uplinkDrainStarted")
    # now without snmpd
    answered(system)
    informed(told, "uplinkStarted")
    assert system.try_run("uplinkctl", "auto", "fibre", env=system.env).returncode == 0
    informed(told, "uplinkControlSet")


def test_what_is_not_run_here_is_named():
    """What is left out here is named, and what is for a bare system is run there."""
    left_out = {p.name for p in PAGES if of_kind(p, "sh openbsd") or of_kind(p, "sh openwrt")}
    assert left_out == NOT_HERE.keys() - {"uplinkd-pf.7"}
    assert {p.name for p in PAGES if of_kind(p, "sh debian")} == {"README.md"}
    bare = (TREE / "tests" / "bare-debian").read_text()
    assert "sh debian" in bare and "bare-debian" in (TREE / "tests" / "run").read_text()


def test_every_page_is_in_the_contents():
    contents = (GUIDE / "README.md").read_text()
    for page in GUIDE.glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in contents, page.name


def test_links_lead_somewhere():
    for page in [*PAGES, GUIDE / "README.md", *(TREE / "doc" / "nms").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
