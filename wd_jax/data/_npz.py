"""A data set from an .npz file: keras' mnist.npz, MedMNIST's files, or one's own inputs and labels."""

import os
import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wd_jax.data.class_labels import as_labels
from wd_jax.data.dataset import Dataset, DatasetError
from wd_jax.data.npz_arrays import keys_of, read_arrays
from wd_jax.data.reading import as_path
from wd_jax.data.splitting import Labelled, assemble, pixel_factor, safe_name, split_three, split_two

KEY = re.compile(
    r"(?P<before>train|training|test|val|valid|validation)?[_-]?"
    r"(?P<role>x|inputs?|images?|imgs|data|features|y|labels?|targets?|classes|class)"
    r"[_-]?(?P<after>train|training|test|val|valid|validation)?",
    re.IGNORECASE,
)
PART = {"training": "train", "val": "validation", "valid": "validation"}
LABELS = ("y", "label", "labels", "target", "targets", "class", "classes")
WANTED = "X and y, or x_train, y_train, x_test and y_test"


def npz(path: str | os.PathLike[str]) -> Dataset:
    """Load inputs and labels from an .npz file; nothing in it is unpickled.

    Parameters
    ----------
    path : path
        Holds ``x_train``, ``y_train``, ``x_test``, ``y_test`` and perhaps ``x_val``, ``y_val``; or ``X`` and ``y``
        alone. For x also inputs, images, features or data; for y also labels, targets or classes; the split's name
        may stand before it (``train_images``). Other arrays are not read.

    Returns
    -------
    Dataset
        Inputs [N, rows, columns] are flattened; pixels of 0 to 255 are divided by 256, with a warning. Labels [N] or
        [N, 1], numbers or text, become one-hot rows of the training classes in ascending order; targets [N, n_out]
        are kept. Without a validation set the last sixth of the training rows is it; ``X`` and ``y`` are shuffled
        once and cut in 2/3, 1/6 and 1/6, the same in every run.

    Raises
    ------
    DatasetError
        If the file or an array is not what it must be; it lists the keys found.

    Examples
    --------
    >>> import numpy as np, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/sums.npz", X=np.eye(12), y=np.arange(12) % 2)
    ...     npz(f"{folder}/sums.npz")
    Dataset npz:sums: n = 8, 2 for validation, 2 for tests; 12 inputs, of which 4 are always zero, 2 outputs;
    fits wd.Setup(widths=(12, 30, 2))
    """
    file = as_path(path)
    keys = _roles(file, keys_of(file))
    arrays = read_arrays(file, list(keys.values()))
    parts = {
        part: _labelled(file, keys[part, "x"], keys[part, "y"], arrays)
        for part in dict.fromkeys(part for part, _ in keys)
    }
    _check_alike(file, parts)
    whole = parts.get("", parts.get("train"))
    if whole is None:
        raise DatasetError(f"{file}: no training data: give {WANTED}")
    factor = pixel_factor(whole.inputs, f"{file}")
    if "" in parts:
        three = split_three(whole)
    elif "validation" in parts:
        three = (whole, parts["validation"], parts["test"])
    else:
        three = (*split_two(whole), parts["test"])
    return assemble(safe_name("npz", file.with_suffix("")), three, factor, whole)


def _roles(path: Path, found: list[str]) -> dict[tuple[str, str], str]:
    """Sort keys by split ("" if they name none) and by x or y; the sets of them that can be used are few."""
    keys: dict[tuple[str, str], str] = {}
    for key in found:
        match = KEY.fullmatch(key)
        if match is None or (match["before"] and match["after"]):
            continue
        split = (match["before"] or match["after"] or "").lower()
        place = PART.get(split, split), "y" if match["role"].lower() in LABELS else "x"
        if place in keys:
            raise DatasetError(f"{path}: {keys[place]!r} and {key!r} may both be meant: keep one of them")
        keys[place] = key
    parts = {part for part, _ in keys}
    if parts not in ({""}, {"train", "test"}, {"train", "validation", "test"}) or len(keys) != 2 * len(parts):
        listed = ", ".join(repr(key) for key in found[:20]) or "none"
        more = f" and {len(found) - 20} more" if len(found) > 20 else ""
        raise DatasetError(f"{path}: its keys are {listed}{more}: name the arrays {WANTED}")
    return keys


def _labelled(path: Path, x: str, y: str, arrays: dict[str, NDArray[Any]]) -> Labelled:
    """Put inputs and labels together after checking their shapes."""
    inputs, labels = arrays[x], arrays[y]
    if inputs.dtype.kind not in "biuf" or inputs.ndim < 2 or inputs.size == 0:
        raise DatasetError(
            f"{path}: {x} has shape {inputs.shape} and dtype {inputs.dtype}: give numbers, a row (or image) per example"
        )
    if len(odd := np.argwhere(~(np.abs(inputs) <= np.finfo(np.float32).max))):
        place = tuple(odd[0].tolist())
        raise DatasetError(f"{path}: {x}{list(place)} is {inputs[place]}: remove the example or give a finite number")
    if labels.ndim not in (1, 2) or len(labels) != len(inputs) or labels.size == 0:
        raise DatasetError(
            f"{path}: {y} has shape {labels.shape} and {x} {inputs.shape}: give a label (or row of targets) per example"
        )
    if labels.ndim == 1 or labels.shape[1] == 1:
        labels = as_labels(labels, f"{path}: {y}")
    elif labels.dtype.kind not in "biuf":
        raise DatasetError(f"{path}: {y} has several columns of text: give one label per example")
    return Labelled(inputs, labels, f"{path}: {y}")


def _check_alike(path: Path, parts: dict[str, Labelled]) -> None:
    """Refuse splits whose examples or labels differ in form."""
    first, *others = parts.values()
    for part in others:
        if part.inputs.shape[1:] != first.inputs.shape[1:]:
            raise DatasetError(
                f"{path}: examples of shape {part.inputs.shape[1:]} and of {first.inputs.shape[1:]}: give every split "
                "the same inputs"
            )
        forms = [(labels.ndim, labels.dtype.kind == "U") for labels in (part.labels, first.labels)]
        if forms[0] != forms[1]:
            raise DatasetError(f"{part.source}: labels in another form than {first.source}: give every split the same")
