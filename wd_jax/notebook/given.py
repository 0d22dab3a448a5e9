"""What the widget is given of a sweep: its axes, the law of each cell, and every mean with its interval."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import xarray as xr

from wd_jax.figures import needs, style
from wd_jax.figures.remedies import PYTHON
from wd_jax.notebook.laws import THROUGH, law_of
from wd_jax.report.explorer import CONTROLS
from wd_jax.results import divergence
from wd_jax.stats.intervals import t_intervals

SLIDERS = {"lmbda": "lmbda", "eta": "eta", "momentum": "momentum", "batch_size": "m"}
"""Axes that are moved by a slider, by the explorer's name for each."""
EXAMPLE = "--lmbda 2.5 5 10 20 --eta 0.1 --seeds 8 --epochs 60"
MOST_RECORDS = 300
"""Records that are drawn of a run: a screen shows no more."""
MOST_NUMBERS = 4_000_000
"""Of all bands together; 16 MB."""


@dataclass(frozen=True)
class Given:
    """What the browser draws from.

    Attributes
    ----------
    facts : dict
        Axes, sliders, layers, cells and records, as JSON holds them.
    values : numpy.ndarray [cell, layer, record, 3]
        Mean, low and high end of its 95 % interval over the seeds, rms weight, dimensionless; little-endian float32.
    """

    facts: dict[str, Any]
    values: np.ndarray


def given(runs: xr.Dataset) -> Given:
    """Collect what the widget shows of a sweep.

    Parameters
    ----------
    runs : xarray.Dataset
        Result of `wd_jax.sweep`.

    Returns
    -------
    Given

    Raises
    ------
    TypeError, ValueError
        In one line with the remedy, for what cannot be explored.
    """
    try:
        needs.check_sweeps(runs)
        swept = needs.axes(runs)
        lacking = needs.Needs(optional=swept, epochs=0, example=EXAMPLE).lacking(runs, PYTHON) or _unknown(runs)
    except (TypeError, ValueError) as error:
        raise type(error)(f"explorer: {error}") from None
    if lacking:
        raise ValueError(f"explorer: {lacking}")
    runs = needs.rising(runs)
    kept = _records(runs.sizes["epoch"])
    cells = [_cell(runs, at) for at in np.ndindex(*(runs.sizes[axis] for axis in swept))]
    reasons = {cell["why"] for cell in cells}
    if "" not in reasons and math.prod(runs.sizes[axis] for axis in swept) == 1:
        raise ValueError(
            f"explorer: nothing can be moved: no axis is swept, and {reasons.pop()} Sweep some values of lmbda"
        )
    values = _bands(runs.isel(epoch=kept), swept)
    if values.size > MOST_NUMBERS:
        raise ValueError(
            f"explorer: {len(cells)} cells are {values.size / 1e6:.0f} million numbers, more than a notebook should "
            f"hold: select some, such as runs.isel({swept[0]}=slice(0, 10))"
        )
    if not (values[..., 0] > 0).any():
        raise ValueError("explorer: no rms weight is above 0, and its axis is logarithmic: start the weights elsewhere")
    facts = {
        "axes": [{"name": axis, "values": runs[axis].values.tolist()} for axis in swept],
        "sliders": [_slider(runs, name) for name in _moved(runs, swept)],
        "lists": [axis for axis in swept if axis not in SLIDERS],
        "symbols": {axis: needs.SYMBOLS.get(axis, axis.replace("_", " ")) for axis in swept},
        "layers": [_layer(runs, int(layer)) for layer in runs.layer.values],
        "cells": cells,
        "epochs": runs.epoch.values[kept].astype(float).tolist(),
        "seeds": runs.sizes["seed"],
        "title": needs.settings(runs).replace("\\", ""),
    }
    return Given(facts, values)


def _unknown(runs: xr.Dataset) -> str:
    """Say what is missing without which no setting is known and no line can be drawn; nothing if nothing is."""
    for name in ("eta", "lmbda", "n", "steps_per_epoch"):
        if name not in runs.coords:
            return (
                f"runs has no coordinate {name}: give the whole result of sweep, not one that was averaged over {name}"
            )
    if runs.sizes["epoch"] < 2:
        return f"needs two records or more, and runs has one, of epoch {runs.epoch.item():g}: {PYTHON.run(EXAMPLE)}"
    return ""


