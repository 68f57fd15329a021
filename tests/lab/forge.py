# SPDX-License-Identifier: ISC
"""Answers echo requests in a target's place, wrongly on demand: run by test_probes in a provider's
namespace while nothing else answers.

    forge.py INTERFACE MUTATION     none, identifier, sequence, payload, source, type
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


def answer(request, mutation):
    """The IP packet to send for that IP packet, or None where it is no echo request."""
    if len(request) < 28 or request[0] != 0x45 or request[9] != socket.IPPROTO_ICMP or request[20] != 8:
        return None
    length = struct.unpack("!H", request[2:4])[0]
    identifier, sequence = struct.unpack("!HH", request[24:28])
    payload = bytearray(request[28:length])
    source, destination = request[16:20], request[12:16]
    kind = 0
    if mutation == "identifier":
        identifier ^= 1
    elif mutation == "sequence":
        sequence = (sequence + 7) & 0xFFFF
    elif mutation == "payload":
        payload[-1] ^= 1
    elif mutation == "source":
        source = source[:3] + bytes([source[3] ^ 1])
    elif mutation == "type":
        kind = 8
    icmp = struct.pack("!BBHHH", kind, 0, 0, identifier, sequence) + bytes(payload)
    icmp = icmp[:2] + struct.pack("!H", checksum(icmp)) + icmp[4:]
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(icmp), 0, 0, 64, socket.IPPROTO_ICMP, 0)
    return header + source + destination + icmp


def main(interface, mutation):
    frames = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    frames.bind((interface, 0x0800))
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    print("ready", flush=True)
    while True:
        packet, address = frames.recvfrom(65536)
        if address[2] == socket.PACKET_OUTGOING:
            continue
        reply = answer(packet, mutation)
        if reply:
            out.sendto(reply, (socket.inet_ntoa(reply[16:20]), 0))
            print(mutation, flush=True)


main(*sys.argv[1:])
