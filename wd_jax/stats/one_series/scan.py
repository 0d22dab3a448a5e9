"""Fits of one exponential, for many rates at once, under every noise."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from wd_jax.stats.one_series.noise import Noises, flat_prior, long_prior
from wd_jax.stats.one_series.records import Bins
from wd_jax.stats.one_series.trend import trend

SLOWEST, FASTEST = 0.02, 3.0
"""Least rate looked for, per length of the series, and largest, per distance of the first records."""
BENT = 20.0
"""Gain (`trend`) of a movement in what the fitted curve leaves, beyond which the approach is not one exponential."""
POWERS, LEAST = (0.0, 0.5, 1.0), 0.02
"""Powers of the level that the noise's size may go as, and the least level, as a share of the largest."""
ROUNDING = 1e-14
"""Least sum of squares told from rounding, in squares of the largest deviation."""
_ROUND = 1e-6
"""Largest movement of what is left, as a share of the series', that may be rounding."""


class Scan(NamedTuple):
    """Fits for every time, share and rate: logarithm of the likelihood, size of the approach, rest, its error."""

    likelihood: np.ndarray
    size: np.ndarray
    rest: np.ndarray
    error: np.ndarray
    gain: float


def first_rates(bins: Bins) -> np.ndarray:
    """Rates looked for at first."""
    slowest = SLOWEST / (bins.last[-1] - bins.first[0])
    fastest = FASTEST / np.diff(np.unique(np.concatenate([bins.first, bins.last]))).min()
    return np.geomspace(slowest, max(fastest, 100 * slowest), 90)


def scan(bins: Bins, family: Noises, rates: np.ndarray, sizes: np.ndarray) -> Scan:
    """Fit every rate under every noise and every course of its size [size, bin]."""
    each = [_scan_one(bins, family, rates, size) for size in sizes]
    likelihood, size, rest, error = (np.concatenate(parts) for parts in list(zip(*each, strict=True))[:4])
    return Scan(likelihood, size, rest, error, max(one.gain for one in each))


def _scan_one(bins: Bins, family: Noises, rates: np.ndarray, noise_size: np.ndarray) -> Scan:
    """Fit every rate under every noise, whose standard deviation goes as `noise_size` [bin]."""
    curve = curves(bins, rates)
    share = bins.count / bins.count.sum()
    average = share @ bins.mean
    scale = np.abs(bins.mean - average).max()
    columns = np.column_stack([(bins.mean - average) / scale, np.ones_like(bins.time), curve])
    turned = family.rotation @ (columns / noise_size[:, None])
    weight = 1 / family.variance
    values, ones, moves = turned[:, :, 0], turned[:, :, 1], turned[:, :, 2:]
    norm = np.einsum("tsj,tj->ts", weight, ones**2)
    level = np.einsum("tsj,tj->ts", weight, ones * values) / norm
    still = np.einsum("tsj,tsj->ts", weight, (values[:, None] - level[..., None] * ones[:, None]) ** 2)
    cross = weight @ (ones[:, :, None] * moves) / norm[..., None]
    own = weight @ moves**2 - cross**2 * norm[..., None]
    size = (weight @ (values[:, :, None] * moves) - level[..., None] * cross * norm[..., None]) / own
    left = np.maximum(still[..., None] - size**2 * own, ROUNDING)
    n = len(bins.mean)
    noise = np.log(family.variance).sum(axis=-1) + 2 * np.log(noise_size).sum()
    logs = -0.5 * ((noise + np.log(norm))[..., None] + (n - 2) * np.log(left)) + np.log(long_prior())[..., None]
    gain = (-noise[..., None] - n * np.log(left)).max() - (-noise - n * np.log(np.maximum(still, ROUNDING))).max()
    error = np.sqrt(left / (n - 2) * (1 / norm[..., None] + cross**2 / own))
    rest = average + scale * (level[..., None] - size * cross)
    return Scan(logs, size * scale, rest, error * scale, float(gain))


def courses_of(bins: Bins, rates: np.ndarray, fits: Scan) -> np.ndarray:
    """Courses that the noise's size may take [course, bin]: constant, or a power of the fitted curve."""
    best = np.unravel_index(fits.likelihood.argmax(), fits.likelihood.shape)
    curve = fits.rest[best] + fits.size[best] * curves(bins, rates[[best[-1]]])[:, 0]
    if bins.mean.min() < 0 < bins.mean.max():
        return np.ones((1, len(bins.mean)))
    level = np.maximum(np.abs(curve) / np.abs(curve).max(), LEAST)
    return level ** np.array(POWERS)[:, None]


def for_the_rest(courses: int) -> np.ndarray:
    """Give what the likelihood is multiplied by for the rest, where a long memory is no more likely."""
    return np.tile(flat_prior() / long_prior(), (courses, 1))[..., None]


def is_bent(bins: Bins, left: np.ndarray, moved: float) -> bool:
    """Whether what the curve leaves still moves, by more than rounding."""
    return bool(np.ptp(left) > _ROUND * moved) and trend(replace(bins, mean=left)).gain > BENT


def curves(bins: Bins, rates: np.ndarray) -> np.ndarray:
    """Means of the exponential over each bin [bin, rate], for records evenly spaced within it."""
    count = bins.count[:, None]
    spacing = ((bins.last - bins.first) / np.maximum(bins.count - 1, 1))[:, None]
    with np.errstate(under="ignore", invalid="ignore", divide="ignore"):
        inside = np.where(count > 1, np.expm1(-count * spacing * rates) / (count * np.expm1(-spacing * rates)), 1.0)
        return inside * np.exp(-(bins.first - bins.first[0])[:, None] * rates)


def total(fits: Scan) -> np.ndarray:
    """Logarithm of the likelihood of each rate, summed over the noises."""
    top = fits.likelihood.max()
    with np.errstate(under="ignore", divide="ignore"):
        return top + np.log(np.exp(fits.likelihood - top).sum(axis=(0, 1)))
