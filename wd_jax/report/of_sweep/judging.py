"""Every law of the page held against every part of a sweep: a verdict and its cells, or why there is none."""

import dataclasses
import itertools
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from wd_jax.report.of_sweep.formulas import Silent
from wd_jax.report.of_sweep.laws import LAWS, Asked, Law
from wd_jax.report.of_sweep.parts import Part, there
from wd_jax.results import divergence
from wd_jax.stats.alignment import aligned
from wd_jax.stats.cells import judge_cells
from wd_jax.stats.comparison import compare
from wd_jax.stats.comparison_words import rounded, scope_of
from wd_jax.stats.verdict import DIVERGED, FAILS, HOLDS, UNDECIDED, Verdict, Word, with_gaps

SEVERITY: tuple[Word, ...] = (FAILS, DIVERGED, UNDECIDED, HOLDS)


@dataclass(frozen=True)
class Cell:
    """One cell of a law: where it is, what the law says, what was measured over that, and its word.

    Attributes
    ----------
    where : tuple of (str, object)
        Axis and value, the part's axes of words first.
    predicted, ratio, low, high : float
        The law's number, and measured over predicted with its 95 % interval; NaN where there is none.
    seeds : int
        Members with a number.
    word : {"holds", "fails", "diverged", "undecided"}
        Of this cell.
    """

    where: tuple[tuple[str, Any], ...]
    predicted: float
    ratio: float
    low: float
    high: float
    seeds: int
    word: Word


@dataclass(frozen=True)
class Found:
    """A law that was asked of a part.

    Attributes
    ----------
    law : Law
        Which.
    part : str
        Label of the part.
    asked : Asked
        What was held against what.
    verdict : Verdict
        Of all its cells.
    cells : tuple of Cell
        Each with its word.
    left_out : int
        Cells that are not judged: members are not there, the layer is not at rest, or the law is not for them.
    """

    law: Law
    part: str
    asked: Asked
    verdict: Verdict
    cells: tuple[Cell, ...]
    left_out: int = 0


@dataclass(frozen=True)
class NotAsked:
    """A law that says nothing of a part, and why."""

    law: Law
    part: str
    silent: Silent


def judge(part: Part) -> tuple[tuple[Found, ...], tuple[NotAsked, ...]]:
    """Ask every law of a part.

    Parameters
    ----------
    part : Part
        From `wd_jax.report.of_sweep.parts.parts`.
    """
    found, silent = [], []
    for law in LAWS:
        with warnings.catch_warnings(action="ignore"):  # doubts of the whole sweep are said once, at the top
            asked = law.ask(part)
            one = asked if isinstance(asked, Silent) else _judged(law, asked, part)
        if isinstance(one, Silent):
            silent.append(NotAsked(law, part.label, one))
        else:
            found.append(one)
    return tuple(found), tuple(silent)


def _judged(law: Law, asked: Asked, part: Part) -> Found | Silent:
    within = law.allowed(part.of_laboratory).value
    order = [dim for dim in part.runs.weight_rms.dims if dim in asked.measured.dims]
    measured = asked.measured.transpose(*order)
    measured.attrs = {}
    theory = asked.theory.where(there(part.runs)).reset_coords(drop=True)
    if "layer" in measured.dims:  # networks of several depths: a layer that is not there has no weights
        theory = theory.where(part.runs.n_w.notnull().reset_coords(drop=True))
    theory.attrs = {}
    if not bool((theory.notnull() & (theory != 0)).any()):
        return Silent("it gives no number for any cell: outside its conditions of use, or no member is there")
    measured = _only_where_asked(measured, theory)
    if "independent_seeds" in measured.coords and not bool(np.all(measured.independent_seeds)) and not asked.exact:
        return Silent("all seeds see one minibatch order, so there is no interval over them", "sweep with order='seed'")
    words = {"claim": law.name, "kind": law.kind, "statement": law.statement}
    placed = aligned(theory, measured)
    cells = tuple(_cells(measured, placed, within, asked.exact, part))
    verdict = (
        _by_number(law, measured, placed, cells, within) if asked.exact else compare(measured, theory, within, **words)
    )
    scope = ", ".join(text for text in (part.label, verdict.scope) if text)
    why = f"{verdict.why}; {asked.note}" if asked.note else verdict.why
    every = measured.isel(seed=0, drop=True)
    there_are = part.runs.n_w.notnull().reset_coords(drop=True) if "layer" in every.dims else xr.DataArray(True)
    left_out = int(there_are.broadcast_like(every).sum()) - len(cells)
    return Found(law, part.label, asked, dataclasses.replace(verdict, scope=scope, why=why), cells, left_out)


