"""What a formula is called with: numbers, arrays and labelled arrays, and nothing that only looks like them."""

from __future__ import annotations

import reprlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def numbers(name: str, value: Any) -> np.ndarray:
    """Return a value as an array of float64; refuse what holds no real numbers, or would lose something.

    Parameters
    ----------
    name : str
        Of the argument.
    value : number or array
        Whole and real numbers, lists of them, arrays of any library.

    Raises
    ------
    TypeError
        For text, truth values, complex numbers, None, dates, masked values, and values inside a JAX transformation.

    Examples
    --------
    >>> numbers("epoch", [0, 1, 2]).dtype
    dtype('float64')
    >>> numbers("eta", "0.1")
    Traceback (most recent call last):
        ...
    TypeError: eta='0.1': give a number or an array of numbers
    """
    if traced(value):
        raise TypeError(f"{name} is traced by JAX: inside jit, vmap and grad call formula.to_jax()")
    if isinstance(value, np.ma.MaskedArray):
        if np.ma.is_masked(value):
            raise TypeError(f"{name} has masked values: fill them, or leave them out: {name}.compressed()")
        value = value.data
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and all(map(_is_number, array.ravel())):
            return np.asarray([float(one) for one in array.ravel()]).reshape(array.shape)
        if array.dtype.kind in "iuf" or array.dtype.name.startswith(("bfloat16", "float8")):
            return array.astype(np.float64)
    except OverflowError:
        raise TypeError(f"{name}={reprlib.repr(value)}: too large for a number in double precision") from None
    except Exception:  # what foreign objects raise when they are no array is theirs to choose
        pass
    raise TypeError(f"{name}={_shown(value)}: give a number or an array of numbers")


def number(name: str, value: Any) -> float:
    """Return one value, text included, as a float for a check of its range.

    Raises
    ------
    TypeError
        For an array, and for what is no number.

    Examples
    --------
    >>> number("eta", "0.1")
    0.1
    """
    try:
        if np.ndim(value) == 0 and not isinstance(value, bool):
            return float(value)
    except (TypeError, ValueError, OverflowError):
        pass
    raise TypeError(f"{name}={_shown(value)}: give one number here; for arrays call the formula itself")


def applied(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """Apply a function of float64 arrays: plain numbers give a number, arrays an array, labelled arrays keep labels.

    Parameters
    ----------
    function : callable
        Of arrays that broadcast, by place.
    values : mapping of str to value
        Its arguments by name, in order.

    Returns
    -------
    float, numpy.ndarray, xarray.DataArray or pandas.Series

    Raises
    ------
    TypeError
        See `numbers`; and for a plain array beside a labelled one, which could only be matched by place.
    ValueError
        For shapes or labels that do not go together.

    Examples
    --------
    >>> applied(np.add, {"x": 1, "t": 2}), applied(np.add, {"x": [1, 2], "t": 3})
    (3.0, array([4., 5.]))
    """
    xarray, pandas = sys.modules.get("xarray"), sys.modules.get("pandas")
    if xarray is not None and any(isinstance(value, xarray.DataArray) for value in values.values()):
        return _over_dimensions(xarray, function, values)
    arrays = {name: numbers(name, value) for name, value in values.items()}
    series = [v for v in values.values() if pandas is not None and isinstance(v, pandas.Series)]
    if any(not one.index.equals(series[0].index) for one in series):
        raise ValueError("the Series have different indexes: reindex them to one")
    shapes = {name: array.shape for name, array in arrays.items() if array.ndim}
    try:
        shape = np.broadcast_shapes(*shapes.values())
    except ValueError:
        told = ", ".join(f"{name} {shape}" for name, shape in shapes.items())
        raise ValueError(f"arrays of shapes that do not go together: {told}: give them one shape") from None
    result = function(*arrays.values())
    if not shape and not shapes:
        return float(result) + 0.0  # no -0
    result = np.broadcast_to(result, shape) + 0.0
    return pandas.Series(result, series[0].index) if pandas is not None and series else result


def _over_dimensions(xarray: Any, function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    prepared = []
    for name, value in values.items():
        if isinstance(value, xarray.DataArray):
            prepared.append(value.copy(data=numbers(name, value.values)))
        elif (array := numbers(name, value)).ndim:
            raise TypeError(f"{name} is a plain array beside an xarray.DataArray: give it the name of its dimension")
        else:
            prepared.append(array)
    return xarray.apply_ufunc(function, *prepared) + 0.0


def traced(value: Any) -> bool:
    """Whether a value is a stand-in inside jit, vmap or grad; where JAX is not loaded nothing is."""
    jax = sys.modules.get("jax")
    return jax is not None and isinstance(value, jax.core.Tracer)


def _is_number(value: Any) -> bool:
    return hasattr(value, "__float__") and not isinstance(value, bool | np.bool_ | complex | np.complexfloating)


def _shown(value: Any) -> str:
    if hasattr(value, "dtype") and getattr(value, "ndim", 0):
        return f"an array of {value.dtype}"
    return " ".join(reprlib.repr(value).split())
