"""Hold a measurement against a theory: ratios per cell, an interval over seeds, a verdict."""

import math
from typing import Any, get_args

import numpy as np
import xarray as xr

from wd_jax import checks, precision
from wd_jax.alignment import aligned
from wd_jax.estimates import Estimate, t_interval
from wd_jax.verdicts import FAILS, HOLDS, UNDECIDED, Kind, Verdict, Word, judge, narrower

# Half-widths to spare, from which on cells that hold are not told apart: rounding decides which has fewest.
_AMPLE = 1000.0


def compare(
    measured: xr.DataArray,
    theory: xr.DataArray | np.ndarray | float,
    within: float,
    *,
    factor: bool = False,
    claim: int | str = "",
    kind: Kind = "prediction",
    statement: str = "the measurement follows the theory",
    scope: str | None = None,
) -> Verdict:
    r"""Judge measured/predicted in every cell: an equivalence test over seeds, Bonferroni over cells.

    Parameters
    ----------
    measured : xarray.DataArray [..., seed]
        Any unit; every dimension but `seed` makes cells.
    theory : xarray.DataArray, array or float
        Same unit, broadcast against `measured`; labels that differ by rounding are the same, and a plain array has a
        number for each cell, by place. Where the measurement was selected at one value of a dimension (its scalar
        coordinate), so is the theory; cells where it is not finite or zero are not judged.
    within : float
        Tolerance of the ratio, chosen before the data are seen.
    factor : bool
        Whether `within` is a factor: 2 allows ratios from 1/2 to 2.
    claim, kind, statement, scope
        Passed on to the `Verdict`; the scope defaults to a list of the cells' ranges.

    Returns
    -------
    Verdict
        *holds* if every cell's interval lies in 1 ± `within` (or 1/within to within), *fails* if any lies wholly
        outside, else *undecided*.
        Numbers are those of the cell that decides: the farthest from 1 among those with the worst word.

    Raises
    ------
    ValueError
        Without a `seed` dimension, where seeds are not independent (``order="shared"``), for a theory of other cells,
        or for a tolerance that is none.
    TypeError
        If `measured` is a whole result, or plain numbers.

    Examples
    --------
    >>> runs = xr.DataArray([[2.0, 2.01, 1.99]], dims=("lmbda", "seed"))
    >>> compare(runs, 2.0, within=0.02).verdict
    'holds'
    """
    _check_tolerance(within, factor)
    _check_words(claim, kind, statement, scope)
    _check_seeds(measured)
    theory = aligned(theory, measured)
    ratio, predicted = xr.broadcast(measured / theory.where(np.isfinite(theory)), theory)
    cell_dims = [dim for dim in ratio.dims if dim != "seed"]
    ratios = ratio.transpose(*cell_dims, "seed").values.reshape(-1, ratio.sizes["seed"])
    levels = predicted.transpose(*cell_dims, "seed").values.reshape(ratios.shape)
    judged = [i for i in range(len(ratios)) if np.isfinite(ratios[i]).any()]
    if not judged:
        why = "no cell has a finite measurement and prediction"
        return undecided(why, claim=claim, statement=statement, scope=scope or "", tolerance=within, kind=kind)
    low, high = (1 / within, within) if factor else (1 - within, 1 + within)
    # A member without a prediction is not judged; one without a measurement has diverged.
    found = {i: t_interval(ratios[i][np.isfinite(levels[i])], cells=len(judged)) for i in judged}
    words = {i: judge(estimate.ci95, low, high) for i, estimate in found.items()}
    worst = max(judged, key=lambda i: (words[i] == FAILS, words[i] == UNDECIDED, _distance(found[i].value)))
    turns = _turns_on(worst, found, words, low, high)

    def of_cell(i: int, where: str, why: str, deciding: Verdict | None = None) -> Verdict:
        level = float(np.nanmean(levels[i]))
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
            seeds=found[i].n,
            cells=len(judged),
            alike=list(words.values()).count(words[i]) - 1,
            deciding=deciding,
        )

    where = scope if scope is not None else _scope(ratio, cell_dims)
    return of_cell(
        worst,
        where + (f" (at {_which(ratio, cell_dims, worst)})" if len(judged) > 1 else ""),
        _why(
            found[worst],
            f"within a factor of {within:g}" if factor else f"1 ± {within:g}",
            list(words.values()).count(HOLDS),
            len(judged),
            len(ratios) - len(judged),
            sum(e.left_out for e in found.values()),
        )
        + _rounded(measured, ratio, judged),
        None if turns == worst else of_cell(turns, _which(ratio, cell_dims, turns), ""),
    )


