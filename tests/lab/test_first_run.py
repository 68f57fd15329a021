# SPDX-License-Identifier: ISC
"""What a first start lacks is one clear line that says what to do, not a stack of them."""

import pytest

from uplab import tools
from uplab.daemon import Uplinkd, config
from uplab.master import Master
from uplab.wait import holds_for, wait_until


def lines(text, *words):
    return [line for line in text.splitlines() if all(w in line for w in words)]


@pytest.mark.parametrize("options", [[], ["-d"], ["-n"]], ids=["background", "foreground", "check"])
def test_no_configuration(lab, options):
    uplinkd = Uplinkd(lab, "")
    uplinkd.conf.unlink()
    done = lab.router.try_run(*uplinkd.argv(*options))
    assert done.returncode == 1
    assert len(lines(done.stderr, str(uplinkd.conf))) == 1, done.stderr
    assert lines(done.stderr, "No such file", "uplinkd --suggest"), done.stderr


def test_not_root(lab):
    done = lab.router.try_run("setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", tools.uplinkd())
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "must be started by root" in done.stderr


def test_no_snmpd(lab):
    uplinkd = Uplinkd(lab, config(lab, agentx=lab.folder / "nosuch")).start().wait_all_active()
    uplinkd.process.wait_log("no AgentX master")
    holds_for(lambda: len(lines(uplinkd.process.log(), "AgentX")) == 1, 3, "it is said once")
    (line,) = lines(uplinkd.process.log(), "AgentX")
    assert "is snmpd running, with 'master agentx'" in line


def test_a_snmpd_that_lets_nobody_in(lab):
    closed = Master(lab.folder / "agentx" / "master")
    closed.path.chmod(0o600)
    uplinkd = Uplinkd(lab, config(lab, agentx=closed.path)).start().wait_all_active()
    uplinkd.process.wait_log("permission denied")
    holds_for(lambda: len(lines(uplinkd.process.log(), str(closed.path))) == 1, 2, "it is said once")
    (line,) = lines(uplinkd.process.log(), str(closed.path))
    assert "put the line 'agentXPerms 0660 0755 root _uplinksnmp' into snmpd.conf" in line
    closed.close()


# As in a container that may not.
@pytest.mark.parametrize("missing", ["net_admin", "net_raw", "setuid"])
def test_without_a_capability(lab, missing):
    uplinkd = Uplinkd(lab, config(lab))
    done = lab.router.try_run("setpriv", f"--bounding-set=-{missing}", f"--inh-caps=-{missing}", *uplinkd.argv("-d"))
    assert done.returncode == 1, done
    found = lines(done.stderr, f"CAP_{missing.upper()}")
    assert len(found) == 1 and len(done.stderr.splitlines()) == 1, done.stderr


def test_what_only_a_part_needs_is_done_without(lab):
    uplinkd = Uplinkd(lab, config(lab))
    uplinkd.before = ["setpriv", "--bounding-set=-sys_nice,-net_bind_service", "--inh-caps=-sys_nice"]
    uplinkd.start().wait_all_active()


# Without the right to write in /proc/sys, as in a container; without nft.
READ_ONLY = "mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys && exec \"$@\""
NO_NFT = "mount --bind /dev/null /usr/sbin/nft && exec \"$@\""
# What nft says where the kernel has a module not.
NO_MODULE = """
printf '#!/bin/sh\\necho "/dev/stdin:3:3-9: Error: Could not process rule: No such file or directory" >&2; exit 1\\n' >{0}/nft
chmod 755 {0}/nft
mount --bind {0}/nft /usr/sbin/nft
exec "$@"
"""


class Confined(Uplinkd):
    """The daemon in a mount namespace that was prepared so."""

    preparation = ""

    def argv(self, *options):
        return ["unshare", "-m", "--propagation", "private", "sh", "-ec", self.preparation, "sh", *super().argv(*options)]


def test_settings_that_can_not_be_written(lab):
    uplinkd = Confined(lab, config(lab))
    uplinkd.preparation = READ_ONLY
    uplinkd.start().wait_all_active()
    found = lines(uplinkd.process.log(), "fib_multipath_hash_policy")
    assert len(found) == 2, found  # one of each IP version
    assert all("set it to 1" in line and "weights hold" in line for line in found), found


def test_no_kernel_module(lab):
    uplinkd = Confined(lab, config(lab))
    uplinkd.preparation = NO_MODULE.format(lab.folder)
    uplinkd.has_ruleset = False
    uplinkd.start().wait_all_active()
    line = wait_until(lambda: lines(uplinkd.process.log(), "ruleset not loaded"), 10)[0]
    assert "No such file or directory" in line and "modprobe nft_masq" in line and "no NAT" in line, line
    holds_for(lambda: len(lines(uplinkd.process.log(), "ruleset not loaded")) == 1, 3, "it is said once")


def test_no_nft(lab):
    uplinkd = Confined(lab, config(lab))
    uplinkd.preparation = NO_NFT
    uplinkd.has_ruleset = False
    uplinkd.start().wait_all_active()
    line = wait_until(lambda: lines(uplinkd.process.log(), "ruleset not loaded"), 10)[0]
    assert "nft" in line and "no NAT" in line, line
    holds_for(lambda: len(lines(uplinkd.process.log(), "ruleset not loaded")) == 1, 3, "it is said once")
    lab.blackhole(1)
    uplinkd.wait_link("isp1", oper="out")
