"""Which data set a command trains on, from its two options."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import arg

from wd_jax.cli.command import UsageError

if TYPE_CHECKING:
    from wd_jax.data import Dataset

Name = Annotated[str, arg(metavar="{digits,mnist,teacher,null,idx:FOLDER,FILE.npz,FILE.csv}")]
"""What `load` takes."""
OfRun = Annotated[str, arg(metavar="FILE", help_behavior_hint="(optional)")]
"""The same, for a stored run."""


def load(name: str, folder: Path | None) -> "Dataset":
    """Load a data set by name.

    Parameters
    ----------
    name : str
        As ``--dataset`` gives it: what `wd_jax.data.load` takes, or "idx" alone with a folder.
    folder : path or None
        As ``--data-dir`` gives it: where the IDX files are.

    Raises
    ------
    UsageError
        If the name is none, or a folder is given for a data set that reads none.
    wd_jax.data.DatasetError
        If the files cannot be used.

    Examples
    --------
    >>> load("teacher", None).name
    'teacher'
    """
    from wd_jax import data

    return data.load(check(name, folder))


def check(name: str, folder: Path | None) -> str:
    """Refuse a name that is none, and a folder that is not read, before anything is made; give the whole name.

    Parameters
    ----------
    name : str
        As ``--dataset`` gives it.
    folder : path or None
        As ``--data-dir`` gives it.

    Examples
    --------
    >>> check("cifar", None)
    Traceback (most recent call last):
        ...
    wd_jax.cli.command.UsageError: --dataset: 'cifar': no such data set: give one of digits, mnist, teacher, null,
    idx:FOLDER, FILE.npz or FILE.csv
    """
    from wd_jax import data
    from wd_jax.data._load import parse

    if folder is not None:
        if name not in ("mnist", "idx"):
            what = "reads no files" if name in ("digits", "teacher", "null") else "names its files already"
            raise UsageError(f"--data-dir: {name} {what}: leave it out, or give --dataset mnist")
        name = f"{name}:{folder}"
    try:
        parse(name)
    except data.DatasetError as error:
        raise UsageError(f"--dataset: {error}") from None
    return name