def judged(
    estimate: Estimate, low: float, high: float, *, predicted: float, tolerance: float, why: str, **fields: Any
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
    **fields
        claim, kind, statement and scope; `seeds` and `cells` where the interval is Student's over seeds alone.
    """
    left = f"; {estimate.left_out} seed(s) without a value left out" if estimate.left_out else ""
    verdict = judge(estimate.ci95, low, high)
    return Verdict(
        predicted=predicted,
        measured=estimate.value,
        ci95=estimate.ci95,
        tolerance=tolerance,
        verdict=verdict,
        why=f"{why}; {estimate.n} seeds{left}",
        asked=(low, high),
        **fields,
    )


def _turns_on(worst: int, found: dict[int, Estimate], words: dict[int, Word], low: float, high: float) -> int:
    """Find the cell whose interval changes the word first: in half-widths, or as all intervals become narrower."""

    def room(i: int) -> float:
        gap = min(high - found[i].high, found[i].low - low if low else math.inf)
        half = (found[i].high - found[i].low) / 2
        return min(gap / half, _AMPLE) if half > 0 else _AMPLE

    if words[worst] == HOLDS:
        return min((worst, *found), key=room)
    if words[worst] == FAILS:
        return worst
    times = {i: narrower(e.value, e.ci95, low, high) for i, e in found.items() if words[i] == UNDECIDED}
    outside = [i for i in times if not low <= found[i].value <= high and math.isfinite(times[i])]
    if outside:
        return min(outside, key=times.__getitem__)
    without = [i for i in times if math.isnan(times[i])]
    return without[0] if without else max(times, key=times.__getitem__)


def _distance(ratio: float) -> float:
    return abs(math.log(abs(ratio))) if ratio else math.inf


def _check_tolerance(within: float, factor: bool) -> None:
    checks.flag("factor", factor)
    within = checks.number("within", within)
    if not (math.isfinite(within) and within > (1 if factor else 0)):
        asked = "a factor above 1, such as 2" if factor else "a relative deviation above 0, such as 0.01"
        raise ValueError(f"within={within}: give {asked}")


def _check_words(claim: int | str, kind: str, statement: str, scope: str | None) -> None:
    """Refuse what could not stand in a `Verdict`."""
    checks.choice("kind", kind, get_args(Kind))
    if not (checks.whole(claim) or isinstance(claim, str)):
        raise TypeError(f"claim={checks.shown(claim)}: give a number, or the name of a law")
    for name, text in (("statement", statement), ("scope", "" if scope is None else scope)):
        if not isinstance(text, str):
            raise TypeError(f"{name}={checks.shown(text)}: give a text")


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
    if "independent_seeds" in measured.coords and not bool(np.all(measured.independent_seeds)):
        raise ValueError(
            "order='shared': its seeds see one minibatch order and give no interval; sweep with order='seed'"
        )


def _scope(ratio: xr.DataArray, dims: list) -> str:
    parts = []
    for dim in dims:
        values = ratio[dim].values if dim in ratio.coords else np.arange(ratio.sizes[dim])
        parts.append(f"{dim} {values[0]}" + (f" to {values[-1]}" if len(values) > 1 else ""))
    return ", ".join(str(part) for part in parts)


def _which(ratio: xr.DataArray, dims: list, cell: int) -> str:
    """Name a cell."""
    place = np.unravel_index(cell, [ratio.sizes[dim] for dim in dims])
    values = [ratio[dim].values[i] if dim in ratio.coords else i for dim, i in zip(dims, place, strict=True)]
    return ", ".join(f"{dim} {value}" for dim, value in zip(dims, values, strict=True))


def _why(estimate: Estimate, asked: str, inside: int, cells: int, skipped: int, left_out: int) -> str:
    text = f"ratio {estimate.value:.5g} in [{estimate.low:.5g}, {estimate.high:.5g}], asked {asked}; {estimate.n} seeds"
    text += f", worst of {cells} cells of which {inside} hold, 95 % for all together" if cells > 1 else ""
    text += f"; {skipped} cell(s) without a value not judged" if skipped else ""
    return text + (f"; {left_out} diverged value(s) left out" if left_out else "")


def _rounded(measured: xr.DataArray, ratio: xr.DataArray, judged: list[int]) -> str:
    """Say where rounding changed the decay of judged cells: their ratio is then no evidence on a law of decay."""
    if "decay_kept" not in measured.coords:
        return ""
    kept = xr.broadcast(measured.decay_kept.reset_coords(drop=True), ratio.isel(seed=0, drop=True))[0]
    shares = kept.transpose(*(dim for dim in ratio.dims if dim != "seed")).values.ravel()[judged]
    words = precision.shares_in_words(shares)
    return f"; rounding: {words}" if words else ""


def undecided(
    why: str, *, claim: int | str, statement: str, scope: str, tolerance: float, kind: Kind = "prediction"
) -> Verdict:
    """Make the verdict of a question that could not be put to the data, with the reason."""
    nan = float("nan")
    return Verdict(claim, kind, statement, scope, nan, nan, (nan, nan), tolerance, UNDECIDED, why)
