"""What stands inside the page: the policy allows one script, JSON ends no element, CSV starts no formula."""

import base64
import csv
import io
import json
from urllib.parse import unquote

import pytest

from wd_jax.report.inline import csv_text, csv_uri, json_text, policy, svg_uri

pytestmark = pytest.mark.numeric


def test_a_script_that_would_end_its_element_is_refused() -> None:
    for text in ("'</script>'", "x </SCRIPT", "// <!-- x"):
        with pytest.raises(ValueError, match="write it in two pieces"):
            policy(text)


def test_json_keeps_its_values_and_no_angle_bracket() -> None:
    data = {"a": "</script><!--", "b": [1.5, None, "η & \u2028"]}
    assert "<" not in json_text(data) and json.loads(json_text(data)) == data
    with pytest.raises(ValueError, match="JSON"):
        json_text({"a": float("nan")})


PLAIN = ("=1+1", "+cmd", "-x", "@SUM(A1)", "-1+1", "=-1", "-2+3+cmd|x", "-x ± 1", "-1\r=2")
AFTER_SPACE = ("\tx", "\rx", " =1", "\n=1", "\u00a0@x")
FULL_WIDTH = ("\uff1d1", "\u3000\uff0bx", "\ufe63x", "-\u0663")


@pytest.mark.parametrize("cell", [*PLAIN, *AFTER_SPACE, *FULL_WIDTH])
def test_a_cell_that_a_spreadsheet_would_run_is_quoted(cell: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_text((cell,), []), newline=""))
    assert row == [f"'{cell}"]


@pytest.mark.parametrize(
    "cell", [-1.5, "-1.5e-07", "+0.3", "-.5", 3, "1.2 ± 0.1", "-0.5 ± 0.1", "+0.2%", "-inf", " -1.5", "", "a = b"]
)
def test_a_number_stays_a_number(cell) -> None:
    assert next(csv.reader(io.StringIO(csv_text((cell, "x"), []), newline="")))[0] == str(cell)


def test_a_table_goes_through_its_address_unchanged() -> None:
    rows = [('λ, "quoted"\nline', 0.1), ("#?&%", 1e-9)]
    head, _, body = csv_uri(("a", "b"), rows).partition(",")
    assert head == "data:text/csv;charset=utf-8" and not set(body) & set("#?&\"' <>\n")
    found = list(csv.reader(io.StringIO(unquote(body), newline="")))
    assert found == [["a", "b"], [rows[0][0], "0.1"], ["#?&%", "1e-09"]]


def test_a_picture_is_its_own_address() -> None:
    head, _, body = svg_uri("<svg>η</svg>").partition(",")
    assert head == "data:image/svg+xml;base64" and base64.b64decode(body).decode() == "<svg>η</svg>"
