r"""How likely another run, of as many new seeds, is to give a verdict the same word.

Of what was measured only an estimate is known, and the other run has an error of its own: its interval lies a distance
:math:`\sqrt2\,s\,T` from this one's, with s the standard error here and T Student's with N - 1 degrees of freedom (both
errors are alike and independent). Where the interval is not Student's of a mean, s is read off each of its ends.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from wd_jax.intervals import Estimate, Intervals, student
from wd_jax.verdicts import FAILS, HOLDS, UNDECIDED, Word


class Chances(NamedTuple):
    """Of every cell, how likely another run is to find its interval inside, and wholly outside."""

    holds: np.ndarray
    fails: np.ndarray


def chances(alone: Intervals, together: Intervals, low: ArrayLike, high: ArrayLike) -> Chances:
    """Chances of each cell in another run, from its interval by itself and from that for all cells together.

    Parameters
    ----------
    alone, together : Intervals [...]
        By which a cell holds, and by which it fails.
    low, high : float
        Range asked, in the unit of the intervals.

    Returns
    -------
    Chances
        Arrays [...] of probabilities; NaN where there is no interval.

    Examples
    --------
    >>> one = Intervals(*map(np.array, (1.0, 0.9, 1.1, 100)))
    >>> [round(float(p), 3) for p in chances(one, one, 0.9, 1.2)]
    [0.418, 0.003]
    """
    from scipy.special import stdtr

    freedom = np.maximum(alone.n - 1.0, np.nan_to_num(alone.n > 1, nan=0.0))
    quantile = np.sqrt(2.0) / student(freedom)
    below, above = (alone.value - alone.low) * quantile, (alone.high - alone.value) * quantile

    def at_most(gap: np.ndarray, spread: np.ndarray) -> np.ndarray:
        """Chance that an end moves by no more than so much; without spread it does not move."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(spread > 0, stdtr(freedom, gap / spread), np.where(np.isnan(spread), np.nan, gap >= 0))

    with np.errstate(invalid="ignore"):
        holds = np.maximum(0.0, at_most(high - alone.high, above) - 1 + at_most(alone.low - low, below))
        fails = at_most(low - together.high, above) + at_most(together.low - high, below)
    return Chances(holds, np.minimum(fails, 1.0))


def same_word(word: Word, cells: Chances) -> float:
    """Probability that another run gives a comparison of several cells the same word, as if they were independent.

    Cells of one run usually move together: the chance that all hold is then higher than what is said.

    Examples
    --------
    >>> cells = Chances(np.array([0.9, 0.8]), np.array([0.0, 0.1]))
    >>> [round(same_word(word, cells), 2) for word in ("holds", "fails", "undecided")]
    [0.72, 0.1, 0.18]
    >>> same_word("undecided", Chances(np.array([float("nan")]), np.array([0.0])))
    nan
    """
    holds, fails = float(np.prod(cells.holds)), 1 - float(np.prod(1 - cells.fails))
    if np.isnan(holds + fails):
        return float("nan")
    return {HOLDS: holds, FAILS: fails, UNDECIDED: max(0.0, 1 - holds - fails)}.get(word, float("nan"))


def of_estimate(word: Word, estimate: Estimate, asked: Sequence[float], of_logarithm: bool = False) -> float:
    """`same_word` for one estimate with its interval, whatever that is made of; one of a logarithm moves as that does.

    Examples
    --------
    >>> round(of_estimate("holds", Estimate(1.0, 0.99, 1.01, 8), (0.9, 1.1)), 3)
    1.0
    """
    numbers = np.array([estimate.value, *estimate.ci95, *asked], float)
    with np.errstate(divide="ignore", invalid="ignore"):
        value, first, last, low, high = np.log(numbers) if of_logarithm else numbers
    ends = Intervals(value, first, last, np.asarray(float(estimate.n)))
    return same_word(word, chances(ends, ends, low, high))


def by_resampling(word: Word, words: ArrayLike) -> float:
    """Share of samples, drawn with replacement from a run's seeds, that give the same word.

    Examples
    --------
    >>> by_resampling("holds", ["holds", "holds", "undecided", "holds"])
    0.75
    """
    return float(np.mean(np.asarray(words) == word))


def in_words(again: float) -> str:
    """Say a probability in few digits, and neither 0 nor 1.

    Examples
    --------
    >>> in_words(0.9973), in_words(0.914), in_words(0.004), in_words(float("nan"))
    ('over 99 %', '91 %', 'under 1 %', 'not known')
    """
    if not np.isfinite(again):
        return "not known"
    return "over 99 %" if again > 0.99 else "under 1 %" if again < 0.01 else f"{again:.0%}".replace("%", " %")
