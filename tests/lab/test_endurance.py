# SPDX-License-Identifier: ISC
"""Again and again, under load, and nothing is lost: drains, restarts, and a second failure in the midst
of the first. Each test has a short version for every run and the full count for the long one."""

import contextlib
import pathlib
import shutil

import pytest

from uplab import tools
from uplab.daemon import Uplinkd, config
from uplab.load import Load
from uplab.routing import members
from uplab.topology import TARGETS
from uplab.wait import wait_until

CONNTRACK_MAX = pathlib.Path("/proc/sys/net/netfilter/nf_conntrack_max")


def counts(short, full):
    """The test with few rounds, and with all of them in the long run."""
    return pytest.mark.parametrize("rounds", [short, pytest.param(full, marks=pytest.mark.long)])


def gateways(lab, *links):
    return {lab.gateway(n) for n in links}


# ---- drain and undrain ----


@counts(20, 500)
def test_drains_under_load_lose_nothing(lab, rounds):
    uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active()
    load = Load(lab)
    for i in range(rounds):
        n = 1 + i % 2
        uplinkd.ask("drain", link=f"isp{n}")
        wait_until(lambda: members(lab.router).keys() == gateways(lab, 3 - n), 5, f"isp{n} is drained")
        uplinkd.ask("auto", link=f"isp{n}")
        wait_until(lambda: members(lab.router).keys() == gateways(lab, 1, 2), 5, f"isp{n} is back")
    load.assert_untouched()
    assert not uplinkd.events("linkDown")


# ---- restarts ----


def another_version(lab, i):
    """The same programs by another path, as an upgrade leaves them."""
    folder = lab.folder / f"version{i}"
    folder.mkdir(mode=0o755)
    return shutil.copy2(tools.uplinkd(), folder / "uplinkd")


def restart(lab, uplinkd, i):
    """Stopped, killed, and replaced by another version, in turn."""
    if i % 3 == 1:
        uplinkd.kill()
    else:
        assert uplinkd.stop() == 0
    if i % 3 == 2:
        uplinkd.binary = another_version(lab, i)
    uplinkd.start()


@counts(6, 100)
def test_restarts_under_load_lose_nothing(lab, rounds):
    uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active()
    indexes = {name: link["link_index"] for name, link in uplinkd.links().items()}
    load = Load(lab)
    for i in range(rounds):
        restart(lab, uplinkd, i)
        for name in uplinkd.links():
            link = uplinkd.wait_link(name, health="up", oper="active")
            assert (link["link_index"], link["transitions"]) == (indexes[name], 0)
        assert members(lab.router).keys() == gateways(lab, 1, 2)
    load.assert_untouched()


# ---- a second failure in the midst of the first ----


@contextlib.contextmanager
def room_for_flows(number):
    """The kernel's limit is one for all namespaces: raised where it has to be, and put back."""
    before = CONNTRACK_MAX.read_text()
    if int(before) < number:
        CONNTRACK_MAX.write_text(f"{number}\n")
    try:
        yield
    finally:
        CONNTRACK_MAX.write_text(before)


def assert_failed_over(lab, n, rest, limit_s):
    """Link n is out of the routes within that time, and what begins then goes by the rest."""
    wait_until(lambda: lab.gateway(n) not in members(lab.router), limit_s, f"isp{n} leaves the routes")
    assert members(lab.router).keys() == gateways(lab, *rest)
    for address in TARGETS[:4]:
        assert lab.client.pings(address), "new flows go by the links that are left"


def fail_two(lab, meanwhile):
    """isp1 stops forwarding; once it is out of the routes, meanwhile() is called and isp2 dies."""
    lab.blackhole(1)
    wait_until(lambda: lab.gateway(1) not in members(lab.router), 5, "isp1 leaves the routes")
    meanwhile()
    lab.blackhole(2)
    # 60 ms until an answer is overdue, a burst of 40 ms and its timeout; and a busy machine
    assert_failed_over(lab, 2, [3], 1.5)


@pytest.mark.parametrize("flows", [100_000, pytest.param(500_000, marks=pytest.mark.long)])
def test_a_link_that_dies_while_flows_are_cut(make_lab, flows):
    lab = make_lab(isps=3)
    uplinkd = Uplinkd(lab, config(lab)).start("-v").wait_all_active()
    with room_for_flows(flows + 10_000):
        lab.router.run(tools.helper("ctfill"), flows, "0x100")
        fail_two(lab, lambda: None)
        killed = uplinkd.wait_event("failover", "isp1")["number"]
        wait_until(
            # others that begin meanwhile are taken off the count
            lambda: any(e["number"] == killed and e["flows_killed"] > 0.99 * flows for e in uplinkd.events()),
            20, f"{flows} flows are cut",
        )  # fmt: skip
        lab.router.run("conntrack", "-F")


def test_a_link_that_dies_while_the_worker_hangs(make_lab):
    """As when its disk does not answer: routes and new flows do not wait for it."""
    lab = make_lab(isps=3)
    uplinkd = Uplinkd(lab, config(lab)).start().wait_all_active()
    worker = str(uplinkd.children()["worker"])
    fail_two(lab, lambda: lab.router.run("kill", "-STOP", worker))
    uplinkd.wait_link("isp2", health="down", oper="out")
    lab.router.try_run("kill", "-CONT", worker)
    lab.heal(1)
    lab.heal(2)
    uplinkd.wait_all_active()


DISK = 'truncate -s 16M "$0.img" && mkfs.ext4 -q "$0.img" && mount -o loop "$0.img" "$0" && exec "$@"'


@pytest.mark.long
def test_a_link_that_dies_while_the_disk_hangs(make_lab):
    """A file system that is frozen: whoever writes there waits in the kernel."""
    lab = make_lab(isps=3)
    uplinkd = Uplinkd(lab, config(lab))
    uplinkd.statedir.mkdir()
    uplinkd.before = ["sh", "-c", DISK, str(uplinkd.statedir)]
    uplinkd.start().wait_all_active()

    def frozen(option):
        lab.router.run("nsenter", "-m", "-t", str(uplinkd.process.pid), "fsfreeze", option, uplinkd.statedir)

    frozen("-f")
    try:
        uplinkd.ask("drain", link="isp3", comment="to be saved")
        uplinkd.ask("auto", link="isp3")
        fail_two(lab, lambda: None)
        uplinkd.wait_link("isp2", health="down", oper="out")
    finally:
        frozen("-u")
    lab.heal(1)
    lab.heal(2)
    uplinkd.wait_all_active()
