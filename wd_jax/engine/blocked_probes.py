r"""Probes in the blocked method, which never forms the first layer between two steps (symbols: `blocked`).

The budget comes from the matrices that the steps use: :math:`\langle W_s, X_s^T U_s\rangle = \langle X_s W_s, U_s
\rangle` and :math:`\|X_s^T U_s\|^2 = \langle U_s, X_s X_s^T U_s\rangle`. The displacement by decay is summed at the end
of a block. Members are on the last axis of every array (`wd_jax.engine.blocked_layout`).
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wd_jax.engine import blocked_layout
from wd_jax.engine.member import Records
from wd_jax.engine.probes import budget, moved, registry
from wd_jax.engine.probes.probe import Probe
from wd_jax.measurement import Probes
from wd_jax.models import mlp
from wd_jax.program import Program

Keep = Callable[[Any, Any], Any]
"""(new, old): the new value for the members that take the step."""


class Members(NamedTuple):
    """Numbers of each member, [M]: learning rate, decay per step and log(1 - decay)."""

    eta: jax.Array
    epsilon: jax.Array
    log_factor: jax.Array


class BlockStep(NamedTuple):
    """One step of all members: X_s W_s [m, h, M], U_s, X_s X_s^T [S, m, m], later layers and their displacements."""

    members: Members
    z: jax.Array
    u: jax.Array
    own_gram: jax.Array
    later: list[dict[str, jax.Array]]
    later_u: list[dict[str, jax.Array]]


class Block(NamedTuple):
    """The end of a block: K, m, log q and k per member, (q^k - 1) W_0, and the product of X with scaled E."""

    steps: int
    m: int
    log_factor: jax.Array
    taken: jax.Array
    shrunk: jax.Array
    columns_of: Callable[[jax.Array], jax.Array]


class Form(NamedTuple):
    """How the blocked method measures a probe that looks at every step.

    Attributes
    ----------
    start : callable
        ``(program, params, velocity, M) -> state`` at the start of a record.
    open_block : callable
        ``(state, W_0) -> state`` at the start of a block; with momentum ``(state, W_0, V_0) -> state``.
    step : callable
        ``(state, BlockStep) -> state``.
    close_block : callable
        ``(state, Block) -> state`` at the end of a block.
    keep : callable
        ``(keep, new state, old state) -> state``: the old one for members that do not take the step.
    record : callable
        ``(state, S, params before, params after) -> {variable: [S, C, layer]}`` at the end of a record; parameters
        [S, C, ...].
    finite : callable, optional
        ``state -> bool [M]``: a step that makes it false is not taken.
    """

    start: Callable[[Program, mlp.Params, Any, int], Any]
    open_block: Callable[..., Any]
    step: Callable[[Any, Any], Any]
    close_block: Callable[[Any, Any], Any]
    keep: Callable[[Keep, Any, Any], Any]
    record: Callable[[Any, int, mlp.Params, mlp.Params], Records]
    finite: Callable[[Any], jax.Array] | None = None


def forms(probes: Probes, known: Mapping[Probe, Form]) -> tuple[Form, ...]:
    """List the forms of a run's probes that look at every step, in their order."""
    return tuple(known[probe] for probe in registry.in_training(probes) if probe.takes_steps)


def unmeasured(probes: Probes) -> tuple[Probe, ...]:
    """List the probes of a run of which the blocked method has no form: they need the generic one."""
    return tuple(probe for probe in registry.in_training(probes) if probe.takes_steps and probe not in FORMS)


def _budget_start(program: Program, params: mlp.Params, velocity: Any, members: int) -> budget.State:
    none = jnp.zeros((program.model.layers, members), program.dtype)
    return budget.State(jnp.zeros(members, program.dtype), budget.Budget(none, none, none, none))


def _budget_open(state: budget.State, w: jax.Array) -> budget.State:
    """Take the first layer's squared norm, [M], from the weights; within the block it follows from the budget."""
    return state._replace(norm2=of_columns(w, w))


def of_columns(a: jax.Array, b: jax.Array) -> jax.Array:
    """Inner product of each member's arrays in the first layer's layout, [S, n_in, h, C] to [M]."""
    seeds, n_in, units, cells = a.shape
    one, other = (array.reshape(seeds, n_in, units * cells) for array in (a, b))
    by_unit = jnp.sum(one * other, axis=1).reshape(seeds, units, cells)
    return jnp.sum(by_unit, axis=1).reshape(-1)


