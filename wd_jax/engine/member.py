"""The training loop as one compiled program, one member at a time: `advance` it by a block of epochs.

Pure and vmappable, no I/O: a host loop over blocks (`wd_jax.sweeps.threads`) adds progress, interruption and files.
`wd_jax.engine.blocked` advances many members of plain SGD at once.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wd_jax.conventions import per_step_decay
from wd_jax.engine import minibatches
from wd_jax.engine.examples import Examples, evaluate, gradient_moments
from wd_jax.engine.hyper_tree import Hyper
from wd_jax.engine.probes import budget
from wd_jax.models import mlp
from wd_jax.models.losses import LOSSES
from wd_jax.optimisers import step
from wd_jax.program import Objective, Program, Start
from wd_jax.setup import Probes

Records = dict[str, jax.Array]


class Carry(NamedTuple):
    """All that a member takes from one block of epochs to the next; `diverged_at` is -1 while all is finite."""

    params: mlp.Params
    state: Any
    diverged_at: jax.Array


Running = tuple[Carry, budget.Budget, tuple[jax.Array, ...]]
"""A member within a record: its state, the budget so far and the sums of its displacements by decay."""
Batch = tuple[jax.Array, jax.Array]
"""Indices of examples and their weights in the batch; one axis more for several batches."""


def start(fixed: Start, hyper: Hyper, key: jax.Array) -> Carry:
    """Initialise one member from its key (see `wd_jax.engine.minibatches.member_key`)."""
    own = minibatches.stream(key, minibatches.INIT_STREAM)
    params = mlp.initialise(fixed.model, own, fixed.init, hyper.init_scale, fixed.dtype)
    return Carry(params, step.build(fixed.rule, hyper).init(params), jnp.asarray(-1, jnp.int32))


def advance(
    program: Program, probes: Probes, hyper: Hyper, data: Examples, carry: Carry, first: jax.Array, orders: jax.Array
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

    Returns
    -------
    Carry
        State after the block.
    Records
        Norms, budget, displacements and penalty, each [epochs * records_per_epoch, ...], the last axis layer; what is
        evaluated on whole splits is left to `measure`.
    """
    n = data.n
    batch_weights = jnp.asarray(minibatches.batch_weights(n, program.batch_size, program.dtype))
    intervals = probes.records_per_epoch

    def one_epoch(carry: Carry, numbered: tuple[jax.Array, jax.Array]) -> tuple[Carry, Records]:
        number, order = numbered
        batches = minibatches.minibatches(order, program.batch_size)
        pieces = (
            batches.reshape(intervals, -1, program.batch_size),
            batch_weights.reshape(intervals, -1, program.batch_size),
        )
        return jax.lax.scan(
            lambda c, piece: _interval(program, probes, hyper, data, c, number + 1, piece), carry, pieces
        )

    numbers = first + jnp.arange(orders.shape[0], dtype=jnp.int32)
    carry, records = jax.lax.scan(one_epoch, carry, (numbers, orders))
    return carry, jax.tree.map(lambda a: a.reshape(-1, *a.shape[2:]), records)


def initial_record(program: Program, probes: Probes, hyper: Hyper, data: Examples, carry: Carry) -> Records:
    """Return the record of epoch 0: what an interval without steps would show, its budget NaN."""
    record = standing(hyper, carry.params, data)
    nothing = jnp.full(program.model.layers, jnp.nan, program.dtype)
    return record | dict.fromkeys(_interval_names(probes), nothing)


def _interval_names(probes: Probes) -> tuple[str, ...]:
    names = tuple(f"budget_{name}" for name in budget.Budget._fields) if probes.budget else ()
    return names + (("moved_by_decay", "moved_by_gradient") if probes.moved else ())


def _interval(
    program: Program, probes: Probes, hyper: Hyper, data: Examples, carry: Carry, number: jax.Array, piece: Batch
) -> tuple[Carry, Records]:
    """Scan the steps of one record, then measure."""
    dtype = program.dtype
    sums = budget.no_budget(program.model.layers, dtype)
    by_decay = tuple(jnp.zeros_like(w) for w in mlp.weights(carry.params)) if probes.moved else ()
    before, norm2 = carry.params, budget.squared_norms(mlp.weights(carry.params))

    def body(state: Running, batch: Batch) -> tuple[Running, None]:
        return _step(program, probes, hyper, data, number, norm2, state, batch), None

    (carry, sums, by_decay), _ = jax.lax.scan(body, (carry, sums, by_decay), piece)
    record = standing(hyper, carry.params, data)
    # Weights may overflow with every gradient finite (a huge step, or decay alone): their norm shows it.
    lost = (carry.diverged_at < 0) & ~jnp.all(jnp.isfinite(record["weight_norm2"]))
    carry = carry._replace(diverged_at=jnp.where(lost, number, carry.diverged_at))
    if probes.budget:
        record |= budget.records(sums)
    if probes.moved:
        decay, gradient = budget.moved(before, carry.params, by_decay)
        record |= {"moved_by_decay": decay, "moved_by_gradient": gradient}
    # A frozen member has no values: a record that only looks finite must not be read as one.
    return carry, unless_diverged(carry.diverged_at, record)


