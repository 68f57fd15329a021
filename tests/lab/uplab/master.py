# SPDX-License-Identifier: ISC
"""An AgentX master of our own, good or bad in any way: what snmpd does on its worst day, and what it
never would. It listens where the real one should."""

import os
import random
import socket
import struct
import threading
import time

OPEN, CLOSE, REGISTER, GET, GETNEXT, GETBULK = 1, 2, 3, 5, 6, 7
TESTSET, COMMITSET, UNDOSET, CLEANUPSET, NOTIFY, PING, RESPONSE = 8, 9, 10, 11, 12, 13, 18
SESSION = 9


def pdu(kind, body=b"", session=SESSION, transaction=1, packet=1, flags=0):
    return struct.pack("<BBBBIIII", 1, kind, flags, 0, session, transaction, packet, len(body)) + body


def object_id(oid, include=0):
    return struct.pack("<BBBB", len(oid), 0, include, 0) + struct.pack(f"<{len(oid)}I", *oid)


def ranges(oids):
    return b"".join(object_id(o) + object_id(()) for o in oids)


def bulk(oids, repetitions):
    return struct.pack("<HH", 0, repetitions) + ranges(oids)


def integer_binding(oid, value):
    return struct.pack("<HH", 2, 0) + object_id(oid) + struct.pack("<i", value)


class Gone(Exception):
    """The subagent has closed the connection."""


class Connection:
    """A session with the subagent."""

    def __init__(self, sock):
        self.sock = sock
        self.packet = 100
        self.notified = []  # what it wanted to tell
        self.silent = False  # its requests are not answered

    def _exactly(self, n):
        data = b""
        while len(data) < n:
            more = self.sock.recv(n - len(data))
            if not more:
                raise Gone
            data += more
        return data

    def receive(self):
        """(kind, transaction, packet, body)"""
        header = self._exactly(20)
        _, kind, _, _, _, transaction, packet, length = struct.unpack("<BBBBIIII", header)
        return kind, transaction, packet, self._exactly(length)

    def send(self, data):
        self.sock.sendall(data)

    def answer(self, packet, error=0):
        self.send(pdu(RESPONSE, struct.pack("<IHH", 0, error, 0), packet=packet))

    def serve(self, until=None):
        """Answers its requests until a response comes, or what is wanted; returns that."""
        while True:
            kind, _, packet, body = self.receive()
            if kind == RESPONSE:
                return packet, struct.unpack("<IHH", body[:8]), body[8:]
            if kind == NOTIFY:
                self.notified.append(body)
            if not self.silent:
                self.answer(packet)
            if kind == until:
                return packet, None, body

    def accept(self):
        """Opened and registered."""
        self.serve(OPEN)
        self.serve(REGISTER)
        return self

    def ask(self, kind, body=b"", transaction=None):
        """(error, octets of the answer)"""
        self.packet += 1
        self.send(pdu(kind, body, transaction=transaction or self.packet, packet=self.packet))
        while True:
            packet, (_, error, _), octets = self.serve()
            if packet == self.packet:
                return error, octets

    def close(self):
        self.sock.close()


class Master:
    """Listens; each connection is handled by what behave says at that moment."""

    def __init__(self, path, backlog=5):
        path.parent.mkdir(exist_ok=True)
        os.chmod(path.parent, 0o755)
        self.path = path
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        os.chmod(path, 0o666)
        self.socket.listen(backlog)
        self.connections = 0
        self.kept = []

    def accept(self, timeout_s=5):
        self.socket.settimeout(timeout_s)
        sock, _ = self.socket.accept()
        sock.settimeout(timeout_s)
        self.connections += 1
        connection = Connection(sock)
        self.kept.append(connection)
        return connection

    def run(self, behave):
        """behave(connection, number) for each that comes, in a thread of its own, until close()."""

        def loop():
            while True:
                try:
                    connection = self.accept(None)
                except (OSError, ValueError):
                    return
                try:
                    behave(connection, self.connections)
                except (Gone, OSError):
                    pass

        threading.Thread(target=loop, daemon=True).start()
        return self

    def close(self):
        """As a master that dies: the socket's file stays, nobody is behind it."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.socket.close()
        for connection in self.kept:
            connection.close()
        self.path.unlink(missing_ok=True)


# ---- ways to misbehave: each takes a connection and its number ----


def _rng(number):
    return random.Random(1000 + number)


def closes_at_once(c, n):
    c.close()


def closes_at_random(c, n):
    rng = _rng(n)
    if rng.random() < 0.3:
        return c.close()
    c.serve(OPEN)
    if rng.random() < 0.3:
        return c.close()
    c.serve(REGISTER)
    for _ in range(rng.randrange(40)):
        c.ask(GETNEXT, ranges([(1, 3, 6, 1, 4, 1, 8072)]))
    c.send(pdu(CLOSE, b"\x05\0\0\0") if rng.random() < 0.5 else pdu(GET)[: rng.randrange(1, 20)])
    c.close()


def sends_garbage(c, n):
    rng = _rng(n)
    if n % 2:
        c.accept()
    c.send(rng.randbytes(rng.randrange(1, 3000)))


def sends_garbage_within(c, n):
    """Whole messages, of any kind, whose bodies are garbage."""
    rng = _rng(n)
    c.accept()
    for _ in range(50):
        c.send(pdu(rng.randrange(0, 20), rng.randbytes(4 * rng.randrange(0, 200)), packet=rng.randrange(2**32)))


def promises_too_much(c, n):
    c.send(struct.pack("<BBBBIIII", 1, RESPONSE, 0, 0, 0, 0, 0, 0xFFFFFFFC))


def sends_one_octet_at_a_time(c, n):
    packet = c.receive()[2]
    for octet in pdu(RESPONSE, struct.pack("<IHH", 0, 0, 0), packet=packet):
        c.send(bytes([octet]))
        time.sleep(0.005)


def never_answers(c, n):
    while True:
        c.receive()


def registers_nothing(c, n):
    c.serve(OPEN)
    c.answer(c.receive()[2], 267)


def refuses(c, n):
    c.answer(c.receive()[2], 256)


def answers_others(c, n):
    """Answers, but never to what was asked."""
    c.accept()
    for i in range(300):
        c.send(pdu(RESPONSE, struct.pack("<IHH", 0, 0, 0), packet=70000 + i))


def asks_without_reading(c, n):
    c.accept()
    question = b"".join(pdu(GETBULK, bulk([(1, 3, 6, 1, 4, 1, 8072)], 500), packet=i) for i in range(500))
    while True:
        c.send(question)


def floods(c, n):
    """As fast as it can, and reads the answers."""
    c.accept()
    question = b"".join(pdu(GETNEXT, ranges([(1, 3, 6, 1, 4, 1, 8072)]), packet=i) for i in range(200))
    while True:
        c.send(question)
        for _ in range(200):
            c.receive()


BAD = [
    closes_at_once, closes_at_random, sends_garbage, sends_garbage_within, promises_too_much,
    sends_one_octet_at_a_time, never_answers, registers_nothing, refuses, answers_others,
    asks_without_reading, floods,
]  # fmt: skip
