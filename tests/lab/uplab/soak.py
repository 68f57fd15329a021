# SPDX-License-Identifier: ISC
"""A long run with faults at random, beside a model that knows what should be.

The model has what was done to the lab and what was ordered, and says what each link may say of itself
then. It knows nothing of how the daemon decides."""

import os
import pathlib
import random
import signal
import time

from . import tools
from .wait import Expired, wait_until

# A third death in 10 s is answered by a back-off of up to a minute, and the engine's by a fresh board, by
# design; one that is stopped dies up to 15 s later.
REST_S = 30
SETTLES_S = 30  # no wrong state may last longer: a hung worker is ended after 15 s
ORDERS = {"auto": 1, "drain": 2, "forceUp": 3, "forceDown": 4}


class Model:
    """broken: {link: fault}; orders: {link: admin status}."""

    def __init__(self, numbers):
        self.numbers = list(numbers)
        self.broken = {}
        self.orders = {n: "auto" for n in numbers}

    def alive(self, n):
        return n not in self.broken

    def carries(self, n):
        """It would carry traffic if no drain was ordered."""
        if self.orders[n] == "forceDown":
            return False
        if self.orders[n] == "forceUp":
            return self.broken.get(n) != "unplugged"
        return self.alive(n)

    def undrained(self):
        return [n for n in self.numbers if self.orders[n] != "drain" and self.carries(n)]

    def usable(self):
        return [n for n in self.numbers if self.carries(n)]

    def health(self, n):
        return "up" if self.alive(n) else "down"

    def oper(self, n):
        """The values that the link's oper status may have."""
        order = self.orders[n]
        if not self.carries(n):
            return {"out"}
        if order == "drain" and self.undrained():
            return {"draining", "drained"}
        return {"active"}

    def has_way(self):
        """Somebody behind the providers can be reached, whatever flow is taken."""
        carriers = self.undrained() or self.usable()
        return bool(carriers) and all(self.alive(n) for n in carriers)

    def mistakes(self, links, status):
        """What differs, in words."""
        wrong = []
        for n in self.numbers:
            link = links[f"isp{n}"]
            if link["health"] != self.health(n):
                wrong.append(f"isp{n} is {link['health']}, not {self.health(n)}")
            if self.usable() and link["oper"] not in self.oper(n):
                wrong.append(f"isp{n} is {link['oper']}, not {'/'.join(sorted(self.oper(n)))}")
            if link["admin"] != self.orders[n]:
                wrong.append(f"isp{n} is ordered {link['admin']}, not {self.orders[n]}")
        if status["all_down"] != (not self.usable()):
            wrong.append(f"all_down is {status['all_down']}")
        return wrong


