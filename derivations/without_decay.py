"""What a law declares of a formula at lmbda = 0, where its expression has no value there."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp


@dataclass(frozen=True)
class WithoutDecay:
    """What a formula says at lmbda = 0 where its expression has no value there.

    Parameters
    ----------
    value : sympy.Expr or None
        The value; `oo` for a time that decay takes; None if there is none.
    step : str
        For a finite value the step that establishes it.
    words : str
        Where there is no value, why: they follow "without decay".

    Examples
    --------
    >>> WithoutDecay(words="weights on noise do not settle").value is None
    True
    """

    value: sp.Expr | None = None
    step: str = ""
    words: str = ""


NEVER = WithoutDecay(sp.oo)
"""Of a time that decay takes."""
