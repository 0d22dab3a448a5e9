"""A law that is a pair of bounds: whether a measurement lies between them, cell by cell."""

import numpy as np
import xarray as xr

from wd_jax.results import divergence
from wd_jax.stats.cells import in_another_run, judge_cells
from wd_jax.stats.comparison_words import cell_named, runs_gone, scope_of
from wd_jax.stats.replication import same_word
from wd_jax.stats.verdict import DIVERGED, FAILS, HOLDS, UNDECIDED, Kind, Verdict, with_gaps

OUTSIDE = 0.0
"""How far outside its bounds a mean may lie: the tolerance of such a verdict. A proved bound needs none."""
_SEVERITY = (HOLDS, UNDECIDED, DIVERGED, FAILS)


def verdict(
    measured: xr.DataArray,
    low: xr.DataArray,
    high: xr.DataArray,
    *,
    claim: str,
    statement: str,
    scope: str = "",
    kind: Kind = "prediction",
    rests_on: str = "",
) -> Verdict:
    """Judge whether a mean over seeds lies between two bounds: the words are given as by `wd_jax.compare`.

    In units of the gap between the bounds: *holds* if the 95 % interval of every cell lies between them, *fails* if
    that of any lies wholly outside at 95 % for all cells together. The prediction shown is the middle of the bounds;
    the tolerance, `OUTSIDE`, is that of what lies outside of them.

    Parameters
    ----------
    measured : xarray.DataArray [..., seed]
        Any unit; every dimension but `seed` makes cells.
    low, high : xarray.DataArray
        Same unit, without `seed`.
    claim, statement, scope, kind, rests_on
        As of a `Verdict`; the cells' ranges are added to the scope.

    Returns
    -------
    Verdict
        Its numbers are those of the cell nearest to a bound among those with the worst word.

    Examples
    --------
    >>> weights = xr.DataArray([[1.0, 1.1, 1.2]], dims=("beta1", "seed"))
    >>> verdict(weights, xr.DataArray(0.5), xr.DataArray(2.0), claim="", statement="between").verdict
    'holds'
    """
    lost = divergence.lost(measured)
    place, least, most, gone = xr.broadcast((measured.where(~lost) - low) / (high - low), low, high, lost)
    dims = [dim for dim in place.dims if dim != "seed"]
    ordered = [one.transpose(*dims, "seed") for one in (place, least, most, gone)]
    sample, floor, roof, away = (one.values.reshape(-1, place.sizes["seed"]) for one in ordered)
    tested = judge_cells(sample, 0.0, 1.0)
    missing = np.any(~away & ~np.isfinite(sample), axis=1)
    words = [
        with_gaps(word, bool(lost_here.any()), bool(lacks))
        for word, lost_here, lacks in zip(tested.words.tolist(), away, missing, strict=True)
    ]
    out = abs(tested.interval.value - 0.5)
    worst = max(range(len(words)), key=lambda i: (_SEVERITY.index(words[i]), out[i] if out[i] == out[i] else 0.0))
    gap, start = float(roof[worst, 0] - floor[worst, 0]), float(floor[worst, 0])
    value, first, last = (start + gap * float(end[worst]) for end in tested.interval[:3])
    together = int(tested.together[worst])
    where = ", ".join(
        part for part in (scope, scope_of(place, dims, np.logical_or(~missing, away.any(axis=1)))) if part
    )
    level = f"95 % for all {len(words)} cells together" if together > 1 else "95 % for this cell alone"
    said, inside = runs_gone(place, dims, away, measured), words.count(HOLDS)
    why = (
        f"{value:.5g} in [{first:.5g}, {last:.5g}], asked between {start:.5g} and {start + gap:.5g}; "
        f"{int(tested.interval.n[worst])} seeds, worst of {len(words)} cells of which {inside} hold, {level}"
        + (f"; {said}" if said else "")
        + (f"; {int(missing.sum())} cell(s) with a value missing" if missing.any() else "")
    )
    return Verdict(
        claim=claim,
        kind=kind,
        statement=statement,
        scope=where + (f" (at {cell_named(place, dims, worst)})" if len(words) > 1 else ""),
        predicted=start + gap / 2,
        measured=value,
        ci95=(first, last),
        tolerance=OUTSIDE,
        verdict=words[worst],
        why=why,
        asked=(start, start + gap),
        seeds=int(tested.interval.n[worst]),
        cells=together,
        alike=words.count(words[worst]) - 1,
        rests_on=rests_on,
        again=float("nan")
        if away.any() or missing.any()
        else same_word(words[worst], in_another_run(sample, 0.0, 1.0)),
    )
