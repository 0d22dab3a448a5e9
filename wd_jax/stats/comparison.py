"""Hold a measurement against a theory: ratios per cell, an interval over seeds, a verdict."""

import math
from typing import Any

import numpy as np
import xarray as xr

from wd_jax.results import divergence
from wd_jax.stats.alignment import aligned
from wd_jax.stats.cells import in_another_run, judge_cells
from wd_jax.stats.comparison_checks import check_seeds, check_tolerance, check_units, check_words
from wd_jax.stats.comparison_words import LeftOut, cell_named, narrowed, reason, rounded, runs_gone, scope_of
from wd_jax.stats.estimates import Estimate
from wd_jax.stats.intervals import as_estimate
from wd_jax.stats.replication import of_estimate, same_word
from wd_jax.stats.verdict import DIVERGED, FAILS, HOLDS, UNDECIDED, Kind, Verdict, Word, judge, narrower, with_gaps

# Half-widths to spare, from which on cells that hold are not told apart: rounding decides which has fewest.
_AMPLE = 1000.0
_SEVERITY = (HOLDS, UNDECIDED, DIVERGED, FAILS)
"""The words of cells, from that which every cell must earn to that which one cell gives to all."""
_OTHER = "other_seed"


def compare(
    measured: xr.DataArray,
    theory: xr.DataArray | np.ndarray | float,
    within: float,
    *,
    factor: bool = False,
    fitted: bool = False,
    claim: int | str = "",
    kind: Kind = "prediction",
    statement: str = "the measurement follows the theory",
    scope: str | None = None,
    rests_on: str = "",
) -> Verdict:
    r"""Judge measured/predicted in every cell: an equivalence test over seeds; Bonferroni over cells for *fails* only.

    A cell holds if its own 95 % interval lies inside the tolerance: two one-sided tests at 2.5 %. That all cells hold
    is an intersection of such claims, so one that is truly outside is passed in at most 2.5 % of cases, however many
    cells there are. A cell fails if its interval lies wholly outside at 95 % for all cells together (Bonferroni). The
    interval shown is the one by which the word was given: the cell's own where it holds or its mean lies inside, the
    one for all cells together where its mean lies outside; the reason says which.

    Parameters
    ----------
    measured : xarray.DataArray [..., seed]
        Any unit; every dimension but `seed` makes cells.
    theory : xarray.DataArray, array or float
        Same unit, broadcast against `measured`; labels that differ by rounding are the same, and a plain array has a
        number for each cell, by place. Where the measurement was selected at one value of a dimension (its scalar
        coordinate), so is the theory; cells where it is not finite or zero are not judged, and the scope leaves them
        out.
    within : float
        Tolerance of the ratio: to be chosen before the data are seen, and to be named as chosen after if it was.
    factor : bool
        Whether `within` is a factor: 2 allows ratios from 1/2 to 2. Then logarithms are averaged, the ratio is a
        geometric mean, and one that is not positive leaves its cell undecided.
    fitted : bool
        Whether `theory` has a `seed` dimension of its own: one prediction for each of other seeds, independent of those
        measured, to which it was fitted. Their geometric mean is the prediction, and its error is counted: the interval
        is Welch's for two samples of logarithms.
    claim, kind, statement, scope, rests_on
        Passed on to the `Verdict`; the scope defaults to a list of the cells' ranges.

    Returns
    -------
    Verdict
        *fails* if any cell's interval lies wholly outside 1 ± `within` (or 1/within to within); else *diverged* if a
        seed of any cell has no value because it diverged, be it one or all of them: those that are left are no sample
        of all, so such a cell cannot hold, and more seeds would not decide it. Else *holds* if every cell's interval
        lies inside and no value is missing, and *undecided* if not. Who diverged is read from the coordinate
        `diverged_at`, which the variables of a sweep carry; a missing value that it does not explain leaves a cell
        *undecided*, whatever the others of that cell say.
        Numbers are those of the cell that decides: the farthest from 1 among those with the worst word.

    Raises
    ------
    ValueError
        Without a `seed` dimension, where seeds are not independent (``order="shared"``) or one occurs twice, for a
        theory of other cells, or for a tolerance that is none.
    TypeError
        If `measured` is a whole result, or plain numbers.

    Examples
    --------
    >>> runs = xr.DataArray([[2.0, 2.01, 1.99]], dims=("lmbda", "seed"))
    >>> compare(runs, 2.0, within=0.02).verdict
    'holds'
    """
    check_tolerance(within, factor)
    check_words(claim, kind, statement=statement, scope="" if scope is None else scope, rests_on=rests_on)
    check_seeds(measured)
    check_units(measured, theory)
    theory, others = _geometric_mean(theory, measured) if fitted else (aligned(theory, measured), None)
    there = xr.apply_ufunc(np.isfinite, theory) & (theory != 0)
    lost = divergence.lost(measured) | (divergence.lost(theory) & ~there)
    unpredicted = lost & ~there
    arrays = xr.broadcast(measured.where(~lost) / theory.where(there), theory.where(there), there | unpredicted, lost)
    ratio = arrays[0]
    cell_dims = [dim for dim in ratio.dims if dim != "seed"]
    ratios, levels, asked, gone = (
        array.transpose(*cell_dims, "seed").values.reshape(-1, ratio.sizes["seed"]) for array in arrays
    )
    here = asked.any(axis=1)
    cells = np.flatnonzero(here).tolist()
    log = factor or fitted
    valued = np.isfinite(ratios)
    no_log = asked & valued & ~(ratios > 0) if log else np.zeros_like(valued)
    spread, fit_gone, fit_missing = _spread_of(others, ratio, cell_dims)
    counts = LeftOut(
        cells=len(cells),
        skipped=int((~here).sum()),
        gone=runs_gone(ratio, cell_dims, gone & asked, measured),
        missing=int((asked & ~gone & ~valued).sum()),
        no_log=int(no_log.sum()),
        fitted=0 if spread is None else spread.shape[1],
        fit_gone=int(fit_gone[here].sum()),
        fit_missing=int(fit_missing[here].sum()),
    )
    if not (asked & (valued | gone)).any():
        why = "no cell has a finite measurement and prediction"
        fields = {"claim": claim, "statement": statement, "scope": scope or "", "tolerance": within, "kind": kind}
        return undecided(why, **fields, rests_on=rests_on)
    low, high = (1 / within, within) if factor else (1 - within, 1 + within)
    sample = np.where(asked, ratios, np.nan)[here]
    judged_as = {"samples": sample, "low": low, "high": high, "log": log}
    judged_as["others"] = None if spread is None else spread[here]
    tested = judge_cells(**judged_as)
    found = {i: as_estimate(tested.interval, (k,)) for k, i in enumerate(cells)}
    together = dict(zip(cells, tested.together.tolist(), strict=True))
    diverged = (asked & gone).any(axis=1) | (fit_gone > 0)
    missing = (asked & ~gone & ~valued | no_log).any(axis=1) | (fit_missing > 0)
    given = dict(zip(cells, tested.words.tolist(), strict=True))
    words = {i: with_gaps(given[i], bool(diverged[i]), bool(missing[i])) for i in cells}
    worst = max(cells, key=lambda i: (_SEVERITY.index(words[i]), missing[i], _distance(found[i].value)))
    narrowing = words[worst] in (HOLDS, UNDECIDED) and not missing[worst]
    turns = _turns_on(worst, found, words, low, high, log) if narrowing else worst

    def of_cell(i: int, where: str, why: str, deciding: Verdict | None = None, again: float = math.nan) -> Verdict:
        known = levels[i][np.isfinite(levels[i])]
        level = float(known.mean()) if known.size else math.nan
        least, most = sorted((low * level, high * level))
        first, last = sorted((found[i].low * level, found[i].high * level))
        return Verdict(
            claim=claim,
            kind=kind,
            statement=statement,
            scope=where,
            predicted=level,
            measured=found[i].value * level,
            ci95=(first, last),
            tolerance=within,
            verdict=words[i],
            why=why,
            asked=(least, most),
            seeds=None if fitted else found[i].n,
            cells=together[i],
            alike=list(words.values()).count(words[i]) - 1,
            deciding=deciding,
            of_logarithm=log,
            again=again,
            rests_on=rests_on,
        )

    judged_here = scope_of(ratio, cell_dims, here)
    where = judged_here if scope is None else narrowed(scope, judged_here) if counts.skipped else scope
    return of_cell(
        worst,
        where + (f" (at {cell_named(ratio, cell_dims, worst)})" if len(cells) > 1 else ""),
        reason(
            found[worst],
            f"within a factor of {within:g}" if factor else f"1 ± {within:g}",
            list(words.values()).count(HOLDS),
            len(cells),
            together[worst],
            log,
        )
        + counts.words()
        + rounded(measured, ratio, cells),
        None if turns == worst else of_cell(turns, cell_named(ratio, cell_dims, turns), ""),
        math.nan
        if diverged[here].any() or missing[here].any()
        else same_word(words[worst], in_another_run(**judged_as)),
    )


