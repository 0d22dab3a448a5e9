"""The library itself, a whole call of `wd_jax.sweep`: plan, minibatch orders, host loop and labels included."""

from collections.abc import Callable
from typing import Any

from benchmarks.cases import ETA, Case

EVALUATED = 20_000
"""Validation and test examples together, as in MNIST."""


def prepare(case: Case) -> Callable[[], None]:
    """Plan a sweep; the first call compiles."""
    import wd_jax as wd
    from wd_jax.data import Dataset, Split

    held_out = EVALUATED // 2 if case.probes == "all" else 10
    inputs, targets = case.examples(case.n + 2 * held_out)

    def split(first: int, count: int) -> Split:
        rows = slice(first, first + count)
        return Split(inputs[rows], targets[rows])

    data = Dataset("benchmark", split(0, case.n), split(case.n, held_out), split(case.n + held_out, held_out))
    everything = case.probes == "all"
    probes = wd.Probes(
        budget=case.probes != "none", moved=everything, splits=("train", "validation", "test") if everything else ()
    )
    widths = (inputs.shape[1], case.hidden, targets.shape[1])
    setup = wd.Setup(widths=widths, batch_size=case.m, optimiser=case.rule)
    lmbdas = case.lmbdas.tolist()
    axes: dict[str, Any] = {"lmbda": lmbdas if len(lmbdas) > 1 else lmbdas[0], "eta": ETA[case.rule]}

    def run() -> None:
        wd.sweep(
            setup, data, seeds=case.seeds, epochs=case.epochs, probes=probes, method=case.method, progress=False, **axes
        )

    return run
