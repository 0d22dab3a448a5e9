"""Which cell of a sweep is nearest to a setting: axis by axis, as a factor of what is positive."""

import math
from collections.abc import Mapping, Sequence
from typing import Any


def nearest(axes: Sequence[Mapping[str, Any]], at: Mapping[str, Any]) -> dict[str, Any]:
    """Give the measured value of each axis that is nearest to a setting; widget.js does the same.

    Parameters
    ----------
    axes : sequence of mapping
        Each with its ``name`` and its ``values``.
    at : mapping
        A value for each name.

    Returns
    -------
    dict

    Examples
    --------
    >>> nearest([{"name": "lmbda", "values": [0.0, 1.0, 10.0]}], {"lmbda": 4.0})
    {'lmbda': 10.0}
    """
    return {axis["name"]: _nearest(axis["name"], axis["values"], at[axis["name"]]) for axis in axes}


def _nearest(name: str, values: Sequence[Any], asked: Any) -> Any:
    """Give the first of the values that are least far."""
    return min(values, key=lambda value: apart(name, value, asked))


def apart(name: str, measured: Any, asked: Any) -> float:
    """Say by which factor, from 1, a measured value is away from the one asked for; what is no number is equal or not.

    A factor is rounded alike in every language, so that the browser finds the same one where two are equally near.

    Examples
    --------
    >>> apart("lmbda", 1.0, 10.0) == apart("lmbda", 100.0, 10.0), apart("lmbda", 0.0, 1.0), apart("init", "a", "a")
    (True, inf, 1.0)
    """
    if measured == asked:
        return 1.0
    if isinstance(measured, str) or isinstance(asked, str):
        return math.inf
    if name == "momentum":
        measured, asked = 1 - measured, 1 - asked
    return max(measured, asked) / min(measured, asked) if measured > 0 and asked > 0 else math.inf
