"""What every test shares: headless figures, one hypothesis profile, and MNIST where it can be had."""

import os
from pathlib import Path

import hypothesis
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")
# A deadline would time the first compilation, not the property; the same examples every time keep a failure repeatable.
hypothesis.settings.register_profile("wd_jax", deadline=None, derandomize=True)
hypothesis.settings.load_profile("wd_jax")


@pytest.fixture(scope="session")
def mnist_folder() -> Path:
    """Folder of the four real MNIST files."""
    folder = os.environ.get("WD_JAX_DATA")
    if not folder:
        pytest.skip("WD_JAX_DATA does not name a folder with the four MNIST files")
    return Path(folder)
