"""Coordinates as arrays and JSON, and back: every type is kept, and a text that repeats is stored once."""

from typing import Any

import numpy as np
import xarray as xr

PREFIX = "frame "
"""Before the names of the arrays, to tell them from others in the same file."""


def packed(frame: xr.Dataset) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Give a data set of coordinates as plain arrays and what JSON can hold.

    Examples
    --------
    >>> frame = xr.Dataset(coords={"seed": [0, 1], "config": ("seed", np.array(["{}", "{}"], object))})
    >>> unpacked(*packed(frame)).identical(frame)
    True
    """
    arrays, variables = {}, {}
    for name in frame.variables:
        values = np.asarray(frame[name].values)
        held: dict[str, Any] = {"dims": list(frame[name].dims), "dtype": str(values.dtype), "attrs": frame[name].attrs}
        if values.dtype.kind in "OU":
            each, values = _numbered(values)
            held["each"] = each
        arrays[f"{PREFIX}{name}"] = values
        variables[str(name)] = held
    return arrays, {"variables": variables, "attrs": frame.attrs, "coords": [str(name) for name in frame.coords]}


def unpacked(arrays: dict[str, np.ndarray], held: dict[str, Any]) -> xr.Dataset:
    """Read what `packed` gave."""
    variables = {}
    for name, one in held["variables"].items():
        values = arrays[f"{PREFIX}{name}"]
        if "each" in one:
            values = np.array([*one["each"], None], object)[values.ravel()].reshape(values.shape).astype(one["dtype"])
        variables[name] = xr.Variable(one["dims"], values, one["attrs"])
    return xr.Dataset(coords=variables, attrs=held["attrs"])


def _numbered(values: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Give each text once, and the number of each."""
    each = list(dict.fromkeys(np.ravel(values).tolist()))
    if other := [one for one in each if not isinstance(one, str)]:
        raise TypeError(f"a coordinate holds {other[0]!r}: only numbers and text are stored")
    number = {text: i for i, text in enumerate(each)}
    return each, np.array([number[one] for one in np.ravel(values).tolist()], np.int32).reshape(values.shape)
