"""What is usually written of scale-invariant weights: leading orders and mean-field forms, to be held beside the laws.

Rotations are those of Kosson, Messmer and Jaggi (arXiv 2305.17212, their code); the norms that belong to them, and the
rates of relaxation, follow from the same total update contribution.
"""

import math
from collections.abc import Mapping
from typing import Any

import xarray as xr

ANGLES = {
    "sgd": "sqrt(2 eta L)",
    "momentum": "sqrt(2 eta L/(1 + mu))",
    "adamw": "sqrt(2 eta L (1 - beta1)/(1 + beta1))",
    "lion": "sqrt(pi eta L v_c)",
}
NORMS = {
    "sgd": "eta G^2/(2 L)",
    "momentum": "eta G^2/(2 L (1 - mu))",
    "adamw": "sqrt(eta d/(2 L))",
    "lion": "sqrt(eta d/(pi L v_c))",
}
RATES = {"sgd": "4 eta L", "momentum": "4 eta L/(1 - mu)", "adamw": "2 eta L", "lion": "2 eta L"}


def mixture_ms(beta1: float, beta2: float) -> float:
    """Mean square v_c of Lion's mixture, for gradients of variance 1.

    Examples
    --------
    >>> round(mixture_ms(0.9, 0.99), 6)
    0.01407
    """
    return beta1**2 * (1 - beta2) / (1 + beta2) + (1 - beta1) ** 2


def angle(rule: str, numbers: Mapping[str, Any], epsilon: xr.DataArray) -> xr.DataArray:
    """Angle of a step, radians.

    Parameters
    ----------
    rule : {"sgd", "momentum", "adamw", "lion"}
        Update rule.
    numbers : mapping
        Its numbers.
    epsilon : xarray.DataArray
        Decay per step, eta L.
    """
    if rule == "adamw":
        return xr.ufuncs.sqrt(2 * epsilon * (1 - numbers["beta1"]) / (1 + numbers["beta1"]))
    if rule == "lion":
        return xr.ufuncs.sqrt(math.pi * epsilon * mixture_ms(numbers["beta1"], numbers["beta2"]))
    return xr.ufuncs.sqrt(2 * epsilon / (1 + numbers.get("momentum", 0.0)))


def norm2(rule: str, numbers: Mapping[str, Any], epsilon: xr.DataArray, dim: int) -> xr.DataArray:
    r"""Squared norm at rest, of `dim` weights whose gradient is :math:`1/\|w\|`."""
    eta = numbers["eta"]
    if rule == "adamw":
        return eta**2 * dim / (2 * epsilon)
    if rule == "lion":
        return eta**2 * dim / (math.pi * epsilon * mixture_ms(numbers["beta1"], numbers["beta2"]))
    return xr.ufuncs.sqrt(eta**2 / (2 * epsilon * (1 - numbers.get("momentum", 0.0))))


def relaxation(rule: str, numbers: Mapping[str, Any], epsilon: float) -> float:
    r"""Rate per step at which a small deviation of \|w\|^2 shrinks."""
    if rule in ("adamw", "lion"):
        return 2 * epsilon
    return 4 * epsilon / (1 - numbers.get("momentum", 0.0))
