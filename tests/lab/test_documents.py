# SPDX-License-Identifier: ISC
"""README and guide as a new user reads them: each file that they print is written where they say, and each
command is run as it is printed, in a network like the one they speak of.

What a block is stands behind its fence:

    sh                      run by bash, line after line; each must succeed
    sh install              the same, in an empty copy of the source (long)
    conf /etc/uplinkd.conf  written there, and taken by uplinkd -n
    conf file, conf link    what may stand in a file, in a link: taken by uplinkd -n
    conf alone              a whole file: taken by uplinkd -n
    text                    for people only
"""

import pathlib
import re

import pytest

from uplab import tools
from uplab.system import System
from uplab.wait import wait_until

TREE = pathlib.Path(__file__).parents[2]
GUIDE = TREE / "doc" / "guide"
PAGES = [TREE / "README.md", *sorted(p for p in GUIDE.glob("*.md") if p.name != "README.md")]
KINDS = {"sh", "sh install", "conf /etc/uplinkd.conf", "conf file", "conf link", "conf alone", "text"}

LINK = "link a {{ interface wan1; gateway 192.0.2.1; target 203.0.113.1; target 203.0.113.53\n{}}}\nsnmp no\n"


def blocks(path):
    """[(kind, text)] of the fenced blocks."""
    found = re.findall(r"(?ms)^```([^\n]*)\n(.*?)^```$", path.read_text())
    if path.name == "README.md":
        found = [(kind, text) for kind, text in found if kind]
    unknown = {kind for kind, _ in found} - KINDS
    assert not unknown, f"{path.name}: {unknown}"
    return found


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
    return system


def check(system, name, text):
    system.write("/tmp/check.conf", text)
    done = system.try_run("uplinkd", "-n", "-f", "/tmp/check.conf", env=system.env)
    assert done.returncode == 0, f"{name}:\n{text}{done.stderr}"


def shell(system, text, timeout=120):
    done = system.try_run("bash", "-euo", "pipefail", "-c", "cd\n" + text, env=system.env, timeout=timeout)
    assert done.returncode == 0, f"{text}\nprinted:\n{done.stdout}{done.stderr}"
    return done.stdout


def first_file():
    return next(text for kind, text in blocks(GUIDE / "first-links.md") if kind == "conf /etc/uplinkd.conf")


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.stem)
def test_each_block_is_as_good_as_its_word(system, path):
    system.write("/etc/uplinkd.conf", first_file())
    for kind, text in blocks(path):
        if kind == "sh":
            shell(system, text)
        elif kind == "conf /etc/uplinkd.conf":
            check(system, path.name, text)
            system.write("/etc/uplinkd.conf", text)
        elif kind == "conf file":
            check(system, path.name, first_file() + text)
        elif kind == "conf link":
            check(system, path.name, LINK.format(text))
        elif kind == "conf alone":
            check(system, path.name, text)


@pytest.mark.long
def test_the_source_installs_as_printed(system):
    text = "\n".join(t for kind, t in blocks(TREE / "README.md") if kind == "sh install")
    assert "make install" in text
    system.write("/usr/bin/sudo", '#!/bin/sh\nexec "$@"\n', 0o755)
    system.run("mkdir", "-p", "/root/uplinkd")
    system.run(TREE / "contrib" / "copy-source", "/root/uplinkd")
    system.env["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    shell(system, "cd uplinkd\n" + text, timeout=420)
    assert "uplinkd" in shell(system, "uplinkd -V")
    assert system.path("/usr/local/bin/uplinkctl").exists()


def test_every_page_is_in_the_contents():
    contents = (GUIDE / "README.md").read_text()
    for page in GUIDE.glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in contents, page.name


def test_links_lead_somewhere():
    for page in [*PAGES, GUIDE / "README.md", *(TREE / "doc" / "nms").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
