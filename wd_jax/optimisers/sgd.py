"""Plain stochastic gradient descent with L2, as in Nielsen's book, chapter 3."""

from typing import TYPE_CHECKING

from wd_jax.optimisers.decays.ways import named
from wd_jax.optimisers.rule import Rule

if TYPE_CHECKING:
    import optax

    from wd_jax.hyper import Hyper


def sgd(decay: str = "decoupled") -> Rule:
    """Plain SGD, u = eta*g: the decay of L2 in the cost and decoupled decay are the same.

    Parameters
    ----------
    decay : {"decoupled", "cautious", "absolute", "corrected"}
        How weights decay.

    Examples
    --------
    >>> sgd().update_rule
    'g = (1/m) sum of gradients; u = eta*g; w <- (1 - eta*lmbda/n) w - u; biases not decayed'
    """
    name, way = named("sgd", decay)
    return Rule(name, _direction, equations=("u = eta*g",), decay=way, plain=name == "sgd", by_element=True)


def _direction(hyper: "Hyper") -> "optax.GradientTransformation":
    import optax

    return optax.identity()
