"""A text table: delimiter, names, labels; what is missing or no number is named by line and column."""

import os
from pathlib import Path

import numpy as np
import pytest

from wd_jax.data import DatasetError, csv
from wd_jax.data.csv_table import read_table

pytestmark = pytest.mark.numeric
RANDOM = np.random.default_rng(0)
X, Y = RANDOM.normal(size=(30, 3)).round(3), np.arange(30) % 3
WORDS = np.array(["setosa", "versicolor", "virginica"])


def text(delimiter: str = ",", header: str = "", labels: np.ndarray = Y) -> str:
    rows = [delimiter.join([*map(str, row), str(label)]) for row, label in zip(X, labels, strict=True)]
    return "\n".join([header.replace(",", delimiter)] * bool(header) + rows) + "\n"


def save(folder: Path, content: str, encoding: str = "utf-8") -> Path:
    path = folder / "table.csv"
    path.write_bytes(content.encode(encoding))
    return path


FORMS = {
    "plain": text(),
    "semicolons": text(";"),
    "tabs": text("\t"),
    "a header": text(header="a,b,c,d"),
    "a header, semicolons": text(";", header='"a, b",b,c,d'.replace("a, b", "a")),
    "quotation marks": text(header='"a","b","c","class"'),
    "numpy.savetxt's header": text(header="# a,b,c,class"),
    "words": text(labels=WORDS[Y]),
    "words and a header": text(header="a,b,c,species", labels=WORDS[Y]),
    "whole floats": text(labels=Y.astype(float)),
    "from 1": text(labels=Y + 1),
    "spaces": text(",").replace(",", " , "),
    "Windows": text(header="a,b,c,d").replace("\n", "\r\n"),
    "blank lines": "\n" * 30 + text().replace("\n", "\n\n"),
    "no last newline": text().rstrip("\n"),
    "a byte order mark": "\ufeff" + text(),
    "a byte order mark and a header": "\ufeff" + text(header="a,b,c,class"),
    "names that are numbers": text(header="0,1,2,label"),
}


@pytest.mark.parametrize("content", FORMS.values(), ids=FORMS.keys())
def test_every_form_gives_the_same_data(tmp_path: Path, content: str) -> None:
    data = csv(save(tmp_path, content))
    order = np.argsort(np.random.PCG64(2015).random_raw(30), kind="stable")  # as digits
    parts = {"train": order[:20], "validation": order[20:25], "test": order[25:]}
    for part, rows in parts.items():
        np.testing.assert_array_equal(getattr(data, part).inputs, X[rows].astype(np.float32))
        np.testing.assert_array_equal(getattr(data, part).targets, np.eye(3)[Y[rows]])
    named = [name for name in ("d", "class", "species", "label") if content.splitlines()[0].strip('"').endswith(name)]
    assert data.name == ":".join(["csv:table", *named])


@pytest.mark.parametrize("name", ["label", "Label", "target", "class", "CLASS", "y"])
def test_a_named_column_is_the_label_wherever_it_is(tmp_path: Path, name: str) -> None:
    rows = "".join(f"{label},{','.join(map(str, row))}\n" for row, label in zip(X, Y, strict=True))
    table = read_table(save(tmp_path, f"{name},a,b,c\n{rows}"))
    np.testing.assert_array_equal(table.features, X.astype(np.float32))
    assert table.labels.tolist() == Y.astype(str).tolist()


def test_label_chooses_the_column(tmp_path: Path) -> None:
    rows = "".join(f"{label},{','.join(map(str, row))}\n" for row, label in zip(X, Y, strict=True))
    plain = save(tmp_path, rows)
    assert csv(plain, label=0).sha256 == csv(plain, label=-4).sha256
    found = csv(plain, label=0)
    named = save(tmp_path, "kind,a,b,c\n" + rows)
    assert csv(named, label="kind").sha256 == found.sha256
    for label in ("other", 4, -5, True):
        with pytest.raises(DatasetError, match=r"label=.*: give a (name or a )?number from 0"):
            csv(named, label=label)


def test_a_first_row_of_data_is_not_taken_for_names(tmp_path: Path) -> None:
    assert len(read_table(save(tmp_path, "1,2,y\n3,4,n\n")).labels) == 2
    assert len(read_table(save(tmp_path, "1,2,class\n3,4,other\n")).labels) == 2
    with pytest.raises(DatasetError, match=r"line 1, column 1: a value is missing \('NA'\)"):
        read_table(save(tmp_path, "NA,?,yes\n1,2,no\n"))


