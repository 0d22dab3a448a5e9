"""The compiled programs of the laboratory: all settings of one seed at once, a stretch of steps a call.

Settings differ in traced numbers alone, so they share a compilation, and they see the same drawn numbers.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wd_jax.engine import minibatches
from wd_jax.engine.hyper_tree import Hyper
from wd_jax.engine.member import Carry, Records, unless_diverged
from wd_jax.engine.probes.probe import Probe, Record, Step
from wd_jax.laboratory.gradients import Gradients, Sizes
from wd_jax.laboratory.tensor import Tensor
from wd_jax.optimisers import step as steps
from wd_jax.optimisers.rule import Rule


@dataclass(frozen=True)
class Experiment:
    """What is fixed in each compiled program: static.

    Attributes
    ----------
    tensor : Tensor
        What is trained.
    rule : Rule
        How.
    gradients : Gradients
        On what.
    sizes : Sizes
        Examples, and how many are in a minibatch.
    dtype : str
        Of weights and arithmetic.
    probes : tuple of Probe
        What is measured.
    """

    tensor: Tensor
    rule: Rule
    gradients: Gradients
    sizes: Sizes
    dtype: str
    probes: tuple[Probe, ...]

    @property
    def batch_size(self) -> int:
        """Examples in a minibatch, as probes know it."""
        return self.sizes.m

    @property
    def model(self) -> Tensor:
        """The tensor, by the name that probes know it by."""
        return self.tensor


class Running(NamedTuple):
    """One seed within a run: its members, each [cell, ...], and what is drawn for all of them alike.

    Attributes
    ----------
    members : Carry
        Weights, state of the rule, and the number of the step that was lost, -1 while all is finite.
    before : Params
        Weights at the start of the record.
    probes : tuple
        State of each probe since then.
    drawn : tuple
        State of the gradients.
    """

    members: Carry
    before: Any
    probes: tuple[Any, ...]
    drawn: Any


@functools.partial(jax.jit, static_argnums=0)
def begin(what: Experiment, hyper: Hyper, seed: jax.Array) -> tuple[Running, Records]:
    """Start the members of a seed.

    Parameters
    ----------
    what : Experiment
        Static.
    hyper : Hyper
        Numbers of the members, each [cell].
    seed : jax.Array
        uint32.

    Returns
    -------
    Running
        Before the first step.
    Records
        What the weights alone show, each [cell, ...]; NaN for what compares the two ends of a record.
    """
    key = minibatches.member_key(seed)
    drawn = what.tensor.init(minibatches.stream(key, minibatches.INIT_STREAM))

    def one(hyper: Hyper) -> Carry:
        params = jax.tree.map(lambda leaf: hyper.init_scale * leaf.astype(what.dtype), drawn)
        state = steps.build(what.rule, hyper, what.sizes.n).init(params)
        return Carry(params, state, jnp.asarray(-1, jnp.int32))

    def record(hyper: Hyper, member: Carry) -> Records:
        found, now = {}, Record(what, hyper, None, member.params, member.params)  # pyrefly: ignore
        for probe in what.probes:
            values = probe.recorded(probe.begun(_as_program(what), member.params), now)
            found |= values if probe.start is None else jax.tree.map(lambda a: jnp.full_like(a, jnp.nan), values)
        return found

    members = jax.vmap(one)(hyper)
    running = Running(members, members.params, (), what.gradients.start(key, what.tensor, what.sizes))
    return _begun(what, running), jax.vmap(record)(hyper, members)


@functools.partial(jax.jit, static_argnums=0, donate_argnums=3)
def advance(
    what: Experiment, hyper: Hyper, seed: jax.Array, running: Running, first: jax.Array, count: jax.Array
) -> Running:
    """Take some steps.

    Parameters
    ----------
    what, hyper, seed
        As for `begin`.
    running : Running
        From `begin`, `advance` or `measure`; its memory is used again.
    first, count : jax.Array
        Number of the first step, 0 before any, and how many are taken, int32: neither is compiled in.
    """
    key = minibatches.member_key(seed)
    one = jax.vmap(functools.partial(_step, what), in_axes=(0, 0, 0, None, None))

    def body(number: jax.Array, running: Running) -> Running:
        drawn, state = what.gradients.draw(key, what.tensor, what.sizes, running.drawn, number)
        members, probes = one(hyper, running.members, running.probes, drawn, number + 1)
        return Running(members, running.before, probes, state)

    return jax.lax.fori_loop(first, first + count, body, running)


@functools.partial(jax.jit, static_argnums=0, donate_argnums=2)
def measure(what: Experiment, hyper: Hyper, running: Running) -> tuple[Running, Records]:
    """End a record, and start the next one.

    Returns
    -------
    Running
        With probes that have seen nothing yet.
    Records
        Each [cell, ...]; NaN for members that have diverged.
    """

    def one(hyper: Hyper, member: Carry, before: Any, probes: tuple[Any, ...]) -> Records:
        end, found = Record(what, hyper, None, before, member.params), {}  # pyrefly: ignore
        for probe, state in zip(what.probes, probes, strict=True):
            found |= probe.recorded(state, end)
        return unless_diverged(member.diverged_at, found)

    records = jax.vmap(one)(hyper, running.members, running.before, running.probes)
    return _begun(what, running), records


def _begun(what: Experiment, running: Running) -> Running:
    """Start the probes of a record."""

    def one(params: Any) -> tuple[Any, ...]:
        return tuple(probe.begun(_as_program(what), params) for probe in what.probes)

    before = jax.tree.map(jnp.copy, running.members.params)
    return running._replace(before=before, probes=jax.vmap(one)(before))


def _as_program(what: Experiment) -> Any:
    """Give what probes take for a program: model, rule, batch size and dtype are all that they ask for."""
    return what


def _step(
    what: Experiment, hyper: Hyper, member: Carry, probes: tuple[Any, ...], drawn: jax.Array, number: jax.Array
) -> tuple[Carry, tuple[Any, ...]]:
    """Take one step of one member; one whose step or probes are not finite stays where it is from then on."""
    n = what.sizes.n
    gradients = jax.tree.map(lambda w: what.gradients.of_weights(drawn, w, hyper, what.sizes), member.params)
    parts = steps.build(what.rule, hyper, n).step(gradients, member.state, member.params)
    share = steps.share(what.rule, hyper, n)
    step = Step(_as_program(what), hyper.eta, share, member.params, gradients)._replace(
        displacement=parts.gradient, decay=parts.decay, whole=parts.whole
    )
    params = steps.move(member.params, parts)
    finite = jnp.all(jnp.stack([jnp.all(jnp.isfinite(leaf)) for leaf in jax.tree.leaves(params)]))
    after = []
    for probe, before in zip(what.probes, probes, strict=True):
        after.append(probe.stepped(before, step))
        if probe.finite is not None:
            finite &= probe.finite(after[-1])
    alive = finite & (member.diverged_at < 0)

    def keep(new: Any, old: Any) -> Any:
        return jax.tree.map(lambda a, b: jnp.where(alive, a, b), new, old)

    diverged_at = jnp.where(finite | (member.diverged_at >= 0), member.diverged_at, number)
    return Carry(keep(params, member.params), keep(parts.state, member.state), diverged_at), keep(tuple(after), probes)
