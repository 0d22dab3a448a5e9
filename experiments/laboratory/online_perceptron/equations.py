"""What the proved equations say: the way of Q and R, their rest, and the decay that outweighs the gradient."""

import functools
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
NAMES = {"traffic": "critical_gamma", "net": "critical_gamma_net"}
"""Formulas of `derivations.derive("online_perceptron")` for both thresholds; those of a wide start end in ``_wide``."""


@functools.cache
def formula(name: str) -> Any:
    """Return a proved formula as a function of NumPy arrays."""
    import derivations

    return derivations.derive("online_perceptron").formulas[name].to_numpy()


def rates(Q: float, R: float, eta: float, gamma: float) -> tuple[float, float]:
    """Evaluate dQ/d alpha and dR/d alpha, alpha being examples over inputs."""
    at = {"eta": eta, "gamma": gamma, "student_variance": Q, "overlap": R}
    return float(formula("rate_Q")(**at, output_noise=0.0)), float(formula("rate_R")(**at))


def way(start: float, eta: float, gamma: float, alphas: ArrayLike) -> tuple[Floats, Floats]:
    """Integrate the equations from Q = start and R = 0.

    Parameters
    ----------
    start : float
        Q at the start.
    eta, gamma : float
        Step and decay, over the number of inputs.
    alphas : array [record]
        Examples over inputs, rising.

    Returns
    -------
    Q, R : array [record]
    """
    from scipy.integrate import solve_ivp

    alphas = np.asarray(alphas, np.float64)
    solved = solve_ivp(
        lambda _, state: rates(state[0], state[1], eta, gamma),
        (0, alphas[-1]),
        (start, 0.0),
        "DOP853",
        alphas,
        rtol=1e-9,
        atol=1e-11,
    )
    return solved.y[0], solved.y[1]


def at_rest(eta: float, gamma: float) -> tuple[float, float]:
    """Find the Q and R that do not move, by following the equations to them and a root of both rates.

    Raises
    ------
    ValueError
        If no root is found.
    """
    from scipy.optimize import root

    Q, R = way(1.0, eta, gamma, [60.0])
    found = root(lambda state: rates(state[0], state[1], eta, gamma), (Q[-1], R[-1]), tol=1e-13)
    if np.abs(rates(found.x[0], found.x[1], eta, gamma)).max() > 1e-11:
        raise ValueError(f"eta={eta}, gamma={gamma}: no state at rest was found near Q={Q[-1]:g}, R={R[-1]:g}")
    return float(found.x[0]), float(found.x[1])


def threshold(sense: str, eta: float, Q: ArrayLike) -> Floats:
    """Evaluate the decay that outweighs the gradient at R = 0.

    Parameters
    ----------
    sense : {"traffic", "net", "steps"}
        Decay is half of the traffic, with the drift's mean; decay equals the net loss by the gradient; decay is half of
        the traffic with the absolute drift of every step (`absolute_drift`).
    eta : float
        Learning rate.
    Q : array
        Variance of the student's weighted inputs.
    """
    Q = np.asarray(Q, np.float64)
    if sense != "steps":
        return np.asarray(formula(NAMES[sense])(eta=eta, student_variance=Q), np.float64)
    noise = formula("delta_square")(student_variance=Q, overlap=0.0 * Q)
    return eta * (2 * absolute_drift(Q) + eta * noise) / (2 * Q)


def wide(sense: str, eta: float) -> float:
    """Evaluate what a threshold times Q^(3/2) tends to for wide starts."""
    if sense == "steps":
        square = 2 / np.pi * (np.arcsin(1 / 2) + np.arcsin(1 / 3))
        drift = (1 + 2**1.5 / np.pi * np.arctan(0.5**0.5)) / np.pi
        return float(eta * (2 * drift + eta * square * 2**0.5 / np.pi) / 2)
    return float(formula(f"{NAMES[sense]}_wide")(eta=eta))


def absolute_drift(Q: ArrayLike) -> Floats:
    r"""Evaluate the mean of :math:`|\delta x|` at R = 0.

    The teacher's output is uniform on (-1, 1) there, so that its mean distance from g(x) is (1 + g(x)^2)/2, and with
    c = 1 + 1/Q what is left is

    .. math:: \frac{1}{\pi c\sqrt Q}\left[1 + \frac{2\sqrt2}{\pi}\frac{\arctan\sqrt{1/(1+c)}}{\sqrt{(1+c)/2}}\right].

    Examples
    --------
    >>> bool(abs(absolute_drift(1e8) * 1e4 * np.pi - 1.5541) < 1e-4)
    True
    """
    Q = np.asarray(Q, np.float64)
    c = 1 + 1 / Q
    inner = 2**1.5 / np.pi * np.arctan(1 / np.sqrt(1 + c)) / np.sqrt((1 + c) / 2)
    return (1 + inner) / (np.pi * c * np.sqrt(Q))