class Soak:
    """One run over a lab with cables; seed makes it the same again."""

    def __init__(self, lab, uplinkd, snmpd, manager, seed):
        self.lab = lab
        self.uplinkd = uplinkd
        self.snmpd = snmpd
        self.manager = manager
        self.random = random.Random(seed)
        self.model = Model(lab.isps)
        self.done = []
        self.last_event = 0
        self.first_sizes = None
        self.deaths = {"engine": [], "worker": [], "snmp": []}
        self.serial = 0
        self.actions = [
            (6, self.break_link), (6, self.heal_link), (4, self.order), (2, self.kill_child),
            (1, self.stop_child), (1, self.reload), (1, self.restart_snmpd), (1, self.kill_parent),
        ]  # fmt: skip

    # ---- what may happen ----

    def step(self):
        """One to three things at once, then the state that the model wants, within its bound."""
        for _ in range(self.random.randint(1, 3)):
            weights = [weight for weight, _ in self.actions]
            self.done.append(self.random.choices([a for _, a in self.actions], weights)[0]())
        try:
            wait_until(self.settled, SETTLES_S, "the state of the model")
        except Expired:
            raise AssertionError(f"after {self.done[-6:]}: {self.mistakes()}") from None
        self.check_events()

    def break_link(self):
        n = self.random.choice(self.model.numbers)
        if n in self.model.broken:
            return f"isp{n} is broken already"
        fault = self.random.choice(["blackhole", "gateway", "unplugged", "lost", "one way"])
        if fault == "blackhole":
            self.lab.blackhole(n)
        elif fault == "gateway":
            self.lab.kill_gateway(n)
        elif fault == "unplugged":
            self.lab.carrier(n, False)
        else:
            self.lab.cable.set(n, {"lost": "both", "one way": "in"}[fault], "hole=1")
        self.model.broken[n] = fault
        return f"isp{n}: {fault}"

    def heal_link(self):
        if not self.model.broken:
            return "nothing to heal"
        n = self.random.choice(sorted(self.model.broken))
        fault = self.model.broken.pop(n)
        if fault in ("blackhole", "gateway"):
            self.lab.heal(n)
        elif fault == "unplugged":
            self.lab.carrier(n, True)
        else:
            self.lab.cable.set(n, "both", "reset")
        return f"isp{n}: no more {fault}"

    def order(self):
        """Over SNMP; refused only where no other link could carry the traffic."""
        n = self.random.choice(self.model.numbers)
        admin = self.random.choice(list(ORDERS))
        index = n  # the configuration gives the links their numbers
        refused = self.manager.set((f"uplinkControlAdminStatus.{index}", "i", ORDERS[admin]))
        if refused == "":
            self.model.orders[n] = admin
        elif refused == "inconsistentValue":
            assert admin in ("drain", "forceDown"), f"{admin} of isp{n} was refused"
        return f"isp{n}: {admin} {refused or 'taken'}"

    def kill_child(self):
        return self.signal_child(signal.SIGKILL)

    def stop_child(self):
        return self.signal_child(signal.SIGSTOP)

    def signal_child(self, sig):
        """A stopped child is ended by its parent and replaced."""
        role, now = self.random.choice(list(self.deaths)), time.monotonic()
        self.deaths[role] = [at for at in self.deaths[role] if now - at < REST_S]
        if len(self.deaths[role]) == 2:
            return f"the {role} has a rest"
        self.deaths[role].append(now)
        pid = self.uplinkd.children().get(role)
        if pid is None:
            return f"no {role} now"
        os.kill(pid, sig)
        return f"{role}: {sig.name}"

    def kill_parent(self):
        self.uplinkd.kill()
        self.uplinkd.start()
        return "parent: SIGKILL, and a new start"

    def reload(self):
        """Another weight for a link."""
        text = self.uplinkd.conf.read_text()
        self.serial += 1
        lines = [line for line in text.splitlines() if not line.startswith("site ")]
        self.uplinkd.write(f'site "soak {self.serial}"\n' + "\n".join(lines) + "\n")
        self.uplinkd.reload()
        return "reload"

    def restart_snmpd(self):
        self.snmpd.stop()
        self.snmpd.start()
        return "snmpd: restart"

    # ---- what must be ----

    def mistakes(self):
        try:
            return self.model.mistakes(self.uplinkd.links(), self.uplinkd.status())
        except (OSError, ValueError, KeyError) as error:
            return [f"no answer: {error}"]

    def settled(self):
        return (
            not self.mistakes()
            and len(self.uplinkd.children()) == 3
            and self.manager.is_registered()
            and (not self.model.has_way() or self.lab.client.pings("203.0.113.1"))
        )

    def check_events(self):
        """Their numbers have no gap, across every death."""
        events = self.uplinkd.ask("events", after=self.last_event)["events"]
        numbers = [e["number"] for e in events]
        assert numbers == list(range(self.last_event + 1, self.last_event + 1 + len(numbers))), numbers
        self.last_event = numbers[-1] if numbers else self.last_event

    def check_sizes(self):
        """Memory and descriptors do not grow from one quiet moment to the next."""
        self.first_sizes = self.first_sizes or self.sizes()
        try:
            # one that was stopped in the middle of something has it until it is ended
            wait_until(lambda: not self.growth(), SETTLES_S)
        except Expired:
            raise AssertionError(f"after {self.done[-6:]}: {self.growth()}") from None

    def sizes(self):
        return {role: (rss_kib(pid), descriptors(pid)) for role, pid in self.uplinkd.children().items()}

    def growth(self):
        """Who has more than at first, in words: a program that the worker runs just now takes some."""
        grown = []
        for role, (rss, fds) in self.sizes().items():
            first_rss, first_fds = self.first_sizes[role]
            if fds > first_fds + 1 or rss > first_rss * 1.5 + 2048 + tools.quarantine_kb():
                grown.append(f"{role}: {rss} KiB, {fds} descriptors; first {first_rss} KiB, {first_fds}")
        return grown


def rss_kib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1])


def descriptors(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))
