r"""Whether the mean of a series moves: a likelihood ratio against every memory that the noise may have."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from wd_jax.stats.one_series.noise import noises
from wd_jax.stats.one_series.records import Bins

BATCHES = 48
"""Batches that a series is averaged into for the test."""
RATES = np.geomspace(0.3, 100, 14)
"""Rates of approach looked for, per length of the series."""
TURNS = np.linspace(0.2, 0.8, 7)
"""Where a movement may turn round."""
SETTLING = (5.0, 15.0, 40.0)
"""Rates, per length of the series, at which what a step began may settle."""
FLOOR = 1e-16
"""Smallest sum of squares told from rounding, in squares of the largest deviation."""
STEPS = np.linspace(0.1, 0.9, 17)
"""Where steps are looked for, in lengths of the series."""


class Trend(NamedTuple):
    """Twice the gain in log-likelihood of the best movement, and how far the movements went.

    Attributes
    ----------
    gain : float
        Of the likeliest movement over the likeliest noise without one.
    change, error : float
        Of the mean from the first to the last record, in the best straight line, and its standard error for the noise
        that is likeliest without a movement.
    left : float
        As ``error``, for the noise that is left beside the likeliest movement.
    gains : array [movement]
        As ``gain``, for each movement.
    paths : array [bin, movement]
        The movements, with the sizes that fit best.
    """

    gain: float
    change: float
    error: float
    left: float
    gains: np.ndarray
    paths: np.ndarray


def trend(bins: Bins) -> Trend:
    r"""Twice the logarithm of the likelihood ratio of a moving mean and one at rest.

    .. math:: G = 2\max_{\tau, s, f} \ell(\tau, s, f) - 2\max_{\tau, s}\ell(\tau, s)

    where :math:`f` is one of some seventy movements (a line, approaches, growth, waves, steps) and the noise one of
    `noise`, up to a random walk. What may be a long memory is therefore not taken for a movement.

    Examples
    --------
    >>> from wd_jax.stats.one_series.records import binned
    >>> time, noise = np.arange(400.0), np.random.default_rng(0).normal(size=400)
    >>> trend(binned(time, noise, 48)).gain < 10, trend(binned(time, noise + time / 20, 48)).gain > 40
    (True, True)
    """
    family = noises(bins)
    place = (bins.time - bins.first[0]) / (bins.last[-1] - bins.first[0])
    shapes = _movements(place.tobytes())
    average = bins.mean.mean()
    scale = np.abs(bins.mean - average).max() or 1.0
    turned = family.rotation @ np.column_stack([(bins.mean - average) / scale, np.ones_like(place), shapes])
    weight = 1 / family.variance
    values, ones, moves = turned[:, :, 0], turned[:, :, 1], turned[:, :, 2:]
    norm = np.einsum("tsj,tj->ts", weight, ones**2)
    level = np.einsum("tsj,tj->ts", weight, ones * values) / norm
    rest = np.einsum("tsj,tj->ts", weight, values**2) - level**2 * norm
    cross = weight @ (ones[:, :, None] * moves)
    own = weight @ moves**2 - cross**2 / norm[..., None]
    shared = weight @ (values[:, :, None] * moves) - level[..., None] * cross
    better = rest[..., None] - shared**2 / own
    noise = np.log(family.variance).sum(axis=-1)
    n = len(place)
    still = -noise - n * np.log(np.maximum(rest, FLOOR))
    moving = -noise[..., None] - n * np.log(np.maximum(better, FLOOR))
    best = np.unravel_index(still.argmax(), still.shape)
    change = (shared / own)[best][0]
    error = np.sqrt(np.maximum(rest[best], FLOOR) / (n - 1) / own[best][0])
    moved = np.unravel_index(moving.argmax(), moving.shape)
    left = np.sqrt(np.maximum(better[moved], FLOOR) / (n - 2) / own[moved[:2]][0])
    flat = moving.reshape(-1, moving.shape[-1])
    likeliest = flat.argmax(axis=0), np.arange(flat.shape[-1])
    gains = flat[likeliest] - still.max()
    sizes = (shared / own).reshape(flat.shape)[likeliest] * scale
    numbers = float(gains.max()), float(change * scale), float(error * scale), float(left * scale)
    return Trend(*numbers, gains, shapes * sizes)


@lru_cache(maxsize=32)
def _movements(places: bytes) -> np.ndarray:
    """Movements looked for [bin, movement]: a line first, then approaches, growth, waves, turns and steps."""
    place = np.frombuffer(places)
    shapes = [place]
    shapes += [np.exp(-rate * place) for rate in RATES]
    shapes += [np.exp(rate * (place - 1)) for rate in (2.0, 6.0)]
    shapes += [np.cos(turns * np.pi * place) for turns in (2, 3)]
    shapes += [(place - turn) ** 2 for turn in TURNS]
    shapes += [(place > step).astype(float) for step in STEPS]
    shapes += [-np.expm1(-rate * np.maximum(place - step, 0)) for step in STEPS[::2] for rate in SETTLING]
    return np.stack(shapes, axis=1)