def unless_diverged(diverged_at: jax.Array, record: Records) -> Records:
    """Keep a member's record only while it is alive."""
    return jax.tree.map(lambda a: jnp.where(diverged_at < 0, a, jnp.nan), record)


def _step(
    program: Program,
    probes: Probes,
    hyper: Hyper,
    data: Examples,
    number: jax.Array,
    norm2: jax.Array,
    state: Running,
    batch: Batch,
) -> Running:
    """One minibatch step; a member whose outputs, gradient or budget is not finite stays where it is from then on."""
    carry, sums, by_decay = state
    index, batch_weight = batch
    x, y = data.inputs[index], data.targets[index]
    weight = batch_weight * data.loss_weights[index]

    def cost(
        params: mlp.Params, offsets: tuple[jax.Array, ...]
    ) -> tuple[jax.Array, tuple[jax.Array, tuple[jax.Array, ...]]]:
        logits, activations = mlp.forward(program.model, params, x, offsets)
        return jnp.sum(weight * LOSSES[program.loss](logits, y)), (logits, activations)

    offsets = tuple(jnp.zeros((x.shape[0], layer["b"].shape[0]), x.dtype) for layer in carry.params)
    (grads, deltas), (logits, activations) = jax.grad(cost, argnums=(0, 1), has_aux=True)(carry.params, offsets)
    epsilon = per_step_decay(hyper.eta, hyper.lmbda, data.n)
    u, opt_state = step.build(program.rule, hyper).displacement(grads, carry.state, carry.params)
    # The biases' displacements sum the deltas, so they are finite only if every weight's is.
    finite = jnp.all(jnp.isfinite(logits)) & jnp.all(jnp.stack([jnp.all(jnp.isfinite(layer["b"])) for layer in u]))
    parts = sums
    if probes.budget and program.rule.plain:
        ws = mlp.weights(carry.params)
        layers = tuple((a, a @ w, d) for a, w, d in zip(activations, ws, deltas, strict=True))
        parts = budget.of_sgd_step(norm2 + sums.change, layers, grads, hyper.eta, epsilon)
    elif probes.budget:
        parts = budget.of_step(carry.params, u, epsilon)
    if probes.budget:
        finite &= jnp.all(jnp.isfinite(parts.change))
    alive = finite & (carry.diverged_at < 0)

    def keep(new: Any, old: Any) -> Any:
        return jax.tree.map(lambda a, b: jnp.where(alive, a, b), new, old)

    if probes.budget:
        sums = keep(jax.tree.map(jnp.add, sums, parts), sums)
    if probes.moved:
        ws = mlp.weights(carry.params)
        by_decay = keep(tuple(total - epsilon * w for total, w in zip(by_decay, ws, strict=True)), by_decay)
    diverged_at = jnp.where(finite | (carry.diverged_at >= 0), carry.diverged_at, number)
    params = keep(step.move(carry.params, epsilon, u), carry.params)
    return Carry(params, keep(opt_state, carry.state), diverged_at), sums, by_decay


def standing(hyper: Hyper, params: mlp.Params, data: Examples) -> Records:
    """Measure what only needs the weights."""
    ws = mlp.weights(params)
    norm2 = budget.squared_norms(ws)
    return {
        "weight_norm2": norm2,
        "dead_input_rms": budget.dead_input_rms(ws[0], data.dead),
        "penalty": hyper.lmbda / (2 * data.n) * jnp.sum(norm2),
    }


def measure(objective: Objective, probes: Probes, data: Examples, carry: Carry) -> Records:
    """Evaluate a member on whole splits: cost, accuracy, saturation, moments of the gradient.

    Returns
    -------
    Records
        What `probes` asks for, each [split] or [layer]; NaN if the member has diverged.
    """
    found = {}
    if probes.splits:
        cost, accuracy, saturated = evaluate(objective, carry.params, data, probes.splits)
        found |= {"cost": cost, "accuracy": accuracy, "saturated": saturated}
    if probes.full_gradient:
        moments = gradient_moments(objective, carry.params, data)
        found["gradient_norm2"] = moments.full_norm2
        found["sample_gradient_norm2"] = moments.sample_norm2
        found["weight_dot_gradient"] = moments.weight_dot
    return unless_diverged(carry.diverged_at, found)
