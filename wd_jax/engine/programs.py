"""The compiled programs of a task: begin, advance by some epochs, measure. Each takes all members of the task at once.

Arrays of members have them on the first axis. What the programs depend on is static; a member's numbers, its seed, the
examples and their order are data, so that another value never compiles.
"""

import functools
from collections.abc import Callable
from typing import Any

import jax
import numpy as np

from wd_jax.engine import blocked, member, minibatches, rates
from wd_jax.engine.examples import Examples
from wd_jax.engine.hyper_tree import Hyper
from wd_jax.engine.member import Carry, Records
from wd_jax.engine.rates import Factors
from wd_jax.measurement import Probes
from wd_jax.program import Objective, Program, Start

KEPT = 32
"""Compiled programs of each kind that are kept, the last used. Those of one network take some 17 MB and hundreds of the
65530 mappings that Linux lets a process have: without a bound a process ends after two hundred networks."""
COMPILER_OPTIONS: dict[str, Any] = {"xla_backend_optimization_level": 1, "xla_gpu_deterministic_ops": True}
"""LLVM's cheaper passes: compiling takes two thirds of the time and the programs run no slower. And on a GPU no kernel
whose sum depends on which thread comes first, nor one chosen by a race: the same run gives the same bits again."""


def _compiled(function: Callable, **options: Any) -> Callable:
    return jax.jit(function, compiler_options=COMPILER_OPTIONS, **options)


def begin(
    start: Start,
    program: Program,
    probes: Probes,
    hyper: Hyper,
    data: Examples,
    seeds: jax.Array | np.ndarray,
    factors: Factors | None = None,
) -> tuple[Carry, Records]:
    """Start every member from its seed, and record it before any step.

    Parameters
    ----------
    start, program, probes : Start, Program, Probes
        Static.
    hyper : Hyper
        Numbers of each member, [M].
    data : Examples
        The data set.
    seeds : jax.Array [M] uint32
        Seed of each member.
    factors : Factors, optional
        On eta and lmbda in the first step, the same for all; None where they are constant.
    """
    given = hyper, data, seeds, factors
    return _beginning(start, program, probes, _shapes(given))(*given)


def shapes_of_start(start: Start, program: Program, probes: Probes, *given: Any) -> Carry:
    """Give the shapes and dtypes of what `begin` of the same arguments would carry on, and compile nothing."""
    made: Any = _beginning(start, program, probes, _shapes(given))
    return made.eval_shape(*given)[0]


def advance(
    program: Program,
    probes: Probes,
    steps_per_block: int,
    hyper: Hyper,
    data: Examples,
    carry: Carry,
    first: jax.Array | np.int32,
    orders: jax.Array | np.ndarray,
    factors: Factors | None = None,
) -> tuple[Carry, Records]:
    """Train every member for some epochs.

    Parameters
    ----------
    program, probes, hyper, data
        As for `begin`.
    steps_per_block : int
        K of the blocked method, 0 for the generic one.
    carry : Carry
        From `begin` or from the call before; its memory is used again.
    first : jax.Array
        Number of the first epoch, int32.
    orders : jax.Array [M, epochs, n] int32
        The examples' order of each member; blocked, [1, epochs, n], the same for all.
    factors : Factors, optional
        On eta and lmbda in each step, [epochs, steps], the same for all; None where they are constant, as blocked.
    """
    given = hyper, data, carry, first, orders, factors
    return _advancing(program, probes, steps_per_block, _shapes(given))(*given)


def measure(objective: Objective, probes: Probes, data: Examples, carry: Carry) -> Records:
    """Evaluate every member on whole splits.

    Parameters
    ----------
    objective, probes, data
        The model and its loss, static; the others as for `begin`.
    carry : Carry
        From `begin` or `advance`.
    """
    return _measuring(objective, probes, _shapes((data, carry)))(data, carry)


def _shapes(arguments: Any) -> tuple[Any, ...]:
    """Give what else a compilation depends on, so that each has a place of its own among those that are kept."""
    return tuple((np.shape(leaf), str(leaf.dtype)) for leaf in jax.tree.leaves(arguments))


@functools.lru_cache(maxsize=KEPT)
def _beginning(start: Start, program: Program, probes: Probes, _: tuple[Any, ...]) -> Callable:
    def begin(hyper: Hyper, data: Examples, seeds: jax.Array, factors: Factors | None) -> tuple[Carry, Records]:
        def one(cell: Hyper, seed: jax.Array) -> tuple[Carry, Records]:
            carry = member.start(start, cell, minibatches.member_key(seed), data.n)
            return carry, member.initial_record(program, probes, rates.in_step(cell, factors), data, carry)

        return jax.vmap(one)(hyper, seeds)

    return _compiled(begin)


@functools.lru_cache(maxsize=KEPT)
def _advancing(program: Program, probes: Probes, steps_per_block: int, _: tuple[Any, ...]) -> Callable:
    def advance(
        hyper: Hyper, data: Examples, carry: Carry, first: jax.Array, orders: jax.Array, factors: Factors | None
    ) -> tuple[Carry, Records]:
        if steps_per_block:
            one_seed = jax.tree.map(lambda leaf: leaf[None], carry)
            found = blocked.advance(program, probes, steps_per_block, hyper, data, one_seed, first, orders)
            return jax.tree.map(lambda leaf: leaf[0], found)
        one = functools.partial(member.advance, program, probes)
        return jax.vmap(one, in_axes=(0, None, 0, None, 0, None))(hyper, data, carry, first, orders, factors)

    return _compiled(advance, donate_argnums=(2,))


@functools.lru_cache(maxsize=KEPT)
def _measuring(objective: Objective, probes: Probes, _: tuple[Any, ...]) -> Callable:
    def measure(data: Examples, carry: Carry) -> Records:
        return jax.vmap(functools.partial(member.measure, objective, probes, data))(carry)

    return _compiled(measure)
