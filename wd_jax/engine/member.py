"""The training loop as one compiled program, one member at a time: `advance` it by a block of epochs.

Pure and vmappable, no I/O: a host loop over blocks (`wd_jax.sweeps.threads`) adds progress, interruption and files.
`wd_jax.engine.blocked` advances many members of plain SGD, or of a rule with momentum, at once.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wd_jax.engine import held_weights, layout, minibatches, rates, too_large
from wd_jax.engine.examples import Examples
from wd_jax.engine.hyper_tree import Hyper
from wd_jax.engine.probes import registry
from wd_jax.engine.probes.probe import Evaluation, Probe, Record, Step
from wd_jax.engine.rates import Factors
from wd_jax.measurement import Probes
from wd_jax.models import forward, mlp
from wd_jax.models.losses import LOSSES
from wd_jax.optimisers import step as steps
from wd_jax.program import Objective, Program, Start

Records = dict[str, jax.Array]


class Carry(NamedTuple):
    """All that a member takes from one block of epochs to the next; `diverged_at` is -1 while all is finite.

    `state` is the rule's, `model_state` what the model hands on beside its parameters, `compensation` what rounding
    took off those (`wd_jax.engine.held_weights`); () where that is nothing.
    """

    params: mlp.Params
    state: Any
    diverged_at: jax.Array
    model_state: Any = ()
    compensation: Any = ()


Running = tuple[Carry, tuple[Any, ...]]
"""A member within a record: its state, and that of each probe."""
Batch = tuple[jax.Array, jax.Array, Factors | None]
"""Indices of examples, their weights in the batch, and its factors on eta and lmbda; an axis more for several."""


def start(fixed: Start, hyper: Hyper, key: jax.Array, n: int) -> Carry:
    """Initialise one member from its key (see `wd_jax.engine.minibatches.member_key`); n is the training set's size."""
    own = minibatches.stream(key, minibatches.INIT_STREAM)
    params, of_model = forward.started(fixed.model, own, fixed.init, hyper.init_scale, fixed.dtype)
    params, none = held_weights.begun(fixed.held, params)
    return Carry(params, steps.build(fixed.rule, hyper, n).init(params), jnp.asarray(-1, jnp.int32), of_model, none)


def advance(
    program: Program,
    probes: Probes,
    hyper: Hyper,
    data: Examples,
    carry: Carry,
    first: jax.Array,
    orders: jax.Array,
    factors: Factors | None = None,
) -> tuple[Carry, Records]:
    """Train one member for a block of epochs.

    Parameters
    ----------
    program, probes : Program, Probes
        Static: what is trained and what is measured.
    hyper : Hyper
        The member's traced numbers, scalars of ``program.dtype``: those that its rule reads.
    data : Examples
        The dataset (`wd_jax.engine.examples.on_device`), an argument and never a closure.
    carry : Carry
        From `start` or from the block before.
    first : jax.Array
        Number of the block's first epoch, int32, 0 before any training.
    orders : jax.Array [epochs, n] int32
        The examples' order in each epoch.
    factors : Factors, optional
        On eta and lmbda, [epochs, steps]; None where both are constant.

    Returns
    -------
    Carry
        State after the block.
    Records
        What the probes record, each [epochs * records_per_epoch, ...]; what is evaluated on whole splits is left to
        `measure`.
    """
    n = data.n
    program, measured = layout.chosen(program, registry.in_training(probes))
    batch_weights = jnp.asarray(minibatches.batch_weights(n, program.batch_size, program.dtype))
    intervals = probes.records_per_epoch

    def one_epoch(carry: Carry, numbered: tuple[jax.Array, jax.Array, Factors | None]) -> tuple[Carry, Records]:
        number, order, of_epoch = numbered
        batches = minibatches.minibatches(order, program.batch_size)
        pieces = (
            batches.reshape(intervals, -1, program.batch_size),
            batch_weights.reshape(intervals, -1, program.batch_size),
            jax.tree.map(lambda a: a.reshape(intervals, -1), of_epoch),
        )
        return jax.lax.scan(
            lambda c, piece: _interval(program, measured, hyper, data, c, number + 1, piece), carry, pieces
        )

    numbers = first + jnp.arange(orders.shape[0], dtype=jnp.int32)
    carry, records = jax.lax.scan(one_epoch, layout.turn(program, carry), (numbers, orders, factors))
    return layout.turn(program, carry), jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), records)


def initial_record(program: Program, probes: Probes, hyper: Hyper, data: Examples, carry: Carry) -> Records:
    """Return the record of epoch 0: what the weights alone show; NaN for what compares the two ends of a record.

    `hyper` has the numbers of the first step.
    """
    found, now = {}, Record(program, hyper, data, carry.params, carry.params)
    for probe in registry.in_training(probes):
        values = probe.recorded(probe.begun(program, carry.params), now)
        found |= values if probe.start is None else jax.tree.map(lambda a: jnp.full_like(a, jnp.nan), values)
    return found


