"""Adam with decoupled decay."""

from typing import TYPE_CHECKING

from wd_jax.optimisers.coefficient import Coefficient
from wd_jax.optimisers.rule import Rule

if TYPE_CHECKING:
    import optax

    from wd_jax.hyper import Hyper


def adamw() -> Rule:
    """Adam's direction; the decay is not divided by the root of the second moment.

    Examples
    --------
    >>> adamw().names
    ('eta', 'lmbda', 'init_scale', 'beta1', 'beta2')
    """
    return Rule(
        "adamw",
        _direction,
        (
            Coefficient("beta1", 0.9, "averaging factor of the gradient", description="of adamw", below=1.0),
            Coefficient("beta2", 0.999, "averaging factor of the squared gradient", description="of adamw", below=1.0),
        ),
        (
            "a <- beta1*a + (1 - beta1)*g",
            "s <- beta2*s + (1 - beta2)*g^2",
            "u = eta * (a / (1 - beta1^t)) / (sqrt(s / (1 - beta2^t)) + 1e-8)",
        ),
    )


def _direction(hyper: "Hyper") -> "optax.GradientTransformation":
    import optax

    return optax.scale_by_adam(b1=hyper.beta1, b2=hyper.beta2)
