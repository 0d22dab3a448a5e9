"""MNIST from its four IDX files, split as in Nielsen's book."""

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.arrays import one_hot
from wd_jax.data.dataset import Dataset, DatasetError, Split, adopt
from wd_jax.data.idx import LABELS, IdxFile, read_idx

TRAIN_SIZE = 50_000
FOLDER_VARIABLE = "WD_JAX_DATA"
FILES = {
    "train images": IdxFile(
        "train-images-idx3-ubyte", (60_000, 28, 28), "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"
    ),
    "train labels": IdxFile(
        "train-labels-idx1-ubyte", (60_000,), "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"
    ),
    "test images": IdxFile(
        "t10k-images-idx3-ubyte", (10_000, 28, 28), "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"
    ),
    "test labels": IdxFile(
        "t10k-labels-idx1-ubyte", (10_000,), "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"
    ),
}


def mnist(path: str | os.PathLike[str] | None = None, download: bool = False) -> Dataset:
    """Load MNIST: pixels/256, one-hot labels, 50 000 / 10 000 / 10 000 examples as in Nielsen's ``mnist_loader``.

    Parameters
    ----------
    path : path, optional
        Folder that holds the four IDX files under their own names, with or without ``.gz``. Without it, the folder that
        the environment variable WD_JAX_DATA names.
    download : bool
        Fetch the files into pooch's cache, unless they are there already, and read them from it.

    Returns
    -------
    Dataset
        n = 50 000, n_in = 784, n_out = 10; 67 inputs are dead.

    Raises
    ------
    DatasetError
        If a file is missing, or fails its check of size, magic number, dimensions, sha256 or label range.

    Examples
    --------
    >>> mnist("path/to/idx/files").n  # doctest: +SKIP
    50000

    Notes
    -----
    Y. LeCun, C. Cortes and C. J. C. Burges, *The MNIST database of handwritten digits*; M. Nielsen, *Neural Networks
    and Deep Learning*, 2015, ``mnist_loader.py``. Nielsen's pickled pixels are k/256, hence 256 and not 255.
    """
    if download and path is not None:
        raise DatasetError(f"{path}: download=True reads pooch's cache, not a folder: give one or the other")
    if download:
        from wd_jax.data.download import fetch

        paths = {key: fetch(file.name) for key, file in FILES.items()}
    else:
        folder = _folder(path)
        paths = {key: _find(folder, file.name) for key, file in FILES.items()}
    return assemble({key: read_idx(paths[key], file) for key, file in FILES.items()}, TRAIN_SIZE)


def assemble(files: dict[str, NDArray[np.uint8]], train_size: int) -> Dataset:
    """Scale and split the arrays of the four files.

    Parameters
    ----------
    files : dict of array, uint8
        "train images" [N, rows, columns], "train labels" [N], and the same for "test".
    train_size : int
        Examples of the training file to train on; the rest of it is the validation split.
    """

    def split(part: str, rows: slice) -> Split:
        images = files[f"{part} images"][rows]
        pixels = np.multiply(images.reshape(len(images), -1), np.float32(1 / 256), dtype=np.float32)
        return adopt(pixels, one_hot(files[f"{part} labels"][rows], LABELS))

    return Dataset(
        "mnist",
        train=split("train", slice(train_size)),
        validation=split("train", slice(train_size, None)),
        test=split("test", slice(None)),
    )


def _folder(path: str | os.PathLike[str] | None) -> Path:
    """Settle which folder is meant and that it is one."""
    remedy = "name the folder of the four IDX files, or call wd_jax.data.mnist(download=True)"
    given = path if path is not None else os.environ.get(FOLDER_VARIABLE)
    if not given:
        raise DatasetError(f"mnist: no folder was given and {FOLDER_VARIABLE} is not set: {remedy}")
    folder = Path(given)
    if not folder.exists():
        raise DatasetError(f"{folder}: no such folder: {remedy}")
    if not folder.is_dir():
        raise DatasetError(f"{folder}: this is a file: {remedy}")
    return folder


def _find(folder: Path, name: str) -> Path:
    """Give the file called `name` or `name`.gz, or say what is missing."""
    for candidate in (folder / name, folder / f"{name}.gz"):
        if candidate.exists():
            return candidate
    raise DatasetError(
        f"{folder / name}: missing, with and without .gz: put it there, or call wd_jax.data.mnist(download=True)"
    )
