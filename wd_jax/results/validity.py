"""Whether a data set is a result of a sweep, and whether its labels agree with the settings the sweep was run with."""

import itertools
import json
from collections import Counter
from typing import Any

import numpy as np
import xarray as xr

from wd_jax import display
from wd_jax.inputs import checks
from wd_jax.optimisers import rules
from wd_jax.results.variables import VARIABLES
from wd_jax.setup import CHOICES

FORMAT = 2
"""Of a result. In format 1 what belongs to a sweep was in attributes, where joining sweeps kept the first one's."""
MEASURED = ("weight_rms", "diverged_at")
NUMBERS = ("seed", "layer", "epoch", "eta", "lmbda", "n", "m", "steps_per_epoch", "n_w", "n_in")
TEXTS = (
    *("optimiser", "init", "activation", "loss", "sampling", "dtype", "dataset", "dataset_sha256", "update_rule"),
    *("eta_schedule", "lmbda_schedule"),
)
OWN_DIMS = ("seed", "layer", "split", "epoch")


def lacking(runs: Any) -> str:
    """Say what keeps a data set from being a result, or a selection of one; nothing if nothing does.

    Parameters
    ----------
    runs : object
        Perhaps an `xarray.Dataset` of `wd_jax.sweep`.

    Returns
    -------
    str
        A phrase, such as "no weight_rms".

    Examples
    --------
    >>> lacking(xr.Dataset({"a": ("x", [1.0])}))
    'no weight_rms'
    """
    for name in MEASURED:
        if name not in getattr(runs, "variables", ()):
            return f"no {name}"
    of_model = () if "model" in runs.coords else ("depth",)  # one of the user's own has no depth
    for name in (*NUMBERS, *of_model, "optimiser"):
        if name not in runs.coords:
            return f"no coordinate {name}"
    for name in (*MEASURED, *NUMBERS, *of_model, *(name for name in VARIABLES if name in runs)):
        if runs[name].dtype.kind not in "iuf":
            return f"{name} holds no numbers, but {runs[name].dtype}"
    for name in TEXTS:
        if name in runs and not all(isinstance(value, str) for value in _values(runs[name])):
            return f"{name} holds no text"
    if empty := [str(dim) for dim in runs.weight_rms.dims if not runs.sizes[dim]]:
        return f"nothing along {empty[0]}"
    cells = {str(dim) for dim in runs.weight_rms.dims} - set(OWN_DIMS)
    if not {str(dim) for dim in runs.diverged_at.dims} <= {"seed", *cells}:
        return "a diverged_at over other cells than weight_rms"
    for name, variable in VARIABLES.items():
        if name not in runs:
            continue
        dims = variable.dims
        found = {str(dim) for dim in runs[name].dims}
        if others := sorted(found - cells - {"seed", "epoch", *dims}):
            return f"{name} has a dimension {others[0]}"
        if gone := [dim for dim in ("seed", "epoch", *dims) if dim not in found and dim not in runs.coords]:
            return f"{name} has no {gone[0]}"
    if strange := _implausible(runs):
        return strange
    if "config" in runs and not all(settings(text) for text in _values(runs.config)):
        return "a config that is not the JSON of a sweep"
    return ""


def _implausible(runs: xr.Dataset) -> str:
    """Say which value no sweep could have written; a gap where sweeps were joined, or a layer is missing, is none."""
    for name in ("seed", "layer", "epoch"):
        if not np.isfinite(runs[name]).all():
            return f"{name} without a number"
    for name in ("n", "m", "steps_per_epoch", "n_w", "n_in", "eta"):
        if (runs[name] <= 0).any() or not np.isfinite(runs[name]).any():
            return f"{name} {np.ravel(runs[name])[0]:g}"
    steps = np.ceil(runs.n / runs.m)
    if (runs.steps_per_epoch.notnull() & (runs.steps_per_epoch != steps)).any():
        return f"{np.ravel(runs.steps_per_epoch)[0]:g} steps_per_epoch where n/m makes {np.ravel(steps)[0]:g}"
    own = {"optimiser": (*rules.LIBRARY, *own_rules(runs)), "init": (*CHOICES["init"], "own")}
    for name, known in (CHOICES | own).items():
        if name in runs and (unknown := [value for value in _values(runs[name]) if value not in known]):
            return f"{name} {checks.shown(unknown[0])}"
    if "weight_norm2" in runs and "layer" in runs.weight_rms.dims and _read(runs, "weight_rms", "weight_norm2"):
        there = np.isfinite(runs.weight_rms) & np.isfinite(runs.weight_norm2)
        off = abs(runs.weight_rms**2 * runs.n_w - runs.weight_norm2) > 1e-3 * abs(runs.weight_norm2)
        if ((off & there) | (runs.weight_rms < 0)).any():
            return "a weight_rms that is not sqrt(weight_norm2 / n_w)"
    return ""


def _read(runs: xr.Dataset, *names: str) -> bool:
    """Whether variables are in memory: those of a large run, which has checksums, are not read for a doubt."""
    return all(runs[name].variable._in_memory for name in names)


