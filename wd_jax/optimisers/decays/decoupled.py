r"""Decoupled decay: :math:`w' = w - (\epsilon w + u)`, :math:`\epsilon=\eta\lambda/n`, u the gradient's part alone.

The sum is formed before it is subtracted: ``(1 - epsilon) * w`` would round epsilon to a multiple of 2**-24.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from wd_jax.conventions import per_step_decay
from wd_jax.optimisers.decays import trees
from wd_jax.optimisers.decays.decay import Decay, Direction, Optimiser, Parts

if TYPE_CHECKING:
    from wd_jax.hyper import Hyper


def beside(share: Callable[["Hyper"], Any]) -> Callable[[Direction, "Hyper"], Optimiser]:
    """Build a rule whose decay is taken off beside the gradient's part, and does not know of it.

    Parameters
    ----------
    share : callable
        hyper -> the share of each weight that a step takes.
    """

    def build(direction: Direction, hyper: "Hyper") -> Optimiser:
        chain = trees.times_eta(direction, hyper)

        def step(grads: Any, state: Any, params: Any) -> Parts:
            u, state = chain.update(grads, state, params)
            taken = trees.multiple(share(hyper), params, hyper.mask)
            return Parts(trees.plus(taken, u, hyper.mask), taken, u, state)

        return Optimiser(chain.init, step)

    return build


def per_step(hyper: Mapping[str, Any]) -> Any:
    """Give eta*lmbda/n, the decay per step.

    Examples
    --------
    >>> per_step({"eta": 0.1, "lmbda": 5.0, "n": 50_000})
    1e-05
    """
    return per_step_decay(hyper["eta"], hyper["lmbda"], hyper["n"])


DECAY = Decay(
    "decoupled",
    beside(per_step),
    update="w <- (1 - eta*lmbda/n) w - u",
    share=per_step,
    idle=per_step,
    symbol="eta*lmbda/n",
)
