"""Series whose truth is known, many of each kind at once, [series, record]."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

Random = np.random.Generator


class Case(NamedTuple):
    """One kind of series: its name, how it is drawn, and what is true of it (NaN where there is nothing)."""

    name: str
    draw: Callable[[Random, int], np.ndarray]
    rest: float = float("nan")
    rate: float = float("nan")


def ar1(random: Random, series: int, records: int, memory: float, tails: float = 0.0) -> np.ndarray:
    """AR(1) of unit variance, started at rest; with Student's `tails` degrees of freedom if they are given."""
    rho = np.exp(-1 / memory) if memory > 0 else 0.0
    shape = (records, series)
    kicks = random.standard_t(tails, shape) / np.sqrt(tails / (tails - 2)) if tails else random.normal(size=shape)
    now = random.normal(size=series)
    found = np.empty(shape)
    for k in range(records):
        now = rho * now + np.sqrt(1 - rho**2) * kicks[k]
        found[k] = now
    return found.T


def two_memories(random: Random, series: int, records: int, memory: float) -> np.ndarray:
    """Sum of two AR(1), one of which remembers a tenth as long and is half as large again."""
    return ar1(random, series, records, memory) + 1.5 * ar1(random, series, records, memory / 10)


def hidden_memory(random: Random, series: int, records: int, memory: float, variance: float) -> np.ndarray:
    """AR(1) of some variance in noise of variance 1 without memory, which hides it."""
    return np.sqrt(variance) * ar1(random, series, records, memory) + random.normal(size=(series, records))


def scale_invariant(
    random: Random, series: int, records: int, eta_lmbda: float, start: float, every: int = 1, inputs: int = 9
) -> np.ndarray:
    r"""Fourth power of a scale-invariant neuron's norm under SGD, over its rest: steps orthogonal, of size 1/norm.

    In units where the rest is near 1: s = |w|^2, s' = (1-a)^2 s + 2 a q / s, with q of mean 1.
    """
    square = np.full(series, np.sqrt(start))
    found = np.empty((records, series))
    for k in range(records * every):
        if k % every == 0:
            found[k // every] = square**2
        kick = random.chisquare(inputs, series) / inputs
        square = (1 - eta_lmbda) ** 2 * square + 2 * eta_lmbda * kick / square
    return found.T


def sign_momentum(
    random: Random, series: int, records: int, eta_lmbda: float, weights: int, start: float, every: int = 1
) -> np.ndarray:
    """Mean square of a layer's weights under the sign of momentum (0.9) of pure noise, in units of eta."""
    w = start * random.normal(size=(series, weights))
    m = np.zeros_like(w)
    found = np.empty((records, series))
    for k in range(records * every):
        if k % every == 0:
            found[k // every] = (w**2).mean(axis=1)
        m = 0.9 * m + 0.1 * random.standard_normal(w.shape, np.float32)
        w = (1 - eta_lmbda) * w - np.sign(m)
    return found.T


def adamw(
    random: Random, series: int, records: int, eta_lmbda: float, weights: int, start: float, every: int = 1
) -> np.ndarray:
    """Mean square of a layer's weights under AdamW (0.9, 0.99) on pure noise, in units of eta."""
    w = start * random.normal(size=(series, weights))
    m, v = np.zeros_like(w), np.ones_like(w)
    found = np.empty((records, series))
    for k in range(records * every):
        if k % every == 0:
            found[k // every] = (w**2).mean(axis=1)
        g = random.standard_normal(w.shape, np.float32)
        m, v = 0.9 * m + 0.1 * g, 0.99 * v + 0.01 * g**2
        w = (1 - eta_lmbda) * w - m / np.sqrt(v)
    return found.T
