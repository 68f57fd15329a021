# SPDX-License-Identifier: ISC
"""The Debian packages: built, looked at by lintian, installed, upgraded under load, removed and purged, on
a copy of this system's files in a mount namespace. What systemd would be told to do is done by a stand-in
that obeys the unit's own conditions and commands."""

import os
import pathlib
import re
import subprocess

import pytest

from uplab.daemon import config
from uplab.flow import Flow
from uplab.system import System
from uplab.topology import TARGETS
from uplab.wait import wait_until

TREE = pathlib.Path(__file__).parents[2]

def run(*command, cwd=None, **more):
    done = subprocess.run([str(c) for c in command], cwd=cwd, capture_output=True, text=True, **more)
    assert done.returncode == 0, f"{command}: {(done.stdout + done.stderr)[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory):
    """{name: file} of the packages of this tree."""
    folder = tmp_path_factory.mktemp("packages")
    folder.chmod(0o755)
    source = folder / "uplinkd"
    run(TREE / "contrib" / "copy-source", source)
    env = {**os.environ, "DEB_BUILD_OPTIONS": f"parallel={os.cpu_count()} nocheck", "LC_ALL": "C.UTF-8"}
    run("dpkg-buildpackage", "-us", "-uc", "-F", cwd=source, env=env, timeout=900)
    found = {p.name.partition("_")[0]: p for p in folder.glob("*.deb")}
    assert {"uplinkd", "uplinkd-snmp", "uplinkd-nms"} <= set(found)
    return found


def previous(package, folder):
    """The same with the version before."""
    unpacked = folder / f"{package.stem}-unpacked"
    run("dpkg-deb", "-R", package, unpacked)
    control = unpacked / "DEBIAN" / "control"
    control.write_text(re.sub(r"(?m)^Version: .*$", "Version: 0.0.9", control.read_text()).replace("(= 0.1.0)", "(= 0.0.9)"))
    older = folder / f"{package.name.partition('_')[0]}_0.0.9.deb"
    run("dpkg-deb", "-b", "--root-owner-group", unpacked, older)
    return older


@pytest.mark.long
def test_lintian_has_nothing_to_say(packages):
    changes = next(packages["uplinkd"].parent.glob("*.changes"))
    done = subprocess.run(
        ["lintian", "--allow-root", "--pedantic", "-I", "--fail-on", "error,warning,info,pedantic", str(changes)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0 and not done.stdout.strip(), done.stdout + done.stderr


UNIT = "/lib/systemd/system/uplinkd.service"


def of_unit(system, key):
    return re.search(rf"(?m)^{key}=(.*)$", system.path(UNIT).read_text())[1]


def the_unit_is_right(system):
    """systemd understands it, and it may do less than most; the users are made as sysusers says."""
    checked = system.try_run("systemd-analyze", "verify", "--man=no", UNIT)
    assert checked.returncode == 0 and not checked.stderr, checked
    exposure = system.run("systemd-analyze", "security", "--offline=true", UNIT)
    assert float(re.search(r"exposure level for uplinkd.service: ([\d.]+)", exposure)[1]) < 4, exposure
    wanted = re.search(r"FDS_WANTED = (\d+)", (TREE / "src/parent/parent.c").read_text())[1]
    assert of_unit(system, "LimitNOFILE") == wanted, "no fewer than the daemon asks for"
    assert system.run("systemd-sysusers", "--dry-run", "/usr/lib/sysusers.d/uplinkd-sysusers.conf") == ""


@pytest.mark.long
def test_install_upgrade_under_load_remove_and_purge(lab, packages, tmp_path):
    system = System(lab)
    system.stand_in_for_systemd()
    wanted = [packages[name] for name in ("uplinkd", "uplinkd-snmp", "uplinkd-nms")]

    # without a configuration nothing starts, and nothing fails
    system.install(*[previous(p, tmp_path) for p in wanted])
    assert system.daemon() is None and not system.members()
    assert "_uplinkd" in system.run("getent", "passwd", "_uplinkd")
    assert "_uplinkhook" in system.run("getent", "passwd", "_uplinkhook")
    assert system.path("/usr/share/snmp/mibs/UPLINK-MIB.txt").exists()

    system.write("/etc/uplinkd.conf", config(lab))
    system.run("uplinkd", "-n")
    system.run("deb-systemd-invoke", "start", "uplinkd.service")
    wait_until(lambda: len(system.members()) == 2, 20, "both links carry")
    before = system.daemon()
    the_unit_is_right(system)

    # what `systemctl reload` does, and an upgrade: nothing of the load is lost
    flow = Flow(lab.client, lab.inet, TARGETS[0], rate=1000, flows=20)
    wait_until(lambda: "isp1" in system.run("uplinkctl", "status"), 5)
    system.write("/etc/uplinkd.conf", config(lab).replace('site "lab"', 'site "lab-2"'))
    system.run(*of_unit(system, "ExecReload").replace("$MAINPID", str(before)).split())
    wait_until(lambda: "lab-2" in system.run("uplinkctl", "status"), 5, "the new configuration is in force")
    system.install(*wanted)
    wait_until(lambda: system.daemon() not in (None, before), 10, "the new one runs")
    assert os.readlink(f"/proc/{system.daemon()}/exe").endswith("/usr/sbin/uplinkd")
    wait_until(lambda: len(system.members()) == 2 and system.try_run("uplinkctl", "status").returncode == 0, 20)
    assert "restart uplinkd.service" in system.path("/run/invoked").read_text()
    result = flow.stop()
    assert result["lost"] == 0, result

    # gone, and the traffic goes on
    flow = Flow(lab.client, lab.inet, TARGETS[0], rate=1000, flows=20)
    told = system.try_run("dpkg", "-r", "uplinkd-snmp", "uplinkd")
    assert told.returncode == 0 and "uplinkctl release" in told.stderr, told
    assert not system.path("/usr/sbin/uplinkd").exists() and not system.path("/run/uplinkd/uplinkd.pid").exists()
    assert len(system.members()) == 2
    assert system.path("/var/lib/uplinkd/indexes.json").exists() and system.path("/etc/uplinkd.conf").exists()
    system.run("dpkg", "-P", "uplinkd", "uplinkd-snmp", "uplinkd-nms")
    result = flow.stop()
    assert result["lost"] == 0, result
    assert not system.path("/var/lib/uplinkd").exists()
