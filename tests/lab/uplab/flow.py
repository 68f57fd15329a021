# SPDX-License-Identifier: ISC
"""UDP flows (udpflow.c): numbered packets at a steady rate, and what became of them."""

import json
import signal

from .tools import helper

PORT = 9999


class Flow:
    """Packets from one namespace to another from now until stop()."""

    _count = 0

    def __init__(self, sender, receiver, address, rate=1000, flows=1, port=None):
        Flow._count += 1
        self.port = port = port or PORT + Flow._count % 1000
        name = f"flow{Flow._count}"
        self.receiver = receiver.start(f"{name}-receive", helper("udpflow"), "receive", port)
        self.receiver.wait_log("ready")
        self.sender = sender.start(f"{name}-send", helper("udpflow"), "send", address, port, rate, flows)
        self.sender.wait_log("sending")

    def stop(self):
        """Returns what the receiver says, with sent and answered of the sender. "lost" counts also
        what was lost at the end."""
        self.sender.stop(signal.SIGTERM)
        self.receiver.stop(signal.SIGTERM)
        sent = json.loads(self.sender.log().splitlines()[-1])
        result = json.loads(self.receiver.log().splitlines()[-1])
        result.update(sent=sent["sent"], answered=sent["answered"], errors=sent["errors"])
        result["lost"] = result["sent"] - result["received"]
        return result
