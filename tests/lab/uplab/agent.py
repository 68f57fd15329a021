# SPDX-License-Identifier: ISC
"""A small SNMPv2c manager of our own: it asks for what no tool would ask, sees types as they are on
the wire, and costs no process a request. Not a library: what it does not need it does not have."""

import ctypes
import os
import socket
import threading

from .snmp import READ

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
COUNTER32, UNSIGNED32, TIMETICKS, COUNTER64 = 0x41, 0x42, 0x43, 0x46
NO_OBJECT, NO_INSTANCE, END = 0x80, 0x81, 0x82
GET, NEXT, RESPONSE, SET, BULK = 0xA0, 0xA1, 0xA2, 0xA3, 0xA5

NUMBERS = {INTEGER, COUNTER32, UNSIGNED32, TIMETICKS, COUNTER64}
ERRORS = [
    "", "tooBig", "noSuchName", "badValue", "readOnly", "genErr", "noAccess", "wrongType", "wrongLength",
    "wrongEncoding", "wrongValue", "noCreation", "inconsistentValue", "resourceUnavailable", "commitFailed",
    "undoFailed", "authorizationError", "notWritable", "inconsistentName",
]  # fmt: skip


def socket_in(namespace, *arguments):
    """A socket of that network namespace. It stays there; so does this process here."""
    made = []

    def make():
        libc = ctypes.CDLL(None, use_errno=True)
        fd = os.open(f"/run/netns/{namespace.full_name}", os.O_RDONLY)
        if libc.setns(fd, 0x40000000) == 0:
            made.append(socket.socket(*arguments))
        os.close(fd)

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    assert made, f"no socket in {namespace.full_name}"
    return made[0]


# ---- BER ----


def tlv(tag, body):
    n = len(body)
    if n < 128:
        return bytes([tag, n]) + body
    length = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + body


def number(n, tag=INTEGER):
    return tlv(tag, n.to_bytes(n.bit_length() // 8 + 1, "big", signed=True))


def name(oid):
    body = bytearray([40 * oid[0] + oid[1]] if len(oid) > 1 else [])
    for i in oid[2:]:
        part = [i & 0x7F]
        while i := i >> 7:
            part.insert(0, 0x80 | i & 0x7F)
        body += bytes(part)
    return tlv(OID, bytes(body))


def take(data):
    """(tag, body, rest)"""
    n, at = data[1], 2
    if n & 0x80:
        at += n & 0x7F
        n = int.from_bytes(data[2:at], "big")
    return data[0], data[at : at + n], data[at + n :]


def parts(data):
    while data:
        tag, body, data = take(data)
        yield tag, body


def oid_of(body):
    ids, i = [], 0
    for octet in body:
        i = i << 7 | octet & 0x7F
        if not octet & 0x80:
            ids.append(i)
            i = 0
    first = min(ids[0] // 40, 2)
    return (first, ids[0] - 40 * first, *ids[1:])


def value_of(tag, body):
    if tag in NUMBERS:
        return int.from_bytes(body, "big", signed=tag == INTEGER)
    return oid_of(body) if tag == OID else body


class Timeout(AssertionError):
    """No answer came."""


class Refused(AssertionError):
    """The answer is an error. reason: its name; index: the variable, from 1."""

    def __init__(self, reason, index):
        super().__init__(f"{reason} (variable {index})")
        self.reason, self.index = reason, index


class Agent:
    def __init__(self, namespace, address="127.0.0.1", community=READ, timeout_s=5):
        self.socket = socket_in(namespace, socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((address, 161))
        self.socket.settimeout(timeout_s)
        self.community = community
        self.request = 0

    def ask(self, kind, variables, a=0, b=0):
        """The variables of the answer, each (oid, tag, value). variables: (oid, tag, octets or number)."""
        self.request += 1
        bindings = b"".join(tlv(SEQUENCE, name(oid) + encode(tag, value)) for oid, tag, value in variables)
        pdu = tlv(kind, number(self.request) + number(a) + number(b) + tlv(SEQUENCE, bindings))
        self.socket.send(tlv(SEQUENCE, number(1) + tlv(OCTETS, self.community.encode()) + pdu))
        while True:
            try:
                _, message, _ = take(self.socket.recv(65536))
            except TimeoutError:
                raise Timeout(f"request {kind:#x} of {[v[0] for v in variables][:3]}") from None
            *_, (tag, body) = parts(message)
            (_, request), (_, error), (_, index), (_, answer) = parts(body)
            if tag == RESPONSE and value_of(INTEGER, request) == self.request:
                break
        if value_of(INTEGER, error):
            raise Refused(ERRORS[value_of(INTEGER, error)], value_of(INTEGER, index))
        found = []
        for _, binding in parts(answer):
            (_, oid), (tag, body) = parts(binding)
            found.append((oid_of(oid), tag, value_of(tag, body)))
        return found

    def get(self, *oids):
        return self.ask(GET, [(oid, NULL, b"") for oid in oids])

    def next(self, *oids):
        return self.ask(NEXT, [(oid, NULL, b"") for oid in oids])

    def bulk(self, oids, repetitions, single=0):
        return self.ask(BULK, [(oid, NULL, b"") for oid in oids], single, repetitions)

    def set(self, *variables):
        """"" or the name of the error."""
        try:
            self.ask(SET, variables)
        except Refused as refused:
            return refused.reason
        return ""

    def walk(self, root, repetitions=0):
        """Every (oid, tag, value) below root, by GETNEXT or GETBULK, strictly increasing."""
        found, at = [], root
        while True:
            answer = self.bulk([at], repetitions) if repetitions else self.next(at)
            for oid, tag, value in answer:
                if tag == END or oid[: len(root)] != root:
                    return found
                assert oid > at, f"{oid} follows {at}"
                found.append((oid, tag, value))
                at = oid


def encode(tag, value):
    return number(value, tag) if tag in NUMBERS else tlv(tag, value)
