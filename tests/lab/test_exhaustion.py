# SPDX-License-Identifier: ISC
"""What runs out costs what needs it, and nothing else: no probe is missed, no memory grows without
bound, and who is refused is told and counted."""

import contextlib
import pathlib
import re
import resource
import socket
import subprocess
import time

import pytest

from uplab import tools
from uplab.daemon import Uplinkd, config
from uplab.wait import holds_for, wait_until

PLACES = 64  # of clients at the control socket
MEMORY_KIB = 16 << 10
DESCRIPTORS = 72  # enough for a start; the engine then has fewer left than places
FLOWS_MAX = pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_max")


@pytest.fixture
def uplinkd(lab):
    return Uplinkd(lab, config(lab)).start().wait_all_active()


def resident_kib(pid):
    return int(re.search(r"^VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text(), re.M)[1])


class Undisturbed:
    """The links stay as they are, and every probe leaves and is answered, for as long as this lasts;
    and for a second, that there is something to see."""

    def __init__(self, uplinkd):
        self.uplinkd = uplinkd

    def probes(self):
        targets = self.uplinkd.ask("targets")["targets"]
        return {kind: sum(t[kind] for t in targets) for kind in ("sent", "received", "lost", "send_errors")}

    def __enter__(self):
        self.before = self.probes()
        self.events = self.uplinkd.last_event()
        self.begun = time.monotonic()
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            return
        wait_until(lambda: time.monotonic() > self.begun + 1, 2)
        after, seconds = self.probes(), time.monotonic() - self.begun
        changed = {kind: after[kind] - self.before[kind] for kind in after}
        assert changed["lost"] == changed["send_errors"] == 0, changed
        # two links with six targets each, gateways among them, ten times a second
        assert changed["received"] > 60 * seconds, (changed, seconds)
        assert all(link["health"] == "up" for link in self.uplinkd.links().values())
        assert not [e for e in self.uplinkd.events() if e["number"] > self.events and e["type"] == "linkDown"]
        assert self.uplinkd.ask("stats")["engine_restarts"] == 0


def test_a_thousand_clients_and_requests_that_never_end(uplinkd):
    engine = uplinkd.children()["engine"]
    before = resident_kib(engine)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, most), most))
    with Undisturbed(uplinkd), contextlib.ExitStack() as stack:
        for i in range(1000):
            s = stack.enter_context(socket.socket(socket.AF_UNIX))
            s.settimeout(5)
            s.connect(str(uplinkd.socket))
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                s.sendall(b'{"v":1,"command":"' + b"x" * (i % 500))
            if i >= PLACES:
                assert b"too_many_clients" in s.recv(4096)
        assert resident_kib(engine) < before + MEMORY_KIB
        stack.pop_all().close()
        uplinkd.wait_ready(5)
    assert uplinkd.ask("stats")["clients_refused"] >= 1000 - PLACES


def test_no_descriptor_is_left(lab):
    uplinkd = Uplinkd(lab, config(lab))
    uplinkd.before = ["prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"]
    uplinkd.start().wait_all_active()
    with Undisturbed(uplinkd):
        with contextlib.ExitStack() as stack:
            for _ in range(DESCRIPTORS):
                s = stack.enter_context(socket.socket(socket.AF_UNIX))
                s.connect(str(uplinkd.socket))
            uplinkd.process.wait_log("a control client can't be accepted: Too many open files")
            s.settimeout(0.5)
            s.sendall(b'{"v":1,"command":"stats"}\n')
            with pytest.raises(TimeoutError):
                s.recv(10)
        uplinkd.wait_ready(5)


def test_fewer_descriptors_than_sockets_are_wanted(lab):
    """Of each link's targets all are asked, over the sockets that there may be."""
    tcp = "".join(f"\ttarget 203.0.113.{n} tcp port 9\n" for n in range(30, 60))
    text = config(lab).replace("\n}", "\n" + tcp + "}")
    uplinkd = Uplinkd(lab, text)
    uplinkd.before = ["prlimit", "--nofile=200:200"]
    uplinkd.start().wait_all_active()
    uplinkd.process.wait_log("too few open files are allowed")

    def all_asked():
        targets = [t for t in uplinkd.ask("targets")["targets"] if t["method"] == "tcp"]
        return len(targets) == 60 and all(t["sent"] > 1 for t in targets)

    wait_until(all_asked, 20, "each is asked")
    uplinkd.write(text + "# another\n")
    uplinkd.ask("reload")
    wait_until(lambda: uplinkd.status()["config_serial"] == 2, 5)
    assert uplinkd.ask("stats")["engine_restarts"] == 0


def test_fewer_descriptors_than_probes_that_wait(lab):
    """Those of the prober that find no socket are not sent, and say so; it goes on with the others."""
    web = "".join(f"\ttarget 203.0.113.{n} http {{ interval 1s; timeout 3s }}\n" for n in range(30, 90))
    uplinkd = Uplinkd(lab, config(lab).replace("\n}", "\n" + web + "}", 1))
    uplinkd.before = ["prlimit", "--nofile=100:100"]
    uplinkd.start().wait_all_active()
    lab.blackhole(1)

    def errors():
        return {t.get("last_error") for t in uplinkd.ask("targets")["targets"] if t["method"] == "http"}

    wait_until(lambda: "Too many open files" in errors(), 20, "some find no socket")
    holds_for(lambda: uplinkd.ask("stats")["prober_restarts"] == 0, 2, "and it lives")


@contextlib.contextmanager
def disk(folder, size):
    """The folder is a file system of that size."""
    folder.mkdir(mode=0o755)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "none", folder], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder):
    with open(folder / "filler", "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_the_disk_of_the_board_is_full(make_lab):
    """It has had its room since the start: events go on."""
    lab = make_lab(isps=3)
    uplinkd = Uplinkd(lab, config(lab, links=[1, 2]))
    with disk(uplinkd.rundir, "32m"):
        uplinkd.start().wait_all_active()
        fill(uplinkd.rundir)
        with Undisturbed(uplinkd):
            for _ in range(200):
                uplinkd.ask("drain", link="isp2")
                uplinkd.ask("auto", link="isp2")
            assert uplinkd.last_event() > 400
        # there is none for another link, and nothing changes
        uplinkd.write(config(lab))
        assert "No space left" in uplinkd.ctl("reload").stderr
        assert list(uplinkd.links()) == ["isp1", "isp2"]
        uplinkd.stop()


def test_there_is_no_room_for_the_board(lab):
    uplinkd = Uplinkd(lab, config(lab))
    with disk(uplinkd.rundir, "1m"):
        uplinkd.start(wait=False)
        assert uplinkd.process.wait(10) == 1
        assert "there is no room for its links in" in uplinkd.process.log()


def test_the_table_of_flows_is_full(lab, uplinkd):
    """Probes have no flow: they find what is true."""
    size = int(FLOWS_MAX.read_text())
    with Undisturbed(uplinkd):
        done = lab.router.try_run(tools.helper("ctfill"), size + 1000, "0x100")
        assert done.returncode != 0, "the table has an end"
        assert not lab.client.pings("203.0.113.1"), "nobody else gets a flow"
        wait_until(lambda: uplinkd.ask("status"), 1)
    lab.router.run("conntrack", "-F")
    wait_until(lambda: lab.client.pings("203.0.113.1"), 5, "there is room again")
