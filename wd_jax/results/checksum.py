"""A checksum of all that a stored result says: a file can tell whether a bit of it was altered."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

MARK = "checksum"
"""Attribute of a file, not of a result: a selection of it has another content."""
OLD_MARK = "content_sha256"
"""As files had it up to version 0.2.0: of names, dimensions and values, but not of attributes."""


def of(runs: xr.Dataset) -> str:
    """Hash names, dimensions, kinds, values and attributes of all variables, and which of them are coordinates.

    Parameters
    ----------
    runs : xarray.Dataset
        In memory, or as a file gives it back.

    Returns
    -------
    str
        "sha256:" and 64 hexadecimal digits; the same for whole numbers and truth values that NetCDF stores as another
        type, and for every NaN.

    Examples
    --------
    >>> runs = xr.Dataset({"a": ("x", [1.0, 2.0])})
    >>> of(runs) == of(runs.copy()), of(runs) == of(runs.assign_attrs(note="b"))
    (True, False)
    """
    digest = hashlib.sha256()
    for name in sorted(map(str, runs.variables)):
        values = runs[name].values
        kind, content = _content(values)
        said = [name, list(map(str, runs[name].dims)), list(values.shape), kind, name in runs.coords]
        digest.update(f"{json.dumps([*said, _attributes(runs[name].attrs)])}\n".encode())
        digest.update(content)
    digest.update(json.dumps(_attributes(runs.attrs)).encode())
    return f"sha256:{digest.hexdigest()}"


def altered(runs: xr.Dataset) -> str:
    """Say which attribute of a stored result shows that it was altered; nothing if none does.

    Parameters
    ----------
    runs : xarray.Dataset
        As it was read, with the attributes of its file.
    """
    bare = runs.drop_attrs(deep=False).assign_attrs({n: v for n, v in runs.attrs.items() if n not in (MARK, OLD_MARK)})
    for mark, count in ((MARK, of), (OLD_MARK, _of_names_and_values)):
        if mark in runs.attrs:
            return "" if _same(runs.attrs[mark], count(bare)) else mark
    # No mark: another program wrote it, unless the mark's own name was hit.
    return next((str(name) for name in runs.attrs if any(_nearly(str(name), mark) for mark in (MARK, OLD_MARK))), "")


def _content(values: np.ndarray) -> tuple[str, bytes]:
    """Give the kind of an array and its values as bytes."""
    kind = values.dtype.kind
    if kind in "iub":
        return "b" if kind == "b" else "i", np.ascontiguousarray(values, "<i8").tobytes()
    if kind == "f":
        one_nan = np.where(np.isnan(values), np.array(np.nan, values.dtype), values)  # reading does not keep them apart
        return f"f{values.itemsize}", np.ascontiguousarray(one_nan, values.dtype.newbyteorder("<")).tobytes()
    return "text", json.dumps([str(value) for value in values.ravel().tolist()]).encode()


def _attributes(attributes: Mapping[Any, Any]) -> list[Any]:
    """Give attributes as NetCDF keeps them: text, or a list of numbers."""
    return [[str(name), *_attribute(attributes[name])] for name in sorted(attributes, key=str)]


def _attribute(value: Any) -> tuple[str, Any]:
    if isinstance(value, str):
        return "text", value
    array = np.ravel(value)
    if array.dtype.kind in "iub":
        return "i", [int(number) for number in array]
    if array.dtype.kind == "f":
        return "f", [float(number).hex() for number in array]
    return "other", [repr(one) for one in array.tolist()]


def _nearly(name: str, mark: str) -> bool:
    """Whether a name is the mark with one character changed."""
    return len(name) == len(mark) and sum(a != b for a, b in zip(name, mark, strict=True)) == 1


def _same(stored: Any, counted: str) -> bool:
    return isinstance(stored, str) and stored == counted


def _of_names_and_values(runs: xr.Dataset) -> str:
    """Hash as versions up to 0.2.0 did."""
    digest = hashlib.sha256()
    for name in sorted(map(str, runs.variables)):
        values = runs[name].values
        digest.update(f"{name} {runs[name].dims} {values.shape}\n".encode())
        if values.dtype.kind in "iufb":
            digest.update(np.ascontiguousarray(values, "<f8").tobytes())
        else:
            digest.update(json.dumps([str(value) for value in values.ravel().tolist()]).encode())
    return digest.hexdigest()
