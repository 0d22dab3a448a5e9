"""Simulate the on-line perceptron: on its way, from wide starts, at rest, and with its whole weight vector."""

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from experiments.laboratory.online_perceptron import equations
from experiments.laboratory.online_perceptron.settings import NAME, Settings

if TYPE_CHECKING:
    from wd_jax.data import Dataset

WAY, WIDE, REST, WHOLE = range(4)
"""Streams of random numbers."""


def on_the_way(preset: Settings, data: "Dataset | None" = None) -> xr.Dataset:
    """Follow Q and R at every number of inputs.

    Returns
    -------
    xarray.Dataset
        `Q`, `R` [size, seed, run, start, record].
    """
    found = [
        _chains(
            preset, WAY + 10 * size, preset.starts, preset.gamma, size, preset.a_record, preset.runs, preset.records
        )
        for size in preset.sizes
    ]
    dims = ("size", "seed", "record", "run", "start")
    labels = {
        "size": np.array(preset.sizes, np.int32),
        "seed": list(preset.seeds_of(preset.seeds)),
        "alpha": ("record", preset.a_record * np.arange(1, preset.records + 1)),
        "start": list(preset.starts),
    }
    return xr.Dataset(
        {name: (dims, np.array([one[name] for one in found])) for name in ("Q", "R")}, labels, {"experiment": NAME}
    ).transpose("size", "seed", "run", "start", "record")


def wide_starts(preset: Settings, data: "Dataset | None" = None) -> xr.Dataset:
    """Sum what decay, drift and noise do to Q in the first moments of a wide start, at several decays.

    Returns
    -------
    xarray.Dataset
        `decay`, `drift`, `noise`, `drift_traffic` [seed, start, factor], means over runs; `gamma` [start, factor].
    """
    starts = np.array(preset.wide_starts)
    gammas = equations.threshold("traffic", preset.eta, starts)[:, None] * np.array(preset.factors)
    flat = np.repeat(starts, len(preset.factors))
    found = _chains(preset, WIDE, flat, gammas.ravel(), preset.n_in, preset.wide_window, preset.wide_runs, 1)
    shape = (preset.seeds, len(starts), len(preset.factors))
    names = ("decay", "drift", "noise", "drift_traffic")
    variables: dict[str, Any] = {
        name: (("seed", "start", "factor"), found[name][:, 0].mean(axis=1).reshape(shape)) for name in names
    }
    variables["gamma"] = (("start", "factor"), gammas)
    labels = {"seed": list(preset.seeds_of(preset.seeds)), "start": starts, "factor": list(preset.factors)}
    return xr.Dataset(variables, labels, {"experiment": NAME})


def at_rest(preset: Settings, data: "Dataset | None" = None) -> xr.Dataset:
    """Average Q over runs and examples once nothing changes any more, and R over runs.

    Returns
    -------
    xarray.Dataset
        `Q`, `R` [seed].
    """
    every = preset.rest_burn_in
    records = 1 + round(preset.rest_window / every)
    found = _chains(preset, REST, (1.0,), preset.gamma, preset.n_in, every, preset.runs, records)
    variables = {
        "Q": ("seed", found["Q_mean"][:, 1:].mean(axis=(1, 2, 3))),
        "R": ("seed", found["R"][:, 1:].mean(axis=(1, 2, 3))),
    }
    return xr.Dataset(variables, {"seed": list(preset.seeds_of(preset.seeds))}, {"experiment": NAME})


def whole(preset: Settings, data: "Dataset | None" = None) -> xr.Dataset:
    """Follow runs with their whole weight vector.

    Returns
    -------
    xarray.Dataset
        `Q`, `R`, `chain_Q` [seed, record, start].
    """
    import jax
    import jax.numpy as jnp

    from experiments.laboratory.online_perceptron import simulation

    seeds = list(preset.seeds_of(preset.whole_seeds))
    with jax.enable_x64(True):
        keys = jax.vmap(lambda seed: jax.random.fold_in(jax.random.key(seed), WHOLE))(jnp.array(seeds))
        found = simulation.whole(
            keys,
            jnp.array(preset.starts),
            preset.eta,
            preset.gamma,
            round(preset.a_record * preset.n_in),
            n_in=preset.n_in,
            records=preset.records,
        )
    labels = {
        "seed": seeds,
        "alpha": ("record", preset.a_record * np.arange(1, preset.records + 1)),
        "start": list(preset.starts),
    }
    variables = {name: (("seed", "record", "start"), np.asarray(values)) for name, values in found.items()}
    return xr.Dataset(variables, labels, {"experiment": NAME})


def _chains(
    preset: Settings, stream: int, starts: Any, gamma: Any, n_in: int, a_record: float, runs: int, records: int
) -> dict[str, np.ndarray]:
    """Run the chain for every seed: [seed, record, run, cell]."""
    import jax
    import jax.numpy as jnp

    from experiments.laboratory.online_perceptron import simulation

    seeds = jnp.array(list(preset.seeds_of(preset.seeds)))
    with jax.enable_x64(True):
        keys = jax.vmap(lambda seed: jax.random.fold_in(jax.random.key(seed), stream))(seeds)
        given = (jnp.array(starts, float), preset.eta, jnp.asarray(gamma), n_in, round(a_record * n_in))
        found = simulation.chains(keys, *given, runs=runs, records=records)
        return {name: np.asarray(values) for name, values in found.items()}
