r"""Gaussian averages of the sigmoid by quadrature, and the constant c(s) of the mean slope.

With z ~ N(0, s^2) the mean slope is written :math:`E\sigma' = 1/\sqrt{2\pi(s^2 + c(s))}`: c is nearly constant.
"""

import functools
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
SMALL, LARGE = 8 / np.pi, np.pi**2 / 3
"""c(s) for s to 0 and to infinity."""
PROBIT = 1.702**2
"""Variance of the normal distribution whose integral stands for the sigmoid in closed forms."""


@functools.cache
def _nodes() -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights over a range outside which slopes are below 1e-17."""
    edges = np.linspace(-40, 40, 41)
    at, weights = np.polynomial.legendre.leggauss(24)
    middle, half = (edges[1:] + edges[:-1]) / 2, (edges[1:] - edges[:-1]) / 2
    return (middle[:, None] + half[:, None] * at).ravel(), (half[:, None] * weights).ravel()


def _slope(z: Floats) -> Floats:
    a = 1 / (1 + np.exp(-np.abs(z)))
    return a * (1 - a)


def _averaged(function: Callable[[Floats], Floats], s: ArrayLike) -> Floats:
    """Average a function that vanishes outside a few units; narrow Gaussians have nodes of their own."""
    s = np.asarray(s, np.float64)
    z, weights = _nodes()
    found = np.empty(s.shape)
    for place, width in np.ndenumerate(s):
        if width < 2:  # the Gaussian is narrower than the slope: integrate over it
            t = z * (9 / 40)
            found[place] = (weights * 9 / 40 * np.exp(-(t**2) / 2) * function(width * t)).sum() / np.sqrt(2 * np.pi)
        else:
            density = np.exp(-((z / width) ** 2) / 2) / (width * np.sqrt(2 * np.pi))
            found[place] = (weights * function(z) * density).sum()
    return found


def mean_slope(s: ArrayLike) -> Floats:
    r"""Return :math:`E\sigma'(z)` for z ~ N(0, s^2), by quadrature.

    Examples
    --------
    >>> float(mean_slope(22.4)).__round__(5)
    0.01775
    """
    return _averaged(_slope, s)


def mean_square_slope(s: ArrayLike) -> Floats:
    r"""Return :math:`E\sigma'(z)^2` for z ~ N(0, s^2), by quadrature."""
    return _averaged(lambda z: np.square(_slope(z)), s)


def mean_pull(s: ArrayLike) -> Floats:
    r"""Return :math:`E\,(\sigma(z) - \frac12)\,\sigma'(z)\,z` for z ~ N(0, s^2), by quadrature."""
    return _averaged(lambda z: np.tanh(z / 2) / 2 * _slope(z) * z, s)


def saturated(s: ArrayLike) -> Floats:
    """Return the share of activations outside [0.1, 0.9]: those of weighted inputs beyond ln 9."""
    from scipy.special import erfc

    return erfc(np.log(9) / (np.asarray(s, np.float64) * np.sqrt(2)))


def c_of(s: ArrayLike) -> Floats:
    r"""Return :math:`c(s) = 1/(2\pi (E\sigma')^2) - s^2`.

    Examples
    --------
    >>> bool(SMALL < c_of(2.0) < LARGE)
    True
    """
    s = np.asarray(s, np.float64)
    return 1 / (2 * np.pi * mean_slope(s) ** 2) - s**2


def c_other(s: ArrayLike) -> Floats:
    """Return c(s) by another way.

    For s below 1 the nodes are those of Gauss and Hermite; above, the trapezoid rule with z = (pi/2) sinh(x), which
    converges exponentially in its step.
    """
    s = np.asarray(s, np.float64)
    found = np.empty(s.shape)
    at, weights = np.polynomial.hermite_e.hermegauss(80)
    x = np.linspace(-4, 4, 4001)
    z = np.pi / 2 * np.sinh(x)
    jacobian = np.pi / 2 * np.cosh(x)
    for place, width in np.ndenumerate(s):
        if width < 1:
            found[place] = (weights * _slope(width * at)).sum() / np.sqrt(2 * np.pi)
        else:
            density = np.exp(-((z / width) ** 2) / 2) / (width * np.sqrt(2 * np.pi))
            found[place] = np.trapezoid(_slope(z) * density * jacobian, x)
    return 1 / (2 * np.pi * found**2) - s**2


def c_small(s: ArrayLike) -> Floats:
    """Return the beginning of the series of c(s) for small s."""
    return SMALL + (4 / np.pi - 1) * np.square(np.asarray(s, np.float64))


def c_large(s: ArrayLike) -> Floats:
    """Return the beginning of the series of c(s) for large s."""
    return LARGE - np.pi**4 / 30 / np.square(np.asarray(s, np.float64))
