"""Whether a grid's setups and numbers fit the data, the dtype and each other: refused before anything is planned."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wd_jax import conventions
from wd_jax.data import Dataset
from wd_jax.data.targets import check_loss
from wd_jax.engine import own_parts
from wd_jax.inputs import checks
from wd_jax.measurement import Probes
from wd_jax.optimisers import rules
from wd_jax.setup import Setup


def check_setups(setups: Sequence[Setup], data: Dataset, probes: Probes) -> None:
    """Refuse what cannot be trained on this data, or stored.

    Parameters
    ----------
    setups : sequence of Setup
        One a group.
    data : Dataset
        What is learned.
    probes : Probes
        What is measured.

    Raises
    ------
    ValueError
        Naming the argument, its value and the remedy.
    """
    for setup in setups:
        _against_data(setup, data, probes)
    if probes.keep_weights and len({setup.network for setup in setups if not setup.widths}) > 1:
        raise ValueError("keep_weights=True: weights of several models fit no one array; call sweep once for each")
    if probes.keep_weights and len({setup.widths for setup in setups}) > 1:
        raise ValueError("keep_weights=True: weights of different widths fit no one array; sweep without hidden, depth")


def _against_data(setup: Setup, data: Dataset, probes: Probes) -> None:
    """Refuse a network of other widths than the data, a loss its targets have not, and sizes that do not divide."""
    # Before the widths: their remedy would lead on to targets that the loss cannot take.
    named = f"the dataset {data.name!r}"
    check_loss(setup.loss, data.n_out, data.target_kind, data.distributions, named, data.bounded)
    ends = ((0, setup.widths[0], data.n_in), (-1, setup.widths[-1], data.n_out)) if setup.widths else ()
    for end, width, size in ends:
        if width != size:
            side = "inputs" if end == 0 else "outputs"
            rows = ", or give the targets as wd.data.one_hot(y, 2)" if end == -1 and size == 1 and width == 2 else ""
            raise ValueError(
                f"widths={setup.widths}: the dataset {data.name!r} has {size} {side[: None if size > 1 else -1]}, not "
                f"{width}; set widths[{end}]={size}{rows}"
            )
    if setup.batch_size > data.n:
        raise ValueError(
            f"batch_size={setup.batch_size}: the dataset {data.name!r} has {data.n} examples; give at most that"
        )
    own_parts.check_model(setup, data.n, data.n_in, data.outputs, data.train.tokens)
    steps = conventions.steps_per_epoch(data.n, setup.batch_size)
    if steps % probes.records_per_epoch:
        raise ValueError(
            f"records_per_epoch={probes.records_per_epoch}: must divide the {steps} steps of an epoch, "
            f"for example {divisor_below(steps, probes.records_per_epoch)}"
        )


def check_used(numbers: Mapping[str, Any], setups: Sequence[Setup]) -> None:
    """Refuse a coefficient that no rule of the sweep reads: a sweep over it would compare copies.

    Parameters
    ----------
    numbers : mapping of str to float or tuple of float
        Every traced number that was given, swept or not.
    setups : sequence of Setup
        One a group.
    """
    read = {name for setup in setups for name in setup.rule.names}
    for name, value in numbers.items():
        if name not in read:
            users = " or ".join(rules.readers(name))
            remedy = f"choose optimiser {users}" if users else "leave it out"
            shown = checks.shown(list(value) if isinstance(value, tuple) else value)
            raise ValueError(f"{name}={shown}: no optimiser of this sweep uses it; {remedy}")


def check_in_dtype(numbers: Mapping[str, Any], setups: Sequence[Setup]) -> None:
    """Refuse numbers that float32 makes infinite, zero or equal, where a setup computes in it.

    Parameters
    ----------
    numbers, setups
        As for `check_used`.
    """
    if any(setup.arithmetic == "float32" for setup in setups):
        for name, values in numbers.items():
            check_in_float32(name, np.atleast_1d(np.asarray(values, np.float64)))


def check_in_float32(name: str, values: np.ndarray) -> None:
    """Refuse numbers that float32 makes infinite, zero or equal: such cells would not be what their labels say."""
    with np.errstate(over="ignore", under="ignore"):
        single = values.astype(np.float32)
    lost = ~np.isfinite(single) | ((np.abs(single) < np.finfo(np.float32).tiny) & (values != 0))
    if lost.any():
        value = values[lost][0]
        raise ValueError(
            f"{name}={value:g}: float32 holds numbers from 1.2e-38 to 3.4e38: give another, or dtype='float64'"
        )
    order = np.argsort(single, kind="stable")
    same = np.flatnonzero(np.diff(single[order]) == 0)
    if same.size:
        pair = " and ".join(repr(float(values[i])) for i in order[same[0] : same[0] + 2])
        raise ValueError(f"{name}={pair}: one number in float32: give values farther apart, or dtype='float64'")


def divisor_below(number: int, most: int) -> int:
    """Largest divisor of `number` that is at most `most`.

    Examples
    --------
    >>> divisor_below(120, 50), divisor_below(120, 10**8), divisor_below(2**31 - 1, 10**8)
    (40, 120, 1)
    """
    small = [d for d in range(1, math.isqrt(number) + 1) if number % d == 0]
    return max(d for d in (*small, *(number // d for d in small)) if d <= most)
