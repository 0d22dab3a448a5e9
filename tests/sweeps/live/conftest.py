"""A small run in a folder, whole, and ways to make it less so."""

import shutil
from pathlib import Path

import pytest

import wd_jax as wd
from wd_jax.sweeps.store import generations

DATA = wd.data.teacher(0, n=20, n_validation=4, n_test=4, n_in=4, n_hidden=4, n_out=2)
LMBDAS, SEEDS, EPOCHS = [0.5, 1.0, 2.0, 5.0], 5, 3


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty members in three tasks of seven, one copy; do not write there."""
    root = tmp_path_factory.mktemp("live") / "run"
    setup = wd.Setup(widths=(4, 3, 2), batch_size=5)
    options = {"lmbda": LMBDAS, "seeds": SEEDS, "epochs": EPOCHS, "eta": 1.0, "method": "generic", "progress": False}
    wd.sweep(setup, DATA, out=root, **options)
    return root


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copytree(finished, tmp_path / "run"))


@pytest.fixture
def halved(run: Path) -> Path:
    """The first of its tasks alone, and nobody at work."""
    store = generations.open_store(run)
    for key in store.plan.keys[1:]:
        store.chunks.path(key).unlink()
    return run
