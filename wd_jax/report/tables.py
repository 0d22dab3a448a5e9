"""Tables as plain text and as Markdown."""

import math
import re
import shutil
import textwrap
import unicodedata
from collections.abc import Sequence

from wd_jax.stats.replication import in_words
from wd_jax.stats.verdict import Verdict

VERDICT_COLUMNS = ("claim", "verdict", "again", "what", "where", "claimed", "allowed", "measured [95 %]")
MARKS = {"holds": "✓ holds", "fails": "✗ fails", "diverged": "∞ diverged", "undecided": "? undecided"}


def verdict_rows(verdicts: Sequence[Verdict]) -> list[tuple[str, ...]]:
    """One row of text per verdict, for `VERDICT_COLUMNS`; what is no prediction, or follows from others, says so."""
    rows: list[tuple[str, ...]] = []
    for v in verdicts:
        asides = [*([v.kind] if v.kind != "prediction" else []), *(["follows from others"] if v.rests_on else [])]
        what = v.statement + (f" ({', '.join(asides)})" if asides else "")
        measured = f"{number(v.measured)} {interval(v.ci95)}".replace("- -", "-")
        if math.isfinite(v.measured) and not all(map(math.isfinite, v.ci95)):
            measured = f"{number(v.measured)}, no interval"
        again = in_words(v.again) if math.isfinite(v.again) else "-"
        rows.append((str(v.claim), MARKS[v.verdict], again, what, v.scope, number(v.predicted), allowed(v), measured))
    return rows


def allowed(verdict: Verdict) -> str:
    """Say within which range the whole interval must lie for the claim to hold; a dash where nothing was judged.

    Examples
    --------
    >>> fields = (2, "prediction", "factor", "", 1.0, 1.0, (0.9, 1.1), 0.2, "holds", "8 seeds")
    >>> allowed(Verdict(*fields, (0.8, 1.2))), allowed(Verdict(*fields, (0.0, 5.0))), allowed(Verdict(*fields))
    ('0.8 to 1.2', 'up to 5', '-')
    """
    if verdict.asked is None:
        return "-"
    low, high = verdict.asked
    if low == 0 or not math.isfinite(low):
        return f"up to {number(high)}"
    if not math.isfinite(high):
        return f"from {number(low)}"
    digits = next((d for d in range(4, 12) if len({f"{x:.{d}g}" for x in (low, (low + high) / 2, high)}) == 3), 12)
    return f"{low:.{digits}g} to {high:.{digits}g}"


def number(value: float) -> str:
    """Four significant digits, or a dash where there is no number."""
    return f"{value:.4g}" if math.isfinite(value) else "-"


def interval(ends: tuple[float, float]) -> str:
    """Both ends of an interval; more digits where four would hide its width."""
    low, high = ends
    if not (math.isfinite(low) and math.isfinite(high)):
        return "-"
    digits = next((d for d in range(4, 8) if f"{low:.{d}g}" != f"{high:.{d}g}"), 4)
    return f"[{low:.{digits}g}, {high:.{digits}g}]" if low != high else f"[{low:.4g}]"


def text_table(columns: Sequence[str], rows: Sequence[Sequence[str]], width: int | None = None) -> str:
    """Aligned columns for a terminal; the widest columns are wrapped to fit, to no less than twenty letters each.

    Examples
    --------
    >>> print(text_table(("a", "b"), [("1", "two")]))
    a  b
    -  ---
    1  two
    """
    width = width or max(80, shutil.get_terminal_size((120, 40)).columns)
    cells = [list(map(str, row)) for row in rows]
    widths = [max(len(row[i]) for row in [list(columns), *cells]) for i in range(len(columns))]
    while sum(widths) + 2 * (len(widths) - 1) > width and max(widths) > 20:
        widths[widths.index(max(widths))] -= 1
    lines = []
    for row in [list(columns), ["-" * w for w in widths], *cells]:
        wrapped = [textwrap.wrap(cell, w) or [""] for cell, w in zip(row, widths, strict=True)]
        for k in range(max(map(len, wrapped))):
            parts = [part[k] if k < len(part) else "" for part in wrapped]
            lines.append("  ".join(part.ljust(w) for part, w in zip(parts, widths, strict=True)).rstrip())
    return "\n".join(lines)


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a table in GitHub's Markdown; what is Markdown in a cell is shown as it stands."""

    def line(cells: Sequence[str]) -> str:
        return "| " + " | ".join(escape(str(cell)) for cell in cells) + " |"

    return "\n".join([line(columns), "|" + " --- |" * len(columns), *map(line, rows)])


def escape(text: str) -> str:
    r"""Make text show as text in Markdown, in a table, a heading or a paragraph: no link, picture or HTML is left.

    Only what could begin something is escaped: an underscore inside a word, say, begins nothing.

    Examples
    --------
    >>> print(escape("[x](javascript:alert(1)) a|b weight_rms <i>"))
    \[x\](javascript:alert(1)) a\|b weight_rms &lt;i>
    """
    plain = "".join(" " if unicodedata.category(letter) in _CONTROLS else letter for letter in text).strip()
    plain = plain.replace("&", "&amp;").replace("<", "&lt;")
    plain = _ANYWHERE.sub(r"\\\g<0>", plain)
    plain = _ADDRESS.sub(lambda found: f"&#{ord(found[0])};", plain)
    return _AT_THE_START.sub(r"\1\\", plain)


_ANYWHERE = re.compile(r"[\\`*\[\]|~$]|(?<![^\W_])_|_(?![^\W_])")
"""Code, emphasis, links and pictures, cells, mathematics; and the backslash itself."""
_ADDRESS = re.compile(r"(?<=\w):(?=//)|(?<=\bwww)\.")
"""What makes an address, of which GitHub would make a link by itself."""
_AT_THE_START = re.compile(r"^(?=[#>=]|[-+](?:\s|$)|--)|^(\d+)(?=[.)](?:\s|$))")
"""A heading, a quotation, a line under a heading, a list."""
_CONTROLS = ("Cc", "Cs", "Zl", "Zp")
"""Line ends of every kind, and halves of letters, which no file can hold."""
