r"""Ridge regression in shuffled epochs: the exact mean and mean square at their ends, over all orders at once.

Example i has the gradient :math:`A_i e + b_i` at a distance e from the optimum, :math:`A_i = x_i x_i^T + L`, and all
b_i add up to 0. A step with it maps (1, E e, E e e^T) linearly. The mean map over all orders of a set S of examples is

.. math:: T_S = \frac{1}{|S|}\sum_{i\in S} P_i\,T_{S\setminus i}:

whichever example comes last, the others came in any order. So 2^n small matrices stand for n! orders.
"""

from dataclasses import dataclass

import numpy as np

MOST = 14
"""Examples that 2^n matrices can be afforded for."""


@dataclass(frozen=True)
class Problem:
    """A ridge regression, by its gradients.

    Parameters
    ----------
    inputs : array [n, d]
        Of the examples.
    residuals : array [n, d]
        Gradient of each example at the optimum; they add up to 0.
    decay : float
        L = lmbda / n, the penalty's curvature.
    """

    inputs: np.ndarray
    residuals: np.ndarray
    decay: float

    @property
    def curvatures(self) -> np.ndarray:
        """Give the curvature of every example's cost, [n, d, d]."""
        return np.einsum("ni,nj->nij", self.inputs, self.inputs) + self.decay * np.eye(self.inputs.shape[1])


def problem(inputs: np.ndarray, targets: np.ndarray, decay: float) -> Problem:
    """Find the optimum of a ridge regression, and the gradients there.

    Parameters
    ----------
    inputs : array [n, d]
        Examples.
    targets : array [n]
        What they should give.
    decay : float
        L = lmbda / n.

    Examples
    --------
    >>> found = problem(np.array([[1.0], [2.0]]), np.array([1.0, 0.0]), 0.5)
    >>> found.residuals.ravel().round(6).tolist()
    [-0.75, 0.75]
    """
    n, d = inputs.shape
    optimum = np.linalg.solve(inputs.T @ inputs / n + decay * np.eye(d), inputs.T @ targets / n)
    off = inputs @ optimum - targets
    return Problem(inputs, off[:, None] * inputs + decay * optimum, decay)


def step_map(curvature: np.ndarray, residual: np.ndarray, eta: float) -> np.ndarray:
    """Give the matrix by which a step with one example takes (1, E e, E e e^T) on.

    Parameters
    ----------
    curvature : array [d, d]
        Of the example.
    residual : array [d]
        Its gradient at the optimum.
    eta : float
        Learning rate.

    Returns
    -------
    array [1 + d + d^2, 1 + d + d^2]
    """
    d = len(residual)
    keep, kick = np.eye(d) - eta * curvature, -eta * residual
    found = np.zeros((1 + d + d * d,) * 2)
    mean, square = slice(1, 1 + d), slice(1 + d, None)
    found[0, 0] = 1
    found[mean, 0], found[mean, mean] = kick, keep
    found[square, 0] = np.outer(kick, kick).ravel()
    column = kick[:, None]
    found[square, mean] = np.kron(keep, column) + np.kron(column, keep)
    found[square, square] = np.kron(keep, keep)
    return found


def epoch_map(given: Problem, eta: float) -> np.ndarray:
    """Average the map of an epoch over all orders of its examples, one example a step.

    Parameters
    ----------
    given : Problem
        Up to 14 examples.
    eta : float
        Learning rate.

    Raises
    ------
    ValueError
        For more examples than can be afforded.
    """
    n = len(given.inputs)
    if n > MOST:
        raise ValueError(f"{n} examples: 2^{n} matrices are too many; give at most {MOST}")
    one = [step_map(a, b, eta) for a, b in zip(given.curvatures, given.residuals, strict=True)]
    maps = np.zeros((2**n, *one[0].shape))
    maps[0] = np.eye(len(one[0]))
    for chosen in range(1, 2**n):
        last = [i for i in range(n) if chosen >> i & 1]
        maps[chosen] = sum(one[i] @ maps[chosen ^ (1 << i)] for i in last) / len(last)
    return maps[-1]


def at_epoch_end(given: Problem, eta: float) -> tuple[np.ndarray, np.ndarray]:
    """Give the mean distance from the optimum, and its mean square as a matrix, that an epoch leaves as they are.

    Returns
    -------
    array [d]
        E e.
    array [d, d]
        E e e^T.

    Raises
    ------
    ValueError
        Where the learning rate is too large for them to settle.
    """
    found = epoch_map(given, eta)
    moving, d = found[1:, 1:], given.inputs.shape[1]
    if abs(np.linalg.eigvals(moving)).max() >= 1:
        raise ValueError(f"eta={eta:g}: the weights do not settle; give a smaller one")
    state = np.linalg.solve(np.eye(len(moving)) - moving, found[1:, 0])
    return state[:d], state[d:].reshape(d, d)


def bias_per_eta(given: Problem) -> np.ndarray:
    r"""Give E e / eta at the end of an epoch for small eta, one example a step: :math:`-H^{-1}\overline{A_ib_i}/2`.

    In one epoch, to second order in eta, :math:`e' = e - \eta n H e + \eta^2\sum_{l<k} A_{(k)} b_{(l)}`; two different
    examples have on average :math:`A_i b_j = -\overline{A_ib_i}/(n-1)`, as the b add up to 0, and of pairs there are
    n(n-1)/2.
    """
    curvatures = given.curvatures
    mean = np.einsum("nij,nj->i", curvatures, given.residuals) / len(curvatures)
    return -np.linalg.solve(curvatures.mean(0), mean) / 2


def bias_extrapolated(given: Problem, eta: float) -> np.ndarray:
    """Give E e / eta from the exact map at eta and eta/2, extrapolated to 0."""
    whole, half = (at_epoch_end(given, one)[0] / one for one in (eta, eta / 2))
    return 2 * half - whole
