r"""Heavy ball, Nesterov's momentum and SGDW, exactly, in blocks of K steps.

`wd_jax.engine.blocked_sgd` explains the idea. With momentum a step of the first layer is

.. math:: W_{s+1} = W_s - (\text{share}\,W_s + c V_s + b G_s), \qquad V_{s+1} = l W_s + d V_s + G_s,\qquad
          G_s = X_s^T \Delta_s,

linear in weights and velocities, so that with the powers of one 2x2 matrix for each member

.. math:: X_s W_s = P_s X_s W_0 + Q_s X_s V_0 - \sum_{r<s} X_s X_r^T\, \beta_{s-1-r} \Delta_r,

and at the end of a block of which a member took k steps

.. math:: W_k = W_0 + (P_k - 1) W_0 + Q_k V_0 - \sum_{r<k} X_r^T \beta_{k-1-r}\Delta_r,\qquad
          V_k = R_k W_0 + T_k V_0 - \sum_{r<k} X_r^T \gamma_{k-1-r}\Delta_r.

So a block needs four wide products with X in place of two, and the same Gram matrix. The derivation
``blocked_momentum`` proves it. Nothing is divided by a power, so that a factor may be 0.

Symbols
-------
Those of `wd_jax.engine.blocked_sgd`, and

=============================  =======================  ==========================================================
symbol                         in the code              meaning
=============================  =======================  ==========================================================
share, c, b, l, d              ``Recursion``      [M]   of a step (`wd_jax.optimisers.recursion`)
:math:`P_j - 1, Q_j, R_j, T_j` ``Powers``    [K+1, M]   entries of the matrix's j-th power: weight from weight, less
                                                        1, from velocity, velocity from weight, from velocity
:math:`\beta_j, \gamma_j`      ``responses`` [K, M]     what a gradient takes off a weight and a velocity j steps on
:math:`W_0, V_0`               ``w``, ``v``             first layer and its velocity, [S, n_in, h, C]
:math:`X W_0, X V_0`           ``products``             two of [S, K m, h C]
:math:`\Delta_r`               ``deltas``               slopes of the steps so far, [S, K m, h C]
=============================  =======================  ==========================================================
"""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp

from wd_jax.engine import blocked_kernel, blocked_layout, blocked_momentum_probes
from wd_jax.engine.blocked_kernel import Fixed, Kernel, Piece, Progress
from wd_jax.engine.blocked_momentum_probes import Block, BlockStep, Members
from wd_jax.engine.blocked_powers import powers
from wd_jax.engine.blocked_probes import Form
from wd_jax.engine.examples import Examples
from wd_jax.engine.hyper_tree import Hyper
from wd_jax.optimisers.decays.decay import with_n
from wd_jax.program import Program

LARGEST_DECAY = 0.49
"""Of a step, eta*lmbda/n: with it every form's weight keeps a positive share, and no power of its matrix grows."""


class _Inner(NamedTuple):
    """What the steps of a block hand on: the slopes of the steps so far, and k."""

    deltas: jax.Array
    taken: jax.Array
    progress: Progress


def holds(epsilon: float) -> bool:
    """Whether the powers of a step's matrix stay small for a decay eta*lmbda/n, a plain number, and any momentum."""
    return 0 <= epsilon < LARGEST_DECAY


def _members(program: Program, steps_per_block: int, hyper: Hyper, n: int, seeds: int) -> Members:
    assert program.rule.recursion is not None
    recursion = program.rule.recursion(with_n(hyper, n))
    # [C] to [M]: each seed has the same cells.
    recursion = jax.tree.map(lambda a: jnp.tile(a, seeds), recursion)
    return Members(recursion, powers(recursion, steps_per_block))


def _block(
    program: Program,
    forms: tuple[Form, ...],
    members: Members,
    data: Examples,
    number: jax.Array,
    progress: Progress,
    piece: Piece,
) -> tuple[Progress, None]:
    """Take K steps, and write the first layer and its velocity once."""
    w, v = (one[0]["w"] for one in (progress.params, progress.velocity))
    (seeds, n_in, units, cells), (steps, _, m) = w.shape, piece[0].shape
    x, fixed = blocked_kernel.opened(data, piece)
    products = tuple(blocked_layout.per_seed(x, a.reshape(seeds, n_in, units * cells)) for a in (w, v))
    states = tuple(form.open_block(state, w, v) for form, state in zip(forms, progress.states, strict=True))
    inner = _Inner(
        jnp.zeros((seeds, steps * m, units * cells), w.dtype),
        jnp.zeros(seeds * cells, jnp.int32),
        progress._replace(states=states),
    )
    step = functools.partial(_step, program, forms, members, number, fixed, products)
    (deltas, taken, progress), _ = jax.lax.scan(step, inner, jnp.arange(steps))

    def columns_of(table: jax.Array) -> jax.Array:
        """Return the sum over r < k of X_r^T (table[k - 1 - r] Delta_r): a table [K, M]."""
        # Rows of steps that were not taken are zero, whatever they are multiplied with.
        after = jnp.maximum(taken - 1 - jnp.arange(steps)[:, None], 0)
        scaled = _scaled(deltas, jnp.take_along_axis(table, after, axis=0), cells)
        return blocked_layout.per_seed(jnp.swapaxes(x, 1, 2), scaled).reshape(w.shape)

    def at_end(table: jax.Array) -> jax.Array:
        """Look up k in a table [K+1, M], as factors of the first layer."""
        return jnp.take_along_axis(table, taken[None], axis=0).reshape(seeds, 1, 1, cells)

    table, some = members.powers, (taken > 0).reshape(seeds, 1, 1, cells)
    lost, turning = at_end(table.lost), columns_of(table.velocity_response)
    # Of one step both are multiples of its gradient.
    by_gradient = members.recursion.by_gradient.reshape(seeds, 1, 1, cells)
    moving = -by_gradient * turning if steps == 1 else columns_of(table.response)
    added = at_end(table.from_velocity) * v - moving
    # W_k in two forms: where less than half is left, w + (P - 1) w would cancel; elsewhere P w would round P.
    moved = jnp.where(lost > 0.5, (1 - lost) * w + added, w + (added - lost * w))
    turned = at_end(table.pull) * w + at_end(table.memory) * v - turning
    block = Block(w, v, members, some, at_end, columns_of)
    states = tuple(form.close_block(state, block) for form, state in zip(forms, progress.states, strict=True))
    # Exactly as it was for a member that took no step, whatever its values are.
    params = ({**progress.params[0], "w": jnp.where(some, moved, w)}, *progress.params[1:])
    velocity = ({**progress.velocity[0], "w": jnp.where(some, turned, v)}, *progress.velocity[1:])
    return progress._replace(params=params, velocity=velocity, states=states), None


