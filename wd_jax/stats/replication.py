r"""How likely another run, of as many new seeds, is to give a verdict the same word.

Of what was measured only an estimate is known, and the other run has errors of its own: of its mean, and of its
interval's width. With s the standard error here and :math:`\nu` degrees of freedom, drawn are the true one,
:math:`\sigma^2=s^2\nu/\chi^2_\nu`, the other run's mean, :math:`\bar x+\sqrt2\,\sigma Z`, and its standard error,
:math:`s'^2=\sigma^2\chi^2_\nu/\nu`. The truth is known only through this run: where a verdict holds by luck, the
chance given is too high.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from wd_jax.stats.intervals import Estimate, student
from wd_jax.stats.verdict import FAILS, HOLDS, UNDECIDED, Word

_DRAWS, _MOST = 4000, 4_000_000
"""Of a cell, and of all cells together."""


class Chances(NamedTuple):
    """Of every cell, how likely another run is to find its interval inside, and wholly outside."""

    holds: np.ndarray
    fails: np.ndarray


def chances(value: ArrayLike, error: ArrayLike, freedom: ArrayLike, low: float, high: float, cells: int = 1) -> Chances:
    """Chances of each cell in another run.

    Parameters
    ----------
    value, error, freedom : array [...]
        Mean, its standard error and degrees of freedom.
    low, high : float
        Range asked, in the unit of `value`.
    cells : int
        With how many others an interval must hold together (Bonferroni) where a cell fails.

    Returns
    -------
    Chances
        Arrays [...] of probabilities; NaN where there is no standard error.

    Examples
    --------
    >>> found = chances(1.0, 0.05, 99, 0.9, 1.2)
    >>> [round(float(p), 2) for p in found]
    [0.41, 0.0]
    """
    value, error, freedom = (np.asarray(one, np.float64)[..., None] for one in (value, error, freedom))
    random = np.random.default_rng(0)  # the same draws for every cell: a word does not change from call to call
    draws = max(200, min(_DRAWS, _MOST // max(value.size, 1)))
    normal = random.standard_normal(draws)
    safe = np.where(freedom > 0, freedom, 1.0)
    truth, other = (2 * random.standard_gamma(safe / 2, (*safe.shape[:-1], draws)) / safe for _ in range(2))
    with np.errstate(invalid="ignore"):
        sigma = error / np.sqrt(truth)
        mean, half = value + np.sqrt(2.0) * sigma * normal, sigma * np.sqrt(other)
        alone, together = student(freedom) * half, student(freedom, cells) * half
        holds = (low <= mean - alone) & (mean + alone <= high)
        fails = (mean + together < low) | (mean - together > high)
    known = np.isfinite(error[..., 0]) & (freedom[..., 0] > 0)
    return Chances(*(np.where(known, one.mean(axis=-1), np.nan) for one in (holds, fails)))


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


def of_estimate(
    word: Word, estimate: Estimate, asked: Sequence[float], of_logarithm: bool = False, cells: int = 1
) -> float:
    """`same_word` for one estimate by its interval; one of a logarithm moves as that does.

    Parameters
    ----------
    word : {"holds", "fails", "undecided"}
        What it was given.
    estimate : Estimate
        Its standard error is read off the wider side of its interval, as Student's.
    asked : pair of float
        Range in which it must lie.
    of_logarithm : bool
        Whether it is the exponential of a mean.
    cells : int
        With how many others its interval holds together.

    Examples
    --------
    >>> round(of_estimate("holds", Estimate(1.0, 0.99, 1.01, 8), (0.9, 1.1)), 3)
    1.0
    """
    numbers = np.array([estimate.value, *estimate.ci95, *asked], float)
    with np.errstate(divide="ignore", invalid="ignore"):
        value, first, last, low, high = np.log(numbers) if of_logarithm else numbers
    freedom = estimate.n - 1
    error = max(value - first, last - value) / student(freedom, cells)
    return same_word(word, chances(value, error, freedom, low, high, cells))


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
