"""One word for a data set, as ``--dataset`` takes it."""

import os
from collections.abc import Callable
from pathlib import Path

from wd_jax.data._csv import csv
from wd_jax.data._digits import digits
from wd_jax.data._idx import idx
from wd_jax.data._mnist import mnist
from wd_jax.data._npz import npz
from wd_jax.data.dataset import Dataset, DatasetError
from wd_jax.data.idx_folder import find_sets
from wd_jax.data.reading import unreadable
from wd_jax.data.synthetic import null, teacher

NAMED: dict[str, Callable[[], Dataset]] = {
    "digits": digits,
    "mnist": mnist,
    "teacher": lambda: teacher(0),
    "null": null,
}
PLACES = {"idx": "FOLDER", "mnist": "FOLDER", "npz": "FILE", "csv": "FILE"}
SUFFIXES = {".npz": "npz", ".csv": "csv", ".tsv": "csv"}
FORMS = "digits, mnist, teacher, null, idx:FOLDER, FILE.npz or FILE.csv"


def load(spec: str | os.PathLike[str]) -> Dataset:
    """Load the data set that one word names.

    Parameters
    ----------
    spec : str or path
        ``"digits"``, ``"mnist"``, ``"teacher"`` or ``"null"`` (drawn with seed 0); ``"mnist:FOLDER"``;
        ``"idx:FOLDER"``, or ``"idx:FOLDER/PREFIX"`` where the folder holds several data sets; a file ``.npz``, ``.csv``
        or ``.tsv``.

    Returns
    -------
    Dataset

    Raises
    ------
    DatasetError
        If it names none, or the files cannot be used (see `idx`, `npz` and `csv`).

    Examples
    --------
    >>> load("teacher").name
    'teacher'
    """
    kind, place = parse(spec)
    if kind == "idx":
        folder, prefix = _folder_and_prefix(Path(place))
        return idx(folder, prefix=prefix)
    if place:
        return {"mnist": mnist, "npz": npz, "csv": csv}[kind](place)
    return NAMED[kind]()


def parse(spec: str | os.PathLike[str]) -> tuple[str, str]:
    """Tell what kind of data set a word names, and where it is.

    Parameters
    ----------
    spec : str or path
        As `load` takes it.

    Returns
    -------
    tuple of str
        Kind ("digits", ..., "idx", "npz", "csv") and place ("" for those without).

    Raises
    ------
    DatasetError
        If it names none; nothing is opened.

    Examples
    --------
    >>> parse("idx:data/fashion"), parse("table.csv"), parse("digits")
    (('idx', 'data/fashion'), ('csv', 'table.csv'), ('digits', ''))
    """
    if not isinstance(spec, str | os.PathLike):
        raise DatasetError(f"a {type(spec).__name__} names no data set: give one of {FORMS}")
    word = os.fspath(spec)
    if word in NAMED:
        return word, ""
    kind, _, place = word.partition(":")
    if kind in PLACES:
        if not place:
            raise DatasetError(f"{word}: names no {PLACES[kind].lower()}: give {kind}:{PLACES[kind]}")
        return kind, str(_at_home(Path(place)))
    path = _at_home(Path(word))
    if path.suffix.lower() in SUFFIXES:
        return SUFFIXES[path.suffix.lower()], str(path)
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except OSError as error:
        raise unreadable(path, error) from error
    if word and is_folder:
        raise DatasetError(f"{word}: is a folder: if it holds IDX files, give idx:{word}")
    if path.suffix.lower() in (".gz", ".zip", ".bz2", ".xz") or is_file:
        raise DatasetError(f"{word}: not a form that is read: save it as FILE.npz or FILE.csv, or give idx:FOLDER")
    raise DatasetError(f"{word!r}: no such data set: give one of {FORMS}")


def _at_home(path: Path) -> Path:
    """Put the home folder in the place of ~, which no shell does after a colon."""
    try:
        return path.expanduser()
    except RuntimeError:  # of nobody's home
        return path


def _folder_and_prefix(path: Path) -> tuple[Path, str | None]:
    """Take idx:FOLDER/PREFIX apart, where there is no folder of that name."""
    if not path.is_dir() and path.parent.is_dir() and path.name.rstrip("-_.") in find_sets(path.parent):
        return path.parent, path.name
    return path, None
