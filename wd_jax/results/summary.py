"""A result in one screen: axes, settings, who diverged, the final values per cell, and what to do next."""

import json
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import xarray as xr

from wd_jax import display, precision
from wd_jax.optimisers.decays import decoupled
from wd_jax.optimisers.rules import RULES
from wd_jax.results import coefficients, decays, divergence, run_settings, status
from wd_jax.results.validity import doubts, lacking
from wd_jax.setup import SETUP_FIELDS

NOT_AXES = ("seed", "layer", "split", "epoch")
ORIGINS = ("config", "config_hash", "environment", "method", "target_kind", "accuracy_means", "no_budget")
"""Coordinates that the record repeats."""
MAX_ROWS = 24
MAX_FACT = 96


@dataclass(frozen=True, repr=False)
class Summary:
    """What a sweep found, for people and for programs.

    Attributes
    ----------
    facts : dict of str to str
        Axes, members, epochs, settings, and what it was made with.
    rows : tuple of dict
        Per cell, final weight rms of each layer and final test accuracy: means over the seeds that did not diverge; and
        how many did, if any of the sweep did.
    record : dict
        The same, JSON-ready, with the settings of the sweeps it is from.
    warnings : tuple of str
        What was left out, a sentence each.
    next : tuple of str
        Python lines that go on from here.
    """

    facts: dict[str, str]
    rows: tuple[dict[str, Any], ...]
    record: dict[str, Any]
    warnings: tuple[str, ...]
    next: tuple[str, ...]

    @property
    def text(self) -> str:
        """Facts and rows for a terminal."""
        shown = [*display.facts_text(self.facts), "", *display.table_text(self.rows[:MAX_ROWS])]
        return "\n".join([*shown, *self._more()])

    def __repr__(self) -> str:
        """Return facts, rows, warnings and what to do next."""
        lines = [self.text, *(f"warning: {warning}" for warning in self.warnings), "", "next"]
        return "\n".join([*lines, *(f"  {line}" for line in self.next)])

    def _repr_html_(self) -> str:
        paragraphs = "".join(f"<p>{escape(line)}</p>" for line in (*self._more(), *self.warnings))
        tables = display.facts_html(self.facts) + display.table_html(self.rows[:MAX_ROWS])
        return f"<div>{tables}{paragraphs}{display.commands_html(self.next)}</div>"

    def _more(self) -> list[str]:
        more = len(self.rows) - MAX_ROWS
        return [f"... and {more} more"] if more > 0 else []