def _geometric_mean(
    theory: xr.DataArray | np.ndarray | float, measured: xr.DataArray
) -> tuple[xr.DataArray, xr.DataArray]:
    """Give the geometric mean of a prediction over the other seeds it was fitted to, and what each gave."""
    if not isinstance(theory, xr.DataArray) or "seed" not in theory.dims:
        raise ValueError("fitted=True: give theory a 'seed' dimension, one prediction for each seed it was fitted to")
    if "seed" in theory.coords and "seed" in measured.coords:
        both = sorted(set(theory.seed.values.tolist()) & set(measured.seed.values.tolist()))
        if both:
            raise ValueError(f"seed={both[0]} was fitted to and is measured: fit to other seeds than those measured")
    marked = theory.where(theory > 0).where(~divergence.lost(theory), np.inf)  # infinite: diverged; NaN: missing
    marked = marked.drop_vars([name for name in ("diverged_at", "seed") if name in marked.coords])
    each = [aligned(marked.isel(seed=k), measured) for k in range(marked.sizes["seed"])]
    others = xr.concat(each, _OTHER, coords="minimal", compat="override")
    mean = xr.ufuncs.exp(xr.ufuncs.log(others.where(np.isfinite(others))).mean(_OTHER))
    return mean, others / mean


def _spread_of(
    others: xr.DataArray | None, ratio: xr.DataArray, dims: list
) -> tuple[np.ndarray | None, np.ndarray, np.ndarray]:
    """Spread of a fitted prediction per cell, [cell, other seed], and how many of those seeds are gone or missing."""
    nothing = np.zeros(math.prod(ratio.sizes[dim] for dim in dims), int)
    if others is None:
        return None, nothing, nothing
    like = ratio.isel(seed=0, drop=True)
    spread = others.broadcast_like(like).transpose(*dims, _OTHER).values.reshape(len(nothing), -1)
    return spread, np.isinf(spread).sum(axis=1), np.isnan(spread).sum(axis=1)


