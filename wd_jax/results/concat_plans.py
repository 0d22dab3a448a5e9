"""Whether results may be joined by what only their plans say, and by the rates that schedules gave each record."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from wd_jax import display
from wd_jax.held import arithmetic
from wd_jax.results.concat_checks import TWO_MODELS, numbers
from wd_jax.results.validity import settings
from wd_jax.results.variables import described
from wd_jax.setup import ETA_SCHEDULE, LMBDA_SCHEDULE, SCHEDULES, SETUP_FIELDS

RATES = {
    "eta_mean": ("eta", ETA_SCHEDULE),
    "eta_last": ("eta", ETA_SCHEDULE),
    "lmbda_mean": ("lmbda", LMBDA_SCHEDULE),
    "lmbda_last": ("lmbda", LMBDA_SCHEDULE),
}
"""Rates of each record, with the number and the schedule that they follow from."""
ROUNDING = 1e-5
"""Relative, of a rate in the run's dtype."""
LENGTHS = ("epochs", "steps", "records", "probes", "dataset", "seeds", "axes", "own_schedules", "own_functions")
"""Parts of a plan that labels say, or that are compared by themselves."""
ELSEWHERE = {"widths": "n_in", "batch_size": "m", "order": "independent_seeds"}
"""Settings whose coordinate has another name."""


def with_rates(parts: Sequence[xr.Dataset]) -> list[xr.Dataset]:
    """Give constant rates by record to results without a schedule, where another result has one.

    Parameters
    ----------
    parts : sequence of xarray.Dataset
        Results that are to be joined.
    """
    asked = {str(name) for runs in parts for name in runs.coords} & {*RATES, "decay_log_factor"}
    return [_filled(runs, sorted(asked - {*map(str, runs.coords)})) for runs in parts]


def _filled(runs: xr.Dataset, asked: Sequence[str]) -> xr.Dataset:
    """Add rates that do not change: those of the run's dtype, and the factor by decay as often as there are steps."""
    kind = np.dtype(arithmetic(str(np.ravel(runs.dtype)[0])) if "dtype" in runs.coords else "float32")
    constant = {name: bool((runs[name] == "constant").all()) if name in runs.coords else True for name in SCHEDULES}
    ones = xr.ones_like(runs.epoch, float)
    for name in asked:
        if name in RATES and constant[RATES[name][1]]:
            rate = runs[RATES[name][0]].astype(kind).astype(float).reset_coords(drop=True) * ones
        elif name == "decay_log_factor" and all(constant.values()) and "per_step_factor" in runs.coords:
            a_record = max([1, *(plan["probes"].get("records_per_epoch", 1) for plan in _plans(runs))])
            steps = runs.steps_per_epoch.reset_coords(drop=True) / a_record * ones.where(runs.epoch > 0, 0)
            rate = np.log(abs(runs.per_step_factor.reset_coords(drop=True))) * steps
        else:
            continue
        runs = runs.assign_coords({name: rate.transpose(..., *runs.epoch.dims)})
        runs[name].attrs = described(name)
    return runs


def same_plans(parts: Sequence[xr.Dataset], dim: str) -> None:
    """Refuse results whose plans differ in what no coordinate says, or whose schedules are others of one name.

    Parameters
    ----------
    parts : sequence of xarray.Dataset
        With the same labels.
    dim : str
        Along which they are joined.

    Raises
    ------
    ValueError
        Naming the setting and the remedy, in one line.
    """
    _same_settings(parts, dim)
    _same_names(parts)
    _same_schedules(parts, dim)


def _same_settings(parts: Sequence[xr.Dataset], dim: str) -> None:
    """Compare what plans say beside coordinates: a burn-in, shapes of a model, a rule of one's own."""
    plans = [plan for runs in parts for plan in _plans(runs)]
    labelled = {dim, *ELSEWHERE, *LENGTHS, *(str(name) for runs in parts for name in runs.coords)}
    labelled |= {"rule"} if dim == "optimiser" else set()
    read = set(numbers(parts))
    flat = [_flat(plan) for plan in plans]
    for name in dict.fromkeys(name for one in flat for name in one):
        if name in labelled:
            continue
        held = [
            one.get(name)
            for one, plan in zip(flat, plans, strict=True)
            if name in one or not (name in SETUP_FIELDS or set(plan["axes"]) - read)
        ]
        if other := [value for value in held if value != held[0]]:
            remedy = TWO_MODELS if name in ("parameters", "state", "settings") else f"run both with one {name}"
            said = " and ".join("none" if value is None else f"{value}" for value in (held[0], other[0]))
            raise ValueError(f"{name}={said}: differs too, and is no coordinate that could be a dimension: {remedy}")


