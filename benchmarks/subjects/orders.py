"""One seed's minibatch orders, drawn on the host between two epochs."""

from collections.abc import Callable

import numpy as np

from benchmarks.cases import Case


def prepare(case: Case) -> Callable[[], None]:
    """Draw the order of `case.n` examples, `case.epochs` times."""
    from wd_jax.engine import minibatches

    seeds = np.zeros(1, np.uint32)

    def run() -> None:
        for epoch in range(case.epochs):
            minibatches.host_orders(seeds, epoch, 1, case.n, "reshuffle")

    return run