def _interval(
    program: Program,
    measured: tuple[Probe, ...],
    hyper: Hyper,
    data: Examples,
    carry: Carry,
    number: jax.Array,
    piece: Batch,
) -> tuple[Carry, Records]:
    """Scan the steps of one record, then measure."""
    before = carry.params
    states = tuple(probe.begun(program, before) for probe in measured)

    def body(state: Running, batch: Batch) -> tuple[Running, None]:
        return _step(program, measured, hyper, data, number, state, batch), None

    (carry, states), _ = jax.lax.scan(body, (carry, states), piece)
    now = rates.in_step(hyper, rates.of_last_step(piece[-1]))
    end, found = Record(program, now, data, before, carry.params), {}
    for probe, state in zip(measured, states, strict=True):
        found |= probe.recorded(state, end)
    # Weights may overflow with every gradient finite (a huge step, or decay alone): their norm shows it.
    # And a cost may be past all meaning long before a number overflows.
    lost = ~jnp.all(jnp.isfinite(found["weight_norm2"]))
    lost |= too_large.cost(program, data, carry.params, carry.model_state)
    lost &= carry.diverged_at < 0
    carry = carry._replace(diverged_at=jnp.where(lost, number, carry.diverged_at))
    # A frozen member has no values: a record that only looks finite must not be read as one.
    return carry, unless_diverged(carry.diverged_at, found)


def unless_diverged(diverged_at: jax.Array, record: Records) -> Records:
    """Keep a member's record only while it is alive."""
    return jax.tree.map(lambda a: jnp.where(diverged_at < 0, a, jnp.nan), record)


def _step(
    program: Program,
    measured: tuple[Probe, ...],
    hyper: Hyper,
    data: Examples,
    number: jax.Array,
    state: Running,
    batch: Batch,
) -> Running:
    """One minibatch step; a member whose outputs, gradient or probes are not finite stays where it is from then on."""
    carry, states = state
    index, batch_weight, factors = batch
    hyper = rates.in_step(hyper, factors)
    x, y = data.inputs[index], data.targets[index]
    weight = batch_weight * data.loss_weights[index]

    def cost(params: mlp.Params, offsets: tuple[jax.Array, ...] | None) -> tuple[jax.Array, forward.Applied]:
        seen = forward.apply(program.model, params, carry.model_state, x, True, offsets, batch_weight > 0)
        return jnp.sum(weight * LOSSES[program.loss](seen.outputs, y)), seen

    offsets = forward.no_offsets(program.model, x)
    (grads, deltas), seen = jax.grad(cost, argnums=(0, 1), has_aux=True)(carry.params, offsets)
    weights = held_weights.whole(carry.params, carry.compensation)
    parts = steps.build(program.rule, hyper, data.n).step(grads, carry.state, weights)
    # By element a step is finite if its gradient is; and biases' gradients sum the deltas of all weights. Inputs times
    # finite deltas may still overflow, with inputs of 1e30 and more: the norm at the record's end shows it, so that the
    # member is lost in the same record, but its weights are then not those before that step.
    looked_at = jax.tree.leaves(grads if program.rule.by_element else parts.whole)
    if program.rule.by_element and program.model.plain:
        looked_at = [layer["b"] for layer in parts.whole]
    finite = jnp.all(jnp.stack([_sound(leaf) for leaf in (seen.outputs, *looked_at)]))
    share = steps.share(program.rule, hyper, data.n)
    of_rule = (parts.gradient, parts.decay, parts.whole)
    step = Step(program, hyper.eta, share, weights, grads, seen.activations, deltas, *of_rule)
    after = []
    for probe, before in zip(measured, states, strict=True):
        after.append(probe.stepped(before, step))
        if probe.finite is not None:
            finite &= probe.finite(after[-1])
    alive = finite & (carry.diverged_at < 0)

    def keep(new: Any, old: Any) -> Any:
        return jax.tree.map(lambda a, b: jnp.where(alive, a, b), new, old)

    diverged_at = jnp.where(finite | (carry.diverged_at >= 0), carry.diverged_at, number)
    moved = held_weights.moved(program.held, carry.params, carry.compensation, parts)
    params, compensation = keep(moved, (carry.params, carry.compensation))
    state, of_model = keep(parts.state, carry.state), keep(seen.state, carry.model_state)
    return Carry(params, state, diverged_at, of_model, compensation), keep(tuple(after), states)


def _sound(leaf: jax.Array) -> jax.Array:
    """Say whether all numbers of a leaf are finite.

    Of layers by one product with a small number, which cannot overflow below 1e9 weights: that takes a fraction of the
    time of looking at each, and what is not finite stays so.
    """
    if leaf.ndim < 2:
        return jnp.all(jnp.isfinite(leaf))
    return jnp.isfinite(jnp.vdot(leaf, jnp.full_like(leaf, 1e-9)))


def measure(objective: Objective, probes: Probes, data: Examples, carry: Carry) -> Records:
    """Evaluate a member on whole splits.

    Returns
    -------
    Records
        What the probes measure there, each [split] or [layer]; NaN if the member has diverged.
    """
    found, now = {}, Evaluation(objective, probes.splits, data, carry.params, carry.model_state)
    for probe in registry.on_splits(probes):
        found |= probe.measured(now)
    return unless_diverged(carry.diverged_at, found)
