# SPDX-License-Identifier: ISC
"""Answers connections of IPv4 in a server's place, wrongly on demand: run in a provider's namespace
that lets nothing through to the server.

    forge_tcp.py INTERFACE PORT MODE

none        answers well
ack         acknowledges something else
reset       refuses something else
address     from another address
port        from another port
short       half of it
checksum    with a wrong checksum
large       well, with much behind it that nobody asked for
"""

import socket
import struct
import sys

from forge_neighbour import checksum

SYN, RST, ACK = 2, 4, 16


def segment(source, destination, ports, numbers, flags, mode):
    header = struct.pack("!HHIIBBHHH", *ports, *numbers, 5 << 4, flags, 8192, 0, 0)
    data = b"x" * 1200 if mode == "large" else b""
    pseudo = source + destination + struct.pack("!BBH", 0, 6, len(header + data))
    total = checksum(pseudo + header + data) ^ (1 if mode == "checksum" else 0)
    header = header[:16] + struct.pack("!H", total) + header[18:]
    return header[:10] if mode == "short" else header + data


def answer(frame, port, mode):
    ip = frame[14:]
    start = (ip[0] & 15) * 4
    if frame[12:14] != b"\x08\x00" or ip[9] != 6 or len(ip) < start + 20:
        return None
    asker, asked, (own_port, to_port, sequence) = ip[12:16], ip[16:20], struct.unpack("!HHI", ip[start : start + 8])
    if to_port != port or ip[start + 13] & (SYN | ACK | RST) != SYN:
        return None
    if mode == "address":
        asked = asked[:3] + bytes([asked[3] ^ 4])
    wrong = 7 if mode in ("ack", "reset") else 0
    flags = RST | ACK if mode == "reset" else SYN | ACK
    ports = (to_port ^ (1 if mode == "port" else 0), own_port)
    tcp = segment(asked, asker, ports, (12345, (sequence + 1 + wrong) & 0xFFFFFFFF), flags, mode)
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, 6, 0) + asked + asker
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return frame[6:12] + frame[:6] + b"\x08\x00" + header + tcp


def main(interface, port, mode):
    frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    frames.bind((interface, 3))
    print("ready", flush=True)
    while True:
        frame, address = frames.recvfrom(65536)
        made = None if address[2] == socket.PACKET_OUTGOING else answer(frame, int(port), mode)
        if made:
            frames.send(made)
            print(mode, flush=True)


main(*sys.argv[1:])
