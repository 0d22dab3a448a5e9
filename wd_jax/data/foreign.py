"""What people hand over where an array belongs: each kind with the call that makes an array of it.

Nothing here imports the libraries whose objects it knows: pandas, SciPy and PyTorch are told by what they can do.
"""

import os
from collections.abc import Iterator, Mapping, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.errors import DatasetError

READERS = {".npy": "np.load({})", ".csv": 'np.loadtxt({}, delimiter=",")', ".tsv": "np.loadtxt({})"}
READERS |= {".txt": "np.loadtxt({})", ".npz": 'np.load({})["{name}"]'}
"""How a file of numbers is read, by its suffix."""
LIKELY = {"inputs": ("inputs", "data", "X", "x", "x_train"), "targets": ("targets", "target", "y", "y_train", "labels")}
"""Keys under which collections of arrays hold them."""


def to_array(name: str, values: Any) -> NDArray:
    """Give what NumPy makes of `values` without copying, or refuse what would lose something.

    Parameters
    ----------
    name : str
        What the array is called in an error.
    values : array or anything else
        Lists, tensors and tables that NumPy converts are fine.

    Raises
    ------
    DatasetError
        For a path, a masked array, a sparse matrix, a tensor that NumPy cannot read, a mapping, rows of unequal length.

    Examples
    --------
    >>> to_array("inputs", "train.csv")
    Traceback (most recent call last):
        ...
    wd_jax.data.errors.DatasetError: inputs='train.csv' is text: for the file of this name give np.loadtxt('train.csv',
    delimiter=",")
    """
    problem = _problem(name, values)
    if problem:
        raise DatasetError(f"{name}{problem}")
    if isinstance(values, list | tuple) and any(hasattr(row, "toarray") for row in values[:1]):
        raise DatasetError(f"{name} is a list of sparse rows: give scipy.sparse.vstack({name}).toarray()")
    try:
        return np.asarray(values)
    except Exception as error:  # a library's own refusal to convert may be of any type
        raise DatasetError(f"{name} {_conversion(name, values, error)}") from error


def _problem(name: str, values: Any) -> str:
    """Say what is wrong with an object that NumPy would misread, the empty text if nothing is."""
    kind = type(values).__name__
    if values is None:
        return " is None: give an array with one row per example"
    if isinstance(values, str | bytes | os.PathLike):
        return _path(name, os.fspath(values))
    masked = _masked(values)
    if masked:
        # NumPy drops the mask in silence, and what lies under it is any number.
        values = "1 masked value" if masked == 1 else f"{masked} masked values"
        return f" has {values}: leave these examples out, or give {name}.filled(...) with a number"
    if hasattr(values, "toarray") and hasattr(values, "nnz"):
        return f" is a SciPy sparse matrix ({kind}): give {name}.toarray()"
    if isinstance(values, Mapping):
        if name == "loss_weights":
            return f" is a {kind}: give one weight per example, np.array([loss_weights[label] for label in labels])"
        keys = [str(key) for key in values]
        likely = next((key for key in LIKELY.get(name, ()) if key in keys), keys[0] if keys else name)
        return f" is a {kind} of {', '.join(keys[:6]) or 'nothing'}: give one of its arrays, such as {name}[{likely!r}]"
    if hasattr(values, "read") and hasattr(values, "readline"):
        return f' is an open file: give np.loadtxt({name}, delimiter=",") or what reads its format'
    if isinstance(values, Iterator | Set) and not hasattr(values, "__array__"):
        return f" is a {kind}, which has no rows to count: give np.array(list({name}))"
    return ""


def _path(name: str, path: str | bytes) -> str:
    """Say how the file of this name is read."""
    shown = path if isinstance(path, bytes) else str(path)
    short = f"{shown!r}" if len(shown) <= 80 else f"{shown[:80]!r}..."
    suffix = os.path.splitext(os.fsdecode(path))[1].lower()  # noqa: PTH122 (a path of bytes is no Path)
    if suffix in READERS:
        return f"={short} is text: for the file of this name give {READERS[suffix].format(short, name=name)}"
    folder = "" if name == "loss_weights" else "; a folder of IDX files is read by wd.data.idx(folder)"
    return f"={short} is text: give the numbers themselves, one row per example{folder}"


def _masked(values: Any) -> int:
    """Count the values under a mask, in an array or in a list of arrays."""
    if isinstance(values, np.ma.MaskedArray):
        return int(np.ma.count_masked(values))
    if isinstance(values, list | tuple):
        return sum(_masked(row) for row in values if isinstance(row, np.ma.MaskedArray | list | tuple))
    return 0


def _conversion(name: str, values: Any, error: Exception) -> str:
    """Say what to call where NumPy could not convert."""
    first = values[0] if isinstance(values, list | tuple) and values else None
    if hasattr(values, "detach"):
        dense = ".to_dense()" if getattr(values, "is_sparse", False) or "layout" in str(error) else ""
        return f"is a tensor that NumPy cannot read: give {name}{dense}.detach().cpu().float().numpy()"
    if hasattr(first, "detach"):
        return f"is a list of tensors: give torch.stack({name}).detach().cpu().float().numpy()"
    if hasattr(values, "numpy"):
        return f"is a {type(values).__name__} that NumPy cannot read: give {name}.numpy()"
    return f"is not an array of numbers ({_unequal(values) or str(error).splitlines()[0]}): give a rectangular array"


def _unequal(values: Any) -> str:
    """Name the first row of another length than row 0."""
    rows = values if isinstance(values, list | tuple) else []
    lengths = [len(row) if isinstance(row, list | tuple | np.ndarray) else 1 for row in rows]
    for index, length in enumerate(lengths):
        if length != lengths[0]:
            return f"row {index} has {length} value{'s' * (length != 1)} and row 0 has {lengths[0]}"
    return ""
