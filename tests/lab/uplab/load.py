# SPDX-License-Identifier: ISC
"""A load that must not be touched: packets and TCP downloads through the router, each of which is known
to the last octet."""

import json
import signal

from .flow import Flow
from .run import SOURCE
from .topology import TARGETS

STREAM = SOURCE / "tests" / "lab" / "stream.py"
PORT = 8080


class Load:
    """Packets of the client to several places, 1000 a second and flow, and TCP downloads."""

    def __init__(self, lab, flows=4, downloads=8):
        self.flows = [Flow(lab.client, lab.inet, address, rate=1000) for address in TARGETS[:flows]]
        server = lab.inet.start("stream-serve", "/usr/bin/python3", STREAM, "serve", TARGETS[0], PORT)
        server.wait_log("ready")
        self.client = lab.client.start(
            "stream-take", "/usr/bin/python3", STREAM, "take", TARGETS[0], PORT, downloads
        )
        self.client.wait_log("ready")

    def assert_untouched(self):
        results = [flow.stop() for flow in self.flows]
        self.client.stop(signal.SIGTERM)
        downloads = json.loads(self.client.log().splitlines()[-1])
        for result in results:
            assert (result["lost"], result["moved"], result["errors"]) == (0, 0, 0), results
        assert not downloads["broken"] and downloads["differ"] == 0, downloads
        assert downloads["blocks"] > 10 * downloads["connections"], downloads
