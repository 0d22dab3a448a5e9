"""Nielsen's update rule in NumPy as his book states it: example by example, gradients summed over the minibatch."""

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.cases import Case

Params = Sequence[tuple[np.ndarray, np.ndarray]]


def prepare(case: Case) -> Callable[[], None]:
    """Build one member; `case` must have one."""
    inputs, targets = case.examples(case.n)
    random = np.random.default_rng(2)
    shapes = ((case.hidden, inputs.shape[1]), (targets.shape[1], case.hidden))
    # The book's code computes in float64 on columns.
    start = [(random.standard_normal(shape), random.standard_normal((shape[0], 1))) for shape in shapes]
    columns = [
        (x[:, None].astype(np.float64), y[:, None].astype(np.float64)) for x, y in zip(inputs, targets, strict=True)
    ]
    factor = 1 - 0.1 * case.lmbdas[0] / case.n
    batches = case.batches()

    def gradient(params: Params, x: np.ndarray, y: np.ndarray) -> Params:
        (w1, b1), (w2, b2) = params
        hidden = 1 / (1 + np.exp(-(w1 @ x + b1)))
        delta2 = 1 / (1 + np.exp(-(w2 @ hidden + b2))) - y
        delta1 = (w2.T @ delta2) * hidden * (1 - hidden)
        return (delta1 @ x.T, delta1), (delta2 @ hidden.T, delta2)

    def run() -> None:
        params = start
        for _ in range(case.epochs):
            for batch in batches:
                sums = [(np.zeros_like(w), np.zeros_like(b)) for w, b in params]
                for i in batch:
                    found = gradient(params, *columns[i])
                    sums = [(a + c, b + d) for (a, b), (c, d) in zip(sums, found, strict=True)]
                rate = 0.1 / case.m
                params = [(factor * w - rate * a, b - rate * d) for (w, b), (a, d) in zip(params, sums, strict=True)]

    return run
