"""The benchmark of coverage: that it can be taken up again, and, slowly, that what it finds is what is promised."""

import json

import numpy as np
import pytest

from benchmarks import one_series_coverage as benchmark

SERIES = 400
HIDDEN = ("memory N/2 of", "memory N/1 of")
"""What no series of that length can show: docs/how-to/reading-results.md has what is measured, marked as worse."""
TWO = ("in noise of 1", "memories N/10")
"""Two memories, one hidden behind the other: nine of ten answers are right; of one memory, nineteen of twenty."""


@pytest.mark.numeric
def test_what_is_in_the_file_is_not_measured_again(tmp_path, monkeypatch, capsys):
    file = tmp_path / "rows.json"
    arguments = ["one_series_coverage", "--series", "5", "--only", "mean, AR(1), 30 records, memory 0.3"]
    monkeypatch.setattr("sys.argv", [*arguments, "--out", str(file)])
    benchmark.main()
    first = capsys.readouterr().out
    rows = json.loads(file.read_text())
    rows["mean, AR(1), 30 records, memory 0.3"]["covered"] = 0.123
    file.write_text(json.dumps(rows))
    benchmark.main()
    assert "series 5" in first and "covered 0.123" in capsys.readouterr().out


@pytest.mark.statistical
@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name for name in benchmark.cases() if name.startswith("mean") and not any(one in name for one in HIDDEN)]
)
def test_coverage_of_means(name):
    row = benchmark.cases()[name](np.random.default_rng(11), SERIES)
    assert row["wrong of all"] < 0.07 + 3 * np.sqrt(0.07 * 0.93 / SERIES)
    if row["answered"] > 0.5 * SERIES:
        floor = 0.9 if any(one in name for one in TWO) else 0.93
        assert row["covered"] > floor - 3 * np.sqrt(floor * (1 - floor) / row["answered"])


@pytest.mark.statistical
@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in benchmark.cases() if name.startswith("state, at rest")])
def test_false_alarms(name):
    row = benchmark.cases()[name](np.random.default_rng(12), SERIES)
    assert row["transient"] <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / SERIES)


@pytest.mark.statistical
@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize(
    "name", [name for name in benchmark.cases() if name.startswith("rate") and "200 records" in name]
)
def test_coverage_of_rates(name):
    row = benchmark.cases()[name](np.random.default_rng(13), 150)
    if row["answered"] > 75:
        assert row["covered"] > 0.93 - 3 * np.sqrt(0.07 * 0.93 / row["answered"])
