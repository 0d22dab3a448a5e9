r"""Mean and second moment of minibatch SGD on a ridge regression, in any number of weights: exact, and two usual forms.

With :math:`A_i = x_ix_i^T + \frac\lambda n I` and :math:`b_i` the gradient of example i at the optimum, a batch of m
drawn with replacement moves the distance e from the optimum by :math:`e' = e - \eta(\bar A_B e + \bar b_B)`. So

.. math:: \mathcal M' = \mathcal M - \eta(H\mathcal M + \mathcal MH) + \eta^2[(1-\tfrac1m)H\mathcal MH
    + \tfrac1m\overline{A_i\mathcal MA_i + A_i\mu b_i^T + b_i\mu^TA_i + b_ib_i^T}],

linear in :math:`\mathcal M` and :math:`\mu`: a vector of d^2 + d numbers is multiplied by one matrix. For one and two
weights `derivations.derive("ridge")` proves the same in closed form.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Regression:
    """A ridge regression as SGD meets it: what every example adds to the curvature, and its gradient at the optimum.

    Parameters
    ----------
    maps : array [n, d, d]
        x x^T + lmbda/n of each example.
    kicks : array [n, d]
        Gradient of each example at the optimum; their mean is 0.
    best : array [d]
        The optimum.
    shift : float
        lmbda/n, the part of every map that is decay.
    """

    maps: Floats
    kicks: Floats
    best: Floats
    shift: float

    @property
    def mean_map(self) -> Floats:
        """H [d, d]: the mean curvature, decay included."""
        return self.maps.mean(axis=0)

    @property
    def noise(self) -> Floats:
        """C [d, d]: second moment of the examples' gradients at the optimum."""
        return self.kicks.T @ self.kicks / len(self.kicks)


def regression(inputs: Floats, targets: Floats, lmbda: float) -> Regression:
    """Find the optimum of the whole cost, and what each example does there.

    Parameters
    ----------
    inputs : array [n, d]
        One row per example.
    targets : array [n]
        What the weights should give.
    lmbda : float
        Nielsen's: the cost has lmbda/(2n) |w|^2.

    Examples
    --------
    >>> float(regression(np.array([[1.0], [-1.0]]), np.array([3.0, -1.0]), 2.0).best[0])
    1.0
    """
    n, d = inputs.shape
    shift = lmbda / n
    best = np.linalg.solve(inputs.T @ inputs / n + shift * np.eye(d), inputs.T @ targets / n)
    maps = inputs[:, :, None] * inputs[:, None, :] + shift * np.eye(d)
    return Regression(maps, inputs * (inputs @ best - targets)[:, None] + shift * best, best, shift)


def carried(problem: Regression, eta: float, m: int) -> Floats:
    """Return the matrix [d*d, d*d] that one step puts on the second moment, noise of the optimum apart."""
    mean = problem.mean_map
    one = np.eye(len(mean)) - eta * mean
    own = np.einsum("iab,icd->acbd", problem.maps, problem.maps).reshape(len(mean) ** 2, -1) / len(problem.maps)
    return np.kron(one, one) + eta**2 / m * (own - np.kron(mean, mean))


def path(problem: Regression, eta: float, m: int, start: Floats, steps: int) -> tuple[Floats, Floats]:
    """Follow mean and second moment of the distance from the optimum, step by step.

    Parameters
    ----------
    problem : Regression
        See `regression`.
    eta, m : float, int
        Learning rate, and examples per minibatch, drawn with replacement.
    start : array [d]
        Weights before the first step.
    steps : int
        How many.

    Returns
    -------
    mean : array [steps + 1, d]
    moment : array [steps + 1, d, d]
        The second moment about the optimum.
    """
    d, matrix = len(start), carried(problem, eta, m)
    lean = np.einsum("iab,ic->acb", problem.maps, problem.kicks) / len(problem.maps)
    mean, moment = start - problem.best, np.outer(start - problem.best, start - problem.best)
    means, moments = [mean], [moment]
    for _ in range(steps):
        tilt = lean @ mean
        moment = (matrix @ moment.ravel()).reshape(d, d) + eta**2 / m * (tilt + tilt.T + problem.noise)
        mean = mean - eta * problem.mean_map @ mean
        means.append(mean)
        moments.append(moment)
    return np.array(means), np.array(moments)


def additive_path(problem: Regression, eta: float, m: int, start: Floats, steps: int) -> Floats:
    """Follow the second moment [steps + 1, d, d] with noise that does not depend on the weights."""
    one = np.eye(len(start)) - eta * problem.mean_map
    moments = [np.outer(start - problem.best, start - problem.best)]
    for _ in range(steps):
        moments.append(one @ moments[-1] @ one + eta**2 / m * problem.noise)
    return np.array(moments)


def radius(problem: Regression, eta: float, m: int) -> float:
    """Return the factor by which the slowest part of the second moment shrinks a step; 1 or more never settles."""
    return float(np.abs(np.linalg.eigvals(carried(problem, eta, m))).max())


def at_rest(problem: Regression, eta: float, m: int) -> Floats:
    """Solve for the covariance [d, d] that a step leaves as it is; NaN where none is reached.

    Examples
    --------
    >>> one = regression(np.array([[1.0], [-1.0]]), np.array([3.0, -1.0]), 0.0)
    >>> at_rest(one, 0.5, 1).round(12).tolist()  # curvature 1, noise 1, no spread of curvature: eta/(2 - eta)
    [[0.333333333333]]
    """
    d = len(problem.best)
    if radius(problem, eta, m) >= 1:
        return np.full((d, d), np.nan)
    left = np.eye(d * d) - carried(problem, eta, m)
    solved = np.linalg.solve(left, eta**2 / m * problem.noise.ravel())
    return np.asarray(solved.reshape(d, d), np.float64)


def additive_at_rest(problem: Regression, eta: float, m: int) -> Floats:
    r"""Solve :math:`HS+SH-\eta HSH = \frac\eta m C` [d, d]: discrete steps, noise independent of the weights."""
    values, basis = np.linalg.eigh(problem.mean_map)
    total = values[:, None] + values - eta * np.outer(values, values)
    return basis @ (eta / m * (basis.T @ problem.noise @ basis) / total) @ basis.T


def flow_at_rest(problem: Regression, eta: float, m: int) -> Floats:
    r"""Solve :math:`HS+SH = \frac\eta m C` [d, d]: the Ornstein-Uhlenbeck process of Mandt, Hoffman and Blei."""
    values, basis = np.linalg.eigh(problem.mean_map)
    return basis @ (eta / m * (basis.T @ problem.noise @ basis) / (values[:, None] + values)) @ basis.T
