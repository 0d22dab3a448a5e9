"""What may stand inside a page that asks the network for nothing: the policy, data, pictures, files to keep."""

import base64
import csv
import hashlib
import io
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

_PLAIN = r"(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"
_NUMBER = re.compile(rf"[+-]?({_PLAIN}( ?± ?{_PLAIN})?( ?%)?|inf|nan)", re.ASCII)
"""A number as tables have them, with or without its uncertainty: a spreadsheet reads it as a number or as text."""


def policy(script: str) -> str:
    """Content security policy of a page whose one script is `script`: nothing else runs, nothing is fetched.

    Raises
    ------
    ValueError
        If the script holds what would end its element.

    Examples
    --------
    >>> policy("")
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; \
script-src 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; base-uri 'none'; form-action 'none'"
    """
    if found := re.search(r"</script|<!--", script, re.IGNORECASE):
        raise ValueError(f"the page's script holds {found[0]!r}, which ends it: write it in two pieces")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
        f"script-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def json_text(data: Mapping[str, Any]) -> str:
    r"""JSON that can stand in a ``<script type="application/json">``: no ``<`` is left to end it.

    Raises
    ------
    ValueError
        If a number is not finite: JSON has none.

    Examples
    --------
    >>> json_text({"name": "</script>"})
    '{"name": "\\u003c/script>"}'
    """
    return json.dumps(data, ensure_ascii=False, allow_nan=False).replace("<", "\\u003c")


def svg_uri(svg: str) -> str:
    """Address of a picture that is the picture itself; as an ``<img>`` nothing in it runs."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def csv_uri(columns: Sequence[Any], rows: Sequence[Sequence[Any]]) -> str:
    """Address of a table as a CSV file that is in the address."""
    return f"data:text/csv;charset=utf-8,{quote(csv_text(columns, rows))}"


def csv_text(columns: Sequence[Any], rows: Sequence[Sequence[Any]]) -> str:
    r"""Write a table as CSV; a cell that a spreadsheet would take for a formula gets an apostrophe in front.

    White space in front of a formula is no hindrance to some spreadsheets, nor is a full-width ``=``.

    Examples
    --------
    >>> csv_text(("x", "note"), [(-1.5, "=1+1"), (2, "a, b")])
    'x,note\r\n-1.5,\'=1+1\r\n2,"a, b"\r\n'
    """
    out = io.StringIO()
    csv.writer(out).writerows([[_cell(cell) for cell in row] for row in (columns, *rows)])
    return out.getvalue()


def _cell(value: Any) -> str:
    text = str(value)
    read = unicodedata.normalize("NFKC", text).strip()
    risky = text[:1] in tuple("\t\r") or read[:1] in tuple("=+-@")
    return f"'{text}" if risky and not _NUMBER.fullmatch(read) else text