def summarise(runs: xr.Dataset) -> Summary:
    """Describe a result, a selection from one, or several joined by xarray.

    All that is said comes from its coordinates, which xarray selects and joins like the numbers.

    Parameters
    ----------
    runs : xarray.Dataset
        What `wd_jax.sweep` returns and `wd_jax.open` reads.

    Returns
    -------
    Summary
        Printed, or shown in a notebook, it is one screen.

    Raises
    ------
    ValueError
        For a part of a result, such as one of its variables, and for what is none.

    Examples
    --------
    >>> import wd_jax as wd
    >>> runs = wd.sweep(wd.Setup(widths=(16, 8, 4)), wd.data.null(), lmbda=[1.0, 10.0], epochs=3, progress=False)
    >>> wd.summarise(runs).facts["members"]
    '2, of 1 seed; 0 diverged'
    >>> wd.summarise(runs.sel(lmbda=[10.0])).facts["eta, lmbda"]
    'eta = 0.1, lmbda = 10'
    """
    missing = [name for name in ("weight_rms", "diverged_at") if name not in getattr(runs, "variables", ())]
    if missing:
        raise ValueError(f"{type(runs).__name__} without {missing[0]}: give the whole result of sweep or open")
    if lack := lacking(runs):
        raise ValueError(f"no result of a sweep, with {lack}: give what sweep or open returned, or a selection of it")
    axes = [str(dim) for dim in runs.weight_rms.dims if dim not in NOT_AXES]
    who = divergence.who(runs)
    diverged, members = int(who.sum()), who.size
    columns = {**_labels(runs, axes), **_final(runs, axes)}
    if diverged:
        columns["diverged"] = _cells(who.sum("seed") if "seed" in who.dims else who.astype(int), runs, axes)
    rows = tuple(dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    absent = int(runs.diverged_at.isnull().sum())
    seeds, epochs = int(runs.sizes.get("seed", 1)), np.ravel(runs.epoch)
    settings = run_settings.of_runs(runs)
    record = {
        "axes": {axis: runs[axis].values for axis in axes},
        "seeds": seeds,
        "epochs": float(epochs[-1]),
        "records": epochs.size,
        "members": members,
        "diverged": diverged,
        "settings": run_settings.record(settings),
        **{name: _decoded(runs, name) for name in ORIGINS if name in runs},
        "attributes": {str(key): value for key, value in runs.attrs.items()},
        "final": list(rows),
        "decay_kept": precision.shares_record(runs.decay_kept.values) if "decay_kept" in runs.coords else None,
    }
    swept = ", ".join(f"{axis} = {display.listed(runs[axis].values.tolist(), 12)}" for axis in axes)
    facts = {
        "axes": swept or "none",
        "members": f"{members - absent}, of {seeds} seed{'s' * (seeds != 1)}; {diverged} diverged",
        "epochs": f"{epochs[-1]:g}, {epochs.size} record{'s' * (epochs.size != 1)} from epoch {epochs[0]:g} on",
        **run_settings.facts(settings),
        **({"layers": _layers(runs)} if "layer_name" in runs else {}),
        **({"accuracy_means": "; ".join(_each(runs, "accuracy_means"))} if "accuracy" in runs else {}),
        **({"no budget": "; ".join(_each(runs, "no_budget"))} if "no_budget" in runs else {}),
        **_rounded(runs),
        **_made(runs),
        **{str(key): str(value) for key, value in runs.attrs.items() if _worth(str(key), value)},
    }
    warnings = [
        *([divergence.said(who, runs, "members diverged and are left out of the means")] * bool(diverged)),
        *_absent(runs, absent),
        *doubts(runs),
    ]
    return Summary(facts, rows, record, tuple(warnings), _next(seeds, runs))


_BESIDE = ("m", *(field for field in SETUP_FIELDS if field not in ("widths", "order")))
"""Coordinates that tell cells apart where they differ along an axis of another name; numbers that a rule reads do too.
"""


def _absent(runs: xr.Dataset, absent: int) -> list[str]:
    """Say which members are not there, and why."""
    if said := status.said(runs):
        return [said]
    return [f"{absent} combinations were not run: results of other cells or seeds were joined"] * bool(absent)


def _layers(runs: xr.Dataset) -> str:
    """Say which layer of a model of the user's own has which number."""
    both = xr.broadcast(runs.layer.reset_coords(drop=True), runs.layer_name.reset_coords(drop=True))
    pairs = dict.fromkeys(zip(*(np.ravel(one.values).tolist() for one in both), strict=True))
    return ", ".join(f"{layer:g} {name}" for layer, name in pairs if name == name)


def _labels(runs: xr.Dataset, axes: list[str]) -> dict[str, list[Any]]:
    """Give what tells cells apart: the axes, and what differs along an axis of another name, as in joined results."""
    beside = [
        name
        for name in ("dataset", *coefficients.names(runs), *_BESIDE)
        if name in runs and 0 < runs[name].ndim and {*runs[name].dims} <= {*axes} and len(_each(runs, name)) > 1
    ]
    names = [*axes, *(name for name in beside if name not in axes)]
    return {name: _cells(runs[name], runs, axes) for name in names}


def _cells(array: xr.DataArray, runs: xr.Dataset, axes: list[str]) -> list[Any]:
    """Give an array's value in every cell, the last axis fastest."""
    missing = {axis: runs.sizes[axis] for axis in axes if axis not in array.dims}
    return array.expand_dims(missing).transpose(*axes).values.ravel().tolist()


def _made(runs: xr.Dataset) -> dict[str, str]:
    """Say how it was made: devices, versions, the way members were trained, and the sweeps it is from."""
    found = {}
    made = [one for one in _each(runs, "environment") if isinstance(one, dict)]
    for label, key in (("ran on", "devices"), ("versions", "versions")):
        held = [one[key] for one in made if key in one]
        texts = [
            ", ".join(f"{k} {v}" for k, v in one.items()) if isinstance(one, dict) else ", ".join(one) for one in held
        ]
        found[label] = "; ".join(dict.fromkeys(texts))
    found["trained"] = "; ".join(map(str, _each(runs, "method")))
    hashes = _each(runs, "config_hash")
    found["config_hash"] = display.listed(hashes) + (" (several sweeps, joined)" if len(hashes) > 1 else "")
    return {label: text for label, text in found.items() if text}


def _worth(key: str, value: Any) -> bool:
    """Whether an attribute is shown: not what every result says, nor what fills a screen."""
    return key not in ("format", "convention") and len(str(value)) <= MAX_FACT


def _each(runs: xr.Dataset, name: str) -> list[Any]:
    """Give each value of a coordinate once, JSON decoded; gaps left out."""
    values = np.ravel(runs[name].values).tolist() if name in runs else []
    return [_json(value) for value in dict.fromkeys(values) if value == value]


def _decoded(runs: xr.Dataset, name: str) -> Any:
    found = _each(runs, name)
    return found[0] if len(found) == 1 else found


def _json(value: Any) -> Any:
    """Give a text that holds a JSON object as that object."""
    try:
        return json.loads(value) if isinstance(value, str) and value.startswith("{") else value
    except ValueError:
        return value


def _next(seeds: int, runs: xr.Dataset) -> tuple[str, ...]:
    """Give lines that run as they stand, with `runs` for the result."""
    draw = 'runs.weight_rms.mean("seed").sel(layer=1)  # any variable: see runs.data_vars and their description'
    if "decay_log_factor" in runs.coords:
        return (draw, 'runs.decay_log_factor.cumsum("epoch")  # of decay alone, by the schedule')
    if "gradients" in runs.coords:
        return ('runs.weight_rms_mean.isel(epoch=-1).mean("seed").sel(layer=1)  # over all steps of the last record',)
    if any(name not in RULES or decay != decoupled.DECAY for name, decay in decays.of_runs(runs).items()):
        return (draw,)  # the law of pure decay is for another rule
    theory = 'theory = wd.theory.evaluate("epoch_decay", "weight_rms", runs)'
    compare = "wd.compare(runs.weight_rms.sel(layer=1, epoch=1), theory, within=0.01)"
    return (draw, theory, compare if seeds > 1 else f"{compare}  # needs seeds: an interval takes two or more")


def _final(runs: xr.Dataset, axes: list[str]) -> dict[str, list[Any]]:
    """Give the means over seeds of every cell's last values; a member that diverged is NaN there and is skipped."""
    last = runs.isel(epoch=-1) if "epoch" in runs.dims else runs
    rms = last.weight_rms if "layer" in last.dims else last.weight_rms.expand_dims("layer")

    def mean(array: xr.DataArray) -> list[Any]:
        return _cells(array.mean("seed") if "seed" in array.dims else array, runs, axes)

    columns = {f"weight_rms_{layer:g}": mean(rms.isel(layer=i)) for i, layer in enumerate(np.ravel(last.layer.values))}
    if "accuracy" in runs and "test" in _each(runs, "split"):
        accuracy = last.accuracy
        columns["test_accuracy"] = mean(accuracy.sel(split="test") if "split" in accuracy.dims else accuracy)
    return columns


def _rounded(runs: xr.Dataset) -> dict[str, str]:
    """Say, in a fact of its own, what rounding left of the decay where that is off."""
    words = precision.shares_in_words(runs.decay_kept.values) if "decay_kept" in runs.coords else ""
    return {"rounding": words} if words else {}
