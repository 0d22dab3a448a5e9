"""Coefficients that several rules read, with one default and one range: a sweep over rules gives them one number."""

from wd_jax.optimisers.coefficient import Coefficient


def momentum(rule: str) -> Coefficient:
    """Give the memory of a sum of gradients."""
    return Coefficient("momentum", 0.9, "momentum coefficient", description=f"of {rule}", below=1.0)


def beta1(rule: str, what: str = "") -> Coefficient:
    """Give the averaging factor of the gradient."""
    words = f"of {rule}{what}"
    return Coefficient("beta1", 0.9, "averaging factor of the gradient", description=words, below=1.0)


def beta2(rule: str, what: str = "") -> Coefficient:
    """Give the averaging factor of the squared gradient."""
    words = f"of {rule}{what}"
    return Coefficient("beta2", 0.999, "averaging factor of the squared gradient", description=words, below=1.0)
