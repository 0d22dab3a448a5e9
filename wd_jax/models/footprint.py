"""How much memory a model needs for one example on its way through, seen by tracing it."""

import functools
import math
from typing import Any

import jax

from wd_jax.models import forward
from wd_jax.models.own import OwnModel

ROWS = 1000
"""Examples evaluated at a time: bounds the memory of a member's activations."""
ROOM = 2**22
"""Numbers that a member's activations may take in an evaluation, where the model is the user's own."""


@functools.lru_cache(maxsize=64)
def numbers_per_example(model: forward.Network, n_in: int) -> int:
    """Count the numbers that are made of one example, the inputs left out.

    Parameters
    ----------
    model : MLP or OwnModel
        What is trained.
    n_in : int
        Of the data.

    Examples
    --------
    >>> from wd_jax.models.model import mlp
    >>> numbers_per_example(mlp((784, 30, 10)), 784)
    40
    """
    if not isinstance(model, OwnModel):
        return model.numbers_per_example
    x = jax.ShapeDtypeStruct((1, n_in), "float32")
    with jax.enable_x64(False):
        traced = jax.make_jaxpr(lambda params, state, x: forward.apply(model, params, state, x, False).outputs)
        return max(1, _made(traced(*model.started, x).jaxpr))


def rows_at_once(model: forward.Network, n_in: int) -> int:
    """Choose how many examples are evaluated at a time.

    Examples
    --------
    >>> from wd_jax.models.model import mlp
    >>> rows_at_once(mlp((784, 30, 10)), 784)
    1000
    """
    if not isinstance(model, OwnModel):
        return ROWS
    return max(1, min(ROWS, ROOM // numbers_per_example(model, n_in)))


def _made(jaxpr: Any) -> int:
    """Add up what the operations of a trace make, those of functions inside it too."""
    total = 0
    for equation in jaxpr.eqns:
        inner = [getattr(one, "jaxpr", None) for one in equation.params.values()]
        inner = [one for one in inner if hasattr(one, "eqns")]
        own = sum(math.prod(getattr(out.aval, "shape", ())) for out in equation.outvars)
        total += sum(map(_made, inner)) or own
    return total
