"""The settings of a run or of a plan in one vocabulary, so that "which lambda was this?" has one answer everywhere."""

import itertools
import math
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from wd_jax import conventions, display
from wd_jax.optimisers import rules
from wd_jax.results import coefficients, decay_words, decays

if TYPE_CHECKING:
    from wd_jax.optimisers.decays.decay import Decay
    from wd_jax.setup import Setup
    from wd_jax.sweeps.plan import Plan

Settings = dict[str, tuple[Any, ...]]
"""Values of each setting, each once, in the order of the run; a setting of one value holds for all members."""

DIGITS = 12
"""Of a setting: enough for whatever a person types."""
SAMPLING = {"reshuffle": "reshuffled each epoch", "iid": "drawn with replacement"}


def of_plan(plan: "Plan") -> Settings:
    """Give the settings of a sweep that has not run.

    Examples
    --------
    >>> import wd_jax as wd
    >>> found = of_plan(wd.dry_run(wd.Setup(widths=(16, 8, 4)), wd.data.null(), lmbda=[1, 5], seeds=3, epochs=10))
    >>> found["lmbda"], found["widths"], found["seed"]
    ((1.0, 5.0), ('16-8-4',), (0, 1, 2))
    """
    grid, data = plan.grid, plan.data
    setups = [group.setup for group in grid.groups]
    numbers = {one.name: _each(cell[one.name] for cell in grid.cells) for one in grid.coefficients}
    steps = _each(group.steps_per_epoch for group in grid.groups)
    rates = {s.rule: [s.rule.decay_per_step(cell, data.n) for cell in grid.cells] for s in setups}
    changing = {s.rule for s in setups if s.decay_changes}
    all_rates = _each(rate for rule, one in rates.items() for rate in one if rule not in changing)
    weight_decay = _each(conventions.from_nielsen(cell.lmbda, data.n) for cell in grid.cells)
    said = {
        rule.name: decay_words.clause(rule.decay, _each(own), _lives(_each(own), steps), weight_decay, rule in changing)
        for rule, own in rates.items()
    }
    return {
        "dataset": (data.name,),
        "n": (data.n,),
        "n_in": (data.n_in,),
        "n_out": (data.n_out,),
        **_models(setups),
        **{name: _each(s.record()[name] for s in setups if name in s.record()) for name in _CHOICES},
        "update_rule": _each(setup.rule.update_rule for setup in setups),
        **numbers,
        **_schedules_of(setups),
        "weight_decay": weight_decay,
        "m": _each(setup.batch_size for setup in setups),
        "steps_per_epoch": steps,
        "independent_seeds": _each(setup.order == "seed" for setup in setups),
        "decay_per_step": all_rates,
        "half_life_epochs": _lives(all_rates, steps),
        "decay": decay_words.joined(said),
        "seed": grid.seeds,
    }


def of_runs(runs: xr.Dataset) -> Settings:
    """Give the settings of a result, or of a selection from one or of several joined: from its coordinates.

    Parameters
    ----------
    runs : xarray.Dataset
        From `wd_jax.sweep`.
    """
    held = {
        name: _values(runs[name])
        for name in (*_PLAIN, *_CHOICES, *_LABORATORY, "update_rule", *coefficients.names(runs), *_SCHEDULES)
        if name in runs
    }
    shape = _widths(runs)
    half_life: Callable = np.vectorize(_half_life, otypes=[float])
    rates = decays.per_rule(runs)
    weight_decay = _values(conventions.from_nielsen(runs.lmbda, runs.n))
    lives = {
        name: _each(np.ravel(xr.apply_ufunc(half_life, rate, runs.steps_per_epoch)).tolist())
        for name, (_, rate) in rates.items()
    }
    changing = {name for name, (way, _) in rates.items() if _changes(way, held)}
    said = {
        name: decay_words.clause(way, _values(rate), lives[name], weight_decay, name in changing)
        for name, (way, rate) in rates.items()
    }
    steady = [name for name in rates if name not in changing]
    found = held | {
        "n_in": _each(widths[0] for widths in shape),
        "n_out": _each(widths[-1] for widths in shape),
        "widths": _each("-".join(map(str, widths)) for widths in shape),
        **{name: _values(runs[name]) for name in _BESIDE if name in runs},
        "weight_decay": weight_decay,
        "decay_per_step": _each(value for name in steady for value in _values(rates[name][1])),
        "half_life_epochs": _each(itertools.chain.from_iterable(lives[name] for name in steady)),
        "decay": decay_words.joined(said),
    }
    if "model" in runs:
        found |= {"widths": (), "n_in": (), "n_out": ()}  # shapes of layers say nothing of the data's
    elif "layer" not in runs.dims or ("depth" in runs and runs.sizes["layer"] != int(runs.depth.max()) + 1):
        layers = ", ".join(f"{layer:g}" for layer in np.ravel(runs.layer))  # a selection: the ends are another layer's
        found |= {"widths": tuple(f"{widths} (of layer {layers} alone)" for widths in found["widths"])}
        del found["n_in"], found["n_out"]
    return found


