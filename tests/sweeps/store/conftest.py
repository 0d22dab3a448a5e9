"""A store to publish in."""

from pathlib import Path

import pytest

from wd_jax.sweeps.store.chunk_store import ChunkStore


@pytest.fixture
def store(tmp_path: Path) -> ChunkStore:
    """A store without tasks."""
    (tmp_path / "run-1").mkdir()
    return ChunkStore(tmp_path / "run-1").prepared()
