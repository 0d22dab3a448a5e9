"""Neurons whose scale does not matter: at rest and on their way to it in the laboratory, and one on data."""

import math
from typing import Any

import numpy as np
import xarray as xr

import derivations
import wd_jax as wd
from experiments.laboratory.scale_invariance.preset import CASES, RECORDS, RELAXATIONS, Settings
from wd_jax.data import Dataset

SCHEDULES = ("constant", "cosine", "random")
"""Of the schedule law's neuron: the last draws a new rate and a new decay in every step."""
DTYPES = ("float64", "float32")
_TURNS = wd.Probes(budget=False, moved=False, splits=(), rotation=True)
_SIZES = wd.Probes(budget=False, moved=False, splits=())


def rest_norm2(rule: str, numbers: dict[str, Any], lmbda: float, dim: int) -> float:
    r"""Squared norm at which a scale-invariant neuron is at rest, \|g\| = 1/\|w\|.

    Parameters
    ----------
    rule : {"sgd", "momentum", "adamw", "lion"}
        Update rule.
    numbers : dict
        Its numbers: eta, and momentum, or beta1 and beta2.
    lmbda : float
        L, decay per unit of eta.
    dim : int
        Number of weights.

    Examples
    --------
    >>> round(rest_norm2("sgd", {"eta": 0.1}, 0.1, 128), 4)
    0.7089
    """
    at = {"eta": numbers["eta"], "lmbda": lmbda, "n": 1}
    if rule == "sgd":
        found = derivations.derive("scale_invariant").formulas["weight_norm2"](**at, gradient_scale=1)
    elif rule == "momentum":
        law = derivations.derive("scale_invariant").formulas["weight_norm2_momentum"]
        found = law(**at, momentum=numbers["momentum"], gradient_scale=1)
    else:
        law = derivations.derive(rule).formulas["weight_rms"]
        betas = {name: numbers[name] for name in ("beta1", "beta2") if name in law.parameters}
        found = dim * law(**at, **betas) ** 2
    return float(found)


def measure_rest(preset: Settings, data: Dataset | None) -> xr.Dataset:
    """Measure norm and angle at rest, of each case and decay.

    Returns
    -------
    xarray.Dataset
        ``norm2`` and ``angle`` (radians, rms over steps) of [case, epsilon, seed].
    """
    found = []
    for rule, numbers in CASES.values():
        slowest = max([0.0, *(value for name, value in numbers.items() if name != "eta")])
        each = [_at_rest(preset, rule, numbers, epsilon, slowest) for epsilon in preset.epsilons]
        found.append(np.stack(each, axis=1))  # [norm2 or angle, epsilon, seed]
    norm2, angle = np.stack(found, axis=1)
    dims = ("case", "epsilon", "seed")
    labels = {"case": list(CASES), "epsilon": list(preset.epsilons), "seed": list(preset.seeds_of(preset.seeds))}
    return xr.Dataset({"norm2": (dims, norm2), "angle": (dims, angle)}, labels)


def _at_rest(preset: Settings, rule: str, numbers: dict[str, Any], epsilon: float, slowest: float) -> np.ndarray:
    """Start a neuron near rest, let it settle, and give its mean squared norm and rms angle, [2, seed]."""
    lmbda = epsilon / numbers["eta"]
    unit = max(preset.unit, math.ceil(max(1 / epsilon, 1 / (1 - slowest))))
    size = math.sqrt(rest_norm2(rule, numbers, lmbda, preset.dim) / preset.dim)
    runs = wd.lab(
        rule,
        "scale_invariant",
        steps=(preset.settling + preset.measuring) * unit,
        burn_in=preset.settling * unit,
        shape=preset.dim,
        seeds=preset.seeds_of(preset.seeds),
        dtype="float64",
        probes=_TURNS,
        lmbda=lmbda,
        init_scale=size,
        **numbers,
    )
    last = runs.isel(epoch=-1, layer=0)
    return np.stack([last.weight_norm2_mean.values, last.rotation.values])


