# SPDX-License-Identifier: ISC
"""How many packets of a client's flow of 1000 a second are lost when its provider stops forwarding
without a word: probes every 100 ms, lost after 100 ms, down after two."""

from bench import failover_losses, figure, main

TIMES = "interval 100ms\ntimeout 100ms\ndown after 2\nup after 2\nhold 0s\n"


def measure(run):
    losses = failover_losses(run, TIMES, lambda lab, n: lab.blackhole(n), lambda lab, n: lab.heal(n))
    return figure("silent blackhole, packets lost of 1000 a second", losses, 300, "packets")


if __name__ == "__main__":
    main(measure)
