"""Which data set a command trains on, from its two options."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from tyro.conf import arg

from wd_jax.cli.command import UsageError

if TYPE_CHECKING:
    from wd_jax.data import Dataset

Name = Annotated[str, arg(metavar="{digits,mnist,teacher,null,idx:FOLDER,FILE.npz,FILE.csv}")]
"""What `load` takes."""
Judged = Annotated[str, arg(metavar="{digits,mnist}")]
"""Those for which the experiments have presets."""


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
    return data.load(name)


def check_judged(name: str, known: Sequence[str]) -> None:
    """Refuse a data set for which the experiments have no presets, before anything is made.

    Parameters
    ----------
    name : str
        As ``--dataset`` gives it.
    known : sequence of str
        Those for which they have.

    Examples
    --------
    >>> check_judged("cifar", ("digits", "mnist"))
    Traceback (most recent call last):
        ...
    wd_jax.cli.command.UsageError: --dataset: 'cifar' is not one of 'digits', 'mnist', for which the experiments have
    presets: on other data, train with `wd-jax sweep --dataset`
    """
    if name not in known:
        listed = ", ".join(map(repr, known))
        raise UsageError(
            f"--dataset: {name!r} is not one of {listed}, for which the experiments have presets: on other data, train "
            "with `wd-jax sweep --dataset`"
        )
