"""What a comparison says besides its numbers: which cells were judged, why the word was given, what was left out."""

import math
import re
from dataclasses import dataclass

import numpy as np
import xarray as xr

from wd_jax import precision
from wd_jax.results import divergence
from wd_jax.stats.intervals import Estimate

_WITHIN_A_RUN = ("layer", "part", "split", "epoch")


def scope_of(ratio: xr.DataArray, dims: list, here: np.ndarray) -> str:
    """Name the range of each dimension in which cells were judged, and how many of its cells were not."""
    box = here.reshape([ratio.sizes[dim] for dim in dims])
    parts, size = [], 1
    for axis, dim in enumerate(dims):
        kept = np.flatnonzero(box.any(axis=tuple(other for other in range(box.ndim) if other != axis)))
        values = (ratio[dim].values if dim in ratio.coords else np.arange(ratio.sizes[dim]))[kept]
        size *= len(values)
        if values.dtype.kind in "iuf":
            values = np.sort(values)
        parts.append(f"{dim} {values[0]}" + (f" to {values[-1]}" if len(values) > 1 else ""))
    gaps = size - int(here.sum())
    return ", ".join(parts) + (f" without {gaps} of these {size} cells" if gaps else "")


def narrowed(scope: str, here: str) -> str:
    """Add to a scope the cells that were judged, in place of what it said of their first dimension.

    Examples
    --------
    >>> narrowed("layer 1, hidden 6 to 24", "hidden 24"), narrowed("layer 1", "eta 0.1 to 1.0")
    ('layer 1, hidden 24', 'layer 1, only eta 0.1 to 1.0')
    """
    return re.sub(r"(^|, )(\w+) [^,]+, only (?=\2 )", r"\1", f"{scope}, only {here}")


def cell_named(ratio: xr.DataArray, dims: list, cell: int) -> str:
    """Name a cell."""
    place = np.unravel_index(cell, [ratio.sizes[dim] for dim in dims])
    values = [ratio[dim].values[i] if dim in ratio.coords else i for dim, i in zip(dims, place, strict=True)]
    return ", ".join(f"{dim} {value}" for dim, value in zip(dims, values, strict=True))


def reason(estimate: Estimate, asked: str, inside: int, cells: int, together: int, log: bool) -> str:
    """Say what came out in the cell that decides, what was asked, and of how many cells it is the worst."""
    kind = "ratio (geometric mean)" if log else "ratio"
    value = f"{kind} {estimate.value:.5g}" if math.isfinite(estimate.value) else "no ratio"
    spread = f" in [{estimate.low:.5g}, {estimate.high:.5g}]" if math.isfinite(estimate.low) else ""
    text = f"{value}{spread}, asked {asked}; {estimate.n} seeds"
    if cells == 1:
        return text
    level = f"95 % for all {cells} together (Bonferroni)" if together > 1 else "95 % for this cell alone"
    return f"{text}, worst of {cells} cells of which {inside} hold, {level}"


def runs_gone(ratio: xr.DataArray, dims: list, flags: np.ndarray, measured: xr.DataArray) -> str:
    """Say how many runs are gone somewhere among the cells flagged, [cell, seed]; nothing if none."""
    mask = xr.DataArray(flags.reshape([ratio.sizes[dim] for dim in dims] + [-1]), dims=[*dims, "seed"])
    members = [dim for dim in mask.dims if dim not in _WITHIN_A_RUN]
    return divergence.said(mask.any([dim for dim in dims if dim in _WITHIN_A_RUN]).transpose(*members), measured)


@dataclass(frozen=True)
class LeftOut:
    """What was left out of a comparison: cells without a prediction, runs that diverged, values that are missing."""

    cells: int
    skipped: int
    gone: str
    missing: int
    no_log: int = 0
    fitted: int = 0
    fit_gone: int = 0
    fit_missing: int = 0

    def words(self) -> str:
        """Say it, as the end of a sentence."""
        text = f"; {self.skipped} cell(s) without a prediction not judged" if self.skipped else ""
        text += f"; {self.gone}" if self.gone else ""
        text += f"; {self.missing} value(s) missing, not because a run diverged" if self.missing else ""
        text += f"; {self.no_log} ratio(s) not above 0 have no logarithm" if self.no_log else ""
        text += f"; fitted to {self.fitted} other seeds, whose spread is counted" if self.fitted else ""
        text += f"; {self.fit_gone} value(s) to fit to diverged: lower eta" if self.fit_gone else ""
        return text + (f"; {self.fit_missing} value(s) to fit to missing" if self.fit_missing else "")


def rounded(measured: xr.DataArray, ratio: xr.DataArray, judged: list[int]) -> str:
    """Say where rounding changed the decay of judged cells: their ratio is then no evidence on a law of decay."""
    if "decay_kept" not in measured.coords:
        return ""
    kept = xr.broadcast(measured.decay_kept.reset_coords(drop=True), ratio.isel(seed=0, drop=True))[0]
    shares = kept.transpose(*(dim for dim in ratio.dims if dim != "seed")).values.ravel()[judged]
    words = precision.shares_in_words(shares)
    return f"; rounding: {words}" if words else ""
