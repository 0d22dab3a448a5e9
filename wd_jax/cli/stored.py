"""A stored run as its options name it: its folder, and where its data set lies."""

from pathlib import Path
from typing import TYPE_CHECKING

from wd_jax.cli import datasets
from wd_jax.cli.command import UsageError
from wd_jax.cli.reproduce import typed

if TYPE_CHECKING:
    from experiments import Judged
    from wd_jax.data import Dataset


def data_of(folder: Path, data_dir: Path | None, dataset: str = "") -> "Dataset | None":
    """Load the data set that a run was trained on.

    Parameters
    ----------
    folder : Path
        Of the run.
    data_dir : Path or None
        As ``--data-dir`` gives it.
    dataset : str
        As ``--dataset`` gives it; the run's own name of it by default.

    Returns
    -------
    Dataset or None
        None where the run needed none, or where no name loads what it was trained on: `experiments.open` says so.
    """
    from experiments import run_data, run_folder
    from experiments.preset import NONE

    name = run_folder.settings(folder).dataset
    if name == NONE:
        if dataset:
            raise UsageError(f"--dataset: {folder} was made without data: leave it out")
        return None
    if not dataset and not run_data.has_name(name):
        return None
    return datasets.load(dataset or name, data_dir)


def judged(folder: Path, data_dir: Path | None, only: str | None = None, dataset: str = "") -> "Judged":
    """Judge a stored run again, or one of its experiments."""
    import experiments

    return experiments.open(folder, data_of(folder, data_dir, dataset), only=only, command=typed())
