"""Which files of a folder are the four of an IDX data set: MNIST's names, and those that its relatives made of them."""

import os
import re
from pathlib import Path

from wd_jax.data.dataset import DatasetError
from wd_jax.data.reading import as_path, unreadable

NAME = re.compile(
    r"(?:(?P<prefix>[^.].*?)[-_.])?(?P<part>train|t10k|test)[-_.](?P<kind>images|labels)[-_.]idx\d[-_.]\w+(?:\.gz)?",
    re.IGNORECASE,
)
"""train-images-idx3-ubyte, t10k-labels.idx1-ubyte, emnist-letters-test-images-idx3-ubyte.gz, ..."""

KEYS = ("train images", "train labels", "test images", "test labels")
EXAMPLE = "train-images-idx3-ubyte"


def folder_at(path: str | os.PathLike[str], remedy: str) -> Path:
    """Give a folder's path, or say that there is none."""
    folder = as_path(path)
    try:
        if folder.is_dir():
            return folder
        what = "this is a file" if folder.exists() else "no such folder"
    except (OSError, ValueError) as error:
        raise unreadable(folder, error, remedy) from error
    raise DatasetError(f"{folder}: {what}: {remedy}")


def find_sets(folder: Path) -> dict[str, dict[str, Path]]:
    """Find the IDX files of a folder by their names; nothing is opened.

    Parameters
    ----------
    folder : Path
        A folder; those inside it are not searched.

    Returns
    -------
    dict
        For each prefix ("" for MNIST's own names, "emnist-letters"), the files by `KEYS`. Where one file is there in
        several forms, the unpacked one is taken.

    Raises
    ------
    DatasetError
        If the folder cannot be read, or a data set has both a t10k and a test file.

    Examples
    --------
    >>> find_sets(Path())
    {}
    """
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError as error:
        raise unreadable(folder, error, "check that the folder may be read") from error
    found: dict[str, dict[str, list[Path]]] = {}
    for name in names:
        if match := NAME.fullmatch(name):
            part = "train" if match["part"].lower() == "train" else "test"
            key = f"{part} {match['kind'].lower()}"
            found.setdefault(match["prefix"] or "", {}).setdefault(key, []).append(folder / name)
    return {prefix: {key: _best(paths) for key, paths in files.items()} for prefix, files in found.items()}


def choose(folder: Path, prefix: str | None) -> dict[str, Path]:
    """Settle which data set of a folder is meant, and that its four files are there.

    Parameters
    ----------
    folder : Path
        A folder.
    prefix : str or None
        What the names of the files begin with, "emnist-letters"; needed only where there are several data sets.

    Returns
    -------
    dict of Path
        The files by `KEYS`.

    Raises
    ------
    DatasetError
        If there are none or several, or a file is missing.
    """
    if prefix is not None and not isinstance(prefix, str):
        raise DatasetError(f"prefix={prefix!r:.40}: give text, what the files' names begin with")
    sets = find_sets(folder)
    if not sets:
        inside = elsewhere(folder)
        remedy = f"they are in {inside}, give that" if inside else "name the folder that holds them"
        raise DatasetError(f"{folder}: no IDX files with names such as {EXAMPLE} are in it: {remedy}")
    listed = ", ".join(repr(name) for name in sorted(sets))
    if prefix is None and len(sets) > 1:
        last = max(sets)
        raise DatasetError(
            f"{folder}: holds several data sets, with the prefixes {listed}: choose one, such as prefix={last!r} "
            f"(in the shell, --dataset idx:{folder / last})"
        )
    wanted = next(iter(sets)) if prefix is None else prefix.rstrip("-_.")
    if wanted not in sets:
        raise DatasetError(f"prefix={prefix!r}: no IDX files in {folder} begin with it: give one of {listed}")
    if missing := [key for key in KEYS if key not in sets[wanted]]:
        raise DatasetError(
            f"{folder}: the {' and the '.join(missing)} are missing beside "
            f"{next(iter(sets[wanted].values())).name}: put {_names(wanted, missing)} there, with or without .gz"
        )
    return sets[wanted]


def elsewhere(folder: Path) -> Path | None:
    """Give the first folder inside this one that holds IDX files, as torchvision's raw/ does; None if there is none."""
    inside = sorted(path for path in folder.iterdir() if path.is_dir() and os.access(path, os.R_OK | os.X_OK))
    return next((path for path in inside if find_sets(path)), None)


def _best(paths: list[Path]) -> Path:
    """Of several forms of one file, take a file before a folder of that name, and an unpacked one before .gz."""
    words = {NAME.fullmatch(path.name)["part"].lower() for path in paths}  # type: ignore[index]
    if len(words) > 1:
        raise DatasetError(f"{paths[0]}: {paths[-1].name} is there too: keep the one that is the test set")
    return min(paths, key=lambda path: (path.is_dir(), path.suffix.lower() == ".gz", path.name))


def _names(prefix: str, keys: list[str]) -> str:
    """Give the names that files are expected to have."""
    start = f"{prefix}-" if prefix else ""
    part = {"train": "train", "test": "test" if prefix else "t10k"}
    return " and ".join(
        f"{start}{part[key.split()[0]]}-{kind}-idx{3 if kind == 'images' else 1}-ubyte"
        for key in keys
        for kind in [key.split()[1]]
    )
