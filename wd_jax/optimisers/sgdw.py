"""SGD with momentum and decoupled decay: SGDW of Loshchilov and Hutter, arXiv 1711.05101."""

from typing import TYPE_CHECKING

from wd_jax.optimisers import averages
from wd_jax.optimisers.decays import decoupled
from wd_jax.optimisers.decays.ways import named
from wd_jax.optimisers.recursion import Recursion
from wd_jax.optimisers.rule import Rule

if TYPE_CHECKING:
    import optax

    from wd_jax.hyper import Hyper


def sgdw(decay: str = "decoupled") -> Rule:
    """SGD whose momentum holds the gradients alone: the decay does not go through it.

    Parameters
    ----------
    decay : {"decoupled", "cautious", "absolute", "corrected"}
        How weights decay.

    Examples
    --------
    >>> sgdw().names
    ('eta', 'lmbda', 'init_scale', 'momentum')
    """
    name, way = named("sgdw", decay)
    return Rule(
        name,
        _direction,
        (averages.momentum(name),),
        ("v <- momentum*v + g", "u = eta*v"),
        way,
        by_element=True,
        recursion=_steps if name == "sgdw" else None,
    )


def _direction(hyper: "Hyper") -> "optax.GradientTransformation":
    import optax

    return optax.trace(decay=hyper.momentum)


def _steps(hyper: "Hyper") -> Recursion:
    """Give the numbers of w' = w - (eta*lmbda/n*w + eta*v'), v' = momentum*v + g."""
    eta, mu = hyper.eta, hyper.momentum
    return Recursion(decoupled.per_step(hyper), eta * mu, eta, 0 * mu, mu)