def own_rules(runs: xr.Dataset) -> dict[str, dict[str, Any]]:
    """Give, by name, what a result's settings say of rules that the library does not have.

    Parameters
    ----------
    runs : xarray.Dataset
        From `wd_jax.sweep`, or several of them joined.

    Returns
    -------
    dict of str to dict
        As `wd_jax.optimisers.rule.Rule.record`; empty for a result whose rules are all the library's.
    """
    texts = dict.fromkeys(_values(runs.config)) if "config" in runs.variables else ()
    found = [settings(text).get("setup", {}).get("rule") for text in texts]
    return {rule["name"]: rule for rule in found if isinstance(rule, dict) and isinstance(rule.get("name"), str)}


def doubts(runs: xr.Dataset) -> tuple[str, ...]:
    """Say where the coordinates of a result contradict the settings of its sweeps, and which labels occur twice.

    Parameters
    ----------
    runs : xarray.Dataset
        In which `lacking` misses nothing.

    Returns
    -------
    tuple of str
        A sentence each. Joining by what keeps the first one's coordinates, and labels put on afterwards, are seen here.

    Examples
    --------
    >>> doubts(xr.Dataset(coords={"seed": [0, 0, 1]}))
    ('seed 0 occurs 2 times: results that overlap were joined; keep each once',)
    """
    found = []
    for dim in (str(dim) for dim in runs.dims):
        for label, count in Counter(_values(runs[dim]) if dim in runs.coords else ()).items():
            if count > 1:
                found.append(f"{dim} {label} occurs {count} times: results that overlap were joined; keep each once")
                break
    for text in dict.fromkeys(_values(runs.config)) if "config" in runs else ():
        there = runs.diverged_at.notnull() if "diverged_at" in runs else True
        for name, allowed in _stated(settings(text)).items():
            if name not in runs.coords or all(_among(value, allowed) for value in dict.fromkeys(_values(runs[name]))):
                continue
            # Joining results of other cells makes members that nobody ran: they say nothing.
            here, mine = xr.broadcast(runs[name].reset_coords(drop=True), (runs.config == text) & there)
            strange = [value for value in dict.fromkeys(_values(here.where(mine))) if not _among(value, allowed)]
            if strange:
                found.append(
                    f"{name} {display.number(strange[0], 12)} is not what was run ({_shown(allowed)}): {_CAUSE}"
                )
    if not found and _other_penalty(runs):  # the numbers tell, where all labels agree with the settings
        found.append(f"penalty is not lmbda/(2n) times the sum of squared weights: {_CAUSE}")
    return tuple(dict.fromkeys(found))


_CAUSE = "a label was changed, or results were joined with the first one's labels kept; go back to those as they were"


def _other_penalty(runs: xr.Dataset) -> bool:
    """Whether the L2 term belongs to another lmbda or n than the labels say: it was computed with the true ones."""
    if not {"penalty", "weight_norm2", "lmbda", "n", "depth"} <= {*runs.variables}:
        return False
    if not _read(runs, "penalty", "weight_norm2"):
        return False
    if "decays" in runs.coords and any(said != "layers" for said in _values(runs.decays)):
        return False  # other leaves than the layers' are in it
    if "layer" not in runs.weight_norm2.dims or runs.sizes["layer"] != runs.depth.max() + 1:
        return False  # a part of the layers
    lmbda = runs.lmbda_last if "lmbda_last" in runs.variables else runs.lmbda
    expected = lmbda / (2 * runs.n) * runs.weight_norm2.sum("layer")
    both = np.isfinite(runs.penalty) & np.isfinite(expected)
    return bool((abs(runs.penalty - expected).where(both) > 1e-3 * abs(expected)).any())


def settings(text: Any) -> dict[str, Any]:
    """Read the JSON of a sweep's settings; empty if it is none."""
    try:
        found = json.loads(text)
        whole = all(isinstance(found[part], dict) for part in ("setup", "axes", "scalars"))
        seeds = [(int(first), int(last)) for first, last in found["seeds"]]
    except (ValueError, TypeError, KeyError):
        return {}
    return found | {"seeds": seeds} if whole else {}


def _stated(config: dict[str, Any]) -> dict[str, list[Any]]:
    """Give the values that each coordinate may have; those of `seed` as ranges."""
    fixed = {**config["setup"], **config["scalars"]}
    stated = {name: [value] for name, value in fixed.items()}
    stated |= {name: list(values) if isinstance(values, list) else [values] for name, values in config["axes"].items()}
    if "batch_size" in stated:
        stated["m"] = stated["batch_size"]
    stated["dataset_sha256"] = [config.get("dataset")]
    return stated | {"seed": [range(first, last + 1) for first, last in config["seeds"]]}


def _among(value: Any, allowed: list[Any]) -> bool:
    return any(value in one if isinstance(one, range) else value == one for one in allowed)


def _shown(allowed: list[Any]) -> str:
    words = [f"{one[0]} to {one[-1]}" if isinstance(one, range) else f"{one}" for one in itertools.islice(allowed, 5)]
    return ", ".join([*words, *(["..."] * (len(allowed) > 5))])


def _values(array: xr.DataArray) -> list[Any]:
    """List the values that are there: a gap, from joining results of other cells, is NaN."""
    return [value for value in np.ravel(array.values).tolist() if value == value]
