"""Files of safetensors: a header of JSON and the numbers, all types of float among them."""

import json
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np

from wd_jax.audit.logs.checkpoints.tensors import Checkpoint, Tensor
from wd_jax.audit.logs.errors import LogError

LONGEST = 100_000_000
"""Bytes of a header, as the format allows."""
TYPES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
TYPES |= {"F8_E4M3": "float8_e4m3fn", "F8_E5M2": "float8_e5m2"}
BITS = {"BOOL": 8, "U8": 8, "I8": 8, "I16": 16, "U16": 16, "I32": 32, "U32": 32, "I64": 64, "U64": 64}


def open_safetensors(path: Path) -> Checkpoint:
    """Read the header of a file; its tensors of floats are mapped into memory when they are asked for.

    Parameters
    ----------
    path : Path
        Of the file.

    Raises
    ------
    LogError
        If it is none, or cut short.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = struct.unpack("<Q", start)[0] if len(start) == 8 else 0
        if not 2 <= length <= min(LONGEST, size - 8):
            raise LogError(f"{path}: it is no safetensors file, or cut short in its header: save it again")
        head = file.read(length)
    try:
        header = json.loads(head)
        entries = {name: entry for name, entry in header.items() if name != "__metadata__"}
        return {
            name: tensor
            for name, entry in entries.items()
            if (tensor := _tensor(path, name, entry, 8 + length, size)) is not None
        }
    except (ValueError, RecursionError, AttributeError, KeyError, TypeError) as error:
        if isinstance(error, LogError):
            raise
        raise LogError(f"{path}: its header is no safetensors header: the file is damaged, save it again") from error


def _tensor(path: Path, name: str, entry: dict[str, Any], begins: int, size: int) -> Tensor | None:
    """Check one entry and give its tensor; None for whole numbers."""
    shape = tuple(int(length) for length in entry["shape"])
    start, end = (begins + int(offset) for offset in entry["data_offsets"])
    if end > size or start > end or min(shape, default=0) < 0:
        raise LogError(f"{path}: {name} lies outside the file, which is cut short: save it again")
    if entry["dtype"] not in TYPES:
        return None
    dtype = _dtype(TYPES[entry["dtype"]])
    if math.prod(shape) * dtype.itemsize != end - start:
        raise LogError(f"{path}: {name} has a shape that is not its size: the file is damaged, save it again")
    count = math.prod(shape)

    def load() -> np.ndarray:
        if not count:
            return np.empty(0, dtype)
        return np.memmap(path, np.uint8, "r", start, (end - start,)).view(dtype)

    return Tensor(shape, load)


def _dtype(name: str) -> np.dtype:
    """Give a type of float that NumPy may not have by itself."""
    if name.startswith(("bfloat", "float8")):
        import ml_dtypes

        return np.dtype(getattr(ml_dtypes, name))
    return np.dtype(name)
