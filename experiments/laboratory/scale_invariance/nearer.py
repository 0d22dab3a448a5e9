"""Which is nearer to what was measured, a law or its usual form: a tolerance that allows both tells nothing of it."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from wd_jax.stats.estimates import t_interval
from wd_jax.stats.outcome import Table

LAW, USUAL, NEITHER = "the law", "the usual form", "not told apart"


class Sample(NamedTuple):
    """A measurement and the usual form, both over the law, of [seed]."""

    case: str
    quantity: str
    found: np.ndarray
    usual: np.ndarray


class Told(NamedTuple):
    """One comparison: of what, over the law the measurement and the usual form, and which of both is nearer."""

    case: str
    quantity: str
    measured: str
    usual: float
    word: str


def all_told(samples: Sequence[Sample]) -> tuple[Told, ...]:
    """Compare at 95 % for all together.

    Parameters
    ----------
    samples : sequence of Sample
        Measurements and usual forms over the law.

    Returns
    -------
    tuple of Told
    """
    return tuple(
        Told(*one[:2], str(t_interval(one.found)), float(one.usual.mean()), word(*one[2:], len(samples)))
        for one in samples
    )


def word(found: np.ndarray, usual: np.ndarray, cells: int = 1) -> str:
    """Say which is nearer: on which side of the middle between law and usual form the whole interval lies.

    Parameters
    ----------
    found, usual : array [seed]
        Measurement and usual form, over the law.
    cells : int
        How many such words hold together at 95 %.

    Examples
    --------
    >>> import numpy as np
    >>> word(np.array([1.001, 1.002, 0.999]), np.full(3, 1.05))
    'the law'
    >>> word(np.array([1.03, 0.99, 1.06]), np.full(3, 1.05))
    'not told apart'
    """
    side = (found - (1 + usual) / 2) * np.sign(1 - usual)
    ends = t_interval(side, cells)
    if not np.isfinite(side).all() or not (usual != 1).all():
        return NEITHER
    return LAW if ends.low > 0 else USUAL if ends.high < 0 else NEITHER


def table(told: tuple[Told, ...]) -> Table:
    """Lay the comparisons out.

    Parameters
    ----------
    told : tuple of Told
        All of them.
    """
    rows = tuple((one.case, one.quantity, one.measured, f"{one.usual:.4f}", one.word) for one in told)
    note = (
        "Over the law. Nearer: the interval, at 95 % for all rows together, lies on one side of the middle between law "
        "and usual form."
    )
    return Table("Law or usual form: which is nearer", ("rule", "of", "measured", "usual form", "nearer"), rows, note)


def said(told: tuple[Told, ...]) -> str:
    """Say in a sentence or two how often which is nearer, and where the usual form is.

    Parameters
    ----------
    told : tuple of Told
        All of them.
    """
    of = {name: [one for one in told if one.word == name] for name in (LAW, USUAL, NEITHER)}
    where = "; ".join(f"{one.case}, {one.quantity}" for one in of[USUAL])
    return (
        f"Held against each other directly in {len(told)} places (95 % for all together), the law is nearer in "
        f"{len(of[LAW])}, the usual form in {len(of[USUAL])}{f' ({where})' if where else ''}, and {len(of[NEITHER])} "
        "are not told apart."
    )