def _only_where_asked(measured: xr.DataArray, theory: xr.DataArray) -> xr.DataArray:
    """Let no cell be told as diverged where the law says nothing, as outside its conditions of use.

    A law that is made of what the seeds measured has no number where they diverged: there it stays.
    """
    if "diverged_at" not in measured.coords or "seed" in theory.dims:
        return measured
    at = measured.diverged_at.reset_coords(drop=True)
    asked = theory.notnull() & (theory != 0)
    asked = asked.any([dim for dim in asked.dims if dim not in at.dims])
    return measured.assign_coords(diverged_at=at.where(asked, -1))


def _cells(measured: xr.DataArray, theory: xr.DataArray, within: float, exact: bool, part: Part) -> list[Cell]:
    """Judge each cell as `wd_jax.stats.comparison.compare` does, or, where chance plays no part, by its farthest seed.

    The words are those that the verdict is made of.
    """
    gone = divergence.lost(measured)
    asked = theory.notnull() & (theory != 0)
    here = asked | (gone & ~asked)
    ratio, level, here, lost = xr.broadcast(measured.where(~gone) / theory.where(asked), theory, here, gone)
    dims = [dim for dim in measured.dims if dim != "seed"]
    flat = [
        one.transpose(*dims, "seed").values.reshape(-1, measured.sizes["seed"]) for one in (ratio, level, here, lost)
    ]
    ratios, levels, asks, losts = flat
    kept: list[bool] = np.any(asks, axis=1).tolist()
    if not any(kept):
        return []
    sample = np.where(asks, ratios, np.nan)
    tested = judge_cells(sample[kept], 1 - within, 1 + within)
    labels = [[(str(dim), value) for value in _labels(measured, str(dim))] for dim in dims]
    cells = []
    places = [place for place, there in zip(itertools.product(*labels), kept, strict=True) if there]
    for i, place in enumerate(places):
        row, valued = sample[kept][i], np.isfinite(sample[kept][i])
        diverged, missing = bool(losts[kept][i].any()), bool((~valued & ~losts[kept][i] & asks[kept][i]).any())
        known = levels[kept][i][np.isfinite(levels[kept][i])]
        level_here = float(known.mean()) if known.size else math.nan
        if exact:
            far = row[valued][np.argmax(abs(row[valued] - 1))] if valued.any() else math.nan
            word: Word = UNDECIDED if not valued.any() else HOLDS if abs(far - 1) <= within else FAILS
            low = high = math.nan
        else:
            far, low, high = (float(one[i]) for one in tested.interval[:3])
            word = tested.words[i].item()
        given = with_gaps(word, diverged, missing)
        cells.append(Cell((*part.where, *place), level_here, float(far), low, high, int(valued.sum()), given))
    return cells


def _labels(measured: xr.DataArray, dim: str) -> list[Any]:
    return measured[dim].values.tolist() if dim in measured.coords else list(range(measured.sizes[dim]))


def _by_number(law: Law, measured: xr.DataArray, theory: xr.DataArray, cells: Sequence[Cell], within: float) -> Verdict:
    """Give the word of the farthest cell, without an interval: seeds differ by rounding alone."""
    worst = min(cells, key=lambda cell: (SEVERITY.index(cell.word), -_off(cell)))
    held = sum(cell.word == HOLDS for cell in cells)
    dims = [dim for dim in measured.dims if dim != "seed"]
    asked = (theory.notnull() & (theory != 0)).broadcast_like(measured.isel(seed=0, drop=True)).transpose(*dims)
    scope = scope_of(measured, dims, asked.values.ravel())
    at = ", ".join(f"{name} {value}" for name, value in worst.where if name in dims)
    shown = f"ratio {worst.ratio:.6g}" if math.isfinite(worst.ratio) else "no ratio"
    many = f", farthest of {len(cells)} cells of which {held} hold" if len(cells) > 1 else ""
    seeds = sum(cell.seeds for cell in cells)
    chance = (
        f"chance plays no part: each of {seeds} members is judged by itself" if seeds != 1 else "chance plays no part"
    )
    gone = divergence.said((divergence.lost(measured) & asked).transpose(*dims, "seed"), measured)
    kept = rounded(measured, measured, np.flatnonzero(asked.values.ravel()).tolist())
    skipped = int((~asked).sum())
    left = f"; {skipped} cell{'s' * (skipped != 1)} without a prediction not judged" if skipped else ""
    ends = sorted(((1 - within) * worst.predicted, (1 + within) * worst.predicted))
    return Verdict(
        claim=law.name,
        kind=law.kind,
        statement=law.statement,
        scope=scope + (f" (at {at})" if at and len(cells) > 1 else ""),
        predicted=worst.predicted,
        measured=worst.ratio * worst.predicted,
        ci95=(math.nan, math.nan),
        tolerance=within,
        verdict=worst.word,
        why=f"{shown}, asked 1 ± {within:g}{many}; {chance}{left}{'; ' * bool(gone)}{gone}{kept}",
        asked=(ends[0], ends[1]),
    )


def _off(cell: Cell) -> float:
    return abs(cell.ratio - 1) if math.isfinite(cell.ratio) else math.inf