def _records(count: int) -> np.ndarray:
    """Places of the records that are drawn, the first and the last among them."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST_RECORDS)).round().astype(int))


def _moved(runs: xr.Dataset, swept: Sequence[str]) -> list[str]:
    """Name what has a slider: eta, lmbda, the minibatch, and momentum where it is swept or decay goes through it."""
    rules = set(np.ravel(runs.optimiser.values).tolist()) if "optimiser" in runs.coords else set()
    there = {"lmbda", "eta", *swept} | ({"momentum"} if rules & set(THROUGH) else set())
    there |= {"batch_size"} if "m" in runs.coords else set()
    return [name for name in SLIDERS if name in there]


def _slider(runs: xr.Dataset, name: str) -> dict[str, Any]:
    """Describe a slider: the report's control, over the decades around what was measured."""
    (control,) = (control for control in CONTROLS if control.name == SLIDERS[name])
    coordinate = runs["m"] if name == "batch_size" else runs.coords.get(name, xr.DataArray(0.0))
    measured = sorted({float(value) for value in np.ravel(coordinate.values) if np.isfinite(value)})
    positive = [value for value in measured if value > 0] or [1.0]
    low, high = math.floor(math.log10(positive[0])) - 1, math.ceil(math.log10(positive[-1])) + 1
    if control.whole:
        low, high = max(low, 0), max(1, min(high, math.floor(math.log10(int(np.min(runs.n))))))
    decades = {} if name == "momentum" else {"low": low, "high": high}
    label = control.label.replace("$", "")  # which typesets a letter in the report
    return asdict(control) | decades | {"label": label, "axis": name, "measured": measured}


def _layer(runs: xr.Dataset, layer: int) -> dict[str, Any]:
    """Name a layer, and say whether it decays."""
    texts = np.unique(runs.decays.values).tolist() if "decays" in runs.coords else []
    name = str(runs.layer_name.sel(layer=layer).item()) if "layer_name" in runs.coords else f"{layer - 1}/w"
    masks = [json.loads(text) for text in texts if text.startswith("{")]
    return {
        "value": layer,
        "label": style.layer_name(layer, runs),
        "decays": all(mask.get(name, True) for mask in masks),
    }


def _cell(runs: xr.Dataset, at: Sequence[int]) -> dict[str, Any]:
    """Collect what is known of one cell: its law, its numbers, how many of its seeds diverged."""
    one = runs.isel(dict(zip(needs.axes(runs), at, strict=True)))
    known = {str(name): held.item() for name, held in one.coords.items() if not held.ndim}
    n, steps = int(known["n"]), int(known["steps_per_epoch"])
    law = asdict(law_of(known))
    m = int(known.get("m", math.ceil(n / steps)))
    if not law["why"] and math.ceil(n / m) != steps:
        law = {
            "optimiser": "",
            "schedule": "",
            "why": f"An epoch of this run has {steps} steps, not n/m: no line is drawn.",
        }
    numbers = {
        "eta": float(known["eta"]),
        "lmbda": float(known["lmbda"]),
        "momentum": _number(known.get("momentum")),
        "batch_size": m,
        "n": n,
        "precision": "" if known.get("rounding") == "compensated" else str(known.get("dtype", "")),
    }
    return law | numbers | {"diverged": int(divergence.who(one).sum())}


def _number(value: Any) -> float:
    return float(value) if value is not None and math.isfinite(value) else 0.0


def _bands(runs: xr.Dataset, swept: Sequence[str]) -> np.ndarray:
    """Means and intervals over the seeds, [cell, layer, record, 3]."""
    samples = runs.weight_rms.transpose(*swept, "layer", "epoch", "seed").values
    samples = samples.reshape(-1, *samples.shape[len(swept) :])
    found = t_intervals(samples)
    return np.stack([found.value, found.low, found.high], axis=-1).astype("<f4")
