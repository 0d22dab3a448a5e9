"""Roots of monotone functions of one positive number, between bounds that are found first."""

import math
from collections.abc import Callable

TOLERANCE = 1e-15
"""Relative width of the bracket at which it is closed."""
ROUNDS = 200


def bracketed(function: Callable[[float], float], low: float, high: float) -> float:
    """Give the root of a function between two positive numbers of which it has different signs.

    The Illinois form of the false position on ln x, with a bisection wherever that stalls.

    Parameters
    ----------
    function : callable
        Continuous.
    low, high : float
        Above 0; the function has opposite signs there, or is 0 at one.

    Returns
    -------
    float
        To a relative 1e-15, or as near as rounding lets the function tell.

    Raises
    ------
    ValueError
        Where the signs are the same.

    Examples
    --------
    >>> round(bracketed(lambda x: x**3 - 2, 1.0, 2.0), 12)
    1.259921049895
    """
    a, b = math.log(low), math.log(high)
    at_a, at_b = function(low), function(high)
    if at_a == 0 or at_b == 0:
        return low if at_a == 0 else high
    if (at_a > 0) == (at_b > 0):
        raise ValueError(f"no root between {low:g} and {high:g}")
    width, kept = b - a, ""
    for turn in range(ROUNDS):
        if abs(b - a) <= TOLERANCE * max(1.0, abs(a)):
            break
        if turn % 3 == 2 and abs(b - a) > width / 4:
            middle = (a + b) / 2
        else:
            middle = b - at_b * (b - a) / (at_b - at_a)
        if turn % 3 == 2:
            width = abs(b - a)
        if not min(a, b) < middle < max(a, b):
            middle = (a + b) / 2
        value = function(math.exp(middle))
        if value == 0:
            return math.exp(middle)
        if (value > 0) == (at_a > 0):
            a, at_a = middle, value
            at_b, kept = (at_b / 2 if kept == "b" else at_b), "b"
        else:
            b, at_b = middle, value
            at_a, kept = (at_a / 2 if kept == "a" else at_a), "a"
    return math.exp((a + b) / 2)