def _scaled(deltas: jax.Array, factors: jax.Array, cells: int) -> jax.Array:
    """Multiply the rows of each step, [S, K m, h C], with factors [K, M] of step and member."""
    seeds, steps = len(deltas), len(factors)
    by_step = jnp.moveaxis(factors.reshape(steps, seeds, cells), 0, 1)[:, :, None, None]
    return (deltas.reshape(seeds, steps, -1, deltas.shape[2] // cells, cells) * by_step).reshape(deltas.shape)


def _step(
    program: Program,
    forms: tuple[Form, ...],
    members: Members,
    number: jax.Array,
    fixed: Fixed,
    products: tuple[jax.Array, ...],
    inner: _Inner,
    s: jax.Array,
) -> tuple[_Inner, None]:
    """Take step s of a block; a member whose step is not finite stays where it is from then on."""
    deltas, taken, progress = inner
    (hidden, *later), velocity = progress.params, progress.velocity
    recursion, table = members
    seeds, steps, cells = len(deltas), fixed.real.size, len(taken) // len(deltas)
    m = deltas.shape[1] // steps
    # The rows of step s: X_s X^T, and X_s W_0 and X_s V_0.
    gram = jax.lax.dynamic_slice_in_dim(fixed.gram, s * m, m, 1)
    rows = [jax.lax.dynamic_slice_in_dim(product, s * m, m, 1) for product in products]
    of_w, of_v = (blocked_layout.columns_to_last(row, cells) for row in rows)
    after = jnp.maximum(s - 1 - jnp.arange(steps), 0)

    def less_responses(start: jax.Array, response: jax.Array) -> jax.Array:
        """Subtract the sum over r < s of X_s X_r^T (response[s - 1 - r] Delta_r): rows from step s on are zero yet."""
        if steps == 1:
            return start
        added = blocked_layout.per_seed(gram, _scaled(deltas, response[after], cells))
        return start - blocked_layout.columns_to_last(added, cells)

    # X_s W_s and X_s V_s; the second is computed only where a probe reads it.
    start = of_w if steps == 1 else of_w - table.lost[s] * of_w + table.from_velocity[s] * of_v
    z = less_responses(start, table.response)
    y = less_responses(table.pull[s] * of_w + table.memory[s] * of_v, table.velocity_response)
    delta, grads, logits = blocked_kernel.slopes(program, fixed, s, z + hidden["b"], later)
    # What the gradient and the velocity take off the later weights and all biases.
    gradient = ({"b": jnp.sum(delta, axis=0)}, *grads)
    memory = ({"b": velocity[0]["b"]}, *velocity[1:])
    us = jax.tree.map(lambda v, g: recursion.by_velocity * v + recursion.by_gradient * g, memory, gradient)
    own_gram = jax.lax.dynamic_slice_in_dim(gram, s * m, m, 2)
    seen = BlockStep(members, z, y, delta, own_gram, later, us[1:])
    shifts = [d["b"] for d in us]
    step = blocked_kernel.decided(forms, progress, seen, logits, shifts, fixed.real[s], number)
    turned = jax.tree.map(lambda v, g: recursion.memory * v + g, memory, gradient)
    # The first layer's weights wait for the end of the block; all else is stepped now.
    moved = [
        {"w": p["w"] - (recursion.share * p["w"] + d["w"]), "b": p["b"] - d["b"]}
        for p, d in zip(later, us[1:], strict=True)
    ]
    pulled = [{"w": t["w"] + recursion.pull * p["w"], "b": t["b"]} for p, t in zip(later, turned[1:], strict=True)]
    params = ({"w": hidden["w"], "b": step.keep(hidden["b"] - us[0]["b"], hidden["b"])}, *step.keep(moved, later))
    velocity = (
        {"w": velocity[0]["w"], "b": step.keep(turned[0]["b"], memory[0]["b"])},
        *step.keep(pulled, list(memory[1:])),
    )
    # Zero for a step that is not taken, so that it adds nothing at the end of the block.
    kept = blocked_layout.last_to_columns(step.keep(delta, jnp.zeros_like(delta)), seeds)
    deltas = jax.lax.dynamic_update_slice_in_dim(deltas, kept, s * m, axis=1)
    progress = Progress(params, velocity, step.states, step.diverged_at)
    return _Inner(deltas, taken + step.taking, progress), None


KERNEL = Kernel(_members, _block, blocked_momentum_probes.FORMS)