def _budget_step(state: budget.State, step: BlockStep) -> budget.State:
    seeds, cells = len(step.own_gram), step.members.eta.size // len(step.own_gram)
    gram_u = blocked_layout.per_seed(step.own_gram, blocked_layout.last_to_columns(step.u, seeds))  # X_s X_s^T U_s
    pairs = [(p["w"], d["w"]) for p, d in zip(step.later, step.later_u, strict=True)]
    norms = jnp.stack([state.norm2, *(dot(w, w) for w, _ in pairs)])
    # <X_s W_s, U_s> in the first layer, <W, U> in the later ones.
    dots = jnp.stack([dot(step.z, step.u), *(dot(w, d) for w, d in pairs)])
    # <U_s, X_s X_s^T U_s> in the first layer, |U|^2 in the later ones.
    squares = [dot(step.u, blocked_layout.columns_to_last(gram_u, cells)), *(dot(d, d) for _, d in pairs)]
    found = budget.split(norms, dots, jnp.stack(squares), step.members.epsilon)
    return budget.State(state.norm2 + found.change[0], state.sums.plus(found))


def _budget_finite(state: budget.State) -> jax.Array:
    return finite_sums(state.sums)


def finite_sums(sums: budget.Budget) -> jax.Array:
    """Whether each member's budget is finite, [layer, M] to [M]."""
    return jnp.all(jnp.isfinite(sums.change), axis=0)


def _budget_record(state: budget.State, seeds: int, before: mlp.Params, after: mlp.Params) -> Records:
    return recorded_sums(state.sums, seeds)


def recorded_sums(sums: budget.Budget, seeds: int) -> Records:
    """Name the parts of all members' budgets, each [S, C, layer]."""
    return {name: blocked_layout.tail_to_first(total, seeds) for name, total in sums.records().items()}


def _moved_start(program: Program, params: mlp.Params, velocity: Any, members: int) -> moved.Sums:
    return tuple(jnp.zeros_like(w) for w in mlp.weights(params))


def _moved_step(state: moved.Sums, step: BlockStep) -> moved.Sums:
    """Sum -epsilon W of the later layers; the first one's waits for the end of the block."""
    first, *later = state
    layers = zip(later, step.later, strict=True)
    return (first, *(total - step.members.epsilon * layer["w"] for total, layer in layers))


def _moved_close(state: moved.Sums, block: Block) -> moved.Sums:
    """Sum what decay took from the first layer in the block.

    Of W_0 it took (q^k - 1) W_0. Of the row block that step r added, -X_r^T U_r, it took the fraction 1 - q^(k-r-1)
    after that step; with U_r = q^(r+1) E_r this is X_r^T (q^(r+1) - q^k) E_r.
    """
    after = jnp.repeat(1 + jnp.arange(block.steps), block.m).reshape(1, -1, 1, 1)  # r + 1 of each row
    # q^(r+1) - q^k as a product that does not cancel: -q^(r+1) (q^(k-r-1) - 1).
    lost = -jnp.exp(after * block.log_factor) * jnp.expm1((block.taken - after) * block.log_factor)
    return (state[0] + (block.shrunk + block.columns_of(lost)), *state[1:])


def _moved_keep(keep: Keep, new: moved.Sums, old: moved.Sums) -> moved.Sums:
    """Leave the first layer out: no step changes its sum."""
    return (old[0], *keep(new[1:], old[1:]))


def _moved_record(state: moved.Sums, seeds: int, before: mlp.Params, after: mlp.Params) -> Records:
    by_decay = (jnp.moveaxis(state[0], -1, 1), *(blocked_layout.tail_to_first(w, seeds) for w in state[1:]))
    return jax.vmap(jax.vmap(moved.norms))(before, after, by_decay)


def dot(a: jax.Array, b: jax.Array) -> jax.Array:
    """Inner product of each member's arrays, [..., M] to [M]."""
    return jnp.sum(a * b, axis=(0, 1))


FORMS: dict[Probe, Form] = {
    budget.PROBE: Form(
        start=_budget_start,
        open_block=_budget_open,
        step=_budget_step,
        close_block=lambda state, block: state,
        keep=lambda keep, new, old: keep(new, old),
        record=_budget_record,
        finite=_budget_finite,
    ),
    moved.PROBE: Form(
        start=_moved_start,
        open_block=lambda state, w: state,
        step=_moved_step,
        close_block=_moved_close,
        keep=_moved_keep,
        record=_moved_record,
    ),
}
"""Of every probe that looks at each step and can be measured in blocks; the others need the generic method."""
