"""A data set in the store, for workers that cannot load it by name: one file with its own checksums."""

import contextlib
import warnings
from pathlib import Path

import numpy as np

from wd_jax.data import Dataset
from wd_jax.data.dataset import ARRAYS, SPLITS, Split, adopt
from wd_jax.data.declared import Declared
from wd_jax.sweeps.store import aside, chunk_file
from wd_jax.sweeps.store.chunk_file import CorruptChunk

FOLDER = "data"


def path(folder: Path, sha256: str) -> Path:
    """Name the file of a data set in the folder of a store."""
    return folder / FOLDER / f"{sha256[:32]}.npz"


def write(folder: Path, data: Dataset) -> Path:
    """Keep a data set in a store; one that is there already stays as it is.

    Parameters
    ----------
    folder : Path
        Of the store, which is there.
    data : Dataset
        What is learned.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError
        For more than one file can hold (4 GiB).
    OSError
        If it cannot be written; nothing is left then.

    Examples
    --------
    >>> import tempfile, wd_jax as wd
    >>> data = wd.data.digits()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     kept = write(Path(folder), data)
    ...     read(Path(folder), data.sha256).sha256 == data.sha256
    True
    """
    final = path(folder, data.sha256)
    with contextlib.suppress(CorruptChunk, FileNotFoundError):
        chunk_file.read(final)
        return final
    arrays = {f"{split} {name}": getattr(getattr(data, split), name) for split in SPLITS for name in ARRAYS}
    said = data.train.declared
    meta = {"name": data.name, "sha256": data.sha256, "declared": [said.classes, said.tokens, said.real]}
    for part in ("tmp", FOLDER):
        (folder / part).mkdir(exist_ok=True)
    with aside.temporary(folder / "tmp", final.stem) as written:
        chunk_file.write(written, arrays, meta)
        written.replace(final)  # whoever is first or last, the file is the same
    aside.flush_folder(final.parent)
    return final


def read(folder: Path, sha256: str) -> Dataset:
    """Give the data set that was kept, the same to the last bit.

    Parameters
    ----------
    folder : Path
        Of the store.
    sha256 : str
        Of the data set.

    Raises
    ------
    FileNotFoundError
        If it is not there.
    CorruptChunk
        If it is not what was written.
    """
    file = path(folder, sha256)
    meta, arrays = chunk_file.read(file)
    declared = Declared(*meta["declared"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what there is to say of it was said when it was made
        splits = {split: _split(split, arrays, declared) for split in SPLITS}
        data = Dataset(meta["name"], **splits)
    if data.sha256 != sha256:
        raise CorruptChunk(f"{file}: damaged, it holds another data set than its name says; remove it")
    return data


def _split(split: str, arrays: dict[str, np.ndarray], declared: Declared) -> Split:
    inputs, targets, loss_weights = (_own(arrays[f"{split} {name}"]) for name in ARRAYS)
    return adopt(inputs, targets, loss_weights, declared)


def _own(array: np.ndarray) -> np.ndarray:
    """Give an array that nobody else holds."""
    return array if array.flags.writeable and array.base is None else array.copy()
