"""A run's data set in another process than that which planned it: kept in the run, or loaded by its name."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wd_jax import data as datasets
from wd_jax.data import Dataset, DatasetError
from wd_jax.sweeps.store import data_file


def keep(generation: Path, data: Dataset, known: Mapping[str, Any]) -> None:
    """Make sure that other processes can have a data set: one that no name leads to is written into the run.

    Parameters
    ----------
    generation : Path
        Folder with plans and tasks.
    data : Dataset
        What is learned.
    known : mapping
        What the plan says of it (`wd_jax.sweeps.store.plan_file.StoredPlan.dataset`).

    Raises
    ------
    ValueError
        If it is larger than a file of the store can be.
    OSError
        If it cannot be written.
    """
    if not _word(known):
        data_file.write(generation, data)


def load(generation: Path, known: Mapping[str, Any]) -> Dataset:
    """Load the data set of a run.

    Parameters
    ----------
    generation : Path
        Folder with plans and tasks.
    known : mapping
        As for `keep`.

    Returns
    -------
    Dataset
        The one whose hash the plan says.

    Raises
    ------
    ValueError
        If it is not there, or another one is there under its name.
    """
    word, sha256 = _word(known), known["sha256"]
    if data_file.path(generation, sha256).exists():
        return data_file.read(generation, sha256)
    remedy = "run the sweep's own command once, which keeps what no name leads to"
    if not word:
        raise DatasetError(f"{generation}: the data set {known['name']!r} is not in the run: {remedy}")
    try:
        found = datasets.load(word)
    except (DatasetError, OSError) as error:
        raise DatasetError(
            f"{word}: the run's data set is not found from here ({error}): put it where this process sees it"
        ) from error
    if found.sha256 != sha256:
        raise DatasetError(
            f"{word}: is another data set here than the one that the run was planned for "
            f"({found.sha256[:12]}, not {sha256[:12]}): put that one there"
        )
    return found


def _word(known: Mapping[str, Any]) -> str:
    """Give the word that `wd_jax.data.load` takes; empty if no word is known."""
    word, folder = str(known.get("word") or ""), known.get("folder")
    return f"{word}:{folder}" if word and folder else word
