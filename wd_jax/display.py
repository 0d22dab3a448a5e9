"""How a number, a table and a list of facts are shown, at a prompt and in a notebook; HTML escapes all it is given."""

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any


def number(value: Any, digits: int = 4) -> str:
    """Write a number with few digits, and anything else as it is.

    Examples
    --------
    >>> number(0.9512294), number(50_000), number(float("nan")), number("sgd")
    ('0.9512', '50000', 'no number', 'sgd')
    """
    if isinstance(value, float):
        return f"{value:.{digits}g}" if not math.isnan(value) else "no number"
    return str(value)


def formatted(value: float, spec: str, otherwise: str = "no number") -> str:
    """Write a number in a format of its own, and what is none in words.

    Examples
    --------
    >>> formatted(0.123, ".0%"), formatted(float("nan"), ".0%")
    ('12%', 'no number')
    """
    return format(value, spec) if math.isfinite(value) else otherwise


def listed(values: Sequence[Any], digits: int = 4, between: str = " ", most: int = 8) -> str:
    """Write values one after another, of many only the first and the last, on one line.

    Examples
    --------
    >>> listed([0.5, 2.0]), listed(range(25)), listed([])
    ('0.5 2', '0 1 2 ... 24 (25 values)', '')
    """
    texts = [" ".join(number(value, digits).split()) for value in values]
    if len(texts) <= most:
        return between.join(texts)
    return f"{between.join(texts[:3])} ... {texts[-1]} ({len(texts)} values)"


def ranges(numbers: Sequence[int]) -> list[list[int]]:
    """Write whole numbers as ranges, each with its first and last.

    Examples
    --------
    >>> ranges((0, 1, 2, 9))
    [[0, 2], [9, 9]]
    """
    found: list[list[int]] = []
    for one in numbers:
        if found and one == found[-1][1] + 1:
            found[-1][1] = one
        else:
            found.append([one, one])
    return found


def duration(seconds: float) -> str:
    """Round a time to what a guess of it is worth.

    Examples
    --------
    >>> duration(0.2), duration(100), duration(200), duration(10_000)
    ('1 s', '100 s', '3 min', '3 h')
    """
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(1, round(seconds))} s"


def magnitude(count: float) -> str:
    """Write a large number with three digits and a letter.

    Examples
    --------
    >>> magnitude(950), magnitude(54_321), magnitude(2.5e6), magnitude(999.7)
    ('950', '54.3k', '2.5M', '1k')
    """
    rounded = float(f"{count:.3g}")
    for size, letter in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if rounded >= size:
            return f"{rounded / size:g}{letter}"
    return f"{rounded:g}"


def facts_text(facts: Mapping[str, str], indent: str = "") -> list[str]:
    """Lay facts out under each other, names left."""
    width = max(map(len, facts), default=0)
    return [f"{indent}{key:<{width}}  {value}" for key, value in facts.items()]


def facts_html(facts: Mapping[str, str]) -> str:
    """Make a table of facts, a row each."""
    rows = "".join(
        f'<tr><th scope="row" style="text-align:left">{escape(key)}</th>'
        f'<td style="text-align:left">{escape(value)}</td></tr>'
        for key, value in facts.items()
    )
    return f"<table><tbody>{rows}</tbody></table>"


def table_text(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Lay rows out under their names, right-aligned."""
    names = list(rows[0]) if rows else []
    cells = [names, *([number(value) for value in row.values()] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    return ["  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)) for line in cells]


def table_html(rows: Sequence[Mapping[str, Any]]) -> str:
    """Make a table of rows under their names."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in (rows[0] if rows else ()))
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(number(value))}</td>" for value in row.values()) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def commands_html(commands: Iterable[str]) -> str:
    """Make a block of what can be typed next."""
    return f"<p>next</p><pre>{escape(chr(10).join(commands))}</pre>"
