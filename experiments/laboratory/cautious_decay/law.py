"""The law in numbers: sizes in units of eta from the derivation's formulas, their implicit equations solved."""

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr

if TYPE_CHECKING:
    from derivations import Formula
    from experiments.laboratory.cautious_decay.analysis import Settings

HALVINGS = 200
"""Halvings of an interval in float64: more than there are digits."""


def size(like: xr.DataArray) -> xr.DataArray:
    """Give the rms weight over eta for a field's coordinates beta1 and epsilon.

    Parameters
    ----------
    like : DataArray
        With coordinates beta1 (0: no memory) and epsilon.

    Returns
    -------
    DataArray [beta1, epsilon]
    """
    return _over(like, lambda beta1, epsilon: pair(epsilon, beta1) if beta1 else alone(epsilon))


def without_memory(like: xr.DataArray) -> xr.DataArray:
    """Give the same for steps as large, if none had memory and each were its own noise.

    Such steps have the mean square of AdamW's in the long run: their sum is that of the gradients.
    """
    return _over(like, lambda beta1, epsilon: alone(epsilon))


def ordinary(like: xr.DataArray) -> xr.DataArray:
    """Give the exact rms weight over eta under ordinary decay; with memory that of AdamW."""
    return _over(like, ordinary_at)


def ordinary_at(beta1: float, epsilon: float) -> float:
    """Give one of these.

    Examples
    --------
    >>> round(ordinary_at(0.0, 0.01) * (0.01 * 1.99) ** 0.5, 12)
    1.0
    """
    kept = 1 - epsilon
    if not beta1:
        return 1 / math.sqrt(epsilon * (2 - epsilon))
    return float(_formulas("adamw")["weight_rms"](eta=1.0, lmbda=epsilon, n=1, beta1=beta1)) if kept else math.nan


def alone(epsilon: float) -> float:
    """Give the rms weight over eta without memory, on Gaussian noise of variance 1.

    Examples
    --------
    >>> round(alone(0.01), 4)
    10.3501
    """
    return float(_formulas("cautious_decay")["weight_rms"](eta=1.0, lmbda=epsilon, n=1, batch_noise=1.0))


def pair(epsilon: float, beta1: float) -> float:
    """Give the rms weight over eta at which weight and next step are at rest as a pair of Gaussians.

    Examples
    --------
    >>> round(pair(0.01, 0.9), 4)
    12.2161
    """
    law = _formulas("cautious_decay")
    numbers = {"eta": 1.0, "lmbda": epsilon, "n": 1, "beta1": beta1}

    def brought(lean: float) -> float:
        """Give the correlation that memory must renew beyond what decay brings: positive where some size does."""
        rest = 1 / math.sqrt(1 + lean**2)
        return lean * rest * (1 - beta1) - beta1 * epsilon * law["decayed_product"](lean=lean)

    def excess(lean: float) -> float:
        found = law["weight_rms_of_pair"](**numbers, lean=lean)
        return -law["pair_excess"](**numbers, lean=lean, weight_rms=found)

    least = root(brought, 0.0, 2.0)
    lean = root(excess, least * (1 + 1e-9), 2.0)
    return float(law["weight_rms_of_pair"](**numbers, lean=lean))


def bias(noise: xr.DataArray, preset: "Settings") -> xr.DataArray:
    """Give the bias over w* under noise of so many L w*.

    Returns
    -------
    DataArray [noise]
    """
    needed = _formulas("cautious_decay")["lmbda_for_bias"]
    fixed = {"n": 1, "curvature": preset.curvature, "optimum": 1.0}

    def at(strength: float) -> float:
        spread = strength * preset.decay
        least = half_bias(preset)
        return root(lambda b: needed(**fixed, gradient_std=spread, bias=b) - preset.decay, 1e-12, least)

    return xr.DataArray([at(float(one)) for one in noise.values], dims="noise", coords={"noise": noise.values})


def half_bias(preset: "Settings") -> float:
    """Give the bias over w* where every other step decays."""
    found = _formulas("cautious_decay")["half_bias"]
    return float(found(lmbda=preset.decay, n=1, curvature=preset.curvature, optimum=1.0))


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Find where a rising function is 0, by halving.

    Examples
    --------
    >>> round(root(lambda x: x**2 - 2, 0.0, 2.0), 12)
    1.414213562373
    """
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if function(middle) < 0 else (low, middle)
    return (low + high) / 2


def _formulas(name: str) -> "Mapping[str, Formula]":
    import derivations

    return derivations.derive(name).formulas


def _over(like: xr.DataArray, at: Callable[[float, float], float]) -> xr.DataArray:
    beta1, epsilon = like.beta1.values, like.epsilon.values
    found = np.array([[at(float(one), float(other)) for other in epsilon] for one in beta1])
    return xr.DataArray(found, dims=("beta1", "epsilon"), coords={"beta1": beta1, "epsilon": epsilon})
