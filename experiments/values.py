"""What the value of a field of settings can be, by its type and name: for what a user gives, and for what is stored."""

import itertools
import math
from typing import Any, get_args

from wd_jax.inputs import checks

LARGEST = 10**9
"""Of any number in a preset: beyond it nothing could have been run."""
MOST = 10_000
"""Of the numbers in a list."""


def wrong(kind: Any, name: str, value: Any) -> str:
    """Say what a value of a preset should be; nothing if it is that.

    Parameters
    ----------
    kind : type
        Of the field: int, float, or a tuple of them.
    name : str
        Of the field: counts of seeds begin at 1, the first seed may be 0, and averaging factors are below 1.
    value
        As given, or as JSON holds it.

    Examples
    --------
    >>> wrong(float, "lmbda", 2.0), wrong(float, "beta1", 1.5)
    ('', 'a number above 0 and below 1 is expected')
    """
    if kind is int:
        least = 0 if name == "first_seed" else 1
        fits = checks.whole(value) and least <= value <= LARGEST
        return "" if fits else f"a whole number of {least} to {LARGEST} is expected"
    below_one = _averages(name)
    if kind is float:
        if below_one:
            return "" if _positive(value) and value < 1 else "a number above 0 and below 1 is expected"
        return "" if _positive(value) else f"a number above 0, and at most {LARGEST}, is expected"
    each = checks.whole if "int" in str(kind) else _positive
    listed = isinstance(value, list | tuple) and len(value) > 0
    if not listed or not all(each(one) and _positive(one) for one in value):
        return "a list of positive numbers is expected"
    if len(value) > MOST or any(a >= b for a, b in itertools.pairwise(value)):
        return "a rising list is expected"
    if below_one and value[-1] >= 1:
        return "numbers below 1 are expected"
    asked = get_args(kind)
    return "" if Ellipsis in asked or len(value) == len(asked) == 2 else "two numbers are expected"


def _averages(name: str) -> bool:
    """Whether a field is the factor of a running average."""
    return "beta1" in name or "beta2" in name or name == "momentum"


def _positive(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 < value <= LARGEST and math.isfinite(value)
