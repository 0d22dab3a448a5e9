r"""Mean-field maps of \|w\|^2: how a neuron of many scale-invariant weights comes to rest, step by step.

A gradient is at right angles to the weights and :math:`1/\|w\|` long. Averages know no more of it than that, so that a
few numbers carry a neuron from step to step: its squared norm, its product with the average, and the average's own
square. They are exact on average as far as those numbers do not fluctuate, in many dimensions.
"""

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np


def path(rule: str, numbers: Mapping[str, Any], epsilon: float, start: float, steps: int, dim: int) -> np.ndarray:
    r"""Iterate the map of a rule.

    Parameters
    ----------
    rule : {"sgd", "momentum", "adamw", "lion"}
        Update rule; its averages start at 0.
    numbers : mapping
        eta, and momentum, or beta1 and beta2.
    epsilon : float
        Decay per step, eta L.
    start : float
        Squared norm at the start.
    steps, dim : int
        Steps, and weights of the neuron.

    Returns
    -------
    numpy.ndarray [steps + 1]
        Squared norm, that of the start first.

    Examples
    --------
    >>> path("sgd", {"eta": 0.1}, 0.01, 1.0, 1, 128).round(4).tolist()  # 0.99^2 + 0.1^2
    [1.0, 0.9901]
    """
    if rule == "lion":
        return lion(start, numbers["eta"], epsilon, numbers["beta1"], numbers["beta2"], steps, dim)
    if rule == "adamw":
        found = adamw(start, numbers["eta"], epsilon, numbers["beta1"], numbers["beta2"], dim)
    else:
        found = heavy_ball(start, numbers["eta"], epsilon, numbers.get("momentum", 0.0))
    return np.array([start, *itertools.islice(found, steps)])


def heavy_ball(norm2: float, eta: float, epsilon: float, momentum: float) -> Iterator[float]:
    r"""Give :math:`\|w\|^2` after each step of v' = mu v + g + L w, w' = w - eta v', from a velocity of 0.

    With :math:`P=\langle w,v\rangle`, :math:`V=\|v\|^2` and :math:`\langle w,g\rangle=\langle v,g\rangle=0`:
    :math:`Q=\mu P+L\|w\|^2`, :math:`V'=\mu^2V+1/\|w\|^2+L^2\|w\|^2+2\mu LP`, :math:`\|w'\|^2=\|w\|^2-2\eta Q+\eta^2V'`,
    :math:`P'=Q-\eta V'`.

    Parameters
    ----------
    norm2, eta, epsilon, momentum
        Squared norm at the start, learning rate, decay per step, momentum mu.
    """
    product = velocity2 = 0.0
    decay = epsilon / eta
    while True:
        ahead = momentum * product + decay * norm2
        velocity2 = momentum**2 * velocity2 + 1 / norm2 + decay**2 * norm2 + 2 * momentum * decay * product
        norm2 = norm2 - 2 * eta * ahead + eta**2 * velocity2
        product = ahead - eta * velocity2
        yield norm2


def adamw(norm2: float, eta: float, epsilon: float, beta1: float, beta2: float, dim: int) -> Iterator[float]:
    r"""Give :math:`\|w\|^2` after each step of AdamW with bias correction, whose second moment is :math:`v` everywhere.

    Averages start at 0; :math:`v` follows :math:`1/(d\|w\|^2)`, the mean square of one weight's gradient, with a memory
    of its own: a norm that changes faster than that is divided by a second moment of the past.

    Parameters
    ----------
    norm2, eta, epsilon, beta1, beta2
        Squared norm at the start, learning rate, decay per step, averaging factors.
    dim : int
        Number of weights d.
    """
    kept, second, average2, product, step = 1 - epsilon, 0.0, 0.0, 0.0, 0
    while True:
        step += 1
        second = beta2 * second + (1 - beta2) / (dim * norm2)
        average2 = beta1**2 * average2 + (1 - beta1) ** 2 / norm2
        product = beta1 * product  # <w, m'>: the fresh gradient adds nothing
        rate = eta / (1 - beta1**step) / np.sqrt(second / (1 - beta2**step))
        norm2, product = (
            kept**2 * norm2 - 2 * kept * rate * product + rate**2 * average2,
            kept * product - rate * average2,
        )
        yield float(norm2)


def lion(norm2: float, eta: float, epsilon: float, beta1: float, beta2: float, steps: int, dim: int) -> np.ndarray:
    r"""Give :math:`\|w\|^2` of Lion after each step, [steps + 1], from an average of 0.

    Mixtures :math:`c_t=\sum_ja_{tj}g_j` of gradients of variance :math:`1/(d\|w_j\|^2)` are Gaussian, so that two signs
    have the mean product :math:`\frac2\pi\arcsin\rho`, and the weights hold those of the past,
    :math:`-\langle w_t,u_t\rangle=\eta d\sum_{k\ge1}\alpha^{k-1}\frac2\pi\arcsin\rho(c_t,c_{t-k})`. The gradients of a
    neuron that was smaller were larger, and the average remembers them.

    Parameters
    ----------
    norm2, eta, epsilon, beta1, beta2
        Squared norm at the start, learning rate, decay per step, averaging factors.
    steps, dim : int
        Steps, and weights d.
    """
    found, kept, at = np.full(steps + 1, float(norm2)), 1 - epsilon, np.arange(steps)
    lag = at[:, None] - at[None, :]
    mixed = np.where(lag > 0, beta1 * (1 - beta2) * beta2 ** np.maximum(lag - 1.0, 0), 0) + (1 - beta1) * (lag == 0)
    sizes = np.zeros(steps)  # the standard deviations of one weight's gradients
    scaled, norms = np.zeros_like(mixed), np.zeros(steps)
    for t in range(steps):
        sizes[t] = 1 / np.sqrt(dim * found[t])
        scaled[t] = mixed[t] * sizes
        norms[t] = np.sqrt(scaled[t] @ scaled[t])
        alike = np.arcsin(np.minimum(scaled[:t] @ scaled[t] / (norms[:t] * norms[t]), 1)) / (np.pi / 2)
        overlap = eta * dim * np.sum(kept ** (t - 1 - at[:t]) * alike)
        found[t + 1] = kept**2 * found[t] + 2 * kept * eta * overlap + eta**2 * dim
    return found
