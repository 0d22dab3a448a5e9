"""How long the conv net and the transformer of docs/how-to/small-networks.md train, with all probes: one line each.

``python -m benchmarks.small_networks`` trains 12 members at once, compilation and evaluations included in the time.
"""

import time
from typing import NamedTuple

import wd_jax as wd
from benchmarks.machine import describe

EPOCHS, LMBDAS, SEEDS = 20, (0.0, 30.0, 300.0), 4


class Case(NamedTuple):
    """What is trained, on what, at which learning rate."""

    setup: wd.Setup
    data: wd.data.Dataset
    eta: float


def cases() -> dict[str, Case]:
    """Name the cases."""
    sonnets, digits = wd.data.text(), wd.data.digits()
    transformer = wd.transformer(vocab=sonnets.n_out, length=sonnets.n_in)
    of_text = wd.Setup(model=transformer, loss="softmax", optimiser="adamw", batch_size=16)
    of_images = wd.Setup(model=wd.conv((8, 8)), loss="softmax", optimiser="adamw", batch_size=25)
    return {
        "transformer on sonnets": Case(of_text, sonnets, 0.003),
        "conv net on digits": Case(of_images, digits, 0.01),
    }


def everything() -> wd.Probes:
    """Turn on every probe of the library."""
    return wd.Probes(
        full_gradient=True,
        rotation=True,
        relative_update=True,
        alignment=True,
        effective_eta=True,
        spectrum=True,
        column_sums=True,
        norm_difference=True,
        gradient_noise=True,
    )


def main() -> None:
    """Train each and print the line."""
    print(describe())
    for name, (setup, data, eta) in cases().items():
        wall, used = time.perf_counter(), time.process_time()
        asked = {"lmbda": LMBDAS, "seeds": SEEDS, "epochs": EPOCHS, "probes": everything()}
        runs = wd.sweep(setup, data, eta=eta, progress=False, **asked)
        took = f"{time.perf_counter() - wall:.0f} s ({time.process_time() - used:.0f} s of processor)"
        costs = runs.cost.sel(split="test").isel(epoch=-1).mean("seed").values
        words = ", ".join(f"{cost:.2f} at lmbda={lmbda:g}" for cost, lmbda in zip(costs, LMBDAS, strict=True))
        print(f"{name}: {len(LMBDAS) * SEEDS} members, {EPOCHS} epochs, {took}; test cost {words}")


if __name__ == "__main__":
    main()
