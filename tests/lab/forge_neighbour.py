# SPDX-License-Identifier: ISC
"""Answers ARP requests and neighbour solicitations in a gateway's place, wrongly on demand: run in a
provider's namespace while its own kernel hears nothing.

    forge_neighbour.py INTERFACE MODE

none        answers well
sender      for another address
station     to another station's link-layer address, inside a frame to the asker
frame       says another link-layer address than the frame's own
address     ARP: to another address than the asker's
request     a question, not an answer
short       half of it
hops        IPv6: with a hop limit that could come from anywhere
unasked     IPv6: not as the answer to a question
option      IPv6: with an option that has no length
checksum    IPv6: with a wrong checksum
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


def arp_answer(frame, own, mode):
    arp = frame[14:42]
    if arp[6:8] != b"\0\1":
        return None
    asker, asker_ip, asked = arp[8:14], arp[14:18], arp[24:28]
    said = bytes([own[0], *own[1:5], own[5] ^ 1]) if mode == "frame" else own
    to = bytes([2, 9, 9, 9, 9, 9]) if mode == "station" else asker
    if mode == "sender":
        asked = asked[:3] + bytes([asked[3] ^ 4])
    if mode == "address":
        asker_ip = asker_ip[:3] + bytes([asker_ip[3] ^ 4])
    operation = b"\0\1" if mode == "request" else b"\0\2"
    packet = arp[:6] + operation + said + asked + to + asker_ip
    return asker + own + b"\x08\x06" + (packet[:14] if mode == "short" else packet)


def nd_answer(frame, own, mode):
    ip = frame[14:]
    if len(ip) < 64 or ip[6] != 58 or ip[40] != 135:
        return None
    source, asked = ip[8:24], ip[48:64]
    said = asked[:15] + bytes([asked[15] ^ 4]) if mode == "sender" else asked
    flags = 0xA0 if mode == "unasked" else 0xE0
    option = struct.pack("!BB", 2, 0 if mode == "option" else 1) + own
    kind = 135 if mode == "request" else 136
    message = struct.pack("!BBHB3x", kind, 0, 0, flags) + said + option
    if mode == "short":
        message = message[:16]
    pseudo = asked + source + struct.pack("!I3xB", len(message), 58)
    total = checksum(pseudo + message) ^ (1 if mode == "checksum" else 0)
    message = message[:2] + struct.pack("!H", total) + message[4:]
    hops = 64 if mode == "hops" else 255
    header = struct.pack("!IHBB", 0x60000000, len(message), 58, hops) + asked + source
    return frame[6:12] + own + b"\x86\xdd" + header + message


def main(interface, mode):
    frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    frames.bind((interface, 3))
    own = frames.getsockname()[4]
    print("ready", flush=True)
    while True:
        frame, address = frames.recvfrom(65536)
        if address[2] == socket.PACKET_OUTGOING:
            continue
        kind = frame[12:14]
        answer = None
        if kind == b"\x08\x06":
            answer = arp_answer(frame, own, mode)
        elif kind == b"\x86\xdd":
            answer = nd_answer(frame, own, mode)
        if answer:
            frames.send(answer)
            print(mode, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
