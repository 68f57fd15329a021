#!/usr/bin/python3
# SPDX-License-Identifier: ISC
"""Completion in a zsh on a pseudo terminal, against a served board: what is typed becomes what was meant.

usage: test_zsh.py SOURCE_FOLDER"""

import os
import pathlib
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import time

SOURCE = pathlib.Path(sys.argv[1])
DEADLINE_S = 20

RC = """\
PS1='%%READY%% '
fpath=({source}/contrib/completion $fpath)
autoload -Uz compinit
compinit -u -d {folder}/dump
show() {{ print -r -- "$BUFFER" >{folder}/typing && mv {folder}/typing {folder}/typed; BUFFER=; }}
zle -N show
bindkey '^T' show
"""

# what is typed before the tabulator, and what stands there after it
CASES = [
    ("uplinkctl sta", "uplinkctl stat"),
    ("uplinkctl dra", "uplinkctl drain "),
    ("uplinkctl force-d", "uplinkctl force-down "),
    ("uplinkctl drain fi", "uplinkctl drain fibre "),
    ("uplinkctl status té", "uplinkctl status télé\\ 衛星 "),
    ("uplinkctl drain fibre --com", "uplinkctl drain fibre --comment "),
    ("uplinkctl wait fibre drained --t", "uplinkctl wait fibre drained --timeout "),
    ("uplinkctl wait fibre draine", "uplinkctl wait fibre drained "),
    ("uplinkctl history fibre --s", "uplinkctl history fibre --svg "),
    ("uplinkctl top --i", "uplinkctl top --interval "),
    ("uplinkctl --json expl", "uplinkctl --json explain "),
    ("uplinkctl -s {socket} verify ds", "uplinkctl -s {socket} verify dsl "),
    ("uplinkctl --socket {socket} verify ds", "uplinkctl --socket {socket} verify dsl "),
    ("uplinkctl reload --for", "uplinkctl reload --for"),
]


def until(seen, what):
    end = time.monotonic() + DEADLINE_S
    while not seen():
        assert time.monotonic() < end, what
        time.sleep(0.02)


class Shell:
    def __init__(self, folder, path):
        self.folder = pathlib.Path(folder)
        (self.folder / "rc").write_text(RC.format(source=SOURCE.resolve(), folder=folder))
        self.master, slave = pty.openpty()
        environment = {"PATH": path, "HOME": folder, "TERM": "xterm", "LC_ALL": "C.UTF-8"}
        self.process = subprocess.Popen(
            ["zsh", "-f", "-i"], stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
        )
        os.close(slave)
        self.type(f"source {folder}/rc\n")
        self.said = b""
        until(lambda: b"%READY% " in self.read(), "zsh does not begin")

    def type(self, text):
        os.write(self.master, text.encode())

    def read(self):
        """What it wrote so far: it must be read, or zsh stands still."""
        if select.select([self.master], [], [], 0)[0]:
            self.said += os.read(self.master, 65536)
        return self.said

    def completed(self, text):
        typed = self.folder / "typed"
        typed.unlink(missing_ok=True)
        self.type(f"{text}\t\x14")
        until(lambda: self.read() and typed.exists(), f"nothing comes of {text!r}: {self.said!r}")
        return typed.read_text().rstrip("\n")


def main():
    folder = tempfile.TemporaryDirectory()
    socket = f"{folder.name}/control.sock"
    server = subprocess.Popen(["./tests/unit/serve_board", socket])
    here = os.getcwd()
    # where no socket is named the daemon's own is asked: here this one
    program = pathlib.Path(folder.name, "bin", "uplinkctl")
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {here}/uplinkctl -s {socket} "$@"\n')
    program.chmod(0o755)
    try:
        asked = [str(program), "stats"]
        until(lambda: subprocess.run(asked, capture_output=True).returncode == 0, "the board is not served")
        shell = Shell(folder.name, f"{program.parent}:{os.environ['PATH']}")
        for typed, wanted in CASES:
            typed, wanted = typed.format(socket=socket), wanted.format(socket=socket)
            found = shell.completed(typed)
            assert found == wanted, f"{typed!r} becomes {found!r}, not {wanted!r}"
        shell.type("exit\n")
        shell.process.wait(DEADLINE_S)
    finally:
        server.terminate()
        server.wait()


if not shutil.which("zsh"):
    sys.exit(77)
main()
