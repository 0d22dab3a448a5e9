"""A rule whose step is linear in weight, velocity and gradient: steps of it can be taken many at once."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from wd_jax.hyper import Hyper


class Recursion(NamedTuple):
    r"""One step of a heavy ball of any form.

    .. math:: w' = w - (s\,w + c\,v + b\,g), \qquad v' = l\,w + d\,v + g,

    g the minibatch's gradient without decay. Biases have s = l = 0. The derivation ``blocked_momentum`` takes k steps
    of it at once.

    Attributes
    ----------
    share : scalar
        s, what a step's decay takes off a weight, as ``Decay.share`` of the rule.
    by_velocity, by_gradient : scalar
        c and b, what velocity and gradient take off a weight.
    pull : scalar
        l, what a weight adds to its velocity; 0 where the decay stands beside the velocity.
    memory : scalar
        d, what is left of a velocity.
    """

    share: Any
    by_velocity: Any
    by_gradient: Any
    pull: Any
    memory: Any


Linear = Callable[["Hyper"], Recursion]
"""hyper, with ``n`` and ``weight_decay`` = lmbda/n beside the member's numbers -> `Recursion`."""
