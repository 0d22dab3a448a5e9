"""What a kind of figure asks of a sweep, how one cell of a sweep is chosen, and how its settings are worded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from wd_jax.data.targets import ACCURACY
from wd_jax.engine.probes import registry
from wd_jax.figures import style
from wd_jax.figures.remedies import PYTHON, SHELL, Remedies, shown
from wd_jax.inputs import checks
from wd_jax.results import divergence
from wd_jax.setup import SCHEDULES

RESERVED = ("seed", "layer", "epoch")
FEWER = ", or layer=1 for one panel"
"""How one panel is asked for where there is one a layer."""
SYMBOLS = {"eta": "η", "lmbda": "λ", "batch_size": "m", "momentum": "μ", "hidden": "hidden units"}
SYMBOLS |= {"eta_schedule": "η schedule", "lmbda_schedule": "λ schedule"}


@dataclass(frozen=True)
class Needs:
    """What must be in a sweep for a figure of it.

    Parameters
    ----------
    axes : tuple of str
        Swept axes there must be.
    one_of : tuple of str
        If not empty, exactly one of these must be swept.
    optional : tuple of str
        Axes that are drawn where they are swept.
    values : tuple of (str, tuple of str)
        Values that an axis must have.
    variables : tuple of str
        Measured variables.
    epochs : int
        Epochs at least.
    to_the_end : bool
        Whether only runs that did not diverge can be drawn; else up to the epoch at which they did.
    shows_divergence : bool
        Whether it draws that a run diverged, so that a sweep may hold nothing else.
    example : str
        Options of a sweep that would do.
    """

    axes: tuple[str, ...] = ()
    one_of: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    variables: tuple[str, ...] = ("weight_rms",)
    epochs: int = 1
    to_the_end: bool = False
    shows_divergence: bool = False
    example: str = ""

    def lacking(self, runs: xr.Dataset, remedies: Remedies = SHELL) -> str:
        """Say in one line what a sweep lacks and the remedy; nothing if it lacks nothing.

        Parameters
        ----------
        runs : xarray.Dataset
            From `wd_jax.sweep`.
        remedies : Remedies
            How the remedy is worded: as in a shell, or in Python.
        """
        check_sweeps(runs)
        swept = axes(runs)
        run = remedies.run(self.example)
        if missing := [axis for axis in self.axes if axis not in swept]:
            return f"needs {'axes' if len(self.axes) > 1 else 'axis'} {' and '.join(self.axes)}, no {missing[0]}: {run}"
        for axis, asked in self.values:
            held = [str(value) for value in runs[axis].values]
            if absent := [value for value in asked if value not in held]:
                return f"needs {axis} {' and '.join(asked)}, not only {', '.join(held)}: {run} (no {absent[0]})"
        here = [axis for axis in self.one_of if axis in swept]
        if self.one_of and not here:
            return f"needs one axis out of {', '.join(self.one_of)}: {run}"
        drawn = {*self.axes, *self.optional, *here[:1]}
        if others := [axis for axis in swept if axis not in drawn]:
            held = {axis: runs[axis].values.tolist() for axis in others}
            one = " and ".join(f"one {axis}" for axis in others)
            has = "; ".join(f"{axis} {', '.join(map(shown, values))}" for axis, values in held.items())
            return f"draws {one}, and the sweep has {has}: {remedies.choose(held)}"
        if "accuracy" in self.variables and _real(runs):
            return f"needs accuracy, of which there is {ACCURACY['real']}, or draw another kind, such as trajectories"
        early = "" if self.shows_divergence else nothing_left(runs, None if self.to_the_end else self.epochs)
        there = [name for name in self.variables if name in runs and (runs[name].notnull().any() or _gone(runs, name))]
        if unmeasured := [name for name in self.variables if name not in there]:
            if "no_budget" in runs and unmeasured[0].startswith(("budget", "moved")):
                return f"needs {unmeasured[0]}: {np.ravel(runs['no_budget'].values)[0]}"
            switch = registry.switch_of(unmeasured[0])
            remedy = remedies.again(switch) if switch else run
            return f"needs {unmeasured[0]}, which was not measured: {remedy}"
        if float(runs.epoch[-1]) < self.epochs:
            return f"needs {self.epochs} epochs or more, not {float(runs.epoch[-1]):g}: {run}"
        return early


def _real(runs: xr.Dataset) -> bool:
    """Whether there is accuracy, of targets that have none."""
    return "accuracy" in runs and "target_kind" in runs and "real" in np.ravel(runs.target_kind)


def nothing_left(runs: xr.Dataset, epochs: int | None) -> str:
    """Say in one line that every run diverged before there was something to draw; nothing if one did not.

    Parameters
    ----------
    runs : xarray.Dataset
        From `wd_jax.sweep`.
    epochs : int or None
        Epochs that a run must last; None for all of them.
    """
    if not divergence.who(runs).all():
        return ""
    at, records = runs["diverged_at"].values, runs.epoch.values
    if epochs is not None and max(records[records < one].max(initial=0) for one in at.flat) >= epochs:
        return ""
    what = "a run that goes on to its end" if epochs is None else f"{epochs} epoch{'s' * (epochs > 1)} or more of a run"
    return f"needs {what}, and none got there: {divergence.counted(runs)}"


def _gone(runs: xr.Dataset, name: str) -> bool:
    """Whether a variable has no number because every run diverged: at epoch 0 budgets have none either."""
    return bool(divergence.who(runs).all()) and "epoch" in runs[name].dims


def check_sweeps(*sweeps: xr.Dataset) -> None:
    """Refuse what is not the whole result of a sweep.

    Raises
    ------
    TypeError
        Naming what was given, and what to give.

    Examples
    --------
    >>> check_sweeps("runs/decay.nc")
    Traceback (most recent call last):
        ...
    TypeError: runs='runs/decay.nc': give the whole result of sweep, such as wd.open('runs/decay.nc')
    """
    for runs in sweeps:
        if not isinstance(runs, xr.Dataset) or "weight_rms" not in runs:
            path = runs if isinstance(runs, str) else "runs/decay.nc"
            given = f"a {type(runs).__name__}" if isinstance(runs, xr.Dataset | xr.DataArray) else checks.shown(runs)
            raise TypeError(f"runs={given}: give the whole result of sweep, such as wd.open({path!r})")
        if gone := [dim for dim in RESERVED if dim not in runs.dims]:
            kept = f"select with a list, runs.sel({gone[0]}=[...]), which keeps it"
            raise ValueError(f"runs has no dimension {gone[0]}: give the whole result of sweep, or {kept}")


def usable(kind: str, needs: Needs, runs: xr.Dataset) -> xr.Dataset:
    """Give a result without its axes of one value, or refuse it in one line, with what to do in Python.

    Parameters
    ----------
    kind : str
        What is drawn.
    needs : Needs
        Of that kind.
    runs : xarray.Dataset
        From `wd_jax.sweep`.

    Raises
    ------
    TypeError, ValueError
        For what is no result, and for a result that lacks something.

    Examples
    --------
    >>> usable("budget", Needs(axes=("lmbda",), example="--lmbda 1 5"), xr.Dataset({"weight_rms": 1.0}))
    Traceback (most recent call last):
        ...
    ValueError: budget: runs has no dimension seed: give the whole result of sweep, or select with a list, runs.sel(seed=[...]), which keeps it
    """  # noqa: E501
    try:
        check_sweeps(runs)
        one = choose(runs, {})
        lacking = needs.lacking(one, PYTHON)
    except (TypeError, ValueError) as error:
        raise type(error)(f"{kind}: {error}") from None
    if lacking:
        raise ValueError(f"{kind}: {lacking}")
    return one


def layers(runs: xr.Dataset, layer: int | Sequence[int] | None) -> list[int]:
    """Name the layers to draw, all of them by default.

    Raises
    ------
    ValueError
        For one that the result does not have.

    Examples
    --------
    >>> layers(xr.Dataset(coords={"layer": [1, 2]}), 2), layers(xr.Dataset(coords={"layer": [1, 2]}), None)
    ([2], [1, 2])
    """
    held = [int(one) for one in runs.layer.values]
    asked = held if layer is None else [layer] if not isinstance(layer, Iterable) else list(layer)
    if not asked or any(one not in held for one in asked):
        raise ValueError(f"layer={checks.shown(layer)}: the result has {', '.join(map(str, held))}: give one or some")
    return [int(one) for one in asked]


def axes(runs: xr.Dataset) -> tuple[str, ...]:
    """Name the swept axes of a result, without seed, layer and epoch.

    Examples
    --------
    >>> axes(xr.Dataset({"weight_rms": (("lmbda", "seed", "layer", "epoch"), np.ones((2, 1, 1, 1)))}))
    ('lmbda',)
    """
    return tuple(str(dim) for dim in runs.weight_rms.dims if dim not in RESERVED)


def rising(runs: xr.Dataset) -> xr.Dataset:
    """Sort a result by its swept numbers: a line is drawn, and interpolated, from the smallest to the largest.

    Examples
    --------
    >>> one = xr.Dataset({"weight_rms": ("lmbda", [0.1, 0.2])}, {"lmbda": [5.0, 2.0]})
    >>> rising(one).weight_rms.values.tolist()
    [0.2, 0.1]
    """
    return runs.sortby([axis for axis in axes(runs) if axis in runs.coords and runs[axis].dtype.kind in "fiu"])


def choose(runs: xr.Dataset, at: Mapping[str, str]) -> xr.Dataset:
    """Select one value of some axes; an axis of one value is no axis.

    Parameters
    ----------
    runs : xarray.Dataset
        From `wd_jax.sweep`.
    at : mapping of str to str
        Values by axis, as typed.

    Raises
    ------
    ValueError
        Naming an axis or a value the sweep does not have, and those it has.
    """
    for axis, text in at.items():
        if axis not in axes(runs):
            known = ", ".join(axes(runs)) or "none"
            raise ValueError(f"--at {axis}={text}: the sweep has no axis {axis}: it has {known}")
        place = _place(runs[axis].values, text)
        if place is None:
            held = ", ".join(map(str, runs[axis].values.tolist()))
            raise ValueError(f"--at {axis}={text}: the sweep has no such {axis}: choose among {held}")
        runs = runs.isel({axis: place})
    return runs.squeeze([axis for axis in axes(runs) if runs.sizes[axis] == 1])


def _place(values: np.ndarray, text: str) -> int | None:
    if values.dtype.kind in "fiu":
        try:
            found = np.flatnonzero(np.isclose(values, float(text), rtol=1e-6, atol=0))
        except ValueError:
            return None
    else:
        found = np.flatnonzero([str(value) == text for value in values])
    return int(found[0]) if found.size else None


def settings(runs: xr.Dataset, *names: str) -> str:
    """Word what a figure was drawn from: the dataset, the numbers asked for where they are fixed, and the seeds.

    Parameters
    ----------
    runs : xarray.Dataset
        From `wd_jax.sweep`.
    *names : str
        Coordinates.

    Returns
    -------
    str
        With how many runs diverged, if any did.
    """
    data = ", ".join(dict.fromkeys(np.ravel(runs["dataset"]).tolist())) if "dataset" in runs else "data"
    facts = [] if "gradients" in runs else [style.plain(data)]
    facts += [
        f"{SYMBOLS.get(name, name)} = {runs[name].item():g}" for name in names if name in runs and not runs[name].ndim
    ]
    facts += [f"{SYMBOLS[name]} {runs[name].item()}" for name in SCHEDULES if name in runs and not runs[name].ndim]
    seeds = runs.sizes.get("seed", 1)
    facts.append(f"{seeds} seeds" if seeds > 1 else "1 seed")
    return ", ".join([*facts, *diverged(runs)])


def diverged(runs: xr.Dataset) -> list[str]:
    """Word how many runs of those drawn diverged, for a title or a label; empty if none did.

    Examples
    --------
    >>> runs = xr.Dataset({"weight_rms": ("seed", [1.0, np.nan])}, {"diverged_at": ("seed", [-1, 3])})
    >>> diverged(runs)
    ['1 of 2 runs diverged']
    """
    gone = divergence.who(runs)
    return [f"{int(gone.sum())} of {gone.size} runs diverged"] if gone.any() else []
