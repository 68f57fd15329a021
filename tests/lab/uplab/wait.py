# SPDX-License-Identifier: ISC
"""Deadlines. Nothing in the lab sleeps and hopes: it asks until it sees or time is over."""

import time

STEP_S = 0.02


class Expired(AssertionError):
    """What was waited for did not happen in time."""


def wait_until(predicate, deadline_s, what=None):
    """Calls predicate until it returns something true, and returns that. Raises Expired with the
    last value that it returned."""
    end = time.monotonic() + deadline_s
    while True:
        value = predicate()
        if value:
            return value
        if time.monotonic() > end:
            what = what or predicate.__name__
            raise Expired(f"not within {deadline_s} s: {what} (last seen: {value!r})")
        time.sleep(STEP_S)


def holds_for(predicate, seconds, what=None):
    """Calls predicate for that long; raises AssertionError as soon as it is false."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        value = predicate()
        assert value, f"did not stay so for {seconds} s: {what or predicate.__name__}"
        time.sleep(STEP_S)
