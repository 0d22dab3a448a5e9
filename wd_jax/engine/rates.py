"""A schedule inside of training: factors on eta and lmbda, step by step, which enter the compiled program as data.

Another schedule of the same length never compiles, and where both are constant there is nothing: None.
"""

from typing import Any, NamedTuple

import jax

from wd_jax.hyper import Hyper, restored
from wd_jax.setup import Setup


class Factors(NamedTuple):
    """Factors on a member's eta and lmbda: of a run or a part of it, [epochs, steps], or of one step; None for 1."""

    eta: Any
    lmbda: Any


def of_run(setup: Setup, epochs: int, steps_per_epoch: int) -> Factors | None:
    """Give the factors of every step of a run, computed on the host.

    Parameters
    ----------
    setup : Setup
        Its schedules, and its dtype.
    epochs, steps_per_epoch : int
        Of the run.

    Returns
    -------
    Factors or None
        Arrays [epochs, steps_per_epoch] in the run's dtype; None where both schedules are constant.

    Examples
    --------
    >>> setup = Setup(widths=(4, 2), lmbda_schedule="linear")
    >>> of_run(setup, epochs=2, steps_per_epoch=2)
    Factors(eta=None, lmbda=array([[1.  , 0.75],
           [0.5 , 0.25]], dtype=float32))
    """
    if not setup.scheduled:
        return None
    steps, dtype = epochs * steps_per_epoch, setup.arithmetic
    found = [
        None if one.constant else one.factors(steps, name).reshape(epochs, -1).astype(dtype)
        for name, one in setup.schedules.items()
    ]
    return Factors(*found)


def cut(factors: Factors | None, first: int, count: int) -> Factors | None:
    """Give the factors of some epochs of a run, from number `first` on."""
    return jax.tree.map(lambda a: a[first : first + count], factors)


def of_first_step(factors: Factors | None) -> Factors | None:
    """Give the factors of the first step of what is given."""
    return jax.tree.map(lambda a: a.reshape(-1)[0], factors)


def of_last_step(factors: Factors | None) -> Factors | None:
    """Give the factors of the last step of what is given."""
    return jax.tree.map(lambda a: a.reshape(-1)[-1], factors)


def in_step(hyper: Hyper, factors: Factors | None) -> Hyper:
    """Give a member's numbers in one step; eta_peak is the largest eta of the run.

    Parameters
    ----------
    hyper : Hyper
        Its numbers, the largest of the run.
    factors : Factors or None
        Of the step; the numbers stay as they are without.
    """
    if factors is None:
        return hyper
    scaled = {name: hyper[name] * factor for name, factor in factors._asdict().items() if factor is not None}
    return restored({**hyper, **scaled, "eta_peak": hyper.eta})
