# SPDX-License-Identifier: ISC
"""bad_dns.py ADDRESS MODE: a DNS server that misbehaves. Prints MODE for each query.

none        answers well
id          another identifier
question    another question
type        another type in the question
empty       no question
query       a query, not an answer
port        from another port
source      from another address of this host (127.0.0.1 is not possible: the next argument)
short       the header only
loop        the question's name is a pointer to itself
servfail    the response code says that it failed
truncated   answers well, and says that there is more
twice       answers well, twice
large       answers well, with 8000 octets of rubbish behind
"""

import socket
import struct
import sys


def answer(query, mode):
    """What the server says, as a list of packets."""
    ident, rest = query[:2], query[12:]
    flags = {"servfail": 0x8182, "truncated": 0x8380, "query": 0x0100}.get(mode, 0x8180)
    count = 0 if mode == "empty" else 1
    if mode == "id":
        ident = bytes([ident[0] ^ 1, ident[1]])
    if mode == "question":
        rest = bytes([rest[0], rest[1] ^ 1]) + rest[2:]
    if mode == "type":
        rest = rest[:-4] + struct.pack("!HH", 33, 1)
    if mode == "loop":
        rest = b"\xc0\x0c" + rest[-4:]
    if mode in ("short", "empty"):
        rest = b""
    packet = ident + struct.pack("!HHHHH", flags, count, 0, 0, 0) + rest
    if mode == "large":
        packet += b"\xff" * 8000
    return [packet] * (2 if mode == "twice" else 1)


def main():
    address, mode = sys.argv[1], sys.argv[2]
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s, socket.socket(family, socket.SOCK_DGRAM) as other:
        s.bind((address, 53))
        if mode == "source":
            other.bind((sys.argv[3], 53))
        else:
            other.bind((address, 5353))
        print("ready", flush=True)
        while True:
            query, peer = s.recvfrom(4096)
            for packet in answer(query, mode):
                (other if mode in ("port", "source") else s).sendto(packet, peer)
            print(mode, flush=True)


main()
