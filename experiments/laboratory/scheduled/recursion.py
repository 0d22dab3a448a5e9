"""Mean squares of weights under a schedule, step by step: on noise with memory, and of a scale-invariant layer."""

import numpy as np


def on_noise(
    rates: np.ndarray, shares: np.ndarray, start: float, beta1: float = 0.0, update_ms: float = 1.0
) -> np.ndarray:
    r"""Iterate the mean square of weights whose steps are an average of noise, with two more moments.

    With :math:`a = 1 - \epsilon_t`, :math:`P = -\mathbb E[w u]` of the step about to be made and U its mean square,

    .. math:: W' = a^2 W + 2 a \eta P + \eta^2 U, \quad P' = \beta_1 (a P + \eta U), \quad
              U' = \beta_1^2 U + (1-\beta_1)^2.

    Parameters
    ----------
    rates : array [step]
        eta.
    shares : array [step]
        epsilon: what a step takes off a weight.
    start : float
        Mean square at the start; the average starts from nothing, its mean square corrected as Adam does.
    beta1 : float
        Of the average; 0 for plain SGD on noise of variance `update_ms`.
    update_ms : float
        Mean square of what is averaged.

    Returns
    -------
    array [step + 1]

    Examples
    --------
    >>> on_noise(np.array([0.5, 0.5]), np.array([0.1, 0.1]), 1.0)
    array([1.    , 1.06  , 1.1086])
    """
    square, overlap, size = start, 0.0, 0.0
    found = [start]
    for k, (eta, epsilon) in enumerate(zip(rates, shares, strict=True), 1):
        kept, warm = 1 - epsilon, 1 - beta1**k
        # The average and what it is divided by while it is young.
        overlap, size = beta1 * overlap, beta1**2 * size + (1 - beta1) ** 2 * update_ms
        step = eta / warm
        square = kept**2 * square + 2 * kept * step * overlap + step**2 * size
        overlap = kept * overlap + step * size
        found.append(square)
    return np.array(found)


def scale_invariant(rates: np.ndarray, shares: np.ndarray, start: float, gradient_scale: float = 1.0) -> np.ndarray:
    r"""Iterate the squared norm of a layer whose scale the cost ignores, under SGD: exact.

    .. math:: N' = (1-\epsilon_t)^2 N + \eta_t^2 G^2 / N

    Parameters
    ----------
    rates, shares : array [step]
        eta and epsilon.
    start : float
        Squared norm at the start.
    gradient_scale : float
        G, the norm of the gradient times that of the weights.

    Returns
    -------
    array [step + 1]

    Examples
    --------
    >>> scale_invariant(np.array([0.5]), np.array([0.1]), 2.0)
    array([2.   , 1.745])
    """
    found = [start]
    for eta, epsilon in zip(rates, shares, strict=True):
        found.append((1 - epsilon) ** 2 * found[-1] + (eta * gradient_scale) ** 2 / found[-1])
    return np.array(found)
