"""What is measured in the laboratory: the probes of every run that look neither at a network nor at data."""

import dataclasses
from typing import Any

import jax

from wd_jax.engine.probes import registry
from wd_jax.engine.probes.probe import Probe
from wd_jax.inputs import checks
from wd_jax.laboratory import time_mean
from wd_jax.laboratory.tensor import Tensor
from wd_jax.measurement import Probes
from wd_jax.optimisers import rules, separable
from wd_jax.optimisers.rule import Rule
from wd_jax.results.variables import check_names

OF_DATA = ("dead_inputs", "penalty")
"""Probes of every sweep that look at a network or at its data."""
USUAL = Probes(moved=False, splits=(), rotation=True, relative_update=True)
"""What is measured unless told."""
NOT_HERE = {"full_gradient": "there is no full batch here", "keep_weights": "weights are not kept here"}


def chosen(probes: Any, rule: Rule, tensor: Tensor, n: int, dtype: str) -> tuple[tuple[Probe, ...], str]:
    """Give the probes of a run.

    Parameters
    ----------
    probes : Probes
        What was asked for.
    rule : Rule
        One that the library does not have is looked at first: whether it takes steps, and what of them is decay.
    tensor : Tensor
        What is trained.
    n : int
        Examples.
    dtype : str
        Of the weights.

    Returns
    -------
    tuple of Probe
        What is measured.
    str
        Why the budget is not among it, though it was asked for; empty if it is.

    Raises
    ------
    ValueError
        In one line, for a rule that takes no step, and for what cannot be measured here.
    TypeError
        For probes that are none.
    """
    _check(probes, rule)
    why = "" if rule.name in rules.LIBRARY else _inseparable(rule, tensor, n, dtype)
    if why:
        probes = dataclasses.replace(probes, budget=False, moved=False)
    for one in probes.extra:
        _check_own(one, why)
    found = [one for one in registry.in_training(probes) if one.name not in OF_DATA]
    return (*found, time_mean.PROBE), why


def _check(probes: Any, rule: Rule) -> None:
    if not isinstance(probes, Probes):
        raise TypeError(f"probes: got {checks.shown(probes)}; give a Probes, such as wd.Probes(rotation=True)")
    for option, why in NOT_HERE.items():
        if getattr(probes, option):
            raise ValueError(f"probes: {option}=True: {why}; leave it out")
    if probes.records_per_epoch != 1:
        raise ValueError(
            f"probes: records_per_epoch={probes.records_per_epoch}: give records={probes.records_per_epoch}"
        )
    check_names(probes, [*rule.names, *time_mean.PROBE.names])


def _inseparable(rule: Rule, tensor: Tensor, n: int, dtype: str) -> str:
    with jax.enable_x64(dtype == "float64"):
        params = ({"w": jax.ShapeDtypeStruct(tensor.shape, dtype)},)
        separable.check(rule, params, n)
        return separable.why_not(rule, params, n)


def _check_own(probe: Probe, why: str) -> None:
    """Refuse a probe of the user's own that looks at what is not here."""
    if probe.measure is not None:
        raise ValueError(f"extra: probe {probe.name!r} is measured on a data set: there is none here; leave it out")
    for name in ("activations", "deltas"):
        if name in probe.needs:
            raise ValueError(f"extra: probe {probe.name!r} needs {name}: there is no network here; leave it out")
    if why and "decay" in probe.needs:
        raise ValueError(f"extra: probe {probe.name!r} needs the decay's part of a step: {why}")
