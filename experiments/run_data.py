"""The data of a stored run: loaded by their name where they have one, and held against the sum that the run stored."""

from pathlib import Path
from typing import TYPE_CHECKING

from experiments.preset import NONE
from experiments.stored_settings import StoredSettings

if TYPE_CHECKING:
    from wd_jax.data import Dataset


def of_stored(folder: Path, settings: StoredSettings, data: "Dataset | None") -> "Dataset | None":
    """Give the data that a stored run was trained on; None where it needed none.

    Parameters
    ----------
    folder : Path
        Of the run, for errors.
    settings : StoredSettings
        Of the run.
    data : Dataset or None
        As the caller gives them; loaded by their name if they are not given.

    Raises
    ------
    ValueError
        If the data have no name to load them by, or are not those of the run.
    """
    name = settings.dataset
    if name == NONE:
        return None
    from wd_jax.data import load

    given = data is not None
    if not given and not has_name(name):
        said = f" (sha256 {settings.sha256[:12]}...)" if settings.sha256 else ""
        raise ValueError(
            f"{folder}: was trained on {name!r}{said}, which no name loads: give the file with --dataset FILE, or "
            "experiments.open(folder, data=wd.data.load(FILE))"
        )
    found = data if data is not None else load(name)
    if settings.sha256 and found.sha256 != settings.sha256:
        other = "those given are others" if given else f"the {name} that is loaded by name is other data"
        raise ValueError(
            f"{folder}: was trained on {name!r} of sha256 {settings.sha256[:12]}..., and {other} "
            f"({found.sha256[:12]}...): give the file that it was trained on (--dataset FILE, or data=...)"
        )
    return found


def has_name(dataset: str) -> bool:
    """Whether a data set is loaded by its name alone.

    Examples
    --------
    >>> has_name("digits"), has_name("my_data")
    (True, False)
    """
    from wd_jax.data._load import NAMED

    return dataset in NAMED
