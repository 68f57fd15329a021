# SPDX-License-Identifier: ISC
"""A line by PPPoE as the guide sets it up, with the real pppd and a provider's pppoe-server. This machine's
kernel may lack PPP, so both run under Debian's user-mode-linux, whose kernel is a program: its root is a copy
of this system's files, and what it found comes back in files there. That kernel has no nftables of the family
inet, so this is about links and routes: of the ruleset nothing is seen here."""

import json
import pathlib
import shutil

import pytest

from uplab import tools
from uplab.documents import GUIDE, TREE, of_kind
from uplab.system import System
from uplab.wait import wait_until

PAGE = GUIDE / "dhcp-pppoe.md"

INSIDE = """\
#!/bin/bash
# the first program of the other kernel
export PATH={prefix}/sbin:{prefix}/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t tmpfs run /run; mount -t devtmpfs dev /dev
exec >/root/out/log 2>&1
power_off() {{ sync; echo o >/proc/sysrq-trigger; sleep 10; }}
trap power_off EXIT
mkdir -p /lib/modules
ln -sfn /usr/lib/uml/modules/$(uname -r) /lib/modules/$(uname -r)
depmod
for m in pppoe veth nf_conntrack nf_conntrack_netlink; do modprobe $m; done

# two providers, the second by PPPoE
for n in 1 2; do
	ip netns add isp$n
	ip link add wan$n type veth peer name wan0 netns isp$n
	ip link set wan$n up
	ip -n isp$n link set lo up
	ip -n isp$n link set wan0 up
	for t in 203.0.113.1 203.0.113.53 203.0.113.54; do ip -n isp$n addr add $t/32 dev lo; done
done
ip -n isp1 addr add 192.0.2.1/24 dev wan0
ip addr add 192.0.2.2/24 dev wan1
ip route add default via 192.0.2.1
mkdir -p /run/isp
echo noauth >/run/isp/options
ip netns exec isp2 pppoe-server -F -k -I wan0 -L 10.9.0.1 -R 10.9.0.2 -N 9 -O /run/isp/options &

dial() {{ pppd call dsl nodetach & pppd=$!; }}
shown() {{ uplinkctl --json status >/root/out/$1.json; }}
dial
until ip -4 addr show dev ppp0 | grep -q peer; do sleep 0.1; done
ip route show default >/root/out/default
uplinkd --suggest >/root/out/suggest
uplinkd
uplinkctl wait dsl active --timeout 60s
uplinkctl wait fibre active --timeout 60s
shown dialled
uplinkctl verify dsl >/root/out/verify
# the provider ends the session: pppd dials again, and gets another address
first=$(ip -4 -o addr show dev ppp0)
kill $(ip netns pids isp2 | while read p; do grep -qx pppd /proc/$p/comm && echo $p; done)
uplinkctl wait dsl out --timeout 60s
shown ended
until a=$(ip -4 -o addr show dev ppp0) && [ -n "$a" ] && [ "$a" != "$first" ]; do sleep 0.1; done
uplinkctl wait dsl active --timeout 60s
shown again
# pppd itself ends, and its interface goes
kill $pppd
uplinkctl wait dsl out --timeout 60s
until ! [ -e /sys/class/net/ppp0 ]; do sleep 0.1; done
shown gone
uplinkctl release --yes
echo done >/root/out/done
"""


@pytest.mark.long
@pytest.mark.needs("any kernel")
def test_pppoe_as_the_guide_has_it(lab):
    prefix = pathlib.Path(tools.uplinkd()).parents[1]
    system = System(lab, shown=[*tools.folders(), TREE])
    out = system.path("/root/out")
    out.mkdir()
    system.write("/root/inside", INSIDE.format(prefix=prefix), 0o755)
    (peer,) = of_kind(PAGE, "conf /etc/ppp/peers/dsl")
    (conf,) = of_kind(PAGE, "conf alone")
    system.path("/etc/ppp/peers").mkdir(exist_ok=True)
    system.write("/etc/ppp/peers/dsl", peer.replace("holdoff 5", "holdoff 1"))
    system.write("/etc/uplinkd.conf", "interval 500ms\nhold 1s\n" + conf)

    shutil.copy(tools.helper("umlregs.so"), out)
    other = system.start(
        "uml", "unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "env", "LD_PRELOAD=/root/out/umlregs.so",
        "linux.uml", "mem=384M", "rootfstype=hostfs", "rootflags=/", "rw", "init=/root/inside", "con=null", "con0=null,fd:1",
        "ssl=null",
        env={"TMPDIR": "/tmp", "HOME": "/root", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
    )  # fmt: skip

    def said(name):
        return (out / name).read_text() if (out / name).exists() else ""

    def ended():
        return said("done") or not other.running() or "Kernel panic" in other.log()

    try:
        wait_until(ended, 240, "the other kernel is through with it")
        assert said("done") and said("suggest")
    except AssertionError:
        raise AssertionError(f"{said('log')[-8000:]}\n{other.log()[-2000:]}") from None

    def link(step):
        return next(one for one in json.loads(said(f"{step}.json"))["links"] if one["link"] == "dsl")

    assert "ppp0" not in said("default"), "pppd left the default route of the other line alone"
    assert "ppp0, address 10.9.0.2: say gateway auto inet" in said("suggest")
    assert link("dialled")["health"] == "up" and link("dialled")["oper"] == "active"
    assert "ppp0" in said("verify") and "from source 10.9.0.2" in said("verify")
    assert link("ended")["oper"] == "out"
    assert link("again")["oper"] == "active"
    assert link("gone")["oper"] == "out" and link("gone")["health_reason"] == "noInterface"
