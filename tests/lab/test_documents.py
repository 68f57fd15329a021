# SPDX-License-Identifier: ISC
"""README and guide (the pages of doc/nms: test_nms_pages.py) as a new user reads them: each file that they print is written where they say, and each
command is run as it is printed, in a network like the one they speak of. uplab/documents.py says what a
block is; those for a bare Debian are run by tests/bare-debian."""

import re

import pytest

from uplab.documents import GUIDE, PAGES, TREE, blocks, of_kind
from uplab.reader import NOT_HERE, Reader, first_file, shell, system_of
from uplab.snmp import environment
from uplab.topology import ROUTER_LAN
from uplab.wait import wait_until

STATION = "198.51.100.7"


@pytest.fixture
def system(make_lab):
    return system_of(make_lab(isps=3))


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
