"""Whether a number gets to what a function returns."""

from collections.abc import Callable
from typing import Any

import jax


def reaches(function: Callable[..., Any], number: jax.Array, *others: Any) -> bool:
    """Whether a number gets to what a function returns: followed from operation to operation of its trace.

    Parameters
    ----------
    function : callable
        (number, *others) -> tree of arrays; it is traced, not computed.
    number : jax.Array
        Its first argument.
    *others : tree of arrays or jax.ShapeDtypeStruct
        The rest of them.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> reaches(lambda a, b: b + 0 * a, jnp.ones(()), 2.0), reaches(lambda a, b: b, jnp.ones(()), 2.0)
    (True, False)
    """
    traced = jax.make_jaxpr(function)(number, *others).jaxpr
    reached = {traced.invars[0]}
    for equation in traced.eqns:
        if any(one in reached for one in _variables(equation.invars)):
            reached.update(equation.outvars)
    return any(one in reached for one in _variables(traced.outvars))


def _variables(operands: Any) -> list[Any]:
    """Leave out the constants, which cannot be hashed."""
    return [one for one in operands if not hasattr(one, "val")]
