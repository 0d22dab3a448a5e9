r"""One step of a rule: :math:`w' = w - (\epsilon w + u)`, :math:`\epsilon=\eta\lambda/n`, u the gradient's part.

u comes from optax. The sum is formed before it is subtracted: ``(1 - epsilon) * w`` would round epsilon to a multiple
of 2**-24.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import optax

from wd_jax.hyper import Hyper
from wd_jax.models.mlp import Params
from wd_jax.optimisers.rule import Rule


class Optimiser(NamedTuple):
    """An update rule built from traced hyper-parameters.

    Attributes
    ----------
    init : callable
        params -> state.
    displacement : callable
        (grads, state, params) -> (u, state), u a tree like params: what the gradient subtracts.
    """

    init: Callable[[Params], Any]
    displacement: Callable[[Any, Any, Any], tuple[Any, Any]]


def build(rule: Rule, hyper: Hyper) -> Optimiser:
    """Build a rule from a member's numbers, arrays."""
    chain = optax.chain(rule.direction(hyper), _scale(hyper.eta))
    return Optimiser(chain.init, chain.update)


def _scale(eta: jax.Array) -> optax.GradientTransformation:
    """Scale by a traced eta, keeping each leaf's dtype."""
    return optax.stateless(lambda grads, params: jax.tree.map(lambda g: eta.astype(g.dtype) * g, grads))


def move(params: Params, epsilon: jax.Array, u: Params) -> Params:
    r"""Apply one step, :math:`w - (\epsilon w + u)` to weights and :math:`b - u` to biases.

    Parameters
    ----------
    params, u : Params
        Parameters and the gradient's displacement.
    epsilon : jax.Array
        Decay per step, scalar, dimensionless.
    """

    def leaf(p: jax.Array, d: jax.Array) -> jax.Array:
        return p - (epsilon.astype(p.dtype) * p + d) if p.ndim >= 2 else p - d

    return jax.tree.map(leaf, params, u)
