"""SGD with momentum and L2 in the gradient, as PyTorch's SGD without dampening: the decay goes through the velocity.

The forms of Sutskever and others, *On the importance of initialization and momentum in deep learning*, 2013.
"""

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wd_jax.optimisers import averages
from wd_jax.optimisers.decays import coupled, decoupled
from wd_jax.optimisers.recursion import Recursion
from wd_jax.optimisers.rule import Rule

if TYPE_CHECKING:
    import optax

    from wd_jax.hyper import Hyper


def momentum() -> Rule:
    """Give the heavy ball: weights without gradient decay 1/(1 - momentum) times as fast as with decoupled decay.

    Examples
    --------
    >>> momentum().update_rule
    'g = (1/m) sum of gradients + lmbda/n*w; v <- momentum*v + g; u = eta*v; w <- w - u; biases not decayed'
    """
    return Rule(
        "momentum",
        _heavy_ball,
        (averages.momentum("momentum"),),
        ("v <- momentum*v + g", "u = eta*v"),
        HEAVY_BALL,
        by_element=True,
        recursion=_ball_steps,
    )


def nesterov() -> Rule:
    """Give Nesterov's momentum: the weight moves by the gradient and by the velocity that it has just made.

    Examples
    --------
    >>> nesterov().equations
    ('v <- momentum*v + g', 'u = eta*(momentum*v + g)')
    """
    return Rule(
        "nesterov",
        _nesterov,
        (averages.momentum("nesterov"),),
        ("v <- momentum*v + g", "u = eta*(momentum*v + g)"),
        NESTEROV,
        by_element=True,
        recursion=_nesterov_steps,
    )


def heavy_ball_settled(numbers: Mapping[str, Any]) -> float:
    """Give the decay per step of a heavy ball without gradient whose velocity has settled, 1 - r.

    r is the larger root of r^2 - (1 + mu - epsilon) r + mu, or its size where the two are complex.

    Examples
    --------
    >>> round(heavy_ball_settled({"eta": 0.1, "lmbda": 5.0, "n": 50_000, "momentum": 0.9}), 9)
    0.00010009
    """
    mu, epsilon = numbers["momentum"], decoupled.per_step(numbers)
    return _settled(epsilon, 1 - mu + epsilon, mu)


def nesterov_settled(numbers: Mapping[str, Any]) -> float:
    """Give the same of Nesterov's: the roots are those of r^2 - (1 + mu)(1 - epsilon) r + mu (1 - epsilon)."""
    mu, epsilon = numbers["momentum"], decoupled.per_step(numbers)
    return _settled(epsilon, 1 - mu + (1 + mu) * epsilon, mu * (1 - epsilon))


def _settled(epsilon: float, middle: float, product: float) -> float:
    """Give 1 less the size of the larger root r: x = 1 - r solves x^2 - middle x + epsilon = 0."""
    inside = middle**2 - 4 * epsilon
    if inside < 0:
        return 1 - math.sqrt(product)
    root = math.sqrt(inside)
    least, most = 2 * epsilon / (middle + root), (middle + root) / 2
    return least if abs(1 - least) >= abs(1 - most) else 1 - abs(1 - most)


def _one(hyper: "Hyper") -> float:
    return 1.0


def _one_and_momentum(hyper: "Hyper") -> Any:
    return 1 + hyper.momentum


HEAVY_BALL = coupled.linear(_one, heavy_ball_settled)
NESTEROV = coupled.linear(_one_and_momentum, nesterov_settled)


def _heavy_ball(hyper: "Hyper") -> "optax.GradientTransformation":
    import optax

    return optax.trace(decay=hyper.momentum)


def _nesterov(hyper: "Hyper") -> "optax.GradientTransformation":
    import optax

    return optax.trace(decay=hyper.momentum, nesterov=True)


def _ball_steps(hyper: "Hyper") -> Recursion:
    """Give the numbers of w' = w - eta*v', v' = momentum*v + g + lmbda/n*w."""
    eta, mu = hyper.eta, hyper.momentum
    return Recursion(decoupled.per_step(hyper), eta * mu, eta, hyper.weight_decay, mu)


def _nesterov_steps(hyper: "Hyper") -> Recursion:
    """Give those of w' = w - eta*(momentum*v' + g + lmbda/n*w), with the same v'."""
    eta, mu = hyper.eta, hyper.momentum
    gain = _one_and_momentum(hyper)
    return Recursion(decoupled.per_step(hyper) * gain, eta * mu * mu, eta * gain, hyper.weight_decay, mu)
