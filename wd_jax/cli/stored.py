"""A stored run as two options name it: its folder, and where its data set lies."""

from pathlib import Path
from typing import TYPE_CHECKING

from wd_jax.cli import datasets
from wd_jax.cli.reproduce import typed

if TYPE_CHECKING:
    from experiments import Judged
    from wd_jax.data import Dataset


def data_of(folder: Path, data_dir: Path | None) -> "Dataset":
    """Load the data set that a run was trained on."""
    from experiments import run_folder

    return datasets.load(run_folder.settings(folder).dataset, data_dir)


def judged(folder: Path, data_dir: Path | None, only: str | None = None) -> "Judged":
    """Judge a stored run again, or one of its experiments."""
    import experiments

    return experiments.open(folder, data_of(folder, data_dir), only=only, command=typed())
