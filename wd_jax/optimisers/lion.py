"""Lion: the sign of an average of gradients, with decoupled decay (Chen and others, arXiv 2302.06675)."""

from typing import TYPE_CHECKING

from wd_jax.optimisers import averages
from wd_jax.optimisers.coefficient import Coefficient
from wd_jax.optimisers.decays.ways import named
from wd_jax.optimisers.rule import Rule

if TYPE_CHECKING:
    import optax

    from wd_jax.hyper import Hyper


def lion(decay: str = "decoupled") -> Rule:
    """Give Lion: steps of size eta along the sign of an average: beta1 weighs it for the step, beta2 for what is kept.

    Parameters
    ----------
    decay : {"decoupled", "cautious", "absolute", "corrected"}
        How weights decay.

    Examples
    --------
    >>> lion().equations[0]
    'u = eta*sign(beta1*a + (1 - beta1)*g)'
    """
    name, way = named("lion", decay)
    return Rule(
        name,
        _direction,
        (
            averages.beta1(name, ", for the step"),
            Coefficient("beta2", 0.999, "averaging factor of the momentum", description=f"of {name}", below=1.0),
        ),
        ("u = eta*sign(beta1*a + (1 - beta1)*g)", "a <- beta2*a + (1 - beta2)*g after that"),
        way,
        by_element=True,
    )


def _direction(hyper: "Hyper") -> "optax.GradientTransformation":
    import optax

    return optax.scale_by_lion(b1=hyper.beta1, b2=hyper.beta2)
