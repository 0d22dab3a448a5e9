"""The benchmark of the store measures what it says, on the smallest sweeps; no time is asserted."""

import pytest

from benchmarks import store
from benchmarks.store import Point
from wd_jax.sweeps import threads

pytestmark = pytest.mark.numeric
TINY = Point(16, epochs=1, n=20)


def test_a_folder_and_memory_are_timed_in_turn() -> None:
    row = store.cost(TINY, repeats=1)
    assert row["more"] == pytest.approx(row["folder_seconds"] / row["memory_seconds"] - 1)
    assert "hard: 2 tasks" in store.said({"hard": row})


def test_a_finished_run_is_resumed_without_training(monkeypatch) -> None:
    trained, original = [], threads.run_on

    def run_on(task, *rest, **options):
        trained.append(task)
        return original(task, *rest, **options)

    monkeypatch.setattr(threads, "run_on", run_on)
    assert "a finished run of 2 tasks" in store.said({"resumed": store.resumed(TINY, repeats=2)})
    assert len(trained) == 2


def test_a_run_is_read_again(tmp_path) -> None:
    rows = [{"run": store.run(TINY, str(tmp_path / "run")), "read": store.read(TINY, str(tmp_path / "run"))}]
    assert rows[0]["read"]["result_bytes"] > 0 and rows[0]["run"]["peak_bytes"] > 2**20
    assert "peak memory of the last over the first: 1.00" in store.said({"memory": rows})
