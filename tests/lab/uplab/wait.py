# SPDX-License-Identifier: ISC
"""Deadlines. Nothing in the lab sleeps and hopes: it asks until it sees or time is over. Time is that which
the machine has for the lab: where three want to run on each processor, a second of waiting counts a third."""

import time

from .busy import crowd, delayed_s

STEP_S = 0.02


class Expired(AssertionError):
    """What was waited for did not happen in time."""


def wait_until(predicate, deadline_s, what=None):
    """Calls predicate until it returns something true, and returns that. Raises Expired with the
    last value that it returned."""
    waited_s = 0.0
    while True:
        began = time.monotonic()
        value = predicate()
        if value:
            return value
        if waited_s > deadline_s:
            what = what or predicate.__name__
            raise Expired(f"not within {deadline_s} s: {what} (last seen: {value!r})")
        # a step that takes longer than it should is not the daemon's
        waited_s += (time.monotonic() - began + STEP_S) / crowd()
        time.sleep(STEP_S)


def holds_for(predicate, seconds, what=None):
    """Calls predicate for that long; raises AssertionError as soon as it is false."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = predicate()
        assert value, f"did not stay so for {seconds} s: {what or predicate.__name__}"
        time.sleep(STEP_S)


class Stopwatch:
    """How long something takes, without what this thread and these processes waited for a processor
    meanwhile: for times so short that a deadline can't show them."""

    def __init__(self, *pids):
        self.pids = pids
        self.before_s, self.began, self.ended = delayed_s(*pids), time.monotonic(), None

    def stop(self):
        self.ended = self.ended or time.monotonic()

    def seconds(self, *born):
        """Until now, or until stop(). born: processes that began meanwhile."""
        self.stop()
        return self.ended - self.began - (delayed_s(*self.pids, *born) - self.before_s)