def facts(settings: Settings) -> dict[str, str]:
    """Word settings for a person, in the order they are printed.

    Parameters
    ----------
    settings : Settings
        From `of_plan` or `of_runs`; what is not in it is not named.
    """

    def words(*names: str) -> str:
        return ", ".join(f"{name} = {display.listed(settings[name], DIGITS)}" for name in names if settings.get(name))

    def plain(name: str) -> str:
        return display.listed(settings.get(name, ()), DIGITS)

    optimisers = settings.get("optimiser", ())
    read = words(*(name for name in settings if name not in _NO_COEFFICIENT))
    said = settings.get("update_rule", ())
    if len(said) != len(optimisers):  # a part of a result from which they were dropped
        said = tuple(rules.LIBRARY[name].update_rule if name in rules.LIBRARY else "" for name in optimisers)
    several = len(said) > 1
    batches = [f"m = {plain('m')}", f"{plain('steps_per_epoch')} steps per epoch"]
    batches += [display.listed([SAMPLING.get(name, name) for name in settings.get("sampling", ())])]
    batches += ["one order for all seeds: no interval over them"] * (False in settings.get("independent_seeds", ()))
    start = [f"init {plain('init')}", *([words("init_scale")] if settings.get("init_scale", (1.0,)) != (1.0,) else [])]
    found = {
        "dataset": ", ".join(part for part in (plain("dataset"), words("n", "n_in", "n_out")) if part),
        "network": ", ".join(
            [
                *(f"{name} {plain(name)}" for name in ("widths", "model") if settings.get(name)),
                *(plain(name) for name in ("activation", "loss", "dtype") if settings.get(name)),
                *([f"norm {plain('norm')}"] if settings.get("norm") else []),
                *(["no biases"] if False in settings.get("biases", ()) else []),
                *([f"rounding {plain('rounding')}"] if settings.get("rounding") else []),
            ]
        ),
        "start": ", ".join(start),
        "minibatches": ", ".join(part for part in batches if part),
        "optimiser": plain("optimiser") + (f" with {read}" if read else ""),
        "update": "; ".join(
            f"{name}: {rule}" if several else rule for name, rule in zip(optimisers, said, strict=True)
        ),
        "gradients": ", ".join(filter(None, (plain("gradients"), words(*_LABORATORY[1:])))),
        "eta, lmbda": words("eta", "lmbda"),
        "schedules": words(*_SCHEDULES) and f"{words(*_SCHEDULES)}: eta and lmbda are the largest",
        "decay": "; ".join(settings["decay"]),
        "seeds": seeds_in_words(settings["seed"]),
    }
    return {name: text for name, text in found.items() if text}


def record(settings: Settings) -> dict[str, Any]:
    """Give settings for a program: one value as it is, several as a list."""
    numbers = {name: values for name, values in settings.items() if name != "decay"}  # that one is words
    return {name: values[0] if len(values) == 1 else list(values) for name, values in numbers.items()}


def seeds_in_words(seeds: Iterable[int]) -> str:
    """Name seeds, those in a row by the first and the last.

    Examples
    --------
    >>> seeds_in_words((0, 1, 2, 3, 9)), seeds_in_words([7])
    ('0 to 3, 9 (5 seeds)', '7 (1 seed)')
    """
    held = [int(seed) for seed in seeds]
    rows = display.ranges(held)
    parts = [f"{first} to {last}" if last > first else f"{first}" for first, last in rows]
    count = f"{len(held)} seed{'s' * (len(held) != 1)}"
    return f"{display.listed(parts, between=', ')} ({count})"


