"""RMSprop with L2 in its average, as PyTorch's with weight_decay (Tieleman and Hinton, Coursera lecture 6.5, 2012)."""

from typing import TYPE_CHECKING

from wd_jax.optimisers import averages
from wd_jax.optimisers.decays import coupled
from wd_jax.optimisers.rule import Rule

if TYPE_CHECKING:
    import optax

    from wd_jax.hyper import Hyper


def rmsprop_l2() -> Rule:
    """Give RMSprop; beta2 is PyTorch's alpha (0.99 there) and optax's decay, and the average starts at 0, uncorrected.

    Examples
    --------
    >>> rmsprop_l2().equations[-1]
    'u = eta*g / (sqrt(s) + 1e-8)'
    """
    return Rule(
        "rmsprop_l2",
        _direction,
        (averages.beta2("rmsprop_l2"),),
        ("s <- beta2*s + (1 - beta2)*g^2", "u = eta*g / (sqrt(s) + 1e-8)"),
        coupled.DECAY,
        by_element=True,
    )


def _direction(hyper: "Hyper") -> "optax.GradientTransformation":
    import optax

    return optax.scale_by_rms(decay=hyper.beta2, eps=1e-8, eps_in_sqrt=False)
