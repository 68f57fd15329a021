#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""doc/control-protocol.md is the schema: whatever uplinkctl --json prints stands in it, by name, and every
command of uplinkctl says what it has to say as JSON.

usage: test_protocol.py SOURCE_FOLDER BUILD_FOLDER"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import unittest

SOURCE, BUILD = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
DOCUMENT = (SOURCE / "doc" / "control-protocol.md").read_text()

# What stands behind a command where a link alone is not enough.
MORE = {"wait": ["up"]}
# Those that go on until they are ended: the lines that are read of them.
ENDLESS = {"top": 2}
# It needs samples, and one that ends the daemon comes last: the lab has both.
NOT_HERE = {"record", "release"}


def documented():
    words = set(re.findall(r"`([A-Za-z0-9_.]+)`", DOCUMENT)) | set(re.findall(r'"([a-z_]+)"', DOCUMENT))
    for line in DOCUMENT.splitlines():
        if line.startswith("| "):
            words |= {w.strip() for w in line.split("|")[1].replace("`", "").split(",")}
    return words


def members(value):
    """The names of all members of a JSON value, however deep."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield key
            yield from members(below)
    elif isinstance(value, list):
        for below in value:
            yield from members(below)


def commands():
    """{name: usage} as uplinkctl --help lists them."""
    text = subprocess.run([BUILD / "uplinkctl", "--help"], capture_output=True, text=True, check=True).stdout
    return {m[1]: m[2] for m in re.finditer(r"(?m)^  ([a-z-]+) +((?:\[?[A-Z]+\]? )*) *[a-z]", text)}


class Protocol(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.socket = os.path.join(cls.folder.name, "s")
        cls.server = subprocess.Popen([BUILD / "tests" / "unit" / "serve_board", cls.socket])
        deadline = time.monotonic() + 10
        while cls.ctl("stats").returncode != 0:
            assert time.monotonic() < deadline, "the board is not served"
            time.sleep(0.05)

    @classmethod
    def tearDownClass(cls):
        cls.server.terminate()
        cls.server.wait()
        cls.folder.cleanup()

    @classmethod
    def ctl(cls, *arguments):
        return subprocess.run([BUILD / "uplinkctl", "-s", cls.socket, *arguments], capture_output=True, text=True)

    def lines(self, words, wanted):
        """What is printed: all, or so many lines of what never ends."""
        if not wanted:
            done = self.ctl(*words)
            self.assertEqual(done.returncode, 0, (words, done.stderr))
            return [done.stdout]
        with subprocess.Popen([BUILD / "uplinkctl", "-s", self.socket, *words], stdout=subprocess.PIPE, text=True) as process:
            found = [process.stdout.readline() for _ in range(wanted)]
            process.terminate()
        return found

    def test_top_has_what_the_screen_shows(self):
        (line,) = self.lines(["--json", "top"], 1)
        link = json.loads(line)["links"][0]
        self.assertTrue(link["targets"][0]["samples_us"])
        self.assertTrue(link["minutes"][0]["health"])

    def test_whatever_is_printed_is_documented(self):
        known = documented()
        seen = 0
        for command, usage in commands().items():
            if command in NOT_HERE:
                continue
            words = ["--json", command, *(["fibre"] if "LINK" in usage else []), *MORE.get(command, [])]
            for line in self.lines(words, ENDLESS.get(command)):
                told = json.loads(line)
                self.assertEqual(told["v"], 1, command)
                found = set(members(told))
                self.assertEqual(sorted(found - known), [], command)
                seen += len(found)
        self.assertGreater(seen, 150)

    def test_every_command_is_known(self):
        self.assertGreater(len(commands()), 15)
        for command in commands():
            if command in ("explain", "top", "wait"):  # made of others
                self.assertIn(f"`uplinkctl --json {command}`", DOCUMENT)
            else:
                self.assertRegex(DOCUMENT, rf"(?m)^\|[^|]*\b{command}\b")

    def test_errors_are_documented(self):
        text = "".join(p.read_text() for p in (SOURCE / "src" / "engine").glob("control*.c"))
        codes = {c for c in documented() if re.search(rf'"{c}"', text)}
        self.assertTrue({"no_link", "refused", "bad_argument", "busy"} <= codes, codes)


class Texts(unittest.TestCase):
    def test_what_people_are_told_to_type_exists(self):
        """In the guide, the kits and the README."""
        known = set(commands())
        help_of = {c: subprocess.run([BUILD / "uplinkctl", c, "--help"], capture_output=True, text=True).stdout for c in known}
        files = [SOURCE / "README.md", *(SOURCE / "doc").rglob("*.md"), *(SOURCE / "contrib" / "nms").rglob("*.*")]
        told = 0
        for path in files:
            for m in re.finditer(r"uplinkctl (?:--json )?([a-z][a-z-]+)([^`'\n|#]*)", path.read_text()):
                if m[1] not in known:
                    self.assertNotRegex(m[0], r"uplinkctl (--json )?[a-z-]+ (LINK|--)", path)
                    continue
                told += 1
                for option in re.findall(r"--([a-z]+)", m[2]):
                    self.assertIn(f"--{option}", help_of[m[1]] + "--json", (path.name, m[0]))
        self.assertGreater(told, 40)


unittest.main(argv=sys.argv[:1])
