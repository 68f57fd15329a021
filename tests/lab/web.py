# SPDX-License-Identifier: ISC
"""A web server that is good, or bad in one way: web.py ADDRESS PORT MODE [CERTIFICATE KEY]

Prints "ready" when it listens, and each request's first line and Host."""

import socket
import ssl
import sys
import threading
import time

BODY = b"<html>\nall is well here\n</html>\n"
HEAD = b"HTTP/1.1 %s\r\nServer: lab\r\nContent-Type: text/html\r\n"


def answer(mode):
    """What is sent, piece by piece."""
    length = b"Content-Length: %d\r\n\r\n" % len(BODY)
    good = HEAD % b"200 OK" + length + BODY
    if mode == "status":
        yield HEAD % b"503 Service Unavailable" + length + BODY
    elif mode == "redirect":
        yield HEAD % b"302 Found" + b"Location: http://portal.test/\r\n" + length + BODY
    elif mode == "continue":
        yield b"HTTP/1.1 100 Continue\r\n\r\n" + good
    elif mode == "chunked":
        yield HEAD % b"200 OK" + b"Transfer-Encoding: chunked\r\n\r\n"
        for i in range(0, len(BODY), 7):
            piece = BODY[i : i + 7]
            yield b"%x\r\n" % len(piece) + piece + b"\r\n"
        yield b"0\r\n\r\n"
    elif mode == "until-close":
        yield HEAD % b"200 OK" + b"\r\n" + BODY
    elif mode == "short":
        yield HEAD % b"200 OK" + b"Content-Length: 1000\r\n\r\nall is"
    elif mode == "empty":
        return
    elif mode == "garbage":
        yield bytes(range(1, 256)) * 100
    elif mode == "drip":
        for octet in good:
            yield bytes([octet])
            time.sleep(0.2)
    elif mode == "hang":
        time.sleep(3600)
    elif mode == "long-head":
        yield HEAD % b"200 OK"
        while True:
            yield b"X-More: " + b"x" * 1000 + b"\r\n"
    elif mode == "huge":
        yield HEAD % b"200 OK" + b"\r\n"
        while True:
            yield b"x" * 65536
    else:
        yield good


def serve(connection, mode):
    try:
        connection.settimeout(10)
        if mode == "rude":
            connection.sendall(bytes(range(1, 256)))
        request = b""
        while b"\r\n\r\n" not in request:
            more = connection.recv(4096)
            if not more:
                return
            request += more
        lines = request.decode().split("\r\n")
        host = next(line for line in lines if line.lower().startswith("host:"))
        print(lines[0], host, flush=True)
        for piece in answer(mode):
            connection.sendall(piece)
    except OSError:
        pass
    finally:
        connection.close()


def handle(connection, mode, context):
    if context is not None:
        try:
            connection = context.wrap_socket(connection, server_side=True)
        except OSError as e:
            print("no session:", e, flush=True)
            return
    serve(connection, mode)


def main(address, port, mode, certificate=None, key=None):
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, int(port)), family=family, backlog=64) as server:
        print("ready", flush=True)
        while True:
            connection, _ = server.accept()
            threading.Thread(target=handle, args=(connection, mode, context), daemon=True).start()


main(*sys.argv[1:])
