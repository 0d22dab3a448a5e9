r"""Probes in the blocked method of rules with momentum (symbols: `blocked_momentum`).

A step is :math:`W' = W - (\text{share}\,W + U)` with :math:`U = c V + b G`. Its budget follows from six products of W,
V and G. Those with the gradient come from the matrices that the steps use, :math:`\langle W_s, G_s\rangle = \langle
X_s W_s, \Delta_s\rangle`, :math:`\langle V_s, G_s\rangle = \langle X_s V_s, \Delta_s\rangle`, :math:`\|G_s\|^2 =
\langle\Delta_s, X_s X_s^T\Delta_s\rangle`; the other three are taken from the arrays when a record opens, and go on
step by step.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp

from wd_jax.engine import blocked_layout, blocked_probes
from wd_jax.engine.blocked_powers import Powers
from wd_jax.engine.blocked_probes import Form, Keep
from wd_jax.engine.member import Records
from wd_jax.engine.probes import budget, moved
from wd_jax.engine.probes.probe import Probe
from wd_jax.models import mlp
from wd_jax.optimisers.recursion import Recursion
from wd_jax.program import Program


class Members(NamedTuple):
    """Numbers of each member: its step, each [M], and the powers of it, each [K+1, M]."""

    recursion: Recursion
    powers: Powers


class BlockStep(NamedTuple):
    """One step of all members.

    Attributes
    ----------
    members : Members
        Their numbers.
    z, y, delta : jax.Array [m, h, M]
        X_s W_s, X_s V_s and Delta_s.
    own_gram : jax.Array [S, m, m]
        X_s X_s^T.
    later, later_u : sequence of dict
        Later layers, and what velocity and gradient take off them.
    """

    members: Members
    z: jax.Array
    y: jax.Array
    delta: jax.Array
    own_gram: jax.Array
    later: list[dict[str, jax.Array]]
    later_u: tuple[dict[str, jax.Array], ...]


class Block(NamedTuple):
    """The end of a block: W_0, V_0, which members took a step, tables looked up at k, and products of X with slopes."""

    w: jax.Array
    v: jax.Array
    members: Members
    some: jax.Array
    at_end: Callable[[jax.Array], jax.Array]
    columns_of: Callable[[jax.Array], jax.Array]


class BudgetState(NamedTuple):
    """|W|^2, <W, V> and |V|^2 of the first layer before the step, [M], and the budget of the record so far."""

    norm2: jax.Array
    product: jax.Array
    speed2: jax.Array
    sums: budget.Budget


def _budget_start(program: Program, params: mlp.Params, velocity: mlp.Params, members: int) -> BudgetState:
    w, v = params[0]["w"], velocity[0]["w"]
    ww, wv, vv = (blocked_probes.of_columns(a, b) for a, b in ((w, w), (w, v), (v, v)))
    none = jnp.zeros((program.model.layers, members), program.dtype)
    return BudgetState(ww, wv, vv, budget.Budget(none, none, none, none))


def _budget_open(state: BudgetState, w: jax.Array, v: jax.Array) -> BudgetState:
    """Take the squared norm from the weights; the other two forget their rounding, as the velocity does its past."""
    return state._replace(norm2=blocked_probes.of_columns(w, w))


def _budget_step(state: BudgetState, step: BlockStep) -> BudgetState:
    seeds, cells = len(step.own_gram), len(state.norm2) // len(step.own_gram)
    share, c, b, pull, memory = step.members.recursion
    dot = blocked_probes.dot
    gram_delta = blocked_layout.per_seed(step.own_gram, blocked_layout.last_to_columns(step.delta, seeds))
    ww, wv, vv = state.norm2, state.product, state.speed2
    wg, vg = dot(step.z, step.delta), dot(step.y, step.delta)
    gg = dot(step.delta, blocked_layout.columns_to_last(gram_delta, cells))
    pairs = [(p["w"], d["w"]) for p, d in zip(step.later, step.later_u, strict=True)]
    norms = jnp.stack([ww, *(dot(w, w) for w, _ in pairs)])
    dots = jnp.stack([c * wv + b * wg, *(dot(w, d) for w, d in pairs)])
    squares = jnp.stack([c * (c * vv + 2 * b * vg) + b * (b * gg), *(dot(d, d) for _, d in pairs)])
    found = budget.split(norms, dots, squares, share)
    # V' = l W + d V + G, and its products with W, V and G before the step.
    vw, v_v, v_g = pull * ww + memory * wv + wg, pull * wv + memory * vv + vg, pull * wg + memory * vg + gg
    return BudgetState(
        norm2=ww + found.change[0],
        product=vw - (share * vw + c * v_v + b * v_g),
        speed2=pull * vw + memory * v_v + v_g,
        sums=state.sums.plus(found),
    )


def _moved_step(state: moved.Sums, step: BlockStep) -> moved.Sums:
    """Sum what decay takes off the later layers; the first one's waits for the end of the block."""
    first, *later = state
    share = step.members.recursion.share
    return (first, *(total - share * layer["w"] for total, layer in zip(later, step.later, strict=True)))


def _moved_close(state: moved.Sums, block: Block) -> moved.Sums:
    """Sum what decay took from the first layer: its share of the sum of the steps' weights, W_0 to W_(k-1)."""
    table = block.members.powers
    total = block.at_end(table.of_weight) * block.w + block.at_end(table.of_velocity) * block.v
    total = total - block.columns_of(table.of_response)
    share = block.members.recursion.share.reshape(block.some.shape)
    return (state[0] - jnp.where(block.some, share * total, 0), *state[1:])


def _budget_finite(state: BudgetState) -> jax.Array:
    return blocked_probes.finite_sums(state.sums)


def _budget_record(state: BudgetState, seeds: int, before: mlp.Params, after: mlp.Params) -> Records:
    return blocked_probes.recorded_sums(state.sums, seeds)


def _kept(keep: Keep, new: BudgetState, old: BudgetState) -> BudgetState:
    return keep(new, old)


FORMS: dict[Probe, Form] = {
    budget.PROBE: Form(
        start=_budget_start,
        open_block=_budget_open,
        step=_budget_step,
        close_block=lambda state, block: state,
        keep=_kept,
        record=_budget_record,
        finite=_budget_finite,
    ),
    moved.PROBE: blocked_probes.FORMS[moved.PROBE]._replace(
        open_block=lambda state, w, v: state, step=_moved_step, close_block=_moved_close
    ),
}
"""The probes of `blocked_probes.FORMS`, for rules with momentum."""
