"""Many members of one minibatch order at once, in blocks of K steps: epochs, records, and what is in between.

What a block does depends on the rule: `wd_jax.engine.blocked_sgd` is plain SGD, where the idea is explained, and
`wd_jax.engine.blocked_momentum` heavy ball, Nesterov's form and SGDW. Other rules have no blocks: a step of theirs is
not linear in the gradient.
"""

import functools
from typing import Any

import jax
import jax.numpy as jnp

from wd_jax.engine import blocked_layout, blocked_momentum, blocked_probes, blocked_sgd, member, minibatches, too_large
from wd_jax.engine.blocked_kernel import Kernel, Progress
from wd_jax.engine.examples import Examples
from wd_jax.engine.hyper_tree import Hyper
from wd_jax.engine.member import Carry, Records
from wd_jax.engine.probes import registry
from wd_jax.engine.probes.probe import Record
from wd_jax.measurement import Probes
from wd_jax.models import mlp
from wd_jax.optimisers.rule import Rule
from wd_jax.program import Program

State = tuple[mlp.Params, Any, jax.Array]
"""What the records hand on: all members' parameters and velocities, the members last, and the epoch of divergence."""


def has_blocks(rule: Rule) -> bool:
    """Whether a rule can be trained in blocks at all: its step is linear in weight, velocity and gradient.

    Examples
    --------
    >>> from wd_jax.optimisers import rules
    >>> has_blocks(rules.nesterov()), has_blocks(rules.adamw()), has_blocks(rules.sgdw(decay="cautious"))
    (True, False, False)
    """
    return rule.plain or rule.recursion is not None


def fits(rule: Rule, epsilon: float, steps_per_block: int) -> bool:
    """Whether a member of decay eta*lmbda/n = epsilon, a plain number, can be trained in blocks of K steps."""
    if rule.plain:
        return blocked_sgd.holds(epsilon, steps_per_block)
    return rule.recursion is not None and blocked_momentum.holds(epsilon)


def advance(
    program: Program,
    probes: Probes,
    steps_per_block: int,
    hyper: Hyper,
    data: Examples,
    carry: Carry,
    first: jax.Array,
    orders: jax.Array,
) -> tuple[Carry, Records]:
    """Train S seeds of C members each for a block of epochs: `wd_jax.engine.member.advance` of every member at once.

    Parameters
    ----------
    program, probes : Program, Probes
        Static; the rule must have blocks, and `wd_jax.engine.blocked_probes.unmeasured` of the probes be empty.
    steps_per_block : int
        K, the steps between two updates of the first layer; 1 updates it at every step.
    hyper : Hyper
        The cells' traced numbers, each [C], of ``program.dtype``; every cell must pass `fits`.
    data : Examples
        The dataset, shared by all members.
    carry : Carry
        Every leaf [S, C, ...].
    first : jax.Array
        Number of the first epoch, int32.
    orders : jax.Array [S, epochs, n] int32
        The examples' order of each seed and epoch, shared by the seed's members.

    Returns
    -------
    Carry
        State after the epochs, every leaf [S, C, ...].
    Records
        As `wd_jax.engine.member.advance`, each [S, C, epochs * records_per_epoch, ...].
    """
    kernel = _kernel(program.rule)
    seeds, cells = carry.diverged_at.shape
    members = kernel.members(program, steps_per_block, hyper, data.n, seeds)
    weights = jnp.asarray(minibatches.batch_weights(data.n, program.batch_size, program.dtype))
    cut = functools.partial(_cut, intervals=probes.records_per_epoch, steps_per_block=steps_per_block)
    pieces = (cut(weights), cut(jnp.ones(len(weights), bool)))
    forms = blocked_probes.forms(probes, kernel.forms)

    def one_interval(state: State, piece: tuple[jax.Array, Any]) -> tuple[State, Records]:
        number, batches = piece
        params, velocity, diverged_at = state
        states = tuple(form.start(program, params, velocity, seeds * cells) for form in forms)
        step = functools.partial(kernel.block, program, forms, members, data, number)
        progress, _ = jax.lax.scan(step, Progress(params, velocity, states, diverged_at), batches)
        before, now = (blocked_layout.to_first(one, seeds) for one in (params, progress.params))
        record = _records_of_ends(program, probes, hyper, data, before, now)
        for form, probe_state in zip(forms, progress.states, strict=True):
            record |= form.record(probe_state, seeds, before, now)
        finite = jnp.all(jnp.isfinite(record["weight_norm2"]), axis=-1).reshape(-1)
        finite &= ~jax.vmap(jax.vmap(lambda one: too_large.cost(program, data, one, ())))(now).reshape(-1)
        diverged_at = jnp.where((progress.diverged_at < 0) & ~finite, number, progress.diverged_at)
        by_seed = diverged_at.reshape(seeds, cells)
        record = jax.vmap(jax.vmap(member.unless_diverged))(by_seed, record)
        return (progress.params, progress.velocity, diverged_at), record

    def one_epoch(state: State, numbered: tuple[jax.Array, jax.Array]) -> tuple[State, Records]:
        number, order = numbered
        batches = jnp.moveaxis(minibatches.minibatches(order, program.batch_size), 0, 1)
        numbers = jnp.full(probes.records_per_epoch, number + 1)
        return jax.lax.scan(one_interval, state, (numbers, (cut(batches), *pieces)))

    numbers = first + jnp.arange(orders.shape[1], dtype=jnp.int32)
    state = (blocked_layout.to_last(carry.params), _velocity(carry), carry.diverged_at.reshape(-1))
    (params, velocity, diverged_at), records = jax.lax.scan(one_epoch, state, (numbers, jnp.moveaxis(orders, 1, 0)))
    rule_state = _in_place(carry.state, blocked_layout.to_first(velocity, seeds)) if velocity else carry.state
    carry = Carry(blocked_layout.to_first(params, seeds), rule_state, diverged_at.reshape(seeds, cells))
    return carry, jax.tree.map(lambda a: jnp.moveaxis(a.reshape(-1, *a.shape[2:]), 0, 2), records)


