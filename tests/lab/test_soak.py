# SPDX-License-Identifier: ISC
"""Whatever happens, in whatever order: after a bounded time the daemon says what is, traffic has a way
where there is one, no event is missing, and nothing grows."""

import random
import time

import pytest

from uplab.daemon import Uplinkd, config
from uplab.snmp import Manager, Snmpd
from uplab.soak import Soak

SHORT_S = 45
SETTINGS = "flap no\n"  # the model does not count how often a link has come and gone


def soak(lab, seconds, seed):
    seed = random.randrange(10**6) if seed is None else seed
    print(f"this soak again: --soak-seed {seed}")
    snmpd = Snmpd(lab).start()
    text = config(lab, extra=SETTINGS, agentx=snmpd.socket)
    for n in lab.isps:
        text = text.replace(f'link "isp{n}" {{', f'link "isp{n}" {{\n\tindex {n}')
    uplinkd = Uplinkd(lab, text).start().wait_all_active()
    manager = Manager(lab.client)
    manager.wait_registered()
    run = Soak(lab, uplinkd, snmpd, manager, seed)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        run.step()
        run.check_sizes()
    print(f"{len(run.done)} things happened")


def test_a_short_while_of_everything(make_lab, request):
    soak(make_lab(isps=3, cable=True), SHORT_S, request.config.getoption("--soak-seed"))


@pytest.mark.long
def test_a_long_while_of_everything(make_lab, request):
    options = request.config
    soak(make_lab(isps=3, cable=True), options.getoption("--soak-seconds"), options.getoption("--soak-seed"))