def _same_names(parts: Sequence[xr.Dataset]) -> None:
    """Refuse two models, or two rules, of the user's own that have one name and compute other things."""
    known: dict[str, str] = {}
    for plan in (plan for runs in parts for plan in _plans(runs)):
        for name, hashed in plan.get("own_functions", {}).items():
            if known.setdefault(name, hashed) != hashed:
                raise ValueError(
                    f"{name}: of other functions in each (or traced by another JAX): give them different names, "
                    "wd.model(..., name=...) or wd.rule(..., name=...), or run both with one JAX"
                )


def _flat(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Put the settings and numbers of a plan beside what it says of its whole."""
    whole = {name: value for name, value in plan.items() if name not in ("setup", "scalars")}
    return whole | plan["setup"] | plan["scalars"]


def _plans(runs: xr.Dataset) -> list[dict[str, Any]]:
    texts = np.ravel(runs.config.values).tolist() if "config" in runs.coords else []
    return [plan for text in dict.fromkeys(texts) if (plan := settings(text))]


def _scheduled(runs: xr.Dataset) -> bool:
    return any(bool((runs[name] != "constant").any()) for name in SCHEDULES if name in runs.coords)


def _same_schedules(parts: Sequence[xr.Dataset], dim: str) -> None:
    """Compare rates over their largest, what functions of one's own gave, and lengths where rates differ by intent."""
    changing = [runs for runs in parts if _scheduled(runs)]
    if len(changing) < 2:
        return
    lengths = list(dict.fromkeys(plan.get("epochs") for runs in changing for plan in _plans(runs)))
    words = " and ".join(
        dict.fromkeys(
            f"{name}={display.listed(list(dict.fromkeys(np.ravel(runs[name]).tolist())), between=', ')}"
            for runs in changing
            for name in SCHEDULES
            if name in runs.coords
        )
    )
    own = "of_optax(" in words
    renamed = f"{words}: not the same schedule in each: give different schedules different names, of_optax(f, name=...)"
    cut = (
        f"{words}: planned for {display.listed(lengths, between=' and ')} epochs, and a part of a longer run has "
        "another schedule: run both for one number of epochs"
    )
    for name, (number, schedule) in RATES.items():
        if dim in (schedule, "batch_size") or not all(name in runs.coords for runs in parts):
            continue
        first, *others = [_shape_of(runs, name, number, dim) for runs in parts]
        if any(not np.allclose(first, one, rtol=ROUNDING, equal_nan=True) for one in others):
            raise ValueError(cut if len(lengths) > 1 and not own else renamed)
    if dim in (*SCHEDULES, "batch_size") and len(lengths) > 1:
        raise ValueError(cut)
    _same_functions(changing, dim, lengths, renamed)


def _shape_of(runs: xr.Dataset, name: str, number: str, dim: str) -> np.ndarray:
    """Give a rate over the largest of the run, of each schedule and record."""
    rate = (runs[name] / runs[number]).reset_coords(drop=True)
    rest = [one for one in rate.dims if one == dim or one not in ("epoch", *SCHEDULES)]
    return rate.isel(dict.fromkeys(rest, 0)).transpose(..., "epoch", missing_dims="ignore").values


def _same_functions(parts: Sequence[xr.Dataset], dim: str, lengths: Sequence[Any], remedy: str) -> None:
    """Compare the hashes of what functions gave in each step; runs of other lengths have others, and are not told."""
    held = [{*plan.get("own_schedules", ())} for runs in parts for plan in _plans(runs)]
    if dim in SCHEDULES or len(lengths) > 1 or not all(held):
        return
    if any(not (held[0] <= one or one <= held[0]) for one in held[1:]):
        by_size = f"{remedy.partition(':')[0]}: its steps are others for each batch size, and cannot be compared"
        raise ValueError(f"{by_size}: sweep all batch sizes at once" if dim == "batch_size" else remedy)
