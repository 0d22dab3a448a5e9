"""Records in order: restarts, disorder, duplicates, gaps, and thinning of what is too long."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.audit.logs.reading import read
from wd_jax.audit.logs.records import collect

pytestmark = pytest.mark.numeric
ONE = np.array([True])


def log_of(folder: Path, rows: list, names: str = "step,weight_norm/a,weight_cosine/a") -> TrainingLog:
    text = names + "\n" + "".join(",".join("" if cell is None else str(cell) for cell in row) + "\n" for row in rows)
    (folder / "log.csv").write_text(text)
    return read(folder / "log.csv")


def test_after_a_restart_the_later_rows_count(tmp_path: Path) -> None:
    first = [(step, 1.0, 0.9) for step in range(0, 60, 5)]
    again = [(step, 2.0, None if step == 30 else 0.8) for step in range(30, 80, 5)]
    log = log_of(tmp_path, first + again)
    assert log.time.tolist() == list(range(0, 80, 5))
    assert log.norms["a"].tolist() == [1.0] * 6 + [2.0] * 10
    assert any(note.startswith("The log goes back once (last to step 30)") for note in log.notes)
    assert "left out: 6." in " ".join(log.notes)
    assert np.isnan(log.cosine_gaps[6])
    assert log.cosine_gaps[7] == 5


def test_rows_that_only_come_late_are_sorted_in(tmp_path: Path) -> None:
    rows = [(step, float(step), None) for step in range(40)]
    late = [*rows[:10], *rows[11:30], rows[10], *rows[30:]]
    log = log_of(tmp_path, late)
    assert log.norms["a"].tolist() == [float(step) for step in range(40)]
    assert any("sorted in: 1" in note for note in log.notes)


def test_a_log_from_its_end_is_sorted(tmp_path: Path) -> None:
    log = log_of(tmp_path, [(step, float(step), None) for step in range(30, 0, -1)])
    assert log.norms["a"].tolist() == [float(step) for step in range(1, 31)]


def test_rows_of_several_runs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="its step goes back 29 times and repeats itself, as if several runs"):
        log_of(tmp_path, [(step, norm, None) for step in range(30) for norm in (1, 2)] * 30)
        log_of(tmp_path, [(step % 3, 1.0, None) for step in range(90)])


def test_two_runs_one_after_the_other_leave_the_second(tmp_path: Path) -> None:
    log = log_of(tmp_path, [(step, 1.0, None) for step in range(20)] + [(step, 2.0, None) for step in range(20)])
    assert log.norms["a"].tolist() == [2.0] * 20
    assert "left out: 20." in " ".join(log.notes)


def test_values_that_stand_twice_are_counted(tmp_path: Path) -> None:
    log = log_of(tmp_path, [(1, 1.0, None), (1, 2.0, None), (2, 3.0, None), (2, 3.0, None)])
    assert log.norms["a"].tolist() == [2.0, 3.0]
    assert "Numbers that stand twice for one step and differ, the later taken: 1." in log.notes


def test_a_gap_in_the_weights_is_the_gap_of_the_cosine(tmp_path: Path) -> None:
    rows = [(0, 1.0, None), (1, None, None), (2, 1.0, 0.9), (7, 1.0, 0.8)]
    np.testing.assert_array_equal(log_of(tmp_path, rows).cosine_gaps, [np.nan, np.nan, 2, 5])


def test_a_record_written_twice_keeps_the_cosine_with_the_one_before(tmp_path: Path) -> None:
    log = log_of(tmp_path, [(0, 3.0, None), (10, 2.0, 0.9), (20, 1.0, 0.8), (20, 1.0, 1.0)])
    np.testing.assert_array_equal(log.cosines["a"], [np.nan, 0.9, 0.8])
    np.testing.assert_array_equal(log.cosine_gaps, [np.nan, 10, 10])
    assert log.notes == ("Its steps count from 0.",)


def test_layers_in_rows_of_their_own(tmp_path: Path) -> None:
    rows = [(step, *cells) for step in (0, 10, 20) for cells in ((1.0, step / 100, None, None), (None, None, 2.0, 0.5))]
    log = log_of(tmp_path, rows, "step,weight_norm/a,weight_cosine/a,weight_norm/b,weight_cosine/b")
    np.testing.assert_array_equal(log.cosines["a"], [np.nan, 0.1, 0.2])
    np.testing.assert_array_equal(log.cosines["b"][1:], [0.5, 0.5])
    np.testing.assert_array_equal(log.cosine_gaps, [np.nan, 10, 10])


def test_a_cosine_with_weights_that_are_not_there_is_left_out(tmp_path: Path) -> None:
    first = [(step, 1.0, 0.9) for step in range(0, 60, 5)]
    log = log_of(tmp_path, [*first, *[(step, 2.0, 0.8) for step in range(30, 80, 5)]])
    assert np.isnan(log.cosines["a"][[0, 6]]).all()
    assert np.isfinite(np.delete(log.cosines["a"], [0, 6])).all()
    assert "Cosines with weights that the log does not hold, left out: 2." in log.notes


def test_missing_and_infinite_numbers_are_counted(tmp_path: Path) -> None:
    log = log_of(tmp_path, [(0, "inf", None), (1, "nan", None), (2, 1.0, None), ("", 3.0, None), (4, "oops", None)])
    np.testing.assert_array_equal(log.norms["a"], [np.nan, np.nan, 1.0, np.nan])
    said = " ".join(log.notes)
    assert "count as missing: 1 (most in 'weight_norm/a')" in said
    assert "Of 4 records 3 have no number in 'weight_norm/a'" in said
    assert "Rows without a step, left out: 1." in said
    assert "hold no number and count as missing: 1 ('oops' for one)" in said


@pytest.mark.parametrize("count", [1, 7, 8, 9, 100, 1000])
@pytest.mark.parametrize("block", [1, 3, 1000])
def test_what_is_kept_is_evenly_spaced_and_bounded(count: int, block: int) -> None:
    table = np.c_[np.arange(count) * 2.0, np.arange(count) + 0.5]
    records = collect("log", (table[at : at + block] for at in range(0, count, block)), ONE, "step", most=8)
    assert len(records.time) <= 8
    assert records.time[0] == 0
    assert len(np.unique(np.diff(records.time))) <= 1
    assert len(records.time) >= min(count, 4)
    np.testing.assert_array_equal(records.values[:, 0], records.time / 2 + 0.5)


def test_thinned_cosines_keep_the_gap_they_were_measured_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wd_jax.audit.logs.records.MOST_NUMBERS", 0)
    monkeypatch.setattr("wd_jax.audit.logs.records.FEWEST", 10)
    log = log_of(tmp_path, [(step, 1.0, 0.9) for step in range(100)])
    assert np.diff(log.time).tolist() == [16.0] * 6
    assert log.cosine_gaps[1:].tolist() == [1.0] * 6
    assert any("every 16th is kept, 7 in all" in note for note in log.notes)


def test_a_long_log_keeps_the_records_that_have_norms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wd_jax.audit.logs.records.MOST_NUMBERS", 0)
    monkeypatch.setattr("wd_jax.audit.logs.records.FEWEST", 20)
    rows = [(step, 1.0 if step % 10 == 9 else None, None) for step in range(200)]
    log = log_of(tmp_path, rows)
    assert log.time.tolist() == list(range(9, 200, 10))
    assert any("180 of 200 records have no norm" in note for note in log.notes)


def test_a_restart_of_a_long_log() -> None:
    table = np.r_[np.c_[np.arange(100.0), np.zeros(100)], np.c_[np.arange(50.0, 200.0), np.ones(150)]]
    records = collect("log", (table[at : at + 5] for at in range(0, 250, 5)), ONE, "step", most=20)
    assert (np.diff(records.time) > 0).all()
    np.testing.assert_array_equal(records.values[:, 0], records.time >= 50)
    assert any("goes back once" in note for note in records.notes)


@given(
    st.lists(st.tuples(st.integers(0, 30), st.one_of(st.none(), st.floats(0, 9))), max_size=40).map(
        lambda rows: sorted(rows, key=lambda row: row[0])
    ),
    st.integers(1, 7),
)
def test_merging_is_that_of_a_plain_loop(rows: list, block: int) -> None:
    expected: dict[int, float] = {}
    for step, value in rows:
        expected.setdefault(step, np.nan)
        expected[step] = expected[step] if value is None else value
    table = np.array([(step, np.nan if value is None else value) for step, value in rows], float).reshape(-1, 2)
    records = collect("log", (table[at : at + block] for at in range(0, len(table), block)), ONE, "step")
    assert records.time.tolist() == list(expected)
    np.testing.assert_array_equal(records.values[:, 0], list(expected.values()))
