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


def on_noise_short(
    rates: np.ndarray, shares: np.ndarray, start: float, beta1: float, beta2: float, square_var: float = 2.0
) -> np.ndarray:
    r"""Iterate the mean square of AdamW's weights on noise where the average of squares is short.

    Its scatter makes the correlation of directions k steps apart :math:`c\,\beta_1^k (A + F\beta_2^k)` with
    :math:`c = (1-\beta_1)/(1+\beta_1)`, to first order in :math:`1-\beta_2` (adamw, short_memory). Then P of `on_noise`
    has two parts, of memory :math:`\beta_1` and :math:`\beta_1\beta_2`:

    .. math:: W' = a^2 W + 2 a \eta (P_A + P_F) + \eta^2 c (A + F), \quad
              P_A' = \beta_1 (a P_A + \eta c A), \quad P_F' = \beta_1\beta_2 (a P_F + \eta c F).

    Parameters
    ----------
    rates, shares : array [step]
        eta and epsilon.
    start : float
        Mean square at the start; directions are as correlated as at rest from the first step on.
    beta1, beta2 : float
        Of AdamW.
    square_var : float
        Variance of a gradient's square over the square of its mean: 2 for Gaussian noise.

    Returns
    -------
    array [step + 1]

    Examples
    --------
    >>> long = on_noise(np.full(300, 0.01), np.full(300, 0.05), 0.1, 0.9)[-1]
    >>> short = on_noise_short(np.full(300, 0.01), np.full(300, 0.05), 0.1, 0.9, 0.98)[-1]
    >>> print(round(short / long, 3))
    0.985
    """
    lasting, fading = _correlations(beta1, beta2, square_var)
    memory = np.array([beta1, beta1 * beta2])
    size = (1 - beta1) / (1 + beta1) * np.array([lasting, fading])
    square, overlap, found = start, np.zeros(2), [start]
    for eta, epsilon in zip(rates, shares, strict=True):
        kept = 1 - epsilon
        square = kept**2 * square + 2 * kept * eta * overlap.sum() + eta**2 * size.sum()
        overlap = memory * (kept * overlap + eta * size)
        found.append(square)
    return np.array(found)


def _correlations(beta1: float, beta2: float, square_var: float) -> tuple[float, float]:
    """Give A and F of the law `short_memory` of adamw."""
    from derivations.laws.adam import short_memory as law

    numbers = {law.beta1: beta1, law.beta2: beta2, law.square_var: square_var}
    return float(law.LASTING.subs(numbers)), float(law.FADING.subs(numbers))


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
