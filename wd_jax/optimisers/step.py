r"""One step of a rule, taken apart: what its decay takes off, what the gradient does, and the rule's next state."""

import jax

from wd_jax.hyper import Hyper
from wd_jax.models.mlp import Params
from wd_jax.optimisers.decays.decay import Optimiser, Parts, with_n
from wd_jax.optimisers.rule import Rule


def build(rule: Rule, hyper: Hyper, n: int) -> Optimiser:
    """Build a rule from a member's numbers, arrays.

    Parameters
    ----------
    rule : Rule
        Static.
    hyper : Hyper
        What it reads, scalars of the run's dtype.
    n : int
        Training-set size, examples.
    """
    return rule.decay.build(rule.direction, with_n(hyper, n, rule.mask))


def share(rule: Rule, hyper: Hyper, n: int) -> jax.Array:
    """Give the share of each weight that a step's decay takes off; NaN if there is no such number."""
    of_a_step = rule.decay.share
    if of_a_step is None:
        return jax.numpy.full_like(hyper.eta, jax.numpy.nan)
    return of_a_step(with_n(hyper, n, rule.mask))


def move(params: Params, parts: Parts) -> Params:
    """Take one step: subtract the whole of it."""
    return jax.tree.map(lambda p, taken: p - taken, params, parts.whole)
