"""What the tests of commands that train share: a machine left as it is, a run to change, and presets of seconds."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture
def machine_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep commands that run in this process from changing its JAX."""
    monkeypatch.setenv("JAX_NUM_CPU_DEVICES", "1")
    monkeypatch.setenv("JAX_COMPILATION_CACHE_DIR", str(tmp_path / "unused"))


@pytest.fixture
def copy(reproduced, tmp_path: Path) -> Path:
    """A copy of the finished run that a test may change."""
    return shutil.copytree(reproduced.folder, tmp_path / "copy")


@pytest.fixture
def small_presets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The quick preset made so small that claim 2 takes seconds in this process."""
    from experiments.exercise import preset

    changes = {"seeds": 2, "factor_seeds": 2, "hidden": 4, "batch_size": 100, "epochs_of_book": 2}
    monkeypatch.setitem(preset.PRESETS, ("digits", "quick"), preset.preset("digits", "quick", **changes))
