"""The sign of the momentum, with decoupled decay: Lion with one average for both of its uses.

Signum of Bernstein and others, arXiv 1802.04434.
"""

from typing import TYPE_CHECKING

from wd_jax.optimisers import averages
from wd_jax.optimisers.decays.ways import named
from wd_jax.optimisers.rule import Rule

if TYPE_CHECKING:
    import optax

    from wd_jax.hyper import Hyper


def sign_momentum(decay: str = "decoupled") -> Rule:
    """Give steps of size eta along the sign of the mean gradient, known as Signum too.

    Parameters
    ----------
    decay : {"decoupled", "cautious", "absolute", "corrected"}
        How weights decay.

    Examples
    --------
    >>> sign_momentum().names
    ('eta', 'lmbda', 'init_scale', 'beta1')
    """
    name, way = named("sign_momentum", decay)
    return Rule(
        name,
        _direction,
        (averages.beta1(name),),
        ("a <- beta1*a + (1 - beta1)*g", "u = eta*sign(a)"),
        way,
        by_element=True,
    )


def _direction(hyper: "Hyper") -> "optax.GradientTransformation":
    import optax

    return optax.chain(optax.ema(hyper.beta1, debias=False), optax.scale_by_sign())
