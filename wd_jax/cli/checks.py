"""Checks of option values, worded for the person who typed them."""

import math
from pathlib import Path

from wd_jax.cli.command import UsageError
from wd_jax.figures.saving import SUFFIXES
from wd_jax.inputs import limits


def positive(option: str, *values: float) -> None:
    """Refuse a value that is not a positive finite number.

    Parameters
    ----------
    option : str
        As typed, ``--eta``.
    *values : float
        What it was given.

    Raises
    ------
    UsageError
        Naming the option, the value and what to give.

    Examples
    --------
    >>> positive("--eta", -0.1)
    Traceback (most recent call last):
        ...
    wd_jax.cli.command.UsageError: --eta: -0.1 is not a positive finite number: give one above 0
    """
    for value in values:
        if not (math.isfinite(value) and value > 0):
            raise UsageError(f"{option}: {value:g} is not a positive finite number: give one above 0")


def non_negative(option: str, *values: float) -> None:
    """Refuse a value that is negative or not finite (see `positive`)."""
    for value in values:
        if not (math.isfinite(value) and value >= 0):
            raise UsageError(f"{option}: {value:g} is not a finite number of at least 0: give one")


def at_least(option: str, least: int, *values: int) -> None:
    """Refuse a whole number below `least` (see `positive`)."""
    for value in values:
        if value < least:
            raise UsageError(f"{option}: {value} is too small: give a whole number of at least {least}")


def picture(option: str, file: Path) -> None:
    """Refuse a file whose suffix is of no format that pictures are written in (see `positive`)."""
    if file.suffix not in SUFFIXES:
        raise UsageError(f"{option} {file}: the suffix must be one of {', '.join(SUFFIXES)}")


def at_most(option: str, value: int, limit: limits.Limit) -> None:
    """Refuse a whole number above its limit (see `wd_jax.inputs.limits`)."""
    try:
        limits.at_most(option, value, limit)
    except ValueError as error:
        raise UsageError(str(error)) from error
