"""Lion: the sign of an average of gradients, with decoupled decay."""

from typing import TYPE_CHECKING

from wd_jax.optimisers.coefficient import Coefficient
from wd_jax.optimisers.rule import Rule

if TYPE_CHECKING:
    import optax

    from wd_jax.hyper import Hyper


def lion() -> Rule:
    """Give Lion: steps of size eta along the sign of an average: beta1 weighs it for the step, beta2 for what is kept.

    Examples
    --------
    >>> lion().equations[0]
    'u = eta*sign(beta1*a + (1 - beta1)*g)'
    """
    return Rule(
        "lion",
        _direction,
        (
            Coefficient(
                "beta1", 0.9, "averaging factor of the gradient", description="of lion, for the step", below=1.0
            ),
            Coefficient("beta2", 0.999, "averaging factor of the momentum", description="of lion", below=1.0),
        ),
        ("u = eta*sign(beta1*a + (1 - beta1)*g)", "a <- beta2*a + (1 - beta2)*g after that"),
    )


def _direction(hyper: "Hyper") -> "optax.GradientTransformation":
    import optax

    return optax.scale_by_lion(b1=hyper.beta1, b2=hyper.beta2)
