"""Exponents of power laws over cells: one for all if the law is a line in logarithms, else one from cell to cell."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from wd_jax.stats.intervals import Estimate, t_interval

NOTHING = Estimate(float("nan"), float("nan"), float("nan"), 0)
_ROUNDING = 1e-6


@dataclass(frozen=True)
class LocalExponent:
    """The exponent between two neighbouring cells, at `first` and `last` in the unit of x."""

    first: float
    last: float
    exponent: Estimate


@dataclass(frozen=True)
class PowerLaw(Estimate):
    r"""The exponent of the line through all cells, and whether they lie on one.

    Attributes
    ----------
    value, low, high, n, left_out
        Of the slope of the straight line in log x. Where `curved`, it is the mean slope over these very cells and the
        exponent of nothing: other cells give another number. Use `local_exponents` then.
    curvature : Estimate
        The coefficient c of :math:`\log y = a + p\,\log x + c\,(\log x)^2`: the exponent changes by 2c per unit of
        log x.
    curved : bool
        Whether the cells are told from a line, by more than rounding: by their curvature, or by an exponent between
        neighbours that is not the line's, each asked at 97.5 %. An S-shaped curve has no curvature on the whole.
    """

    curvature: Estimate = NOTHING
    curved: bool = False


def exponent(x: ArrayLike, y: ArrayLike) -> PowerLaw:
    r"""Exponent p of :math:`y \propto x^p`, fitted over cells seed by seed, with an interval over seeds.

    Every seed has a least-squares slope of its own; the interval is Student's over these. On a law that is a line it
    covers 95 %. Off a line it says where the mean slope over these cells lies, and ``curved`` says that this is no
    exponent.

    Parameters
    ----------
    x : array [cell]
        Positive, for example numbers of weights.
    y : array [cell, seed]
        Positive measurements; a seed with a value that is not finite, or not positive, is left out.

    Returns
    -------
    PowerLaw
        An `Estimate` of the exponent, dimensionless, with its test for curvature; no number with fewer than three
        cells, which cannot tell a line from a curve, or fewer than two seeds.

    Examples
    --------
    >>> exponent([1.0, 2.0, 4.0], [[1.0, 1.1], [0.5, 0.55], [0.25, 0.275]]).value.__round__(12)
    -1.0
    """
    log_x, log_y, left_out = _logs(x, y)
    seeds = log_y.shape[1]
    line = log_x - log_x.mean() if len(log_x) else log_x
    if seeds < 2 or len(np.unique(log_x)) < 3:
        return PowerLaw(np.nan, np.nan, np.nan, seeds, left_out)
    found = t_interval(line @ log_y / (line @ line))
    bend = line**2 - (line**2).mean()
    bend = bend - line * (line @ bend) / (line @ line)
    bends = bend @ log_y / (bend @ bend)
    off = bends * np.abs(bend).max()
    order = np.argsort(log_x, kind="stable")
    residuals = (log_y - log_y.mean(axis=0) - np.outer(line, line @ log_y / (line @ line)))[order]
    steps = np.diff(residuals, axis=0)[np.diff(log_x[order]) > 0]
    curved = _told(off, 2) or any(_told(step, 2 * len(steps)) for step in steps)
    return PowerLaw(found.value, found.low, found.high, seeds, left_out, t_interval(bends), curved)


def _told(departure: np.ndarray, questions: int) -> bool:
    """Whether a departure from a line, of a logarithm, is told from 0 at 95 % for so many questions together."""
    asked = t_interval(departure, questions)
    return bool(abs(asked.value) > _ROUNDING and (asked.low > 0 or asked.high < 0))


def local_exponents(x: ArrayLike, y: ArrayLike, together: bool = False) -> tuple[LocalExponent, ...]:
    r"""Exponents between neighbouring cells, :math:`\Delta\log y/\Delta\log x`, each with an interval over seeds.

    Parameters
    ----------
    x : array [cell]
        Positive, in any order.
    y : array [cell, seed]
        Positive measurements; a seed with a value that is not finite, or not positive, is left out of all.
    together : bool
        Whether all intervals must hold together: Bonferroni over the pairs of cells.

    Returns
    -------
    tuple of LocalExponent
        From the smallest x to the largest, without pairs of equal x.

    Examples
    --------
    >>> [round(one.exponent.value, 9) for one in local_exponents([1.0, 2.0, 4.0], [[1.0, 2.0], [1.0, 2.0], [4.0, 8.0]])]
    [0.0, 2.0]
    """
    log_x, log_y, left_out = _logs(x, y)
    order = np.argsort(log_x, kind="stable")
    places, log_x, log_y = np.asarray(x, np.float64)[order], log_x[order], log_y[order]
    steps = np.flatnonzero(np.diff(log_x) > 0)
    cells = max(len(steps), 1) if together else 1
    found = []
    for i in steps:
        one = t_interval((log_y[i + 1] - log_y[i]) / (log_x[i + 1] - log_x[i]), cells)
        kept = Estimate(one.value, one.low, one.high, one.n, left_out)
        found.append(LocalExponent(float(places[i]), float(places[i + 1]), kept))
    return tuple(found)


def in_words(x: ArrayLike, y: ArrayLike, between: str = "from cell to cell") -> str:
    """Say which exponent a curve has, with a true minus sign: one, or the range of the local ones where it is curved.

    Examples
    --------
    >>> x, seeds = np.array([1.0, 2.0, 4.0]), np.array([0.9, 1.0, 1.1])
    >>> in_words(x, x[:, None] ** -0.5 * seeds)
    'exponent −0.500 ± 0.000'
    >>> in_words(x, np.array([4.0, 3.0, 1.0])[:, None] * seeds, "from width to width")
    'exponents −1.58 to −0.42 from width to width'
    """
    found = exponent(x, y)
    said = f"exponent {found.with_digits('.3f', '.3f')}"
    if found.curved:
        values = [one.exponent.value for one in local_exponents(x, y)]
        said = f"exponents {min(values):.2f} to {max(values):.2f} {between}"
    return said.replace("-", "−")


def _logs(x: ArrayLike, y: ArrayLike) -> tuple[np.ndarray, np.ndarray, int]:
    """Logarithms of both, of the seeds that have one in every cell, and how many have not."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log_x, log_y = np.log(np.asarray(x, np.float64)), np.log(np.asarray(y, np.float64))
    kept = np.isfinite(log_y).all(axis=0)
    return log_x, log_y[:, kept], int((~kept).sum())
