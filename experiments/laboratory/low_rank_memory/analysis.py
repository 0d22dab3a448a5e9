"""The rank of what k steps add, the distance from low rank, and whether the bound speaks of a trained network."""

import math
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

import wd_jax as wd
from experiments.laboratory import exact
from experiments.laboratory.low_rank_memory.measuring import Settings
from experiments.tolerance import Tolerance
from wd_jax.data import Dataset
from wd_jax.display import number
from wd_jax.stats.comparison import compare, judged, undecided
from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import Outcome, Table
from wd_jax.stats.verdict import Verdict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

NAME = "low_rank_memory"
TITLE = "Decay forgets: what k minibatches add has rank m k"
DAY = "2026-11-29"
CUT = Tolerance(
    f"{NAME}: CUT", (NAME,), (1e-12,), "singular values taken for 0, over the largest of W", "float64 rounding", DAY
)
DISTANCE = Tolerance(
    f"{NAME}: DISTANCE", (NAME,), (1.0,), "distance over its bound", "it is a bound", DAY, words="distance"
)
CLOSE = Tolerance(
    f"{NAME}: CLOSE", (NAME,), (0.25,), "relative difference of a rank and its bound", "as a size, no more", DAY
)
LEARNED = Tolerance(
    f"{NAME}: LEARNED", (NAME,), (0.5,), "share of examples that must be right", "chance is a tenth", DAY
)
NEAREST = Tolerance(
    f"{NAME}: NEAREST",
    (NAME,),
    (0.1,),
    "share of the norm within which the first layer is of a lower rank",
    "at a hundredth the bound would be empty twice as often",
    DAY,
)
TOLERANCES = (CUT, DISTANCE, CLOSE, LEARNED, NEAREST)
SHARE = NEAREST.value
BOOK = {"eta": 0.1, "lmbda": 5.0, "n": 50_000.0, "least_side": 30.0}
"""Settings of the exercise: its hidden layer of 30 neurons."""


def analyse(preset: Settings, data: Dataset, stored: dict[str, xr.Dataset]) -> Outcome:
    """Judge the bound where it is exact, and ask where it says something."""
    measured = stored[NAME]
    bound, rank = bounds(preset, data, measured), rank_within(measured.spectrum)
    says = (bound < measured.sizes["value"]).values
    verdicts = (
        _rank(preset, measured),
        _distance(preset, data, measured),
        _size(measured, rank, bound, says),
        _learned(measured, says),
    )
    tables = (_cells(preset, data, measured, rank, bound), _added(measured))
    answer = _answer(data, measured, verdicts, rank, bound, says)
    return Outcome(NAME, TITLE, answer, verdicts, tables, lambda: _draw(preset, data, stored))


def bounds(preset: Settings, data: Dataset, measured: xr.Dataset) -> xr.DataArray:
    """Give the rank m K at which the weights are within `SHARE` of their old norm, K rounded up to whole steps.

    Returns
    -------
    xarray.DataArray [batch_size, lmbda]
    """
    steps = wd.theory.evaluate(
        NAME, "memory_steps", measured, eta=preset.eta, n=float(data.n), lmbda=measured.lmbda, missing_share=SHARE
    )
    return (measured.batch_size * np.ceil(steps)).drop_attrs()


def tails(spectrum: xr.DataArray) -> xr.DataArray:
    """Give the Frobenius distance from each rank 0, 1, ... by place along `value`: what the larger values leave.

    Examples
    --------
    >>> tails(xr.DataArray([4.0, 3.0], dims="value")).values
    array([5., 3.])
    """
    back = {"value": slice(None, None, -1)}
    return ((spectrum**2).isel(back).cumsum("value").isel(back)) ** 0.5


def rank_within(spectrum: xr.DataArray, share: float = SHARE) -> xr.DataArray:
    """Give the least rank of a matrix within a share of the norm of another, of which the singular values are given.

    Examples
    --------
    >>> int(rank_within(xr.DataArray([4.0, 0.1, 0.1], dims="value")))
    1
    """
    left = tails(spectrum)
    return (left > share * left.isel(value=0, drop=True)).sum("value").astype(float)


def _kept(preset: Settings, data: Dataset, measured: xr.Dataset) -> xr.DataArray:
    return 1 - preset.eta * measured.lmbda / data.n


def _rank(preset: Settings, measured: xr.Dataset) -> Verdict:
    worst = [
        float(measured.added.sel(batch_size=m, back=k).isel(value=int(m * k)).max(skipna=False))
        for m in measured.batch_size.values
        for k in measured.back.values
        if m * k < measured.sizes["value"]
    ]
    return exact.verdict(
        float(np.max(worst)) if worst else math.nan,
        CUT.value,
        claim=NAME,
        kind="identity",
        statement="W_T − q^k W_(T−k) has at most rank m k: the next singular value is 0 (over the largest of W_T)",
        scope=f"W_1, {len(worst)} pairs of m and k with m k below the shorter side, all λ, {preset.seeds} seeds",
    )


