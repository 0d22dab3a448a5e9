r"""Weights as a member holds them: rounded to fewer bits than its arithmetic has, or compensated, or neither.

Compensated, a step subtracts its whole from what rounding took so far, and moves the weight by the sum:

.. math:: s = c - (d + u),\qquad w' = \mathrm{rd}(w + s),\qquad c' = s - (w' - w),

Kahan's sum (*Pracniques: further remarks on reducing truncation errors*, 1965). w' - w is exact where the step is small
against the weight, so that w + c is the sum of all steps to the precision of c. XLA does not reorder additions;
`tests/engine/test_held_weights.py` would show it. Rounding is ``reduce_precision``: a conversion to bfloat16 and back
may be left out by the compiler.
"""

from typing import Any

import jax

from wd_jax.held import USUAL, Held
from wd_jax.models.mlp import Params
from wd_jax.optimisers import step as steps
from wd_jax.optimisers.decays.decay import Parts

BITS = {"bfloat16": (8, 7)}
"""Exponent and significand of the dtypes that weights are rounded to."""


def begun(held: Held, params: Params) -> tuple[Params, Any]:
    """Round a member's first weights, and give what rounding took off them: as if they had been drawn rounded, 0."""
    params = _rounded(held, params)
    return params, jax.tree.map(jax.numpy.zeros_like, params) if held.compensated else ()


def whole(params: Params, compensation: Any) -> Params:
    """Give the weights with what rounding took off them: what a rule steps."""
    return params if compensation == () else jax.tree.map(lambda p, c: p + c, params, compensation)


def moved(held: Held, params: Params, compensation: Any, parts: Parts) -> tuple[Params, Any]:
    """Take one step.

    Parameters
    ----------
    held : Held
        Static.
    params, compensation : Params
        As held, and what rounding took off them, () where that is not kept.
    parts : Parts
        Of the step, from the `whole` weights.
    """
    if held == USUAL:
        return steps.move(params, parts), ()
    if not held.compensated:
        return _rounded(held, steps.move(params, parts)), ()
    due = jax.tree.map(lambda c, taken: c - taken, compensation, parts.whole)
    after = _rounded(held, jax.tree.map(lambda p, s: p + s, params, due))
    return after, jax.tree.map(lambda s, new, old: s - (new - old), due, after, params)


def _rounded(held: Held, params: Params) -> Params:
    """Round to the nearest number of the dtype, ties to even."""
    if not held.dtype:
        return params
    return jax.tree.map(lambda p: jax.lax.reduce_precision(p, *BITS[held.dtype]), params)
