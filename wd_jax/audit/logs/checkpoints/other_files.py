"""Checkpoints of NumPy, PyTorch and Keras."""

import math
import pickle
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from wd_jax.audit.logs.checkpoints.tensors import Checkpoint, Tensor
from wd_jax.audit.logs.errors import LogError
from wd_jax.data.npz_arrays import header_of

INSIDE = ("state_dict", "model_state_dict", "model", "module", "params", "net", "network", "weights")
"""Where training loops put a model's weights beside other things."""
LARGEST = 2**36
"""Bytes that one array may state."""
DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, KeyError)


def open_npz(path: Path) -> Checkpoint:
    """Read the headers of an .npz file's arrays; nothing is unpickled.

    Parameters
    ----------
    path : Path
        Of the file.

    Raises
    ------
    LogError
        If it is damaged.
    """
    try:
        found = {}
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                if not member.endswith(".npy"):
                    continue
                with archive.open(member) as file:
                    shape, dtype = header_of(file)
                if dtype.kind == "V" and not dtype.names:
                    name = member.removesuffix(".npy")
                    raise LogError(
                        f"{path}: {name} is raw bytes, as NumPy saves bfloat16: save it as float32, or in safetensors"
                    )
                if dtype.kind == "f" and math.prod(shape) * dtype.itemsize <= LARGEST:
                    found[member.removesuffix(".npy")] = Tensor(shape, _NpzArray(path, member))
        return found
    except LogError:
        raise
    except (*DAMAGE, OSError) as error:
        raise _damaged(path, error) from error


class _NpzArray:
    """Loads one array of an .npz file."""

    def __init__(self, path: Path, member: str) -> None:
        self.path, self.member = path, member

    def __call__(self) -> np.ndarray:
        """Give it flat."""
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as file:
                return np.lib.format.read_array(file, allow_pickle=False).ravel()
        except (*DAMAGE, OSError) as error:
            raise _damaged(self.path, error) from error


def open_torch(path: Path) -> Checkpoint:
    """Read a file of PyTorch's with weights_only, so that nothing else in it is run.

    Parameters
    ----------
    path : Path
        Of a state_dict, or of a mapping that holds one (Lightning's .ckpt).

    Raises
    ------
    LogError
        If torch is not installed, or the file holds more than weights and plain values.
    """
    try:
        import torch
    except ImportError as error:
        raise LogError(f"{path}: PyTorch wrote it, and torch is not installed: pip install torch") from error
    try:
        try:
            found = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        except (RuntimeError, ValueError):  # of the time before zip files
            found = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise LogError(
            f"{path}: it holds more than weights, and nothing else is unpickled here: save model.state_dict() alone"
        ) from error
    except Exception as error:  # torch raises nearly everything for a damaged file
        raise _damaged(path, error) from error

    def to_float(cut: Any) -> np.ndarray:
        return cut.to(torch.float64).numpy()

    def flat(tensor: Any) -> Callable[[], Any]:
        return lambda: tensor.detach().reshape(-1)

    return {
        name: Tensor(tuple(tensor.shape), flat(tensor), to_float)
        for name, tensor in _weights(found)
        if isinstance(tensor, torch.Tensor) and tensor.is_floating_point()
    }


def _weights(found: Any) -> Iterator[tuple[str, Any]]:
    """Give the model's tensors by name: what lies under a usual key, else all."""
    if not isinstance(found, Mapping):
        return
    inside = next((found[key] for key in INSIDE if isinstance(found.get(key), Mapping)), found)
    for name, value in inside.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", tensor) for inner, tensor in _weights(value))
        else:
            yield str(name), value


def open_h5(path: Path) -> Checkpoint:
    """Read Keras' .weights.h5.

    Parameters
    ----------
    path : Path
        Of the file.

    Raises
    ------
    LogError
        If h5py is not installed, or the file is damaged.
    """
    try:
        import h5py
    except ImportError as error:
        raise LogError(f"{path}: it is an HDF5 file, and h5py is not installed: pip install h5py") from error
    found: dict[str, Tensor] = {}

    def visit(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset) and item.dtype.kind == "f" and not name.startswith("optimizer"):
            found[name] = Tensor(item.shape, _H5Array(path, name))

    try:
        with h5py.File(path, "r") as file:
            file.visititems(visit)
        return found
    except (OSError, RuntimeError, KeyError, ValueError) as error:
        raise _damaged(path, error) from error


class _H5Array:
    """Loads one data set of an HDF5 file."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name

    def __call__(self) -> np.ndarray:
        """Give it flat."""
        import h5py

        try:
            with h5py.File(self.path, "r") as file:
                return np.asarray(file[self.name]).ravel()
        except (OSError, RuntimeError, KeyError, ValueError) as error:
            raise _damaged(self.path, error) from error


def _damaged(path: Path, error: Exception) -> LogError:
    """Word a damaged file."""
    said = " ".join(str(error).split())[:100] or type(error).__name__
    return LogError(f"{path}: it cannot be read ({said}): it is damaged or was not written to its end")
