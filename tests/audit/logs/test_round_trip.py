"""What is written is what is read: any numbers, names and steps, through a hook's table and through JSON lines."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wd_jax.audit.logs.hooks.csv_log import CsvLog
from wd_jax.audit.logs.reading import read

pytestmark = pytest.mark.numeric
NUMBERS = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False, width=64))
LAYERS = st.lists(st.text('ab.0/_- ,;"é', min_size=1).map(str.strip).filter(bool), min_size=1, max_size=4, unique=True)
STEPS = st.lists(st.integers(0, 10**9), min_size=1, max_size=8, unique=True).map(sorted)


def check(path: Path, steps: list[int], rows: list[dict[str, float | None]]) -> None:
    log = read(path)
    assert log.time.tolist() == steps
    for name in rows[0]:
        wanted = [np.nan if row[name] is None else row[name] for row in rows]
        what, _, layer = name.partition("/")
        found = log.lr if name == "lr" else (log.norms if what == "weight_norm" else log.gradients)[layer]
        np.testing.assert_allclose(found, wanted, rtol=1e-15, atol=5e-324)


def rows_of(data: st.DataObject, layers: list[str], count: int) -> list[dict[str, float | None]]:
    names = ["lr", *(f"{what}/{layer}" for what in ("weight_norm", "gradient_norm") for layer in layers)]
    return [{name: data.draw(NUMBERS) for name in names} for _ in range(count)]


@settings(max_examples=60)
@given(st.data(), LAYERS, STEPS)
def test_a_table(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, layers: list[str], steps: list[int]
) -> None:
    rows = rows_of(data, layers, len(steps))
    path = tmp_path_factory.mktemp("table") / "log.csv"
    log = CsvLog(path)
    for step, row in zip(steps, rows, strict=True):
        log.write({"step": step, **row})
    check(path, steps, rows)


@settings(max_examples=60)
@given(st.data(), LAYERS, STEPS)
def test_json_lines(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, layers: list[str], steps: list[int]
) -> None:
    rows = rows_of(data, layers, len(steps))
    path = tmp_path_factory.mktemp("lines") / "log.jsonl"
    path.write_text("".join(json.dumps({"step": s, **row}) + "\n" for s, row in zip(steps, rows, strict=True)))
    check(path, steps, rows)
