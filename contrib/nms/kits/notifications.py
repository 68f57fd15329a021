# SPDX-License-Identifier: ISC
"""How much each notification matters, and what it puts an end to. What to do stands in the MIB."""

CRITICAL, WARNING, OK, INFO = "critical", "warning", "ok", "info"

# name: (severity, the problem that it clears)
NOTIFICATIONS = {
    "uplinkStarted": (INFO, None),
    "uplinkLinkDown": (CRITICAL, None),
    "uplinkLinkUp": (OK, "uplinkLinkDown"),
    "uplinkDegraded": (WARNING, None),
    "uplinkRecovered": (OK, "uplinkDegraded"),
    "uplinkFlapping": (WARNING, None),
    "uplinkSettled": (OK, "uplinkFlapping"),
    "uplinkFailover": (WARNING, None),
    "uplinkFailback": (OK, "uplinkFailover"),
    "uplinkAllDown": (CRITICAL, None),
    "uplinkAllDownClear": (OK, "uplinkAllDown"),
    "uplinkDrainStarted": (INFO, None),
    "uplinkDrained": (INFO, None),
    "uplinkDrainYielded": (WARNING, None),
    "uplinkDrainResumed": (OK, "uplinkDrainYielded"),
    "uplinkControlSet": (INFO, None),
    "uplinkControlExpired": (INFO, None),
    "uplinkRouteFailed": (CRITICAL, None),
    "uplinkRouteRepaired": (OK, "uplinkRouteFailed"),
    "uplinkTargetDown": (WARNING, None),
    "uplinkTargetUp": (OK, "uplinkTargetDown"),
    "uplinkEventsReplay": (WARNING, None),
}


def of(mib):
    """[(name, severity, cleared problem or None)], every notification of the module, in its order."""
    missing = set(mib.notifications) ^ set(NOTIFICATIONS)
    assert not missing, f"kits/notifications.py and UPLINK-MIB differ in {sorted(missing)}: add or remove them there"
    return [(name, *NOTIFICATIONS[name]) for name in mib.notifications]


def link_object(mib, name):
    """The object of the notification that names its link, or None."""
    return next((o for o in mib.notifications[name]["objects"] if o.endswith("LinkName")), None)