def test_pixels_are_divided_with_a_word(tmp_path: Path) -> None:
    pixels = RANDOM.integers(256, size=(30, 16))
    names = ["label", *(f"pixel{index}" for index in range(16))]
    rows = "".join(f"{label},{','.join(map(str, row))}\n" for row, label in zip(pixels, Y, strict=True))
    with pytest.warns(UserWarning, match="pixels of 0 to 255, so they were divided by 256"):
        data = csv(save(tmp_path, ",".join(names) + "\n" + rows))
    assert data.train.inputs.max() < 1


def changed(line: int, old: str, new: str, header: str = "a,b,c,d") -> str:
    lines = text(header=header).splitlines()
    cells = lines[line - 1].split(",")
    cells[int(old)] = new
    lines[line - 1] = ",".join(cells)
    return "\n".join(lines)


MISTAKES = {
    "a value missing": (changed(5, "1", ""), r"line 5, column 2 \(b\): a value is missing \(''\): remove the row"),
    "a value NA": (changed(5, "1", "NA"), r"line 5, column 2 \(b\): a value is missing \('NA'\)"),
    "a value nan": (changed(5, "1", "nan"), r"line 5, column 2 \(b\): a value is missing \('nan'\)"),
    "a value ?": (changed(5, "0", " ?"), r"line 5, column 1 \(a\): a value is missing \('\?'\)"),
    "a word among numbers": (changed(9, "2", "red"), r"line 9, column 3 \(c\): 'red' is not a number"),
    "infinity": (changed(9, "2", "inf"), r"line 9, column 3 \(c\): 'inf' is not a number that float32 holds"),
    "too large": (changed(9, "2", "1e39"), r"line 9, column 3 \(c\): '1e39' is not a number that float32 holds"),
    "a label missing": (changed(4, "3", ""), r"line 4, column 4 \(d\): the label is missing \(''\)"),
    "a label that is no class": (changed(4, "3", "0.5"), r"column 4 \(d\): label 0.5 at index 2 is no class"),
    "a cell too many": (changed(7, "3", "1,2"), "line 7 has 5 cells where 4 are expected"),
    "a decimal comma": (
        text(";", header="a,b,c,d").replace(".", ","),
        r"line 2, column 1 \(a\): '0,126' is not a number .*: write decimals with a point",
    ),
    "no label": ("\n".join(",".join(map(str, row)) for row in X), "is no class: give whole numbers or words"),
    "a header alone": ("a,b,class\n", "it has a header and no rows"),
    "empty": ("", "it is empty"),
    "blank": ("\n \n", "it is empty"),
    "one column": ("1\n2\n", "no comma, semicolon or tab separates"),
    "two labels": (text(header="label,b,c,class"), "the columns 'label' and 'class' may both be the labels"),
    "pandas' index": (
        "\n".join(
            f"{index},{line}" for index, line in zip(["", *range(30)], text(header="a,b,c,d").splitlines(), strict=True)
        ),
        "column 1 only numbers the rows: remove it .*index=False",
    ),
    "a column of numbers": (
        "\n".join(f"{index},{line}" for index, line in zip(range(1, 31), text().splitlines(), strict=True)),
        "column 1 only numbers the rows",
    ),
    "one class": (text(labels=Y * 0), "every label is 0"),
    "labels that count": (text(labels=np.arange(30)), "30 different labels in 30 rows are no classes"),
    "an open quotation mark": ('"' + text() * 200, "look for a quotation mark that is not closed"),
    "a web page": ("<!DOCTYPE html>\n<p>1,2</p>", "it is a web page"),
}


@pytest.mark.parametrize("content, message", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_one_line_that_names_the_file(tmp_path: Path, content: str, message: str) -> None:
    path = save(tmp_path, content)
    with pytest.raises(DatasetError, match=message) as caught:
        csv(path)
    assert str(caught.value).startswith(f"{path}: ") and "\n" not in str(caught.value)


@pytest.mark.parametrize("encoding, message", [("latin-1", "save it as UTF-8"), ("utf-16", "it is UTF-16 text")])
def test_other_encodings_are_told(tmp_path: Path, encoding: str, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        csv(save(tmp_path, text(header="é,b,c,d"), encoding))


def test_binary_files_and_what_is_no_file_are_told(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(bytes(range(256)))
    with pytest.raises(DatasetError, match="it is no text"):
        csv(tmp_path / "x.csv")
    (tmp_path / "late.csv").write_bytes(text().encode() + b"1,2,3,\0\n")
    with pytest.raises(DatasetError, match="index 30 is missing"):
        csv(tmp_path / "late.csv")
    with pytest.raises(DatasetError, match="no such file"):
        csv(tmp_path / "absent.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(DatasetError, match="not a regular file"):
        csv(tmp_path / "pipe.csv")


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wd_jax.data.csv_table.LARGEST", 100)
    with pytest.raises(DatasetError, match=r"at most 100 are read\): give fewer rows, or an .npz file"):
        csv(save(tmp_path, text()))