def measure_relaxation(preset: Settings, data: Dataset | None) -> xr.Dataset:
    """Follow neurons that start a little above and a little below rest, on the same gradients.

    Plain SGD, for which chance plays no part, is followed once its neurons are as good as at rest.

    Returns
    -------
    xarray.Dataset
        ``norm2`` of [case, start, seed, time], the first time that of the start, times in units of the weights' memory;
        ``epsilon``, the decay per step of a case.
    """
    per_record = round(preset.last / preset.relaxing / RECORDS)
    found, epsilons = [], []
    for rule, numbers in RELAXATIONS.values():
        epsilon = preset.relaxing * (1 - numbers.get("momentum", 0.0))
        burn_in = round(preset.late / preset.relaxing) if rule == "sgd" else 0
        lmbda = epsilon / numbers["eta"]
        size = math.sqrt(rest_norm2(rule, numbers, lmbda, preset.many) / preset.many)
        runs = wd.lab(
            rule,
            "scale_invariant",
            steps=burn_in + per_record * RECORDS,
            burn_in=burn_in,
            records=RECORDS,
            shape=preset.many,
            seeds=preset.seeds_of(preset.seeds),
            dtype="float64",
            probes=_SIZES,
            lmbda=lmbda,
            init_scale=[size * math.sqrt(1 - preset.push), size * math.sqrt(1 + preset.push)],
            **numbers,
        )
        norm2 = runs.weight_norm2.isel(layer=0, epoch=slice(-RECORDS - 1, None))
        found.append(norm2.transpose("init_scale", "seed", "epoch").values)
        epsilons.append(epsilon)
    return xr.Dataset(
        {"norm2": (("case", "start", "seed", "time"), np.stack(found))},
        {
            "case": list(RELAXATIONS),
            "start": ["below", "above"],
            "seed": list(preset.seeds_of(preset.seeds)),
            "time": np.arange(RECORDS + 1) * per_record * preset.relaxing,
            "epsilon": ("case", epsilons),
        },
    )


def measure_schedule(preset: Settings, data: Dataset | None) -> xr.Dataset:
    """Train a normalised neuron on data, under schedules, and keep what the schedule law speaks of.

    Returns
    -------
    xarray.Dataset
        ``eta``, ``lmbda`` (L), ``norm2`` and ``gradient_norm2`` before each step, of [precision, schedule, seed, step].
    """
    import jax

    names = ("eta", "lmbda", "norm2", "gradient_norm2")
    rates = [_rates(preset, name) for name in SCHEDULES]
    found = []
    for dtype in DTYPES:
        with jax.enable_x64(dtype == "float64"):
            seeds = [_one_neuron(preset, dtype, np.stack(rates), seed) for seed in preset.seeds_of(preset.seeds)]
        found.append(np.stack(seeds, axis=2))  # [what, schedule, seed, step]
    arrays = np.stack(found, axis=1)
    dims = ("precision", "schedule", "seed", "step")
    labels: dict[str, Any] = {"precision": list(DTYPES), "schedule": list(SCHEDULES)}
    labels |= {"seed": list(preset.seeds_of(preset.seeds)), "step": np.arange(preset.steps)}
    return xr.Dataset({name: (dims, array) for name, array in zip(names, arrays, strict=True)}, labels)


def _rates(preset: Settings, schedule: str) -> np.ndarray:
    """Give eta and L of every step, [2, step]; cosine ends one step above 0."""
    k = np.arange(preset.steps)
    ones = np.ones(preset.steps)
    if schedule == "cosine":
        return np.stack([preset.peak * (1 + np.cos(np.pi * k / preset.steps)) / 2, preset.decay * ones])
    if schedule == "random":
        draw = np.random.default_rng(preset.first_seed).uniform(size=(2, preset.steps))
        return np.stack([preset.peak * draw[0], 2 * preset.decay * draw[1]])
    return np.stack([preset.peak * ones, preset.decay * ones])


def _one_neuron(preset: Settings, dtype: str, rates: np.ndarray, seed: int) -> np.ndarray:
    """Run all schedules on one seed's data and minibatches, [what, schedule, step] of float64."""
    import jax
    import jax.numpy as jnp

    draw = np.random.default_rng(seed)
    x = jnp.asarray(draw.normal(size=(preset.examples, preset.inputs)), dtype)
    teacher = draw.normal(size=preset.inputs)
    y = jnp.asarray(np.sign(np.asarray(x) @ teacher + draw.normal(size=preset.examples)), dtype)
    chosen = jnp.asarray(draw.integers(preset.examples, size=(preset.steps, preset.batch)))
    start = jnp.asarray(draw.normal(size=preset.inputs), dtype)

    def run(rates: Any) -> Any:
        def step(w: Any, now: tuple[Any, Any]) -> tuple[Any, Any]:
            (eta, decay), rows = now
            g = jax.grad(neuron_cost)(w, x[rows], y[rows])
            return w - eta * (decay * w + g), jnp.stack([eta, decay, jnp.vdot(w, w), jnp.vdot(g, g)])

        return jax.lax.scan(step, start, (rates.T, chosen))[1].T

    return np.asarray(jax.jit(jax.vmap(run))(jnp.asarray(rates, dtype)), np.float64).transpose(1, 0, 2)


def neuron_cost(w: Any, x: Any, y: Any) -> Any:
    r"""Cost of a normalised neuron, the mean of softplus(-y <x, w>/\|w\|): the scale of w does not matter.

    Parameters
    ----------
    w : array [d]
        Weights.
    x, y : array [m, d] and [m]
        Inputs, and labels of -1 and 1.
    """
    import jax
    import jax.numpy as jnp

    return jnp.mean(jax.nn.softplus(-y * (x @ w) / jnp.sqrt(jnp.vdot(w, w))))
