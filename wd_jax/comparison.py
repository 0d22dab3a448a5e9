"""Hold a measurement against a theory: ratios per cell, an interval over seeds, a verdict."""

import math
import re
from dataclasses import dataclass
from typing import Any, get_args

import numpy as np
import xarray as xr

from wd_jax import checks, divergence, precision
from wd_jax.alignment import aligned
from wd_jax.cells import in_another_run, judge_cells
from wd_jax.estimates import Estimate
from wd_jax.intervals import as_estimate
from wd_jax.replication import of_estimate, same_word
from wd_jax.verdicts import DIVERGED, FAILS, HOLDS, UNDECIDED, Kind, Verdict, Word, judge, narrower, with_gaps

# Half-widths to spare, from which on cells that hold are not told apart: rounding decides which has fewest.
_AMPLE = 1000.0
TIMES = ("epoch", "epochs", "step", "steps")
"""Units of time: what is measured in one of them is held against nothing else."""
_SEVERITY = (HOLDS, UNDECIDED, DIVERGED, FAILS)
"""The words of cells, from that which every cell must earn to that which one cell gives to all."""
_WITHIN_A_RUN = ("layer", "part", "split", "epoch")
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
    _check_tolerance(within, factor)
    _check_words(claim, kind, statement=statement, scope="" if scope is None else scope, rests_on=rests_on)
    _check_seeds(measured)
    _check_units(measured, theory)
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
    counts = _Counts(
        cells=len(cells),
        skipped=int((~here).sum()),
        gone=_runs_gone(ratio, cell_dims, gone & asked, measured),
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

    judged_here = _scope(ratio, cell_dims, here)
    where = judged_here if scope is None else _narrowed(scope, judged_here) if counts.skipped else scope
    return of_cell(
        worst,
        where + (f" (at {_which(ratio, cell_dims, worst)})" if len(cells) > 1 else ""),
        _why(
            found[worst],
            f"within a factor of {within:g}" if factor else f"1 ± {within:g}",
            list(words.values()).count(HOLDS),
            len(cells),
            together[worst],
            log,
        )
        + counts.words()
        + _rounded(measured, ratio, cells),
        None if turns == worst else of_cell(turns, _which(ratio, cell_dims, turns), ""),
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
        How many of the runs that it needs diverged, in words (`wd_jax.divergence.said`); empty if none did. Without
        it, a seed that was left out has no value for another reason, and nothing is decided.
    of_logarithm : bool
        Whether the interval is Student's for a mean of logarithms (`wd_jax.intervals.exp` of one).
    **fields
        claim, kind, statement, scope and `rests_on`; `seeds` and `cells` where the interval is Student's over seeds
        alone.
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
        again=math.nan
        if diverged or left
        else of_estimate(verdict, estimate, (low, high), of_logarithm, fields.get("cells") or 1),
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


def _check_tolerance(within: float, factor: bool) -> None:
    checks.flag("factor", factor)
    within = checks.number("within", within)
    if not (math.isfinite(within) and (within > 1 if factor else 0 < within < 1)):
        asked = "a factor above 1, such as 2" if factor else "a relative deviation above 0 and below 1, such as 0.01"
        meant = f", or factor=True if a factor of {within:g} is meant" if not factor and within > 1 else ""
        raise ValueError(f"within={within}: give {asked}{meant}")


def _check_words(claim: int | str, kind: str, **texts: str) -> None:
    """Refuse what could not stand in a `Verdict`."""
    checks.choice("kind", kind, get_args(Kind))
    if not (checks.whole(claim) or isinstance(claim, str)):
        raise TypeError(f"claim={checks.shown(claim)}: give a number, or the name of a law")
    for name, text in texts.items():
        if not isinstance(text, str):
            raise TypeError(f"{name}={checks.shown(text)}: give a text")


def _check_units(measured: xr.DataArray, theory: Any) -> None:
    """Refuse a time held against what is none: the theory and the variable say their units."""
    here, there = (getattr(array, "attrs", {}).get("units", "") for array in (measured, theory))
    if here and there and (here in TIMES) != (there in TIMES):
        law = theory.attrs.get("law", "the theory")
        raise ValueError(f"{law} is in {there!r}, the measurement in {here!r}: give a theory of what was measured")


def _check_seeds(measured: xr.DataArray) -> None:
    if not isinstance(measured, xr.DataArray):
        raise TypeError(f"measured is a {type(measured).__name__}: give one variable of a result: runs.weight_rms")
    if measured.dtype.kind not in "iuf":
        raise TypeError(f"measured holds values of type {measured.dtype}: give a variable of real numbers")
    if "seed" not in measured.dims:
        raise ValueError(
            f"measured has dimensions {measured.dims}: an interval needs a 'seed' dimension; sweep with seeds=8, "
            "and do not average over them"
        )
    if "seed" in measured.coords:
        labels, times = np.unique(measured.seed.values, return_counts=True)
        if (times > 1).any():
            most = int(times.argmax())
            raise ValueError(
                f"seed={labels[most]} occurs {times[most]} times: one run counted as several narrows the interval; "
                f"give each seed once, or sweep with seeds={len(measured.seed)}"
            )
    if "independent_seeds" in measured.coords and not bool(np.all(measured.independent_seeds)):
        raise ValueError(
            "order='shared': its seeds see one minibatch order and give no interval; sweep with order='seed'"
        )


def _scope(ratio: xr.DataArray, dims: list, here: np.ndarray) -> str:
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


def _narrowed(scope: str, here: str) -> str:
    """Add to a scope the cells that were judged, in place of what it said of their first dimension.

    Examples
    --------
    >>> _narrowed("layer 1, hidden 6 to 24", "hidden 24"), _narrowed("layer 1", "eta 0.1 to 1.0")
    ('layer 1, hidden 24', 'layer 1, only eta 0.1 to 1.0')
    """
    return re.sub(r"(^|, )(\w+) [^,]+, only (?=\2 )", r"\1", f"{scope}, only {here}")


def _which(ratio: xr.DataArray, dims: list, cell: int) -> str:
    """Name a cell."""
    place = np.unravel_index(cell, [ratio.sizes[dim] for dim in dims])
    values = [ratio[dim].values[i] if dim in ratio.coords else i for dim, i in zip(dims, place, strict=True)]
    return ", ".join(f"{dim} {value}" for dim, value in zip(dims, values, strict=True))


def _why(estimate: Estimate, asked: str, inside: int, cells: int, together: int, log: bool) -> str:
    kind = "ratio (geometric mean)" if log else "ratio"
    value = f"{kind} {estimate.value:.5g}" if math.isfinite(estimate.value) else "no ratio"
    spread = f" in [{estimate.low:.5g}, {estimate.high:.5g}]" if math.isfinite(estimate.low) else ""
    text = f"{value}{spread}, asked {asked}; {estimate.n} seeds"
    if cells == 1:
        return text
    level = f"95 % for all {cells} together (Bonferroni)" if together > 1 else "95 % for this cell alone"
    return f"{text}, worst of {cells} cells of which {inside} hold, {level}"


def _runs_gone(ratio: xr.DataArray, dims: list, flags: np.ndarray, measured: xr.DataArray) -> str:
    """Say how many runs are gone somewhere among the cells flagged, [cell, seed]; nothing if none."""
    mask = xr.DataArray(flags.reshape([ratio.sizes[dim] for dim in dims] + [-1]), dims=[*dims, "seed"])
    members = [dim for dim in mask.dims if dim not in _WITHIN_A_RUN]
    return divergence.said(mask.any([dim for dim in dims if dim in _WITHIN_A_RUN]).transpose(*members), measured)


@dataclass(frozen=True)
class _Counts:
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


def _rounded(measured: xr.DataArray, ratio: xr.DataArray, judged: list[int]) -> str:
    """Say where rounding changed the decay of judged cells: their ratio is then no evidence on a law of decay."""
    if "decay_kept" not in measured.coords:
        return ""
    kept = xr.broadcast(measured.decay_kept.reset_coords(drop=True), ratio.isel(seed=0, drop=True))[0]
    shares = kept.transpose(*(dim for dim in ratio.dims if dim != "seed")).values.ravel()[judged]
    words = precision.shares_in_words(shares)
    return f"; rounding: {words}" if words else ""


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

    It is *diverged* instead where that is the reason: `diverged` says how many runs did (`wd_jax.divergence.said`).
    """
    nan = float("nan")
    word, reason = (DIVERGED, f"{why}; {diverged}") if diverged else (UNDECIDED, why)
    return Verdict(claim, kind, statement, scope, nan, nan, (nan, nan), tolerance, word, reason, rests_on=rests_on)
