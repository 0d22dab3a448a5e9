"""MNIST from its four IDX files, split as in Nielsen's book."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.arrays import one_hot
from wd_jax.data.dataset import Dataset, DatasetError, Split, adopt
from wd_jax.data.idx_file import header, read_idx
from wd_jax.data.idx_folder import KEYS, elsewhere, find_sets, folder_at

TRAIN_SIZE = 50_000
LABELS = 10
FOLDER_VARIABLE = "WD_JAX_DATA"
AGAIN = "download it again, or call wd_jax.data.mnist(download=True)"


@dataclass(frozen=True)
class IdxFile:
    """What one of MNIST's files is.

    Parameters
    ----------
    name : str
        File name without ``.gz``.
    dims : tuple of int
        (examples,) for labels, (examples, rows, columns) for images.
    sha256 : str
        Hash of the uncompressed file, 64 hexadecimal digits.
    """

    name: str
    dims: tuple[int, ...]
    sha256: str

    @property
    def kind(self) -> Literal["images", "labels"]:
        """What it holds."""
        return "labels" if len(self.dims) == 1 else "images"


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
        If a file is missing, or fails its check of size, magic number, dimensions or sha256. Whole files of other
        content, such as Fashion-MNIST's, are for `wd_jax.data.idx`.

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
        paths = _find(_folder(path))
    files = {key: read_idx(paths[key], file.kind, AGAIN) for key, file in FILES.items()}
    _check_hashes(paths, files)
    return assemble(files, TRAIN_SIZE)


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
    if given is None or (isinstance(given, str) and not given):
        raise DatasetError(f"mnist: no folder was given and {FOLDER_VARIABLE} is not set: {remedy}")
    return folder_at(given, remedy)


def _find(folder: Path) -> dict[str, Path]:
    """Find the four files, or say what is missing."""
    sets = find_sets(folder)
    found = sets.get("", {})
    for key in KEYS:
        if key not in found:
            others = f"; {folder} holds {sorted(sets)[-1]!r}: that is for wd.data.idx" if sets and not found else ""
            if not sets and (inside := elsewhere(folder)):
                others = f"; there are IDX files in {inside}, if you meant that"
            raise DatasetError(
                f"{folder / FILES[key].name}: missing, with and without .gz: put it there, or call "
                f"wd_jax.data.mnist(download=True){others}"
            )
    return found


def _check_hashes(paths: dict[str, Path], files: dict[str, NDArray[np.uint8]]) -> None:
    """Demand that whole IDX files are MNIST's: four that are not are another data set, fewer are damaged."""
    hashes = {key: _sha256(array) for key, array in files.items()}
    if not (wrong := [key for key, file in FILES.items() if hashes[key] != file.sha256]):
        return
    key = wrong[0]
    path, expected = paths[key], FILES[key].sha256
    found = f"sha256 {hashes[key][:12]}... where {expected[:12]}... is expected"
    if name := next((file.name for file in FILES.values() if file.sha256 == hashes[key]), None):
        raise DatasetError(f"{path}: sha256 check failed (it is MNIST's {name}): give the files their own names")
    if len(wrong) < len(FILES):
        raise DatasetError(
            f"{path}: sha256 check failed ({found}, while {len(FILES) - len(wrong)} of the four files are MNIST's; "
            f"it is damaged, or another data set's): {AGAIN}"
        )
    raise DatasetError(
        f"{path.parent}: whole IDX files, but not MNIST's ({path.name}: dimensions {files[key].shape}, {found}); "
        f"Fashion-MNIST and KMNIST have the same names: read them with wd.data.idx({str(path.parent)!r}) "
        f"(in the shell, --dataset idx:{path.parent}); for the digits, call wd_jax.data.mnist(download=True)"
    )


def _sha256(array: NDArray[np.uint8]) -> str:
    """Hash an array as the uncompressed file that it came from."""
    digest = hashlib.sha256(header(array.shape))
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
