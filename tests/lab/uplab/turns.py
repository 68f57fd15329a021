# SPDX-License-Identifier: ISC
"""What all runs of the lab on this machine share, in whatever process or tree they are."""

import contextlib
import fcntl

from .run import BASE


@contextlib.contextmanager
def turn(what, alone):
    """Alone, or together with all those that need not be."""
    with open(BASE / f"ult.{what}", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
