# SPDX-License-Identifier: ISC
"""What is promised for the worst case: nothing ordered is lost, nobody has more rights than needed."""

import json
import os
import shutil

import pytest

from uplab.daemon import Uplinkd, config
from uplab.wait import wait_until

# ---- what outlives a reboot ----


def reboot(daemon, how):
    """What a reboot leaves: the state folder. The processes are gone, and all of /run."""
    if how == "power cut":
        daemon.kill()
    else:
        assert daemon.stop() == 0
    shutil.rmtree(daemon.rundir)


def events(daemon):
    return daemon.ask("events", limit=1000)["events"]


def saved(daemon):
    """What is on the disk; {} where there is nothing that can be read."""
    path = daemon.statedir / "state.json"
    try:
        return json.loads(path.read_text()) if path.is_file() else {}
    except (OSError, ValueError):
        return {}


@pytest.mark.parametrize("how", ["shutdown", "power cut"])
def test_orders_and_event_numbers_outlive_a_reboot(lab, how):
    daemon = Uplinkd(lab, config(lab)).start()
    drain = ["drain", "isp1", "--for", "1h", "--owner", "noc", "--comment", "line card"]
    # refused until the other link can carry both IP versions
    wait_until(lambda: daemon.ctl(*drain).returncode == 0, 20, "the drain is taken")
    before, last = daemon.link("isp1"), events(daemon)[-1]["number"]
    if how == "power cut":  # what happened in the last second may be lost then
        wait_until(lambda: saved(daemon).get("events_last", 0) >= last, 5, "it is on the disk")
    last = events(daemon)[-1]["number"]
    reboot(daemon, how)
    if how == "shutdown":
        last = saved(daemon)["events_last"]  # the last word is on the disk
    daemon.start()
    after = daemon.link("isp1")
    assert (after["admin"], after["oper"]) in [("drain", "drained"), ("drain", "draining")]
    order, was = after["order"], before["order"]
    assert (order["owner"], order["comment"], order["actor"]) == ("noc", "line card", "control")
    assert 3500 < order["remaining_s"] <= was["remaining_s"]
    numbers = [event["number"] for event in events(daemon)]
    assert numbers[0] > last, "a number is never given twice"
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    # no event says that the order came: nobody ordered it anew
    assert not [event for event in events(daemon) if event["type"] == "controlSet"]
    assert "drain stays in force for another" in daemon.process.log()


def damage(path, how):
    if how == "cut off":
        path.write_bytes(path.read_bytes()[:-10])
    elif how == "one octet":
        octets = bytearray(path.read_bytes())
        octets[len(octets) // 2] ^= 1
        path.write_bytes(octets)
    elif how == "empty":
        path.write_text("")
    elif how == "absent":
        path.unlink()
    elif how == "a pipe":
        path.unlink()
        os.mkfifo(path)
    elif how == "a folder":
        path.unlink()
        path.mkdir()
    elif how == "endless":
        path.unlink()
        path.symlink_to("/dev/zero")


HOW = {
    "cut off": "checksum is wrong",
    "one octet": "checksum is wrong",
    "empty": "does not begin with a checksum",
    "absent": "there is no ",
    "a pipe": "not a regular file",
    "a folder": "not a regular file",
    "endless": "not a regular file",
}


def test_a_damaged_state_is_no_state(lab):
    daemon = Uplinkd(lab, config(lab)).start()
    path = daemon.statedir / "state.json"
    for how, said in HOW.items():
        assert daemon.ctl("drain", "isp1", "--force").returncode == 0
        assert daemon.stop() == 0
        damage(path, how)
        shutil.rmtree(daemon.rundir)
        daemon.start()
        assert daemon.link("isp1")["admin"] == "auto", how
        assert events(daemon)[0]["number"] == 1, how
        log = daemon.process.log()
        lines = [line for line in log.splitlines() if said in line]
        assert len(lines) == 1 and "events are numbered from 1" in lines[0], f"{how}:\n{log}"
        if how == "a folder":
            wait_until(lambda: "the state is not stored" in daemon.process.log(), 5, "it says so")
            path.rmdir()
        # what is there now is a state again
        wait_until(lambda: saved(daemon).get("version") == 1, 15, f"stored after {how}")


def test_the_state_is_not_used_while_the_board_stands(lab):
    daemon = Uplinkd(lab, config(lab)).start()
    assert daemon.ctl("drain", "isp1", "--force").returncode == 0
    wait_until(lambda: "drain" in json.dumps(saved(daemon)), 5, "the order is on the disk")
    old = (daemon.statedir / "state.json").read_bytes()
    assert daemon.ctl("auto", "isp1").returncode == 0
    number = events(daemon)[-1]["number"]
    daemon.kill()
    (daemon.statedir / "state.json").write_bytes(old)
    daemon.start()
    assert daemon.link("isp1")["admin"] == "auto"
    assert events(daemon)[-1]["number"] > number
