# SPDX-License-Identifier: ISC
"""tcpdump on one interface: every packet that a filter takes, as a line of text or as counts."""

import re
import signal
import struct

FILE_HEADER, PACKET_HEADER, ETHERNET_HEADER = 24, 16, 14


class Capture:
    """Captures from now until stop(). The filter is tcpdump's; direction is in, out or inout."""

    _count = 0

    def __init__(self, namespace, interface, expression="", direction="inout"):
        Capture._count += 1
        self.path = namespace.folder / f"capture{Capture._count}-{interface}.pcap"
        self.process = namespace.start(
            f"capture{Capture._count}",
            "tcpdump", "-n", "-U", "-B", "16384", "-s", "128", "--immediate-mode", "-Z", "root",
            "-Q", direction, "-i", interface, "-w", self.path, expression,
        )  # fmt: skip
        self.namespace = namespace
        self.process.wait_log("listening on")

    def stop(self):
        self.process.stop(signal.SIGINT)
        dropped = re.search(r"(\d+) packets dropped by kernel", self.process.log())
        assert dropped and dropped[1] == "0", f"the capture is not complete:\n{self.process.log()}"
        return self

    def lines(self, *options):
        """One line a packet, as tcpdump prints it."""
        return self.namespace.run("tcpdump", "-n", *options, "-r", self.path).splitlines()

    def so_far(self, *options):
        """The same while it goes on."""
        return self.lines(*options)

    def octets(self):
        """(packets, octets of their IP packets), so far. It is asked many times a second, and a program
        for each would be slow where the machine is: the file is read here (pcap-savefile(5))."""
        written = self.path.read_bytes()
        packets = octets = 0
        at = FILE_HEADER
        while at + PACKET_HEADER <= len(written):
            kept, length = struct.unpack_from("=II", written, at + 8)
            at += PACKET_HEADER + kept
            if at <= len(written):
                packets, octets = packets + 1, octets + length - ETHERNET_HEADER
        return packets, octets
