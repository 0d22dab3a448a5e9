"""Whether a quantity scales with a power: judged by the exponent of every step from one cell to the next."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from wd_jax.stats.comparison import judged
from wd_jax.stats.estimates import LocalExponent, exponent, local_exponents
from wd_jax.stats.verdict import FAILS, HOLDS, UNDECIDED, Verdict, judge


def judge_power(x: ArrayLike, y: ArrayLike, power: float, within: float, *, why: str, **fields: Any) -> Verdict:
    """Judge whether y scales as x to a power, within so much of the exponent.

    The local exponents between neighbouring cells are judged: the claim holds if all their intervals lie inside, at
    95 % each; it fails if any lies wholly outside, at 95 % for all together. That the line through all cells has the
    right slope is not enough, since a curve has one too. The numbers are those of the local exponent that decides.

    Parameters
    ----------
    x : array [cell]
        Positive.
    y : array [cell, seed]
        Positive.
    power, within : float
        The exponent claimed, and the largest deviation from it.
    why : str
        What was fitted over what.
    **fields
        Passed on to `wd_jax.stats.comparison.judged`.

    Examples
    --------
    >>> import numpy as np
    >>> x, seeds = np.array([1.0, 2.0, 4.0]), np.array([0.9, 1.0, 1.1])
    >>> fields = {"claim": "law", "kind": "prediction", "statement": "s", "scope": "", "why": "3 cells"}
    >>> judge_power(x, x[:, None] ** -0.5 * seeds, -0.5, 0.1, **fields).verdict
    'holds'
    >>> found = judge_power(x, np.exp(-np.log(x) ** 2)[:, None] * seeds, -0.5, 0.1, **fields)
    >>> found.verdict, "there is no single exponent" in found.why
    ('fails', True)
    """
    low, high = power - within, power + within
    fields |= {"predicted": power, "tolerance": within}
    found = exponent(x, y)
    if not np.isfinite(found.value):
        return judged(found, low, high, why=why, **fields, seeds=found.n, cells=1)
    alone, together = local_exponents(x, y), local_exponents(x, y, together=True)
    words = [
        HOLDS if judge(a.exponent.ci95, low, high) == HOLDS else
        FAILS if judge(b.exponent.ci95, low, high) == FAILS else UNDECIDED
        for a, b in zip(alone, together, strict=True)
    ]  # fmt: skip
    severity = (HOLDS, UNDECIDED, FAILS)
    worst = max(range(len(words)), key=lambda i: (severity.index(words[i]), abs(alone[i].exponent.value - power)))
    inside = low <= alone[worst].exponent.value <= high
    one = alone[worst] if inside else together[worst]
    values = [local.exponent.value for local in alone]
    level = "95 % for this one alone" if inside else f"95 % for all {len(alone)} together (Bonferroni)"
    line = (
        f"there is no single exponent (curvature {found.curvature})"
        if found.curved
        else f"the cells are not told from a line of exponent {found}"
    )
    why = (
        f"{why}; {line}: from cell to cell it is {min(values):.3f} to {max(values):.3f}; judged by the {len(alone)} "
        f"local exponents, of which {words.count(HOLDS)} hold, here {_between(one)}, {level}"
    )
    return judged(one.exponent, low, high, why=why, **fields, seeds=one.exponent.n, cells=1 if inside else len(alone))


def _between(one: LocalExponent) -> str:
    return f"from {one.first:g} to {one.last:g}"
