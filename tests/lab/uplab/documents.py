# SPDX-License-Identifier: ISC
"""What README and guide print, for a test to do as a reader would. What a block is stands behind its fence:

    sh                   run by bash on the router, line after line; each must succeed
    sh station           the same at the monitoring station
    sh debian            the same in the source on a Debian with nothing else installed: tests/bare-debian
    sh nagios            at a station with Nagios: only the long tests have one
    sh openbsd           for OpenBSD: not run here; sh openwrt: nor is what is OpenWrt's alone
    conf FILE            written there, or yaml FILE; uplinkd.conf is taken by uplinkd -n
    conf add FILE        added to what stands there
    conf file, conf link what may stand in a file, in a link: taken by uplinkd -n
    conf line            each line by itself may stand in a file, or in a link if it says so
    conf alone           a whole file: taken by uplinkd -n
    output               what the commands of the block before printed has these lines, but for numbers
    text                 for people only
"""

import pathlib
import re
import textwrap

TREE = pathlib.Path(__file__).resolve().parents[3]
GUIDE = TREE / "doc" / "guide"
NMS_PAGES = sorted((TREE / "doc" / "nms").glob("*.md"))
PAGES = [TREE / "README.md", *sorted(p for p in GUIDE.glob("*.md") if p.name != "README.md")]
KINDS = {
    "sh", "sh station", "sh debian", "sh nagios", "sh openbsd", "sh openwrt", "conf file", "conf link", "conf line", "conf alone", "output", "text",
}  # fmt: skip
BLOCK = re.compile(r"(?ms)^( *)```([^\n]*)\n(.*?)^\1```$")
WRITTEN = re.compile(r"(?:conf|yaml) (add )?([/~]\S+)")


def blocks(path):
    """[(kind, text)] of the fenced blocks. Nothing that looks like code stands outside of them."""
    text = path.read_text()
    found = [(kind, textwrap.dedent(body)) for _, kind, body in BLOCK.findall(text)]
    unknown = {kind for kind, _ in found if kind not in KINDS and not WRITTEN.fullmatch(kind)}
    assert not unknown, f"{path.name}: {unknown}"
    unfenced = [line for line in BLOCK.sub("", text).splitlines() if line.startswith("    ")]
    assert not unfenced, f"{path.name}: {unfenced}"
    return found


def of_kind(path, kind):
    return [text for k, text in blocks(path) if k == kind]


def same_but_for_numbers(printed, wanted):
    """Lines of wanted that are not in printed, where every number but an index or label is any."""

    def pattern(line):
        name, equals, value = line.partition(" = ")
        if not equals:
            return re.escape(line)
        return re.escape(name + equals) + re.sub(r"(?<![(\d])\d+", r"\\d+", re.escape(value))

    lines = printed.splitlines()
    return [w for w in wanted.splitlines() if w != "..." and not any(re.fullmatch(pattern(w), line) for line in lines)]
