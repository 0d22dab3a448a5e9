"""The closed forms that `derivations.derive("ridge")` proves for one and two weights, beside the linear system."""

import math
from typing import Any

import numpy as np

from experiments.laboratory.ridge.moments import Regression, at_rest


def error(problem: Regression, eta: float, m: int, d: int) -> float:
    """Return the largest relative difference between the linear system and the proved covariance at rest.

    Parameters
    ----------
    problem : Regression
        Of one or two weights; examples are turned into the eigenbasis of the mean curvature.
    eta, m : float, int
        Learning rate, and examples a minibatch.
    d : int
        1 or 2.

    Returns
    -------
    float
        Relative to the largest entry; NaN where the law has no rest.
    """
    solved = at_rest(problem, eta, m)
    if not np.isfinite(solved).all():
        return math.nan
    if d == 1:
        return abs(one_weight(problem, eta, m) / float(solved[0, 0]) - 1)
    basis = np.linalg.eigh(problem.mean_map)[1]
    turned = basis.T @ solved @ basis
    return float(np.abs(two_weights(problem, eta, m) - turned).max() / np.abs(turned).max())


def one_weight(problem: Regression, eta: float, m: int) -> float:
    """Evaluate `stationary_variance` on the examples of one weight."""
    slopes = problem.maps[:, 0, 0] - problem.shift
    return float(
        _formula("stationary_variance")(
            **_steps(problem, eta, m),
            curvature=slopes.mean(),
            curvature_var=slopes.var(),
            gradient_std=math.sqrt(problem.noise[0, 0]),
        )
    )


def two_weights(problem: Regression, eta: float, m: int) -> np.ndarray:
    """Evaluate the proved covariance [2, 2] of two weights, in the eigenbasis of the mean curvature."""
    values, basis = np.linalg.eigh(problem.mean_map)
    squares = problem.maps - problem.shift * np.eye(2)
    maps, kicks = basis.T @ squares @ basis, problem.kicks @ basis
    noise = kicks.T @ kicks / len(kicks)
    first, second, both = maps[:, 0, 0], maps[:, 1, 1], maps[:, 0, 1]

    def given(i: int, j: int, one: np.ndarray, other: np.ndarray) -> dict[str, Any]:
        return {
            **_steps(problem, eta, m),
            "curvature": values[i] - problem.shift,
            "curvature_2": values[j] - problem.shift,
            "curvature_var": one.var(),
            "curvature_var_2": other.var(),
            "input_product_ms": (both**2).mean(),
            "input_skew": (one * both).mean(),
            "input_skew_2": (other * both).mean(),
            "gradient_std": math.sqrt(noise[i, i]),
            "gradient_std_2": math.sqrt(noise[j, j]),
            "gradient_cov": noise[0, 1],
        }

    ahead, back = given(0, 1, first, second), given(1, 0, second, first)
    variance, covariance = (_formula(f"stationary_{name}_of_two") for name in ("variance", "covariance"))
    cross = covariance(**ahead)
    return np.array([[variance(**ahead), cross], [cross, variance(**back)]], np.float64)


def _steps(problem: Regression, eta: float, m: int) -> dict[str, float]:
    """Learning rate, minibatch and decay, of which lmbda/n alone counts."""
    return {"eta": eta, "m": float(m), "lmbda": problem.shift, "n": 1.0}


def _formula(name: str) -> Any:
    import derivations

    return derivations.derive("ridge").formulas[name].to_numpy()
