"""IDX files for the tests, written as the format says and not as the package does."""

import gzip
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

NAMES = {
    "train images": "train-images-idx3-ubyte",
    "train labels": "train-labels-idx1-ubyte",
    "test images": "t10k-images-idx3-ubyte",
    "test labels": "t10k-labels-idx1-ubyte",
}


def idx_arrays(first_label: int = 0, classes: int = 3, train: int = 24, test: int = 6) -> dict[str, np.ndarray]:
    """A made-up data set: 4 x 3 random pixels, classes in turn."""
    random = np.random.default_rng(classes)
    made = {}
    for part, count in (("train", train), ("test", test)):
        made[f"{part} images"] = random.integers(256, size=(count, 4, 3), dtype=np.uint8)
        made[f"{part} labels"] = (np.arange(count) % classes + first_label).astype(np.uint8)
    return made


@pytest.fixture
def write_idx() -> Callable[..., dict[str, np.ndarray]]:
    """A function that writes four files and gives what they hold."""

    def write(
        folder: Path, prefix: str = "", zipped: bool = False, dotted: bool = False, test_name: str = "t10k", **changes
    ) -> dict[str, np.ndarray]:
        folder.mkdir(parents=True, exist_ok=True)
        replaced = {key: changes.pop(key) for key in NAMES if key in changes}
        made = idx_arrays(**changes) | replaced
        for key, array in made.items():
            name = prefix + NAMES[key].replace("t10k", test_name)
            name = name.replace("-idx", ".idx") if dotted else name
            raw = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()
            (folder / (name + ".gz" * zipped)).write_bytes(gzip.compress(raw) if zipped else raw)
        return made

    return write
