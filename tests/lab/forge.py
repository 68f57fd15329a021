# SPDX-License-Identifier: ISC
"""Answers echo requests in a target's place, wrongly on demand: run by test_probes in a provider's
namespace while nothing else answers.

    forge.py INTERFACE MUTATION [6]     none, identifier, sequence, payload, source, type; 6: over IPv6
"""

import socket
import struct
import sys


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def echo(icmp, source, mutation, request, reply):
    """The message, without its checksum, and the source to send for a request from there."""
    identifier, sequence = struct.unpack("!HH", icmp[4:8])
    payload = bytearray(icmp[8:])
    kind = reply
    if mutation == "identifier":
        identifier ^= 1
    elif mutation == "sequence":
        sequence = (sequence + 7) & 0xFFFF
    elif mutation == "payload":
        payload[-1] ^= 1
    elif mutation == "source":
        source = source[:-1] + bytes([source[-1] ^ 1])
    elif mutation == "type":
        kind = request
    return struct.pack("!BBHHH", kind, 0, 0, identifier, sequence) + bytes(payload), source


def summed(icmp, pseudo=b""):
    return icmp[:2] + struct.pack("!H", checksum(pseudo + icmp)) + icmp[4:]


def answer4(packet, mutation):
    """The IP packet to send for that IP packet, or None where it is no echo request."""
    if len(packet) < 28 or packet[0] != 0x45 or packet[9] != socket.IPPROTO_ICMP or packet[20] != 8:
        return None
    length = struct.unpack("!H", packet[2:4])[0]
    icmp, source = echo(packet[20:length], packet[16:20], mutation, 8, 0)
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(icmp), 0, 0, 64, socket.IPPROTO_ICMP, 0)
    return header + source + packet[12:16] + summed(icmp)


def answer6(packet, mutation):
    if len(packet) < 48 or packet[6] != socket.IPPROTO_ICMPV6 or packet[40] != 128:
        return None
    length = 40 + struct.unpack("!H", packet[4:6])[0]
    icmp, source = echo(packet[40:length], packet[24:40], mutation, 128, 129)
    addresses = source + packet[8:24]
    header = struct.pack("!IHBB", 6 << 28, len(icmp), socket.IPPROTO_ICMPV6, 64)
    return header + addresses + summed(icmp, addresses + struct.pack("!II", len(icmp), socket.IPPROTO_ICMPV6))


def main(interface, mutation, version="4"):
    kind = 0x86DD if version == "6" else 0x0800
    frames = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(kind))
    frames.bind((interface, kind))
    family = socket.AF_INET6 if version == "6" else socket.AF_INET
    out = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
    print("ready", flush=True)
    while True:
        packet, address = frames.recvfrom(65536)
        if address[2] == socket.PACKET_OUTGOING:
            continue
        reply = answer6(packet, mutation) if version == "6" else answer4(packet, mutation)
        if reply:
            to = reply[24:40] if version == "6" else reply[16:20]
            out.sendto(reply, (socket.inet_ntop(family, to), 0))
            print(mutation, flush=True)


main(*sys.argv[1:])
