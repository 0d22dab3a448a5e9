"""The probes that the library brings, and which of them a run asks for. A new one is its file and a line here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from wd_jax.engine.probes import (
    alignment,
    budget,
    column_sums,
    dead_inputs,
    effective_eta,
    evaluation,
    full_gradient,
    gradient_noise,
    moved,
    norm_difference,
    penalty,
    relative_update,
    rotation,
    spectrum,
    weights,
)
from wd_jax.engine.probes.probe import Probe, Switch, Variable

if TYPE_CHECKING:
    from wd_jax.measurement import Probes

BUILT_IN: tuple[Probe, ...] = (
    weights.PROBE,
    dead_inputs.PROBE,
    penalty.PROBE,
    budget.PROBE,
    moved.PROBE,
    rotation.PROBE,
    relative_update.PROBE,
    alignment.PROBE,
    effective_eta.PROBE,
    spectrum.PROBE,
    column_sums.PROBE,
    norm_difference.PROBE,
    gradient_noise.PROBE,
    evaluation.PROBE,
    full_gradient.PROBE,
)
"""In the order of a result's variables."""


def asked(probes: Probes) -> tuple[Probe, ...]:
    """List the probes that a run measures: those of the library that are switched on, and the user's own.

    Examples
    --------
    >>> from wd_jax.measurement import Probes
    >>> [probe.name for probe in asked(Probes(moved=False, splits=()))]
    ['weights', 'dead_inputs', 'penalty', 'budget']
    """
    on = (one for one in BUILT_IN if one.switch is None or getattr(probes, one.switch.option))
    return (*on, *probes.extra)


def in_training(probes: Probes) -> tuple[Probe, ...]:
    """List those of a run that are measured inside the training program."""
    return tuple(one for one in asked(probes) if one.record is not None)


def on_splits(probes: Probes) -> tuple[Probe, ...]:
    """List those of a run that are evaluated on whole splits."""
    return tuple(one for one in asked(probes) if one.measure is not None)


def inside(probes: Probes) -> Probes:
    """Keep of the probes only what the training program depends on: others share its compilation."""
    return _only(probes, lambda one: one.record is not None, records_per_epoch=probes.records_per_epoch)


def outside(probes: Probes) -> Probes:
    """Keep of the probes only what an evaluation depends on."""
    return _only(probes, lambda one: one.measure is not None)


def switches() -> tuple[Switch, ...]:
    """List how the library's probes are turned on and off, in the order of their files above."""
    return tuple(one.switch for one in BUILT_IN if one.switch is not None)


def variables(probes: Probes | None = None) -> dict[str, Variable]:
    """Tabulate every variable that a result may hold, by name: the library's, and those of a run's own probes.

    Examples
    --------
    >>> variables()["weight_rms"].dims
    ('layer',)
    """
    all_probes = (*BUILT_IN, *(probes.extra if probes is not None else ()))
    return {variable.name: variable for probe in all_probes for variable in probe.variables}


def switch_of(variable: str) -> Switch | None:
    """Say by what switch a variable of the library is asked for; None for one that is always measured, or unknown."""
    return next((one.switch for one in BUILT_IN if variable in one.names), None)


def check_own(probes: Probes, records: dict[str, Any], layers: int) -> None:
    """Refuse, before any training, a probe of a user's own that does not give what it declares.

    Parameters
    ----------
    probes : Probes
        With the probes that gave these records alone, as `inside` and `outside` keep them.
    records : dict of str to array
        Of epoch 0, each [M, ...].
    layers : int
        Of the network.

    Raises
    ------
    ValueError
        Naming the probe, the variable and what was given.
    """
    sizes = {"layer": layers, "split": len(probes.splits)}
    known = {name for probe in asked(probes) for name in probe.names}
    if stray := [name for name in records if name not in known]:
        raise ValueError(f"extra: a probe gives {stray[0]!r}, which is none of its variables: declare it there")
    for probe in probes.extra:
        for variable in () if probe.derive else probe.variables:
            if variable.name not in records:
                raise ValueError(
                    f"extra: probe {probe.name!r} gives no {variable.name}: return it, or do not declare it"
                )
            wanted, given = tuple(sizes[dim] for dim in variable.dims), tuple(records[variable.name].shape[1:])
            if given != wanted:
                raise ValueError(
                    f"extra: probe {probe.name!r} gives {variable.name} of shape {given}, and its dims "
                    f"{variable.dims} are {wanted}: change one of the two"
                )


def _only(probes: Probes, chosen: Callable[[Probe], bool], **kept: Any) -> Probes:
    """Keep the switches of the chosen probes; the others are as if never touched."""
    switched = [one.switch.option for one in BUILT_IN if one.switch is not None and chosen(one)]
    options = {option: getattr(probes, option) for option in switched}
    return type(probes)(**options, extra=tuple(one for one in probes.extra if chosen(one)), **kept)
