"""What five Newton-Schulz steps make of Gaussian matrices, drawn: no optimiser is run here."""

import math
from typing import NamedTuple

import numpy as np

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of Jordan and others, 2024."""


class Drawn(NamedTuple):
    """Of updates D(G), G Gaussian: their rms norm, their linear share, and how two are correlated.

    Attributes
    ----------
    norm : float
        Root of E|D|^2.
    linear_share : float
        phi'(0), the share of E|D|^2 that is linear in G.
    phi : array [rho]
        Correlation of the updates of two matrices, for each correlation of these.
    """

    norm: float
    linear_share: float
    phi: np.ndarray


def newton_schulz(matrices: np.ndarray) -> np.ndarray:
    """Take the five steps, each X <- a X + (b X X' + c (X X')^2) X, from X = G/|G|.

    Parameters
    ----------
    matrices : array [..., p, q]
        G.

    Returns
    -------
    array [..., p, q]
        D(G), nearly orthogonal.

    Examples
    --------
    >>> found = np.linalg.svd(newton_schulz(np.diag([0.9, 0.4])), compute_uv=False)
    >>> bool(abs(found - 1).max() < 0.35)
    True
    """
    if matrices.shape[-2] > matrices.shape[-1]:
        return newton_schulz(matrices.swapaxes(-1, -2)).swapaxes(-1, -2)
    a, b, c = (np.asarray(one, matrices.dtype) for one in COEFFICIENTS)
    x = matrices / np.linalg.norm(matrices, axis=(-2, -1), keepdims=True)
    for _ in range(5):
        gram = x @ x.swapaxes(-1, -2)
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x


def measure(shape: tuple[int, int], draws: int, pairs: int, rho: np.ndarray, seed: int) -> Drawn:
    """Draw matrices and measure what the law asks for.

    D(G) depends on the direction of G alone, which is independent of its norm: E<D, G> is E<D, G/|G|> times E|G|, and
    E|G| is known.

    Parameters
    ----------
    shape : (int, int)
        Rows and columns.
    draws, pairs : int
        How many for the norm and the linear share, and for each correlation.
    rho : array [rho]
        Correlations.
    seed : int
        Of this draw alone.

    Returns
    -------
    Drawn
    """
    random = np.random.default_rng([seed, *shape])
    count = shape[0] * shape[1]
    squares, along = [], []
    for size in np.diff(np.linspace(0, draws, 1 + -(-draws // 5000)).astype(int)):
        g = random.standard_normal((size, *shape), np.float32)
        d = newton_schulz(g)
        squares.append(_dot(d, d))
        along.append(_dot(d, g) / np.sqrt(_dot(g, g)))
    square = float(np.concatenate(squares).mean())
    length = math.sqrt(2) * math.exp(math.lgamma((count + 1) / 2) - math.lgamma(count / 2))
    share = (float(np.concatenate(along).mean()) * length) ** 2 / (count * square)
    first, other = (random.standard_normal((pairs, *shape), np.float32) for _ in range(2))
    d = newton_schulz(first)
    own = _dot(d, d).mean()
    phi = [
        _dot(d, newton_schulz(np.float32(r) * first + np.float32(math.sqrt(1 - r * r)) * other)).mean() / own
        for r in rho
    ]
    return Drawn(math.sqrt(square), share, np.array(phi))


def _dot(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Product of matrices as vectors, [draw], summed in double precision."""
    return np.einsum("kij,kij->k", a, b, dtype=np.float64)
