"""Which data set a command trains on, from its two options."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from wd_jax.cli.command import UsageError

if TYPE_CHECKING:
    from wd_jax.data import Dataset

Name = Literal["digits", "mnist", "teacher", "null"]


def load(name: Name, folder: Path | None) -> "Dataset":
    """Load a data set by name.

    Parameters
    ----------
    name : {"digits", "mnist", "teacher", "null"}
        As ``--dataset`` gives it; the synthetic ones are drawn with seed 0.
    folder : path or None
        As ``--data-dir`` gives it: where the four IDX files of MNIST are.

    Raises
    ------
    UsageError
        If a folder is given for a data set that reads none.
    wd_jax.data.DatasetError
        If the files cannot be used.

    Examples
    --------
    >>> load("teacher", None).name
    'teacher'
    """
    from wd_jax.data import digits, mnist, null, teacher

    if name == "mnist":
        return mnist(folder)
    if folder is not None:
        raise UsageError(f"--data-dir: {name} reads no files: leave it out, or give --dataset mnist")
    return {"digits": digits, "teacher": lambda: teacher(0), "null": null}[name]()
