"""Data sets in MNIST's format: Fashion-MNIST, KMNIST, EMNIST, or a user's own."""

import os
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.dataset import Dataset, DatasetError
from wd_jax.data.idx_file import Kind, read_idx
from wd_jax.data.idx_folder import KEYS, NAME, choose, folder_at
from wd_jax.data.splitting import PIXEL, Labelled, assemble, safe_name, split_two


def idx(folder: str | os.PathLike[str], *, prefix: str | None = None, validation: int | None = None) -> Dataset:
    """Load images and labels from four IDX files of unsigned bytes: pixels/256, one-hot labels.

    Parameters
    ----------
    folder : path
        Holds the files, gzipped or not, under MNIST's names (``train-images-idx3-ubyte``, ``t10k-labels.idx1-ubyte``)
        or with a prefix, as EMNIST's (``emnist-letters-test-images-idx3-ubyte.gz``).
    prefix : str, optional
        Which data set, where the folder holds several: ``"emnist-letters"``.
    validation : int, optional
        Examples at the end of the training file that are for validation; a sixth by default, which is MNIST's 10 000
        of 60 000 and EMNIST's own choice. If the file is sorted by class, it is shuffled first, with a warning.

    Returns
    -------
    Dataset
        Column k of the targets is the k-th of the training file's labels in ascending order: they need not start at
        0. Its name is that of the folder, ``idx:fashion``, or the prefix.

    Raises
    ------
    DatasetError
        If a file is missing, or fails its check of size, magic number or dimensions; if images and labels differ in
        number, the test images in size, or a test label is not among the training labels.

    Examples
    --------
    >>> idx("path/to/fashion-mnist").name  # doctest: +SKIP
    'idx:fashion-mnist'

    Notes
    -----
    Y. LeCun, C. Cortes and C. J. C. Burges, *The MNIST database of handwritten digits*; H. Xiao, K. Rasul and R.
    Vollgraf, *Fashion-MNIST*, 2017, arXiv:1708.07747; G. Cohen et al., *EMNIST*, 2017, arXiv:1702.05373.
    """
    place = folder_at(folder, "name the folder of the four IDX files")
    paths = choose(place, prefix)
    arrays = {key: read_idx(paths[key], cast(Kind, key.split()[1])) for key in KEYS}
    _check_pairs(paths, arrays)
    whole, test = (
        Labelled(arrays[f"{part} images"], arrays[f"{part} labels"], str(paths[f"{part} labels"]))
        for part in ("train", "test")
    )
    train, watched = split_two(whole, validation)
    match = NAME.fullmatch(paths["train images"].name)
    name = safe_name("idx", Path(match["prefix"]) if match and match["prefix"] else place)
    return assemble(name, (train, watched, test), PIXEL, whole)


def _check_pairs(paths: dict[str, Path], arrays: dict[str, NDArray[np.uint8]]) -> None:
    """Refuse files that do not belong together."""
    for part in ("train", "test"):
        images, labels = (len(arrays[f"{part} {kind}"]) for kind in ("images", "labels"))
        if images != labels:
            raise DatasetError(
                f"{paths[f'{part} images']}: {images} images, but {labels} labels in {paths[f'{part} labels'].name}: "
                "put files of one data set there"
            )
    sizes = [arrays[f"{part} images"].shape[1:] for part in ("train", "test")]
    if sizes[0] != sizes[1]:
        raise DatasetError(
            f"{paths['test images']}: images of {sizes[1]} pixels where the training images have {sizes[0]}: "
            "put files of one data set there"
        )