def _kernel(rule: Rule) -> Kernel:
    return blocked_sgd.KERNEL if rule.plain else blocked_momentum.KERNEL


def _velocity(carry: Carry) -> Any:
    """Take the velocities out of the rule's state, whose only leaves they are; nothing if it has none."""
    leaves = jax.tree.leaves(carry.state)
    return blocked_layout.to_last(_in_place(carry.params, leaves)) if leaves else ()


def _in_place(tree: Any, leaves: Any) -> Any:
    """Put leaves, in their order, into a tree."""
    return jax.tree.unflatten(jax.tree.structure(tree), jax.tree.leaves(leaves))


def _cut(array: jax.Array, intervals: int, steps_per_block: int) -> jax.Array:
    """Cut [steps, ...] into [intervals, blocks, K, ...].

    All blocks of an interval are equally long, so that one compiled program runs them. Where the steps do not divide,
    the last block is filled up with zeros: its ``real`` is False there, and no such step is taken.
    """
    steps = array.shape[0] // intervals
    blocks = -(-steps // steps_per_block)
    even = -(-steps // blocks)
    by_interval = array.reshape(intervals, steps, *array.shape[1:])
    padding = [(0, 0), (0, blocks * even - steps)] + [(0, 0)] * (array.ndim - 1)
    return jnp.pad(by_interval, padding).reshape(intervals, blocks, even, *array.shape[1:])


def _records_of_ends(
    program: Program, probes: Probes, hyper: Hyper, data: Examples, before: mlp.Params, now: mlp.Params
) -> Records:
    """Measure every probe that reads only the two ends of a record, member by member, each [S, C, ...]."""
    measured = [probe for probe in registry.in_training(probes) if not probe.takes_steps]

    def one(cell: Hyper, start: mlp.Params, end: mlp.Params) -> Records:
        found = {}
        for probe in measured:
            found |= probe.recorded(probe.begun(program, start), Record(program, cell, data, start, end))
        return found

    return jax.vmap(jax.vmap(one), (None, 0, 0))(hyper, before, now)
