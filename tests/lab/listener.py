# SPDX-License-Identifier: ISC
"""listener.py ADDRESS PORT: a TCP service. Prints "accepted" for each connection that it sees."""

import socket
import sys

address, port = sys.argv[1], int(sys.argv[2])
with socket.create_server((address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET) as s:
    print("ready", flush=True)
    while True:
        connection, peer = s.accept()
        print("accepted", peer, flush=True)
        connection.close()
