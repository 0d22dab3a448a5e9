"""SGD with momentum and decoupled decay."""

from typing import TYPE_CHECKING

from wd_jax.optimisers.coefficient import Coefficient
from wd_jax.optimisers.rule import Rule

if TYPE_CHECKING:
    import optax

    from wd_jax.hyper import Hyper


def sgdw() -> Rule:
    """SGD whose momentum holds the gradients alone: the decay does not go through it.

    Examples
    --------
    >>> sgdw().names
    ('eta', 'lmbda', 'init_scale', 'momentum')
    """
    momentum = Coefficient("momentum", 0.9, "momentum coefficient", description="of sgdw", below=1.0)
    return Rule("sgdw", _direction, (momentum,), ("v <- momentum*v + g", "u = eta*v"))


def _direction(hyper: "Hyper") -> "optax.GradientTransformation":
    import optax

    return optax.trace(decay=hyper.momentum)
