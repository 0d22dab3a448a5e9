"""How long the conv net and the transformer of docs/how-to/small-networks.md train, with all probes: one line each.

``python -m benchmarks.small_networks`` trains 12 members at once, compilation and evaluations included in the time.
"""

import time

import wd_jax as wd
from benchmarks.machine import describe

ON_REQUEST = ("rotation", "relative_update", "alignment", "effective_eta", "spectrum", "column_sums", "gradient_noise")


def settings() -> dict[str, tuple[wd.Setup, wd.data.Dataset, float, int]]:
    """Give what is trained, on what, at which learning rate and for how many epochs."""
    sonnets, digits = wd.data.text(), wd.data.digits()
    transformer = wd.transformer(vocab=sonnets.n_out, length=sonnets.n_in)
    common = {"loss": "softmax", "optimiser": "adamw"}
    return {
        "transformer on sonnets": (wd.Setup(model=transformer, batch_size=16, **common), sonnets, 0.003, 20),
        "conv net on digits": (wd.Setup(model=wd.conv((8, 8)), batch_size=25, **common), digits, 0.01, 20),
    }


def main() -> None:
    """Train each and print the line."""
    probes = wd.Probes(full_gradient=True, **dict.fromkeys(ON_REQUEST, True))
    print(describe())
    for name, (setup, data, eta, epochs) in settings().items():
        start, used = time.perf_counter(), time.process_time()
        runs = wd.sweep(
            setup, data, eta=eta, lmbda=[0.0, 30.0, 300.0], seeds=4, epochs=epochs, probes=probes, progress=False
        )
        seconds, used = time.perf_counter() - start, time.process_time() - used
        end = runs.sel(split="test").isel(epoch=-1).mean("seed")
        costs = ", ".join(f"{cost:.2f}" for cost in end.cost.values)
        print(
            f"{name}: 12 members, {epochs} epochs, {seconds:.0f} s ({used:.0f} s of processor); test cost {costs} at lmbda 0, 30, 300"
        )


if __name__ == "__main__":
    main()
