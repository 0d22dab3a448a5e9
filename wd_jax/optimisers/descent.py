"""Whether a rule of the user's own goes down the gradient, and leaves to the library what the library does.

Optax's optimisers return what is added to a parameter, with the learning rate in it; a direction is subtracted, and eta
is put behind it. A mistake of sign trains uphill without a word, and two learning rates are a slow run.
"""

from typing import Any

import jax
import jax.numpy as jnp

from wd_jax.hyper import Hyper
from wd_jax.optimisers.decays import whole
from wd_jax.optimisers.decays.decay import with_n
from wd_jax.optimisers.reach import reaches
from wd_jax.optimisers.rule import Rule

THE_LIBRARY = "the library puts eta and the decay behind a direction"
REMEDY = (
    "give optax.trace(...) or optax.scale_by_adam(...), not optax.sgd or optax.adam, which turn the sign and have a "
    "learning rate; or give the whole update to wd.rule"
)
UPHILL = "its first step goes up the gradient"


def check(rule: Rule, hyper: Hyper, params: Any, n: int) -> None:
    """Refuse a rule whose first step goes up a constant gradient, and a direction that has a learning rate or decay.

    Parameters
    ----------
    rule : Rule
        One that `wd_jax.optimisers.separable.check` lets pass.
    hyper : Hyper
        Its numbers, scalars of the parameters' dtype.
    params : tree of jax.ShapeDtypeStruct
        Shapes and dtypes of the parameters.
    n : int
        Training-set size, examples.

    Raises
    ------
    ValueError
        Naming the rule and the remedy, in one line.
    """
    own = rule.decay == whole.DECAY
    with jax.ensure_compile_time_eval():
        ones = jax.tree.map(lambda leaf: jnp.ones(leaf.shape, leaf.dtype), params)
        numbers = whole.without_decay(with_n(hyper, n, rule.mask))
        along = float(jax.jit(lambda ones: sum(map(jnp.sum, jax.tree.leaves(_first(rule, numbers, ones)))))(ones))
    if own and along > 0:
        raise ValueError(f"rule {rule.name!r}: {UPHILL}: end the chain with optax.scale_by_learning_rate(h.eta)")
    if not own and along < 0:
        raise ValueError(f"rule {rule.name!r}: {UPHILL}, and {THE_LIBRARY}: {REMEDY}")
    if not own and (name := next((one for one in ("eta", "lmbda") if _reads(rule, hyper, params, n, one)), "")):
        raise ValueError(f"rule {rule.name!r}: its direction reads {name}, and {THE_LIBRARY}: {REMEDY}")


def _first(rule: Rule, numbers: Hyper, params: Any) -> Any:
    """Give what a transformation makes of a gradient of ones, before any other."""
    transformation = rule.direction(numbers)
    return transformation.update(params, transformation.init(params), params)[0]


def _reads(rule: Rule, hyper: Hyper, params: Any, n: int, name: str) -> bool:
    """Whether the first step of a direction depends on a number."""

    def updates(value: jax.Array, params: Any) -> Any:
        return _first(rule, with_n(Hyper.of({**hyper, name: value}, rule.numbers), n, rule.mask), params)

    return reaches(updates, hyper[name], params)