_PLAIN = ("dataset", "n", "eta", "lmbda", "init_scale", "m", "steps_per_epoch", "independent_seeds", "seed")
_CHOICES = ("optimiser", "activation", "loss", "init", "sampling", "dtype")
_BESIDE = ("model", "norm", "biases", "decays", "rounding")
"""Settings that are there only where they are not the usual ones."""
_SCHEDULES = ("eta_schedule", "lmbda_schedule")
_LABORATORY = ("gradients", "gradient_std", "mean_gradient", "curvature", "gradient_scale")
"""Made-up gradients, and the numbers that they have."""
_NO_COEFFICIENT = (
    *(*_PLAIN, *_CHOICES, *_BESIDE, *_SCHEDULES, *_LABORATORY, "update_rule", "n_in", "n_out", "widths"),
    *("weight_decay", "decay_per_step", "half_life_epochs", "decay"),
)
"""Settings beside the numbers that a rule reads of its own."""


def _models(setups: Iterable[Any]) -> Settings:
    """Give what describes the models: widths and what is not usual, or the names of the user's own."""
    records = [setup.record() for setup in setups]
    found = {"widths": _each("-".join(map(str, one["widths"])) for one in records if "widths" in one)}
    for name in _BESIDE:
        found[name] = _each(one[name] for one in records if name in one)
    return {name: values for name, values in found.items() if values}


def _schedules_of(setups: Iterable["Setup"]) -> Settings:
    """Give the schedules of setups by their words; none where all of them are constant."""
    found = {name: _each(setup.schedules[name].words for setup in setups) for name in _SCHEDULES}
    return {name: words for name, words in found.items() if words != ("constant",)}


def _changes(way: "Decay", settings: Settings) -> bool:
    """Whether a schedule changes a decay: of an absolute one that of eta changes nothing."""
    eta, lmbda = (settings.get(name, ("constant",)) != ("constant",) for name in _SCHEDULES)
    return lmbda or (eta and way.symbol != "lmbda/n")


def _lives(decays: Iterable[float], steps: Iterable[int]) -> tuple[float, ...]:
    return _each(_half_life(*one) for one in itertools.product(decays, steps))


def _half_life(decay: float, steps: float) -> float:
    """Epochs after which a weight without gradient is half as large: infinite if never, 0 where a step is all."""
    if math.isnan(decay):  # a decay without a rate
        return decay
    if math.isclose(decay, 1, rel_tol=1e-12):
        return 0.0
    if decay == 0 or decay >= 2:  # from 2 on weights change sign and do not shrink
        return math.inf
    if not 0 < decay:
        return math.nan
    log_factor = math.log1p(-decay) if decay < 1 else math.log(decay - 1)
    return math.log(2) / (-steps * log_factor)


def _each(values: Iterable[Any]) -> tuple[Any, ...]:
    """Give each value once, and none that is NaN: there the setting does not exist."""
    return tuple(value for value in dict.fromkeys(values) if value == value)


def _values(array: xr.DataArray) -> tuple[Any, ...]:
    return _each(np.ravel(array.values).tolist())


def _widths(runs: xr.Dataset) -> list[list[int]]:
    """Find the widths of every network: the inputs of each layer, and the outputs of the last."""
    n_in, n_w = xr.broadcast(runs.n_in, runs.n_w)
    if "layer" not in n_in.dims:
        n_in, n_w = n_in.expand_dims("layer"), n_w.expand_dims("layer")
    rows = [np.reshape(a.transpose(..., "layer").values, (-1, a.sizes["layer"])) for a in (n_in, n_w)]
    found = []
    for inputs, weights in zip(*rows, strict=True):
        there = np.isfinite(inputs) & np.isfinite(weights) & (inputs > 0)
        if there.any():
            found.append([*(int(i) for i in inputs[there]), round(weights[there][-1] / inputs[there][-1])])
    return found
