# SPDX-License-Identifier: ISC
"""How many packets of a client's flow of 1000 a second are lost when its link loses carrier: the far
end of a veth goes down. The flow is translated (masquerade), so it has to begin again on the other
link: its entry is cut."""

from bench import failover_losses, figure, main

TIMES = "interval 100ms\ntimeout 100ms\ndown after 2\nup after 2\nhold 0s\n"


def measure(run):
    losses = failover_losses(
        run, TIMES, lambda lab, n: lab.carrier(n, False), lambda lab, n: lab.carrier(n, True)
    )
    return figure("carrier loss, packets lost of 1000 a second", losses, 1.2, "packets")


if __name__ == "__main__":
    main(measure)
