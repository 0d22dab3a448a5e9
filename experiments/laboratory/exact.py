"""A law that is exact: how far a simulation is from it is rounding, and is judged by the number itself."""

import math

from wd_jax.stats.verdict import FAILS, HOLDS, UNDECIDED, Kind, Verdict


def verdict(
    error: float,
    most: float,
    *,
    claim: str,
    statement: str,
    scope: str,
    kind: Kind = "prediction",
    why: str = "",
    rests_on: str = "",
) -> Verdict:
    """Judge the largest error of a law for which chance plays no part: there is no interval.

    Parameters
    ----------
    error : float
        The largest one met, relative unless the statement says otherwise; NaN where there is none, and nothing is
        decided then.
    most : float
        What is allowed: above what rounding leaves, fixed beforehand.
    claim, statement, scope, kind, rests_on
        As of a `Verdict`.
    why : str
        What the number is, in words; a sentence of its own by default.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> verdict(3e-15, 1e-13, claim="symmetry", statement="column sums decay exactly", scope="digits").verdict
    'holds'
    """
    word = UNDECIDED if math.isnan(error) else HOLDS if error <= most else FAILS
    said = why or ("the largest error that was met" if word != UNDECIDED else "there was nothing to measure")
    return Verdict(
        claim=claim,
        kind=kind,
        statement=statement,
        scope=scope,
        predicted=0.0,
        measured=float(error),
        ci95=(math.nan, math.nan),
        tolerance=most,
        verdict=word,
        why=f"{said}; no part of it is chance",
        asked=(0.0, most),
        rests_on=rests_on,
    )
