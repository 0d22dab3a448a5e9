r"""Coupled decay, L2 in the cost: :math:`g + \frac\lambda n w` in place of the gradient g goes through the rule.

What a step loses when its decay alone is switched off is :math:`u(g + \frac\lambda n w) - u(g)`, from the same state.
Where the rule is linear in the gradient, as momentum is, that is :math:`\epsilon w` times what the rule makes at once
of a gradient of 1, its gain: no difference has to be formed, and nothing cancels.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from wd_jax.optimisers.decays import decoupled, trees
from wd_jax.optimisers.decays.decay import GRADIENT, Decay, Direction, Optimiser, Parts

if TYPE_CHECKING:
    import optax

    from wd_jax.hyper import Hyper

UPDATE = "w <- w - u"
WORDS = "in the gradient, g + lmbda/n*w"
FIRST = f"{GRADIENT} + lmbda/n*w"


def _with_decay(grads: Any, hyper: "Hyper", params: Any) -> Any:
    """Add the decay to the gradient."""
    return trees.plus(trees.multiple(hyper.weight_decay, params, hyper.mask), grads, hyper.mask)


def _chain(direction: Direction, hyper: "Hyper") -> "optax.GradientTransformation":
    return trees.times_eta(direction, hyper)


def _build(direction: Direction, hyper: "Hyper") -> Optimiser:
    chain = _chain(direction, hyper)

    def step(grads: Any, state: Any, params: Any) -> Parts:
        whole, after = chain.update(_with_decay(grads, hyper, params), state, params)
        without, _ = chain.update(grads, state, params)
        return Parts(whole, trees.minus(whole, without), without, after)

    return Optimiser(chain.init, step)


def linear(gain: Callable[["Hyper"], Any], settled: Callable[[Mapping[str, Any]], float]) -> Decay:
    """Make the coupled decay of a rule that is linear in the gradient.

    Parameters
    ----------
    gain : callable
        hyper -> what the rule makes at once of a gradient of 1: 1 for a heavy ball.
    settled : callable
        Plain numbers, n among them -> decay per step of a weight without gradient, once the velocity has settled: 1
        less the size of the slowest factor.

    Returns
    -------
    Decay
        To be made once, in a module: two rules are equal only if their functions are.
    """

    def share(hyper: "Hyper") -> Any:
        return decoupled.per_step(hyper) * gain(hyper)

    def build(direction: Direction, hyper: "Hyper") -> Optimiser:
        chain = _chain(direction, hyper)

        def step(grads: Any, state: Any, params: Any) -> Parts:
            whole, after = chain.update(_with_decay(grads, hyper, params), state, params)
            taken = trees.multiple(share(hyper), params, hyper.mask)
            return Parts(whole, taken, trees.minus(whole, taken), after)

        return Optimiser(chain.init, step)

    return Decay("coupled", build, FIRST, UPDATE, share=share, idle=settled, words=WORDS)


DECAY = Decay("coupled", _build, FIRST, UPDATE, words=WORDS)
