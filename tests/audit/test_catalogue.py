"""The catalogue shows what records hold: number by number; what was measured here replaces what is stored."""

import json
import math

import pytest

from wd_jax.audit import catalogue

pytestmark = pytest.mark.numeric


def record(library="torch", optimiser="AdamW", version="2.13.0", left=(0.999, 0.990045, 0.992525, 0.990045), **more):
    numbers = dict(zip(catalogue.SEEN, left, strict=True))
    return {"library": library, "optimiser": optimiser, "version": version, "date": "2026-11-29", "numbers": numbers,
            "default_weight_decay": 0.01, "note": ""} | more  # fmt: skip


def plainly(record):
    return "decoupled", "", "w <- (1 - lr*wd) w"


def test_rows_go_by_library_and_keep_the_order_within_one():
    names = [("torch", "SGD"), ("Keras", "SGD"), ("torch", "Adam"), ("apex", "LAMB")]
    found = catalogue.rows([record(library, name) for library, name in names], naming=plainly)
    assert [(row.library, row.optimiser) for row in found] == [
        ("apex", "LAMB"), ("Keras", "SGD"), ("torch", "SGD"), ("torch", "Adam"),
    ]  # fmt: skip


def test_what_was_measured_here_takes_the_place_of_what_is_stored():
    old, other, new = record(), record(optimiser="SGD"), record(version="2.14.0", date="2026-12-01")
    found = {row.optimiser: row for row in catalogue.rows([old, other], [new], naming=plainly)}
    assert len(found) == 2
    assert (found["AdamW"].version, found["AdamW"].date, found["AdamW"].here) == ("2.14.0", "2026-12-01", True)
    assert not found["SGD"].here and "stored" in found["SGD"].cells()[-1] and "here" in found["AdamW"].cells()[-1]


@pytest.mark.parametrize(
    ("left", "exempt"),
    [
        ((0.999, 0.990045, 0.992525, 1.0), "bias"),
        ((0.999, 0.990045, 0.992525, 0.990045), ""),
        ((1.0, 1.0, 1.0, 1.0), ""),  # nothing decays: then a bias is no exception
        ((0.999, 0.990045, 0.992525, None), ""),
        ((math.nan,) * 4, ""),
    ],
)
def test_a_bias_is_exempt_where_it_alone_is_left(left, exempt):
    (row,) = catalogue.rows([record(left=left)], naming=plainly)
    assert row.exempt == exempt


def test_what_was_not_measured_is_a_dash_and_what_is_no_number_says_so():
    (row,) = catalogue.rows([record(left=(math.nan, 0.25, None, 1.0), default_weight_decay=None)], naming=plainly)
    assert row.cells()[2:8] == ("NaN", "0.25", "–", "1", "bias", "none")


def test_the_table_has_a_line_a_row_and_no_markup_of_its_own():
    evil = record(optimiser="A|B(c=1)", note="<b>|x|</b> *y* [z](javascript:1)")
    table = catalogue.markdown(catalogue.rows([evil, record()], naming=plainly)).splitlines()
    assert len(table) == 4
    for line in table:
        assert line.replace("\\|", "").count("|") == len(catalogue.COLUMNS) + 1
    assert "\\<b\\>" in table[2] and "\\*y\\*" in table[2] and "\\[z\\]" in table[2]


def test_records_are_read_and_a_file_that_is_no_list_is_named(tmp_path):
    (tmp_path / "b.json").write_text(json.dumps([record("b")]))
    (tmp_path / "a.json").write_text(json.dumps([record("a"), record("a", "SGD")]))
    assert [one["library"] for one in catalogue.stored(tmp_path)] == ["a", "a", "b"]
    (tmp_path / "c.json").write_text("{}")
    with pytest.raises(ValueError, match=r"c.json: a file of records is a list"):
        catalogue.stored(tmp_path)


def test_a_row_names_the_command_that_makes_it_again():
    (row,) = catalogue.rows([record("timm")], naming=plainly)
    assert row.command == "python -m benchmarks.audit timm"


def test_an_optimiser_that_is_stored_twice_is_refused():
    with pytest.raises(ValueError, match=r"^torch:AdamW: stored twice: take one of its records out$"):
        catalogue.rows([record(), record("timm"), record()], naming=plainly)


def test_every_row_s_kind_is_told_and_counted():
    rows = catalogue.rows([record(), record(optimiser="SGD"), record("timm")], naming=plainly)
    assert catalogue.kinds(rows).splitlines()[2:] == [
        "| decoupled | each step takes the share lr\\*wd of a weight, whatever its gradient is | 3 |"
    ]
    left = (0.9, 0.0762501, 0.2850699, 0.0762501)
    (adam,) = catalogue.rows([record(optimiser="Adam", left=left)])
    assert (adam.kind, adam.more) == ("coupled", "through the second moment")
    assert adam.formula == "the size of the decay is divided out"


def test_an_optimiser_that_refuses_zero_gradients_says_so_in_its_row():
    refuses = record(left=(None,) * 4, note="run eagerly", failures={"alone": "ValueError: all gradients are 0"})
    (row,) = catalogue.rows([refuses])
    assert row.kind == "unknown" and row.note == "run eagerly. ValueError: all gradients are 0"
