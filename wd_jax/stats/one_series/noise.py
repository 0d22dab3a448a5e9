r"""Noise that remembers: covariances of bins' means for one that forgets exponentially, plus one that does not."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from wd_jax.stats.one_series.records import Bins

TIMES = np.append(np.geomspace(1 / 400, 2, 22), 50.0)
"""Correlation times tried, in lengths of the series; the last is a random walk, to all purposes."""
SHARES = np.array([0.0, 0.03, 0.1, 0.3, 1.0, 3.0])
"""Variance of a bin's mean that is not remembered, over what is."""
PLAIN, FORGETFUL, SLOW, LONG = 0.9, 3.0, 0.05, 0.35
"""How likely each is held beforehand, chosen by the coverage that follows: share 0 together has 90 %, of which noise
without memory counts three times a correlation time; with another share, times beyond 5 % of the series are less
likely as they grow. For rates, each is more likely the longer it is, as the power 0.35."""
PLAIN_HIDDEN = 0.75
"""Of share 0 together, where a long memory may hide in noise without memory: with another share, all times are as
likely then."""


def prior(hidden: bool = True) -> np.ndarray:
    """How likely each time and share is held before a series' mean is asked [time, share], not normalised.

    With `hidden`, a long memory that hides in noise without memory is as likely as a short one.
    """
    plain, share = SHARES == 0, PLAIN_HIDDEN if hidden else PLAIN
    slow = 1.0 if hidden else np.minimum(1, SLOW / TIMES)[:, None]
    likely = np.where(plain, share, (1 - share) / (~plain).sum()) * np.where(plain, np.ones((len(TIMES), 1)), slow)
    likely[0, plain] *= FORGETFUL
    return likely


def flat_prior() -> np.ndarray:
    """How likely each is held where a long memory leaves the answer finite, all times as likely."""
    plain = SHARES == 0
    return np.where(plain, PLAIN, (1 - PLAIN) / (~plain).sum()) * np.ones((len(TIMES), 1))


def long_prior() -> np.ndarray:
    """As `flat_prior`, with longer times more likely: for rates, which a memory that was missed makes too certain."""
    return flat_prior() * TIMES[:, None] ** LONG


@dataclass(frozen=True, eq=False)
class Noises:
    """Covariances of bins' means, one for each correlation time and share, as rotations and variances.

    Attributes
    ----------
    times : array [time]
        Correlation times, in the series' unit.
    rotation : array [time, bin, bin]
        Turns scaled means so that they are independent: ``rotation @ mean``.
    variance : array [time, share, bin]
        Variances after the rotation.
    of_mean : array [time, share]
        Variance of the mean over all records.
    """

    times: np.ndarray
    rotation: np.ndarray
    variance: np.ndarray
    of_mean: np.ndarray


def noises(bins: Bins) -> Noises:
    r"""Covariances of the means of `bins` for every correlation time and share.

    A record's noise is :math:`u + v`, where the covariance of :math:`u` is :math:`e^{-|t-t'|/\tau}` (of an AR(1) or an
    Ornstein-Uhlenbeck process) and :math:`v` is independent from record to record. The means over bins are exact for
    records that are evenly spaced within a bin.

    Parameters
    ----------
    bins : Bins
        From `records`.

    Returns
    -------
    Noises
        Kept for the next series with the same times.
    """
    return _noises(*(array.astype(np.float64).tobytes() for array in (bins.count, bins.first, bins.last)), bins.span)


@lru_cache(maxsize=32)
def _noises(counts: bytes, firsts: bytes, lasts: bytes, span: float) -> Noises:
    """Diagonalise each covariance, scaled so that the forgotten part is the same in each bin."""
    count, first, last = (np.frombuffer(array) for array in (counts, firsts, lasts))
    times = TIMES * span
    root = np.sqrt(count / count.mean())
    covariance = np.stack([_remembered(count, first, last, each) for each in times])
    scaled = covariance * root[:, None] * root
    size = np.trace(scaled, axis1=1, axis2=2) / len(count)
    spectrum, vectors = np.linalg.eigh(scaled / size[:, None, None])
    variance = np.maximum(spectrum, 0)[:, None, :] + SHARES[:, None]
    variance = np.maximum(variance, 1e-12 * variance.max(axis=-1, keepdims=True))
    rotation = vectors.transpose(0, 2, 1) * root
    weight = np.einsum("tji,i->tj", vectors.transpose(0, 2, 1), count / count.sum() / root)
    return Noises(times, rotation, variance, np.einsum("tj,tsj->ts", weight**2, variance))


def _remembered(count: np.ndarray, first: np.ndarray, last: np.ndarray, time: float) -> np.ndarray:
    """Covariance of bins' means of noise with unit variance and one correlation time."""
    spacing = np.where(count > 1, (last - first) / np.maximum(count - 1, 1), 1.0)
    rho = np.exp(-spacing / time)
    lost = -np.expm1(-spacing / time)
    with np.errstate(under="ignore"):
        short = -np.expm1(-count * spacing / time) / (count * lost)
        gap = first[None, :] - last[:, None]
        between = short[:, None] * short[None, :] * np.exp(-np.maximum(gap, 0) / time)
    own = (1 + rho - 2 * rho * short) / (count * lost)
    upper = np.triu(between, 1)
    return upper + upper.T + np.diag(np.where(count > 1, own, 1.0))
