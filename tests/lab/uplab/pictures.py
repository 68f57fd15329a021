# SPDX-License-Identifier: ISC
"""Pictures of what a person sees: a terminal as SVG, a web page as PNG. For tests/pictures alone, which
needs Debian's python3-pyte and chromium-headless-shell; no test does."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time
from xml.sax.saxutils import escape

CELL_W, CELL_H, EDGE, SIZE = 7.8, 17, 10, 13
BACK, PLAIN, FAINT = "#1c2128", "#d7dde3", "#8b949e"
COLOURS = {"red": "#f47067", "green": "#6bc46d", "brown": "#e0b341", "yellow": "#e0b341", "blue": "#6cb6ff", "cyan": "#56d4dd"}
LEVELS = "▁▂▃▄▅▆▇█"


class Terminal:
    """What programs have written to a terminal of that size."""

    def __init__(self, columns, lines):
        import pyte

        self.columns, self.lines = columns, lines
        self.screen = pyte.Screen(columns, lines)
        self.screen.set_mode(pyte.modes.LNM)
        self.stream = pyte.ByteStream(self.screen)

    def say(self, text):
        self.stream.feed(text.encode())

    def run(self, argv, seconds=None):
        """A program until it ends, or for so many seconds."""
        own, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", self.lines, self.columns, 0, 0))
        env = {**os.environ, "TERM": "linux", "LC_ALL": "C.UTF-8"}
        process = subprocess.Popen([str(a) for a in argv], stdin=its, stdout=its, stderr=its, env=env, start_new_session=True)
        os.close(its)
        end = time.monotonic() + (seconds or 20)
        while time.monotonic() < end:
            if not select.select([own], [], [], 0.1)[0]:
                continue
            try:
                self.stream.feed(os.read(own, 65536))
            except OSError:  # it has ended
                break
        assert seconds or process.wait(5) == 0, argv
        process.terminate()
        process.wait(5)
        os.close(own)

    def svg(self, words):
        """words: what the picture shows, for those who do not see it."""
        rows = [self.screen.buffer[y] for y in range(self.lines)]
        used = max((y + 1 for y, text in enumerate(self.screen.display) if text.strip()), default=1)
        width, height = self.columns * CELL_W + 2 * EDGE, used * CELL_H + 2 * EDGE
        out = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" role="img" '
            f'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="{SIZE}" fill="{PLAIN}">',
            f'<title>{escape(words)}</title><rect width="100%" height="100%" rx="6" fill="{BACK}"/>',
        ]
        for y in range(used):
            out += row(rows[y], self.columns, EDGE + y * CELL_H)
        return "\n".join(out) + "\n</svg>\n"


def row(cells, columns, top):
    """Runs of one look are one text; bars are drawn, since fonts leave gaps between them."""
    out, x = [], 0
    while x < columns:
        cell, start = cells[x], x
        if cell.data == " ":
            x += 1
            continue
        if cell.data in LEVELS:
            out.append(bar(cell, EDGE + x * CELL_W, top))
            x += 1
            continue
        text = ""
        while x < columns and look(cells[x]) == look(cell) and cells[x].data not in LEVELS and not (
            cells[x].data == " " and x + 1 < columns and cells[x + 1].data == " "
        ):
            text += cells[x].data
            x += 1
        text = text.rstrip()
        if text:
            out.append(
                f'<text x="{EDGE + start * CELL_W:.1f}" y="{top + SIZE}"{look(cell)} textLength="{len(text) * CELL_W:.1f}" '
                f'xml:space="preserve">{escape(text)}</text>'
            )
        x = max(x, start + 1)
    return out


def colour(cell):
    return COLOURS.get(cell.fg, FAINT if cell.fg in ("black", "brightblack") else PLAIN)


def look(cell):
    words = "" if colour(cell) == PLAIN else f' fill="{colour(cell)}"'
    return words + (' font-weight="bold"' if cell.bold else "")


def bar(cell, x, top):
    height = CELL_H * (LEVELS.index(cell.data) + 1) / 8
    return f'<rect x="{x:.1f}" y="{top + CELL_H - height:.1f}" width="{CELL_W - 1:.1f}" height="{height:.1f}" fill="{colour(cell)}"/>'


def page_png(system, namespace, url, name, width, height):
    """What a browser shows of the page, into the system's file of that name."""
    done = system.try_run(
        "chromium-headless-shell", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage",
        "--user-data-dir=/tmp/browser", "--virtual-time-budget=8000", f"--window-size={width},{height}", f"--screenshot={name}", url,
        namespace=namespace, env={"HOME": "/tmp"},
    )  # fmt: skip
    assert done.returncode == 0 and system.path(name).exists(), done


def cut_png(system, namespace, name, to, x, y, width, height):
    """A part of such a picture."""
    system.write("/tmp/cut.html", f'<body style="margin:0"><img src="file://{name}" style="margin:-{y}px 0 0 -{x}px">')
    page_png(system, namespace, "file:///tmp/cut.html", to, width, height)
