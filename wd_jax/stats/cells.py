"""The words of many cells at once: each must hold by itself, and those that fail must fail together."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from wd_jax.stats.intervals import Intervals, standard_error, t_intervals, two_sample_intervals, welch
from wd_jax.stats.replication import Chances, chances
from wd_jax.stats.verdict import FAILS, HOLDS, UNDECIDED


class Cells(NamedTuple):
    """Of every cell its word, the interval by which it was given, and with how many others that one holds together."""

    words: np.ndarray
    interval: Intervals
    together: np.ndarray


def judge_cells(
    samples: ArrayLike, low: float, high: float, *, log: bool = False, others: ArrayLike | None = None
) -> Cells:
    r"""Judge the cells of a comparison: an equivalence test of every cell, and a Bonferroni test that one is off.

    That *all* cells hold is an intersection of claims. Each is tested by two one-sided tests at 2.5 %, which is whether
    its own 95 % interval lies inside; all of them must pass, so that a comparison with one cell truly outside holds in
    2.5 % of cases at most, however many cells there are, and no correction is due. That *any* cell fails is a union:
    its interval must lie outside at 95 % for all cells together, so that a comparison without one truly outside fails
    in 5 % of cases at most (2.5 % where all lie on one end).

    Both rates hold where seeds scatter about normally. Of skewed positive numbers (lognormal, with a coefficient of
    variation of 0.5) many cells are refuted in up to 20 % of cases although all are inside: `log` is for these
    (``factor=True`` of `wd_jax.stats.comparison.compare`).

    Parameters
    ----------
    samples : array [..., cell, seed]
        Ratios of measurement to prediction; those that are not finite are left out, and with `log` those not positive.
    low, high : float
        Range in which the ratio must lie.
    log : bool
        Whether the mean is one of logarithms: the ratio judged is a geometric mean.
    others : array [..., cell, other seed], optional
        Relative spread of the prediction over independent seeds to which it was fitted, about a geometric mean of 1:
        the interval is Welch's for both samples. Needs `log`.

    Returns
    -------
    Cells
        Arrays [..., cell]. The interval is the one by which the word was given, or that stands in the way of one: of
        the cell alone where it holds, or would if narrower; of all cells together where it fails, or would.

    Examples
    --------
    >>> judge_cells([[1.0, 1.01, 0.99], [1.5, 1.51, 1.49]], 0.95, 1.05).words.tolist()
    ['holds', 'fails']
    """
    values = _scaled(samples, log)
    cells = values.shape[-2]

    def interval(count: int) -> Intervals:
        found = t_intervals(values, count) if others is None else two_sample_intervals(values, np.log(others), count)
        return Intervals(np.exp(found.value), np.exp(found.low), np.exp(found.high), found.n) if log else found

    alone, together = interval(1), interval(cells)
    with np.errstate(invalid="ignore"):
        inside = (low <= alone.low) & (alone.high <= high)
        outside = (together.high < low) | (together.low > high)
        mean_outside = (alone.value < low) | (alone.value > high)
    words = np.where(inside, HOLDS, np.where(outside, FAILS, UNDECIDED))
    by_which = Intervals(*(np.where(mean_outside, b, a) for a, b in zip(alone, together, strict=True)))
    return Cells(words, by_which, np.where(mean_outside, cells, 1))


def in_another_run(
    samples: ArrayLike, low: float, high: float, *, log: bool = False, others: ArrayLike | None = None
) -> Chances:
    """How likely each cell of `judge_cells`, given the same, is to hold and to fail in another run.

    Examples
    --------
    >>> found = in_another_run([[1.0, 1.01, 0.99], [1.5, 1.51, 1.49]], 0.9, 1.1)
    >>> found.holds.round(1).tolist(), found.fails.round(1).tolist()
    ([0.9, 0.0], [0.0, 1.0])
    """
    values = _scaled(samples, log)
    if log:
        low, high = (float(np.log(end)) if end > 0 else -np.inf for end in (low, high))
    mean, error, freedom, *_ = standard_error(values) if others is None else welch(values, np.log(others))
    return chances(mean, error, freedom, low, high, values.shape[-2])


def _scaled(samples: ArrayLike, log: bool) -> np.ndarray:
    """Give the values whose mean is judged: the samples, or their logarithms, NaN where there is none."""
    values = np.asarray(samples, np.float64)
    return np.log(np.where(values > 0, values, np.nan)) if log else values
