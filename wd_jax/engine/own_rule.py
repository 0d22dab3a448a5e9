"""A rule of the user's own, before anything is trained: whether it takes steps, and what of them can be measured."""

import dataclasses
from typing import Any

import jax

from wd_jax.engine.probes import registry
from wd_jax.models import mlp
from wd_jax.optimisers import separable
from wd_jax.optimisers.rule import Rule
from wd_jax.setup import Probes, Setup


def checked(setup: Setup, n: int, probes: Probes) -> tuple[Probes, str]:
    """Refuse an own rule that takes no step, and leave out the probes that its decay cannot be had for.

    Parameters
    ----------
    setup : Setup
        What is trained; the library's rules pass.
    n : int
        Training-set size, examples.
    probes : Probes
        What was asked for.

    Returns
    -------
    Probes
        What is measured.
    str
        Why that is less, a sentence; empty if it is not.

    Raises
    ------
    ValueError
        In one line, for a rule that takes no step, or a probe of the user's own that needs the decay's part of one.
    """
    if not isinstance(setup.optimiser, Rule):
        return probes, ""
    with jax.enable_x64(setup.dtype == "float64"):
        params = jax.eval_shape(lambda key: mlp.initialise(setup.model, key, dtype=setup.dtype), jax.random.key(0))
        separable.check(setup.rule, params, n)
        why = separable.why_not(setup.rule, params, n)
    if not why:
        return probes, ""
    needing = [probe for probe in registry.asked(probes) if "decay" in probe.needs]
    for probe in needing:
        if probe.switch is None:
            raise ValueError(f"extra: probe {probe.name!r} needs the decay's part of a step: {why}")
    off: dict[str, Any] = {probe.switch.option: False for probe in needing if probe.switch}
    return dataclasses.replace(probes, **off), why
