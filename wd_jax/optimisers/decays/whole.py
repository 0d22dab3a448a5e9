"""A rule that is one transformation of optax, learning rate and decay inside: the library only takes the step.

Its decay's part is what the step loses when the transformation is built with lmbda = 0 instead, and is given the same
state, gradient and parameters. `wd_jax.optimisers.separable` says whether that can be done.
"""

from typing import TYPE_CHECKING, Any

from wd_jax.optimisers.decays import trees
from wd_jax.optimisers.decays.decay import Decay, Direction, Optimiser, Parts

if TYPE_CHECKING:
    from wd_jax.hyper import Hyper


DECAYING = ("lmbda", "weight_decay")
"""Numbers that are 0 without decay."""


def without_decay(hyper: "Hyper") -> "Hyper":
    """Give the numbers with lmbda = 0, in the dtype they have."""
    import jax.numpy as jnp

    from wd_jax.hyper import restored

    return restored({**hyper, **{name: jnp.zeros_like(hyper[name]) for name in DECAYING if name in hyper}})


def _build(direction: Direction, hyper: "Hyper") -> Optimiser:
    import jax

    with_it, without_it = direction(hyper), direction(without_decay(hyper))

    def subtracted(chain: Any, grads: Any, state: Any, params: Any) -> tuple[Any, Any]:
        updates, after = chain.update(grads, state, params)
        return jax.tree.map(lambda p, u: -u.astype(p.dtype), params, updates), after

    def step(grads: Any, state: Any, params: Any) -> Parts:
        whole, after = subtracted(with_it, grads, state, params)
        same = jax.tree.structure(jax.eval_shape(without_it.init, params)) == jax.tree.structure(state)
        without = subtracted(without_it, grads, state, params)[0] if same else whole
        return Parts(whole, trees.minus(whole, without), without, after)

    return Optimiser(with_it.init, step)


DECAY = Decay(
    "own",
    _build,
    update="w <- w + the rule's own transformation of (g, w) with eta and lmbda/n",
    biases="biases as it says",
    words="inside of the rule's own transformation",
)
