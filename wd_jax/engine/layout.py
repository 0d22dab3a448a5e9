"""How a member's weights lie while it is trained: `wd_jax.models.turned` where rule and probes allow it."""

import dataclasses
from typing import Any

from wd_jax.engine.probes.probe import Probe, Record
from wd_jax.models.model import MLP
from wd_jax.models.turned import Turned, turned
from wd_jax.program import Program


def chosen(program: Program, measured: tuple[Probe, ...]) -> tuple[Program, tuple[Probe, ...]]:
    """Choose a layout: the program with a model that knows of it, and the probes as they see the usual one.

    Parameters
    ----------
    program : Program
        What is trained.
    measured : tuple of Probe
        Inside the training program.

    Returns
    -------
    Program
        With a `Turned` model only where the rule goes element by element and each probe that looks at every step gives
        the same numbers in any layout; plain SGD keeps the layout of its blocks.
    tuple of Probe
        Those that need the usual layout turn what they see of the two ends of a record.
    """
    rule, model = program.rule, program.model
    fits = rule.by_element and not rule.plain and all(one.any_layout or not one.takes_steps for one in measured)
    lying = turned(model) if fits and isinstance(model, MLP) else model
    if not isinstance(lying, Turned):
        return program, measured
    seeing = tuple(one if one.any_layout else _upright(one, program, lying) for one in measured)
    return dataclasses.replace(program, model=lying), seeing


def turn(program: Program, carry: Any) -> Any:
    """Turn a member, from the usual layout to the program's or back."""
    return program.model.turn(carry) if isinstance(program.model, Turned) else carry


def _upright(probe: Probe, program: Program, lying: Turned) -> Probe:
    """Show a probe the usual layout at both ends of a record."""
    start, record = probe.start, probe.record

    def started(_: Program, params: Any) -> Any:
        return None if start is None else start(program, lying.upright(params))

    def recorded(state: Any, found: Record) -> dict[str, Any]:
        ends = lying.upright(found.before), lying.upright(found.params)
        return {} if record is None else record(state, Record(program, found.hyper, found.data, *ends))

    return dataclasses.replace(probe, start=None if start is None else started, record=recorded)
