r"""Cautious decay: decoupled, but only of weights that the gradient's part does not move away from zero.

.. math:: w' = w - (\epsilon\,[u w \ge 0]\,w + u)

coordinate by coordinate (Chen and others, arXiv 2510.12402). A weight without gradient has u = 0 and decays as ever.
"""

from typing import TYPE_CHECKING, Any

from wd_jax.optimisers.decays import decoupled, trees
from wd_jax.optimisers.decays.decay import Decay, Direction, Optimiser, Parts

if TYPE_CHECKING:
    from wd_jax.hyper import Hyper


def _build(direction: Direction, hyper: "Hyper") -> Optimiser:
    import jax
    import jax.numpy as jnp

    chain = trees.times_eta(direction, hyper)

    def step(grads: Any, state: Any, params: Any) -> Parts:
        u, state = chain.update(grads, state, params)
        all_of_it = trees.multiple(decoupled.per_step(hyper), params, hyper.mask)
        taken = jax.tree.map(lambda d, p, one: jnp.where(one * p >= 0, d, jnp.zeros_like(d)), all_of_it, params, u)
        return Parts(trees.plus(taken, u, hyper.mask), taken, u, state)

    return Optimiser(chain.init, step)


DECAY = Decay(
    "cautious",
    _build,
    update="w <- w - eta*lmbda/n * (u*w >= 0) * w - u",
    idle=decoupled.per_step,
    symbol="eta*lmbda/n",
    words="where u*w >= 0",
)
