# SPDX-License-Identifier: ISC
"""How soon after the verdict new flows work again: a provider stops forwarding without a word, while a
client begins a flow every 2 ms. Told is by how much the last of them that never got its answer began
after the event of the link's end."""

import datetime
import json
import subprocess

from bench import ROUNDS, figure, main
from uplab import tools
from uplab.daemon import Uplinkd, config
from uplab.topology import TARGETS, Lab
from uplab.wait import wait_until

PORT = 9998
TIMES = "interval 100ms\ntimeout 100ms\ndown after 2\nup after 2\nhold 0s\n"

# One socket a flow: a packet as udpflow(1) of the lab echoes them. Ends by a line on its input.
CLIENT = """
import json, select, socket, struct, sys, time
flows, waiting = [], {}
poll = select.poll()
poll.register(0, select.POLLIN)
due = time.monotonic()
over = None
while over is None or time.monotonic() < over:
    if over is None and time.monotonic() >= due:
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.connect((sys.argv[1], int(sys.argv[2])))
        waiting[s.fileno()] = s, len(flows)
        flows.append([time.time(), False])
        poll.register(s, select.POLLIN)
        s.send(struct.pack("=IIQQ", 0x75646670, 0, len(flows), 0))
        due += 0.002
    for fd, event in poll.poll(1):
        if fd == 0:
            poll.unregister(0)
            over = time.monotonic() + 1
            continue
        s, number = waiting.pop(fd)
        flows[number][1] = True
        poll.unregister(fd)
        s.close()
print(json.dumps(flows))
"""


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def carried(uplinkd):
    return sum(r.get("new_flows", 0) for r in uplinkd.ask("routes")["routes"])


def one(lab, number):
    """Milliseconds from the verdict to the last flow that began in vain."""
    uplinkd = Uplinkd(lab, config(lab, times=TIMES), name=f"uplinkd-{number}-").start().wait_all_active()
    client = lab.client.start(
        f"client{number}", "/usr/bin/python3", "-c", CLIENT, TARGETS[2], PORT, stdin=subprocess.PIPE
    )
    begun = uplinkd.last_event()
    seen = carried(uplinkd)
    wait_until(lambda: carried(uplinkd) > seen + 200, 5, "the client's flows")
    lab.blackhole(1)
    down = uplinkd.wait_event("linkDown", "isp1", begun)
    after = moment(down["time"]) + 0.5
    wait_until(lambda: datetime.datetime.now().timestamp() > after, 5)
    client.popen.stdin.write(b"end\n")
    client.popen.stdin.flush()
    client.wait()
    flows = json.loads(client.log())
    verdict = moment(down["time"])
    assert any(not answered for began, answered in flows if began < verdict), "the fault met nobody"
    last = max((began for began, answered in flows if not answered), default=0)
    lab.heal(1)
    uplinkd.stop()
    return round((last - verdict) * 1000, 1)


def measure(run):
    lab = Lab(run, "newflows")
    lab.inet.start("echo", tools.helper("udpflow"), "receive", PORT).wait_log("ready")
    times = [one(lab, number) for number in range(ROUNDS)]
    lab.close()
    return figure("new flows after a silent fault, from the verdict", times, 50, "ms")


if __name__ == "__main__":
    main(measure)
