"""Draw training sets, run minibatch SGD on them, and keep the moments."""

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from experiments.laboratory.ridge.moments import regression
from experiments.laboratory.ridge.settings import NAME, Settings

if TYPE_CHECKING:
    from wd_jax.data import Dataset


def measure(preset: Settings, data: "Dataset | None" = None) -> xr.Dataset:
    """Simulate every case at rest, and the tested one on its way, in float64.

    Parameters
    ----------
    preset : Settings
        Cases, runs and seeds.
    data : None
        Nothing is needed.

    Returns
    -------
    xarray.Dataset
        `inputs` [seed, example, a], `teacher` [seed, a] and `noise` [seed, example] make the training sets: a case
        with d weights uses the first d inputs. `rest_mean` [case, seed, a] and `rest_moment` [case, seed, a, b] of the
        distance from the optimum at rest; `path_mean`, `path_moment` [seed, step, ...] on the way from 0; `all_mean`,
        `all_moment` after one step, averaged over all n^m minibatches.
    """
    import jax

    seeds = list(preset.seeds_of(preset.seeds))
    sets = [drawn_set(seed, preset) for seed in seeds]
    pairs = list(zip(seeds, sets, strict=True))
    with jax.enable_x64(True):
        rest = [[_rest(preset, case, seed, one) for seed, one in pairs] for case in preset.cases]
        ways = [_way(preset, seed, one) for seed, one in pairs]
        whole = _all_batches(preset, sets[0])
    cases = preset.cases
    variables = {
        "inputs": (("seed", "example", "a"), np.array([one["inputs"] for one in sets])),
        "teacher": (("seed", "a"), np.array([one["teacher"] for one in sets])),
        "noise": (("seed", "example"), np.array([one["noise"] for one in sets])),
        "rest_mean": (("case", "seed", "a"), np.array([[one[0] for one in row] for row in rest])),
        "rest_moment": (("case", "seed", "a", "b"), np.array([[one[1] for one in row] for row in rest])),
        "path_mean": (("seed", "step", "c"), np.array([one[0] for one in ways])),
        "path_moment": (("seed", "step", "c", "e"), np.array([one[1] for one in ways])),
        "all_mean": (("c",), whole[0]),
        "all_moment": (("c", "e"), whole[1]),
    }
    coordinates = {
        "seed": seeds,
        "step": np.arange(1, max(preset.steps_followed) + 1, dtype=np.int32),
        "case": [str(case) for case in cases],
    }
    return xr.Dataset(variables, coordinates, {"experiment": NAME})


def drawn_set(seed: int, preset: Settings) -> dict[str, np.ndarray]:
    """Draw a training set: inputs N(0, 1), a linear teacher N(0, 1), target noise N(0, 1).

    Parameters
    ----------
    seed : int
        Of it.
    preset : Settings
        Examples, and the largest number of weights.
    """
    generator = np.random.default_rng([seed, 60])
    d = max(case.d for case in preset.cases)
    return {
        "inputs": generator.normal(size=(preset.n, d)),
        "teacher": generator.normal(size=d),
        "noise": generator.normal(size=preset.n),
    }


def training_set(one: dict[str, Any], d: int) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs [n, d] and targets [n] of a case with d weights."""
    inputs = np.asarray(one["inputs"])[:, :d]
    return inputs, inputs @ np.asarray(one["teacher"])[:d] + np.asarray(one["noise"])


def _arguments(preset: Settings, case: Any, seed: int, one: dict[str, np.ndarray], stream: int) -> tuple[Any, ...]:
    import jax
    import jax.numpy as jnp

    inputs, targets = training_set(one, case.d)
    best = regression(inputs, targets, case.lmbda).best
    key = jax.random.fold_in(jax.random.key(seed), stream)
    return (key, *map(jnp.asarray, (inputs, targets, best, case.eta, case.lmbda / preset.n)))


def _rest(preset: Settings, case: Any, seed: int, one: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    from experiments.laboratory.ridge import simulation

    given = _arguments(preset, case, seed, one, preset.cases.index(case))
    burn_in, window = (round(time / case.eta) for time in (preset.burn_in, preset.window))
    mean, moment = simulation.at_rest(*given, burn_in, window, m=case.m, runs=preset.runs_of(case))
    size = one["inputs"].shape[1]
    wide, square = np.full(size, np.nan), np.full((size, size), np.nan)
    wide[: case.d], square[: case.d, : case.d] = mean, moment
    return wide, square


def _way(preset: Settings, seed: int, one: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    from experiments.laboratory.ridge import simulation

    given = _arguments(preset, preset.tested, seed, one, len(preset.cases))
    steps = max(preset.steps_followed)
    mean, moment = simulation.on_the_way(*given, m=preset.tested.m, runs=preset.path_runs, steps=steps)
    return np.asarray(mean), np.asarray(moment)


def _all_batches(preset: Settings, one: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """One step from 0 with each of the n^m minibatches there are, averaged: chance plays no part."""
    import jax.numpy as jnp

    from experiments.laboratory.ridge.simulation import sgd_step

    case = preset.tested
    _, inputs, targets, best, eta, shift = _arguments(preset, case, 0, one, 0)
    batches = np.array(list(itertools.product(range(preset.n), repeat=case.m)), np.int32).T
    w = sgd_step(jnp.zeros((case.d, batches.shape[1])), jnp.asarray(batches), inputs, targets, eta, shift)
    e = np.asarray(w - best[:, None])
    return e.mean(axis=1), e @ e.T / e.shape[1]
