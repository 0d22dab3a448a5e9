"""Numbers with commas, lines that end with a carriage return, rates below 0: read rightly, or said."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from wd_jax.audit.logs.errors import LogError
from wd_jax.audit.logs.log import TrainingLog
from wd_jax.audit.logs.reading import read

pytestmark = pytest.mark.numeric
NAMES = ("step", "lr", "weight_norm/a")
DECIMAL, THOUSANDS = "The commas in its numbers are read as decimal", "The commas in its numbers are read as marks of"
TWOFOLD = "Cells that can be read as two numbers"


def log_of(folder: Path, text: str) -> TrainingLog:
    """Read a text."""
    (folder / "log.csv").write_bytes(text.encode())
    return read(folder / "log.csv")


def table(log: TrainingLog) -> list[list[float]]:
    """Its three columns."""
    assert log.lr is not None
    return [log.time.tolist(), log.lr.tolist(), log.norms["a"].tolist()]


READ = {
    "a first row without commas": ("0;1;5\n10;0,9;4,85\n", [[0, 10], [1, 0.9], [5, 4.85]], DECIMAL),
    "a first row with an exponent": ("0;1e-3;5\n10;1,5e-3;4,85\n", [[0, 10], [1e-3, 1.5e-3], [5, 4.85]], DECIMAL),
    "decimals between quotation marks": (
        '0,"0,1","5,25"\n9,"0,09","4,851"\n',
        [[0, 9], [0.1, 0.09], [5.25, 4.851]],
        DECIMAL,
    ),
    "thousands before a decimal comma": (
        "0;1,5;1.250,5\n9;1,5;1.240,5\n",
        [[0, 9], [1.5, 1.5], [1250.5, 1240.5]],
        DECIMAL,
    ),
    "thousands": ('0,0.1,"1,250.5"\n"1,000",0.1,"1,240.5"\n', [[0, 1000], [0.1, 0.1], [1250.5, 1240.5]], THOUSANDS),
    "thousands in the step alone": (
        '950,0.1,5.5\n"1,000",0.1,5.25\n',
        [[950, 1000], [0.1, 0.1], [5.5, 5.25]],
        THOUSANDS,
    ),
    "thousands between semicolons": (
        "950;0.1;5.5\n1,000;0.1;5.25\n",
        [[950, 1000], [0.1, 0.1], [5.5, 5.25]],
        THOUSANDS,
    ),
    "tensors": ("0,0.1,\"tensor(5.2, device='cuda:0')\"\n10,0.1,tensor(5.1)\n", [[0, 10], [0.1, 0.1], [5.2, 5.1]], ""),
    "carriage returns alone": ("0,0.1,5\r1,0.1,4\r", [[0, 1], [0.1, 0.1], [5, 4]], ""),
}


@pytest.mark.parametrize("name", READ)
def test_what_leaves_no_choice_is_read_and_said(tmp_path: Path, name: str) -> None:
    rows, values, note = READ[name]
    mark = ";" if ";" in rows else ","
    log = log_of(tmp_path, mark.join(NAMES) + ("\r" if "\r" in rows else "\n") + rows)
    assert table(log) == values
    said = [one for one in log.notes if one.startswith("The commas")]
    assert len(said) == bool(note) and all(one.startswith(note) for one in said)


def test_a_cell_that_may_mean_two_numbers_is_missing_and_said(tmp_path: Path) -> None:
    rows = "".join(f"{step};0.1;{norm}\n" for step, norm in enumerate(["4,85", "4,9", "1,250", "5.5"]))
    log = log_of(tmp_path, ";".join(NAMES) + "\n" + rows)
    np.testing.assert_array_equal(log.norms["a"], [4.85, 4.9, np.nan, 5.5])
    assert any(note.startswith(TWOFOLD) and "'1,250'" in note for note in log.notes)


@pytest.mark.parametrize("rows", ['"1,050",1,5\n"1,100",1,5\n', '1,1,"1,050"\n2,1,"1,100"\n'])
def test_a_column_of_them_is_refused(tmp_path: Path, rows: str) -> None:
    with pytest.raises(LogError, match=r"most cells of '.*' can be read as two numbers \('1,050' for one\): write a"):
        log_of(tmp_path, ",".join(NAMES) + "\n" + rows)


def test_thousands_behind_decimal_commas_are_refused(tmp_path: Path) -> None:
    rows = "".join(f"{step}.050;0,1;4,85\n" for step in range(1, 9))
    with pytest.raises(LogError, match=r"most cells of 'step'"):
        log_of(tmp_path, ";".join(NAMES) + "\n" + rows)


@settings(max_examples=60, deadline=None)
@given(
    norms=st.lists(st.floats(1e-4, 1e4).map(lambda x: round(x, 4)), min_size=2, max_size=20),
    style=st.sampled_from(["decimal", "grouped decimal", "thousands"]),
)
@example(norms=[1.5, 1000.0], style="grouped decimal")
def test_no_number_is_read_wrongly(tmp_path_factory: pytest.TempPathFactory, norms: list, style: str) -> None:
    """Whatever the rows, a number is read as it was meant, counts as missing, or the log is refused."""
    cells = [f"{norm:,.4f}".rstrip("0").rstrip(".") for norm in norms]
    if style != "thousands":
        swapped = [cell.replace(",", " ").replace(".", ",").replace(" ", ".") for cell in cells]
        cells = swapped if style == "grouped decimal" else [cell.replace(".", "") for cell in swapped]
    # Without a comma anywhere 1.000 is one, with three digits: nothing says that its point stands for thousands.
    assume(style != "grouped decimal" or any("," in cell for cell in cells))
    rows = "".join(f"{step};{cells[0]};{cell}\n" for step, cell in enumerate(cells))
    try:
        log = log_of(tmp_path_factory.mktemp("any"), ";".join(NAMES) + "\n" + rows)
    except LogError as error:
        assert "two numbers" in str(error)
        return
    there = ~np.isnan(log.norms["a"])
    assert there.all() or any(note.startswith(TWOFOLD) for note in log.notes)
    np.testing.assert_allclose(log.norms["a"][there], np.array(norms)[there])


def test_rates_below_0_are_said(tmp_path: Path) -> None:
    log = log_of(tmp_path, "step,lr,weight_decay,weight_norm/a\n0,-0.1,0.1,5\n1,0.1,0.1,4\n")
    assert log.lr is not None and log.lr.tolist() == [-0.1, 0.1]
    assert [note for note in log.notes if "below 0" in note] == [
        "'lr' is below 0 in 1 of 2 records: that is no lr of a training, and is read as it stands."
    ]
