"""A result in one screen: axes, settings, who diverged, the final values per cell, and what to do next."""

import itertools
import json
from dataclasses import dataclass
from html import escape
from typing import Any

import xarray as xr

from wd_jax import divergence, precision, views

NOT_AXES = ("seed", "layer", "split", "epoch")
MAX_ROWS = 24
MAX_FACT = 96


@dataclass(frozen=True, repr=False)
class Summary:
    """What a sweep found, for people and for programs.

    Attributes
    ----------
    facts : dict of str to str
        Axes, members, epochs and the short attributes of the result.
    rows : tuple of dict
        Per cell, final weight rms of each layer and final test accuracy: means over the seeds that did not diverge; and
        how many did, if any of the sweep did.
    record : dict
        The same, JSON-ready, with all attributes.
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
        shown = [*views.facts_text(self.facts), "", *views.table_text(self.rows[:MAX_ROWS])]
        return "\n".join([*shown, *self._more()])

    def __repr__(self) -> str:
        """Return facts, rows, warnings and what to do next."""
        lines = [self.text, *(f"warning: {warning}" for warning in self.warnings), "", "next"]
        return "\n".join([*lines, *(f"  {line}" for line in self.next)])

    def _repr_html_(self) -> str:
        paragraphs = "".join(f"<p>{escape(line)}</p>" for line in (*self._more(), *self.warnings))
        tables = views.facts_html(self.facts) + views.table_html(self.rows[:MAX_ROWS])
        return f"<div>{tables}{paragraphs}{views.commands_html(self.next)}</div>"

    def _more(self) -> list[str]:
        more = len(self.rows) - MAX_ROWS
        return [f"... and {more} more"] if more > 0 else []


def summarise(runs: xr.Dataset) -> Summary:
    """Describe a result.

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
        For a part of a result, such as one of its variables.

    Examples
    --------
    >>> import wd_jax as wd
    >>> runs = wd.sweep(wd.Setup(widths=(16, 8, 4)), wd.data.null(), lmbda=[1.0, 10.0], epochs=3, progress=False)
    >>> wd.summarise(runs).facts["members"]
    '2, of 1 seed(s); 0 diverged'
    """
    missing = [name for name in ("weight_rms", "diverged_at") if name not in getattr(runs, "variables", ())]
    if missing:
        raise ValueError(f"{type(runs).__name__} without {missing[0]}: give the whole result of sweep or open")
    axes = [str(dim) for dim in runs.weight_rms.dims if dim not in NOT_AXES]
    cells = [
        dict(zip(axes, values, strict=True)) for values in itertools.product(*(runs[a].values.tolist() for a in axes))
    ]
    who = divergence.who(runs)
    diverged, members = int(who.sum()), who.size
    rows = tuple(
        {**cell, **_final(runs.sel(cell)), **({"diverged": int(who.sel(cell).sum())} if diverged else {})}
        for cell in cells
    )
    seeds, epochs = int(runs.sizes.get("seed", 1)), float(runs.epoch[-1])
    record = {
        "axes": {axis: runs[axis].values for axis in axes},
        "seeds": seeds,
        "epochs": epochs,
        "members": members,
        "diverged": diverged,
        "attributes": {str(key): _decoded(value) for key, value in runs.attrs.items()},
        "final": list(rows),
        "decay_kept": precision.shares_record(runs.decay_kept.values) if "decay_kept" in runs.coords else None,
    }
    swept = ", ".join(f"{axis} = {' '.join(views.number(v) for v in runs[axis].values.tolist())}" for axis in axes)
    facts = {
        "axes": swept or "none",
        "members": f"{members}, of {seeds} seed(s); {diverged} diverged",
        "epochs": f"{epochs:g}",
        **_rounded(runs),
        **{str(key): str(value) for key, value in runs.attrs.items() if len(str(value)) <= MAX_FACT},
    }
    left_out = divergence.said(who, runs, "members diverged and are left out of the means")
    return Summary(facts, rows, record, (left_out,) if diverged else (), _next(seeds))


def _next(seeds: int) -> tuple[str, ...]:
    """Give lines that run as they stand, with `runs` for the result."""
    draw = 'runs.weight_rms.mean("seed").sel(layer=1)  # any variable: see runs.data_vars and their description'
    theory = 'theory = wd.theory.evaluate("epoch_decay", "weight_rms", runs)'
    compare = "wd.compare(runs.weight_rms.sel(layer=1, epoch=1), theory, within=0.01)"
    return (draw, theory, compare if seeds > 1 else f"{compare}  # needs seeds: an interval takes two or more")


def _final(cell: xr.Dataset) -> dict[str, Any]:
    """Give the means over seeds of one cell's last values; a member that diverged is NaN there and is skipped."""
    last = cell.isel(epoch=-1)
    over = [dim for dim in ("seed",) if dim in last.dims]
    columns = {f"weight_rms_{int(layer)}": float(last.weight_rms.sel(layer=layer).mean(over)) for layer in cell.layer}
    if "accuracy" in cell and "test" in cell.split.values.tolist():
        columns["test_accuracy"] = float(last.accuracy.sel(split="test").mean(over))
    return columns


def _rounded(runs: xr.Dataset) -> dict[str, str]:
    """Say, in a fact of its own, what rounding left of the decay where that is off."""
    words = precision.shares_in_words(runs.decay_kept.values) if "decay_kept" in runs.coords else ""
    return {"rounding": words} if words else {}


def _decoded(value: Any) -> Any:
    """Give an attribute that holds a JSON object as that object."""
    return json.loads(value) if isinstance(value, str) and value.startswith("{") else value
