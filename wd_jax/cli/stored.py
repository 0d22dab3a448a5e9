"""A stored run as two options name it: its folder, and where its data set lies."""

from pathlib import Path
from typing import TYPE_CHECKING

from wd_jax.cli import datasets
from wd_jax.cli.reproduce import typed

if TYPE_CHECKING:
    from experiments import Judged
    from wd_jax.data import Dataset


def data_of(folder: Path, data_dir: Path | None) -> "Dataset | None":
    """Load the data set that a run was trained on; None where it needed none."""
    from experiments import run_folder
    from experiments.preset import NONE

    name = run_folder.settings(folder).dataset
    return None if name == NONE else datasets.load(name, data_dir)


def judged(folder: Path, data_dir: Path | None, only: str | None = None) -> "Judged":
    """Judge a stored run again, or one of its experiments."""
    import experiments

    return experiments.open(folder, data_of(folder, data_dir), only=only, command=typed())
