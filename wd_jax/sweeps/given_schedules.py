"""Schedules as a sweep is given them: taken from eta or lmbda where a function stands there, and tried on each run."""

from collections.abc import Mapping, Sequence
from typing import Any

from wd_jax.conventions import steps_per_epoch
from wd_jax.inputs import checks
from wd_jax.optimisers import schedules
from wd_jax.optimisers.schedule import Schedule
from wd_jax.setup import ETA_SCHEDULE, LMBDA_SCHEDULE, Setup

FIELDS = {"eta": ETA_SCHEDULE, "lmbda": LMBDA_SCHEDULE}


def taken_apart(axes: Mapping[str, Any], setup: Setup, n: int, epochs: int) -> dict[str, Any]:
    """Give a function in the place of a number as its largest value and its shape: ``eta=optax.cosine_...``.

    Parameters
    ----------
    axes : mapping
        As a sweep was given them.
    setup : Setup
        Says the minibatch size, unless it is among the axes.
    n, epochs : int
        Of the sweep, for the length of the run.

    Raises
    ------
    ValueError
        For a function beside a schedule, one among several values, or a run of more than one length.
    TypeError
        For a shape without a size, as ``eta=wd.schedules.cosine()``.
    """
    found = dict(axes)
    for name, field in FIELDS.items():
        given = axes.get(name)
        if isinstance(given, Schedule):
            raise TypeError(f"{name}={given}: a shape has no size: give {name}=0.1, {field}={given.words!r}")
        several = given if isinstance(given, list | tuple) else ()
        if any(callable(one) for one in several):
            raise ValueError(
                f"{name}: several schedules are given as shapes, {field}=[wd.schedules.of_optax(first, 'first'), ...], "
                f"with {name} for their largest value"
            )
        if not callable(given):
            continue
        if field in axes or getattr(setup, field) != "constant":
            raise ValueError(
                f"{name}={checks.shown(given)}: there is {field} too; give a number for {name}, or no {field}"
            )
        batch_size = axes.get("batch_size", setup.batch_size)
        if not checks.whole(batch_size) or batch_size < 1:
            raise ValueError(
                f"{name}={checks.shown(given)}: runs of several lengths have several largest values; give {name} as a "
                f"number, and {field}=wd.schedules.of_optax(...)"
            )
        shape = schedules.of_optax(given)
        total = epochs * steps_per_epoch(n, int(batch_size))
        shape.factors(total, name)
        found |= {name: float(schedules.evaluated(given, total).max()), field: shape}
    return found


def check(setups: Sequence[Setup], n: int, epochs: int) -> None:
    """Refuse a schedule that some run of a sweep cannot have, before anything is compiled.

    Parameters
    ----------
    setups : sequence of Setup
        One a group.
    n, epochs : int
        Of the sweep.

    Raises
    ------
    ValueError
        Naming the schedule, and the step and the value where there is one.

    Examples
    --------
    >>> check([Setup(widths=(4, 2), eta_schedule="warm_up(300)")], n=50, epochs=2)
    Traceback (most recent call last):
        ...
    ValueError: eta_schedule=warm_up(300): the warm-up takes 300 steps and the run has 10: shorten it, or train longer
    """
    for setup in setups:
        for name, one in setup.schedules.items():
            if not one.constant:
                one.factors(epochs * steps_per_epoch(n, setup.batch_size), name)