def judged(
    estimate: Estimate,
    low: float,
    high: float,
    *,
    predicted: float,
    tolerance: float,
    why: str,
    diverged: str = "",
    of_logarithm: bool = False,
    cells: int | None = None,
    **fields: Any,
) -> Verdict:
    """Make a verdict from an estimate that is not a ratio of fields: a threshold, an exponent, a count.

    Parameters
    ----------
    estimate : Estimate
        What was measured, with its interval.
    low, high : float
        Range in which the claim holds.
    predicted, tolerance, why
        Passed on to the `Verdict`.
    diverged : str
        How many of the runs that it needs diverged, in words (`wd_jax.results.divergence.said`); empty if none did.
        Without it, a seed that was left out has no value for another reason, and nothing is decided.
    of_logarithm : bool
        Whether the interval is Student's for a mean of logarithms (`wd_jax.stats.intervals.exp` of one).
    cells : int, optional
        How many intervals hold together at 95 %, where the interval is Student's over seeds alone.
    **fields
        claim, kind, statement, scope and `rests_on`; `seeds` where the interval is Student's over seeds alone.
    """
    left = f"; {estimate.left_out} seed(s) without a value left out" if estimate.left_out else ""
    verdict = with_gaps(judge(estimate.ci95, low, high), bool(diverged), bool(estimate.left_out) and not diverged)
    return Verdict(
        predicted=predicted,
        measured=estimate.value,
        ci95=estimate.ci95,
        tolerance=tolerance,
        verdict=verdict,
        why=f"{why}; {estimate.n} seeds{left}" + (f"; {diverged}" if diverged else ""),
        asked=(low, high),
        of_logarithm=of_logarithm,
        again=math.nan if diverged or left else of_estimate(verdict, estimate, (low, high), of_logarithm, cells or 1),
        cells=cells,
        **fields,
    )


def _turns_on(
    worst: int, found: dict[int, Estimate], words: dict[int, Word], low: float, high: float, log: bool
) -> int:
    """Find the cell whose interval takes *holds* away first, in half-widths, or decides as all become narrower."""
    if log:
        low, high = (math.log(end) if end > 0 else -math.inf for end in (low, high))
        found = {
            i: Estimate(float(np.log(e.value)), float(np.log(e.low)), float(np.log(e.high)), e.n)
            for i, e in found.items()
        }

    def room(i: int) -> float:
        gap = min(high - found[i].high, found[i].low - low if low or log else math.inf)
        half = (found[i].high - found[i].low) / 2
        return min(gap / half, _AMPLE) if half > 0 else _AMPLE

    if words[worst] == HOLDS:
        return min((worst, *found), key=room)
    times = {i: narrower(e.value, e.ci95, low, high) for i, e in found.items() if words[i] == UNDECIDED}
    outside = [i for i in times if not low <= found[i].value <= high and math.isfinite(times[i])]
    if outside:
        return min(outside, key=times.__getitem__)
    without = [i for i in times if math.isnan(times[i])]
    return without[0] if without else max(times, key=times.__getitem__)


def _distance(ratio: float) -> float:
    return abs(math.log(abs(ratio))) if ratio and math.isfinite(ratio) else math.inf


def undecided(
    why: str,
    *,
    claim: int | str,
    statement: str,
    scope: str,
    tolerance: float,
    kind: Kind = "prediction",
    diverged: str = "",
    rests_on: str = "",
) -> Verdict:
    """Make the verdict of a question that could not be put to the data, with the reason.

    It is *diverged* instead where that is the reason: `diverged` says how many runs did, in words.
    """
    nan = float("nan")
    word, reason = (DIVERGED, f"{why}; {diverged}") if diverged else (UNDECIDED, why)
    return Verdict(claim, kind, statement, scope, nan, nan, (nan, nan), tolerance, word, reason, rests_on=rests_on)