def _distance(preset: Settings, data: Dataset, measured: xr.Dataset) -> Verdict:
    left, q = tails(measured.spectrum), _kept(preset, data, measured)
    worst = 0.0
    for m in measured.batch_size.values:
        ks = np.arange(1, min((measured.sizes["value"] - 1) // m, measured.sizes["ago"] - 1) + 1)
        for k in ks:
            old = measured.norm.sel(batch_size=m).isel(ago=int(k)) * q ** int(k)
            worst = np.fmax(worst, float((left.sel(batch_size=m).isel(value=int(m * k)) / old).max(skipna=False)))
    return exact.verdict(
        float(worst),
        DISTANCE.value,
        claim=NAME,
        kind="identity",
        statement="the distance of W_T from rank m k is at most q^k |W_(T−k)| (their ratio)",
        scope="first layer, every k with m k below the shorter side, |W_(T−k)| of the same run",
        rests_on="the rank, by linear algebra",
    )


def _size(measured: xr.Dataset, rank: xr.DataArray, bound: xr.DataArray, says: np.ndarray) -> Verdict:
    said = f"the rank within {SHARE:.0%} of the norm is about as large as its bound"
    if not says.any():
        return undecided("the bound is empty everywhere", claim=NAME, statement=said, scope="", tolerance=CLOSE.value)
    return compare(
        rank,
        bound.where(says),
        CLOSE.value,
        claim=NAME,
        kind="rival",
        statement=said,
        scope="first layer, where the bound is below the shorter side",
    )


def _learned(measured: xr.Dataset, says: np.ndarray) -> Verdict:
    said = "a network of which the bound says something has learned: more than half of the examples are right"
    scope = "the best such cell, validation split"
    if not says.any():
        return undecided(
            "the bound is empty everywhere", claim=NAME, statement=said, scope=scope, tolerance=LEARNED.value
        )
    cells = measured.accuracy.values[says]
    best = t_interval(cells[np.nan_to_num(cells.mean(axis=1), nan=np.inf).argmax()], len(cells))
    return judged(
        best,
        LEARNED.value,
        1.0,
        predicted=1.0,
        tolerance=LEARNED.value,
        why=f"the best of {len(cells)} cells, chosen by its mean; 95 % for all of them together (Bonferroni)",
        claim=NAME,
        kind="rival",
        statement=said,
        scope=scope,
        seeds=best.n,
        cells=len(cells),
    )


def _cells(preset: Settings, data: Dataset, measured: xr.Dataset, rank: xr.DataArray, bound: xr.DataArray) -> Table:
    rows = []
    for m in measured.batch_size.values:
        for lmbda in measured.lmbda.values:
            at = {"batch_size": m, "lmbda": lmbda}
            limit = float(bound.sel(at))
            rows.append(
                (
                    int(m),
                    number(lmbda),
                    number(preset.eta * lmbda / data.n),
                    f"{limit:.0f}" + ("" if limit < measured.sizes["value"] else " (empty)"),
                    str(t_interval(rank.sel(at).values)),
                    f"{float(measured.accuracy.sel(at).mean('seed')):.1%}",
                )
            )
    columns = ("m", "λ", "ηλ/n", "bound of the rank", "rank", "right on validation")
    note = (
        f"Rank of the nearest matrix within {SHARE:.0%} of the norm of the first layer, whose shorter side is "
        f"{measured.sizes['value']}: a bound from there on is empty."
    )
    return Table("Rank, its bound, and what the network knows", columns, tuple(rows), note)


def _added(measured: xr.Dataset) -> Table:
    rows = []
    for m in measured.batch_size.values:
        for k in measured.back.values:
            if m * k < measured.sizes["value"]:
                one = measured.added.sel(batch_size=m, back=k)
                found = (one > CUT.value).sum("value")
                least, most = int(found.min()), int(found.max())
                rows.append(
                    (int(m), int(k), int(m * k), f"{least} to {most}", f"{float(one.isel(value=int(m * k)).max()):.1e}")
                )
    note = (
        "Over all λ and seeds. Less than m k where examples that are right already move nothing, or all is forgotten."
    )
    return Table("Rank of what k steps added", ("m", "k", "m k", "rank", "next singular value"), tuple(rows), note)


def _answer(
    data: Dataset, measured: xr.Dataset, verdicts: tuple[Verdict, ...], rank: xr.DataArray, bound: xr.DataArray,
    says: np.ndarray,
) -> str:  # fmt: skip
    import derivations

    side = measured.sizes["value"]
    largest = derivations.derive(NAME).formulas["largest_batch"](**BOOK, missing_share=SHARE)
    opening = (
        f"What k steps add to the first layer has rank m k at most: the next singular value is "
        f"{verdicts[0].measured:.0e} of the largest of the weights."
    )
    book = f"With the exercise's settings it would say something for batches of fewer than {largest:.1e} examples."
    if not says.any():
        return f"{opening} The bound that follows for the weights is empty in every cell. {book}"
    best = verdicts[-1].measured
    empty = rank.values[~says].mean(axis=-1)
    return (
        f"{opening} The bound that follows for the weights is below the shorter side, {side}, in {int(says.sum())} of "
        f"{says.size} cells, and in the best of these {best:.0%} of the examples are right. Where it is empty the rank "
        f"falls with λ all the same, from {empty.max():.0f} to {empty.min():.0f}: the bound is not why. {book}"
    )


def _draw(preset: Settings, data: Dataset, stored: dict[str, xr.Dataset]) -> "Figure":
    from experiments.laboratory.low_rank_memory import figure

    return figure.figure(preset, data, stored[NAME])
