# SPDX-License-Identifier: ISC
"""The Zabbix template in a real Zabbix: it is imported, polls the live agent, discovers the tables, shows
what is so, and raises an alarm when a link dies."""

import pathlib
import struct

import pytest

from uplab import snmp
from uplab.daemon import Uplinkd, config
from uplab.wait import wait_until
from uplab.zabbix import Zabbix

TEMPLATE = pathlib.Path(__file__).parents[2] / "contrib" / "nms" / "zabbix" / "template.yaml"


@pytest.mark.long
def test_zabbix(lab):
    snmpd = snmp.Snmpd(lab).start()
    uplinkd = Uplinkd(lab, config(lab, agentx=snmpd.socket)).start().wait_all_active()
    snmp.Manager(lab.client).wait_registered()
    zabbix = Zabbix(lab)
    zabbix.take(TEMPLATE)
    zabbix.take(TEMPLATE)  # a newer one over an older one
    host = zabbix.add_host("lab", "192.168.77.1", snmp.READ, "uplinkd by SNMP")

    rules = zabbix.call("discoveryrule.get", hostids=[host], output=["key_"])
    assert {r["key_"] for r in rules} == {f"uplink.{w}.discovery" for w in ("link", "order", "route", "target")}

    def discovered():
        zabbix.poll_now([r["itemid"] for r in rules])
        keys = {i["key_"] for i in zabbix.items(host)}
        return {"uplink.link[uplinkLinkHealth,1]", "uplink.link[uplinkLinkHealth,2]"} <= keys

    wait_until(discovered, 60, "the links are discovered")

    def measured():
        """Every item has been asked for."""
        items = zabbix.items(host)
        waiting = [i["itemid"] for i in items if i["lastclock"] == "0" and i["state"] == "0"]
        zabbix.poll_now(waiting)
        return not waiting and {i["key_"]: i for i in items}

    items = wait_until(measured, 90, "every item is polled")
    # what was not measured, or is not there, has no instance: that is no mistake in the template
    wrong = {k: i["error"] for k, i in items.items() if i["state"] == "1" and "No Such Instance" not in i["error"]}
    assert not wrong, wrong
    assert len([i for i in items.values() if i["state"] == "0"]) > 100
    of_link = "uplink.link[{},1]".format
    assert items[of_link("uplinkLinkHealth")]["lastvalue"] == "2"
    assert 0 < float(items[of_link("uplinkLinkRttAvg")]["lastvalue"]) < 0.1, "in seconds"
    assert items["uplink.uplinkSite"]["lastvalue"] == "lab"
    assert not zabbix.problems(host), "nothing is wrong yet"

    lab.blackhole(1)
    uplinkd.wait_link("isp1", health="down")
    watched = [items[of_link(name)]["itemid"] for name in ("uplinkLinkHealth", "uplinkLinkRttAvg", "uplinkLinkLoss")]

    def alarmed():
        zabbix.poll_now(watched)
        return "Link isp1 of lab is down" in zabbix.problems(host)

    wait_until(alarmed, 120, "the dead link is a problem")
    picture = lab.folder / "chart.png"
    zabbix.chart(watched[1:2], picture)
    head = picture.read_bytes()[:24]
    assert head.startswith(b"\x89PNG") and struct.unpack(">I", head[20:])[0] > 150, "a graph, not a complaint"
    uplinkd.stop()
