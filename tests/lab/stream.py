# SPDX-License-Identifier: ISC
"""TCP connections that last, and what came through them: a server that sends a known text without end
at a modest rate, and clients that compare every octet.

    stream.py serve ADDRESS PORT
    stream.py take ADDRESS PORT CONNECTIONS     until SIGTERM, then prints one JSON object
"""

import asyncio
import contextlib
import hashlib
import json
import signal
import sys

BLOCKS = 10  # in a row, 1 KiB each
PAUSE_S = 0.1


def block(number):
    return hashlib.sha256(number.to_bytes(8, "big")).digest() * 32


async def send(reader, writer):
    with contextlib.suppress(ConnectionError):
        number = 0
        while True:
            for _ in range(BLOCKS):
                writer.write(block(number))
                number += 1
            await writer.drain()
            await asyncio.sleep(PAUSE_S)


async def serve(address, port):
    server = await asyncio.start_server(send, address, port)
    print("ready", flush=True)
    await server.serve_forever()


async def take(address, port, result):
    reader, _ = await asyncio.open_connection(address, port)
    result["connected"] += 1
    if result["connected"] == result["connections"]:
        print("ready", flush=True)
    number = 0
    try:
        while True:
            result["differ"] += await reader.readexactly(1024) != block(number)
            result["blocks"] += 1
            number += 1
    except (ConnectionError, asyncio.IncompleteReadError, OSError) as failed:
        result["broken"].append(str(failed))


async def take_all(address, port, connections):
    result = {"connections": connections, "connected": 0, "blocks": 0, "differ": 0, "broken": []}
    tasks = [asyncio.create_task(take(address, port, result)) for _ in range(connections)]
    over = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, over.set)
    await over.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    print(json.dumps(result), flush=True)


if sys.argv[1] == "serve":
    asyncio.run(serve(sys.argv[2], int(sys.argv[3])))
else:
    asyncio.run(take_all(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
