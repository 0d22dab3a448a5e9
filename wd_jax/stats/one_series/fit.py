r"""Generalised least squares under every noise at once, each weighed by its likelihood."""

from typing import NamedTuple

import numpy as np

from wd_jax.stats.one_series.noise import Noises


class Fitted(NamedTuple):
    """Coefficients for every correlation time and share of the noise.

    Attributes
    ----------
    weight : array [time, share]
        Probability of each noise.
    value, error : array [time, share, column]
        Coefficients and their standard errors.
    variance : array [time, share]
        What the noise's variances are multiplied by.
    """

    weight: np.ndarray
    value: np.ndarray
    error: np.ndarray
    variance: np.ndarray


def fitted(family: Noises, values: np.ndarray, columns: np.ndarray, prior: np.ndarray) -> Fitted:
    r"""Coefficients of `columns` [bin, column] in `values` [bin].

    A noise's weight is its prior times :math:`|V|^{-1/2}\,|X'V^{-1}X|^{-1/2}\,R^{-(n-p)/2}`, where :math:`R` is the
    weighted sum of squares that is left: what remains of the likelihood when coefficients and size of the noise,
    uniform and log-uniform, are integrated out.

    Source: D. A. Harville, Biometrika 61 (1974) 383.
    """
    n, p = columns.shape
    turned = family.rotation @ np.column_stack([values, columns])
    y, x = turned[:, None, :, 0], turned[:, None, :, 1:]
    weighted = x / family.variance[..., None]
    inverse = np.linalg.inv(np.einsum("tsjp,tsjq->tspq", weighted, np.broadcast_to(x, weighted.shape)))
    value = np.einsum("tspq,tsjq,tsj->tsp", inverse, weighted, np.broadcast_to(y, family.variance.shape))
    left = y - np.einsum("tsjp,tsp->tsj", np.broadcast_to(x, weighted.shape), value)
    rounding = n * (1e-16 * np.abs(values).max()) ** 2 + 1e-300
    squares = np.maximum((left**2 / family.variance).sum(axis=-1), rounding)
    logs = -0.5 * (np.log(family.variance).sum(axis=-1) - np.linalg.slogdet(inverse)[1] + (n - p) * np.log(squares))
    weight = np.exp(logs - logs.max()) * prior
    variance = squares / (n - p)
    spread = np.diagonal(inverse, axis1=-2, axis2=-1)
    return Fitted(weight / weight.sum(), value, np.sqrt(variance[..., None] * spread), variance)
