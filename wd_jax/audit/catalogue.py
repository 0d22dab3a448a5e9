"""The catalogue: from stored records, and from what was measured here, to one row an optimiser."""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

Record: TypeAlias = Mapping[str, Any]
"""What was measured of one setting, as `wd_jax.audit.responses.Responses.record` writes it."""
Named: TypeAlias = tuple[str, str, str]
"""How an optimiser decays: a kind, what tells it more closely, and the formula of a step."""

COLUMNS = (
    "optimiser",
    "how it decays",
    "after 1 step",
    "after 10",
    "rate halved",
    "bias",
    "exempt",
    "default",
    "measured",
)
SEEN = ("matrix_after_1", "matrix_after_10", "matrix_after_10_lr_halved_at_5", "bias_after_10")
"""The numbers that a row shows: what is left of a weight of 1 when all gradients are zero."""
ROLES = ("vector", "norm", "embedding", "bias")
"""Kinds of parameters that an optimiser may leave alone by itself."""
_ONE = 1e-6
"""How near to 1 a number means that nothing was taken."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One optimiser of one release.

    Attributes
    ----------
    library, version, optimiser : str
        As their users write them.
    kind, more, formula : str
        How it decays: a word of `wd_jax.audit.kinds.KINDS`, its qualifiers, and what a step does; in words where no
        formula gives the numbers.
    left : tuple of float or None
        What is left of a weight of 1, in the order of `SEEN`; NaN where the optimiser gave one, None where it was not
        measured.
    exempt : str
        What it does not decay by itself.
    default : float, str or None
        Its own default weight decay, in words where it is no number; None where it has none.
    date : str
        Of the measurement, as 2026-11-29.
    here : bool
        Whether it was measured while this catalogue was made; a stored record if not.
    note : str
        What the numbers do not say, and what it answered to the standard stimulus where that was an error.
    """

    library: str
    version: str
    optimiser: str
    kind: str
    more: str
    formula: str
    left: tuple[float | None, ...]
    exempt: str
    default: float | str | None
    date: str
    here: bool
    note: str = ""

    @property
    def command(self) -> str:
        """What measures it again, in an environment of its own."""
        return f"python -m benchmarks.audit {self.library}"

    def cells(self) -> tuple[str, ...]:
        """Give the row as text, in the order of `COLUMNS`.

        Examples
        --------
        >>> EXAMPLE.cells()
        ('torch 2.13.0 AdamW', 'decoupled: w <- (1 - lr*wd) w', '0.999', '0.990045', '0.992525', '0.990045', '', '0.01',
        '2026-11-29, stored')
        """
        how = ", ".join(part for part in (self.kind, self.more) if part) + (f": {self.formula}" if self.formula else "")
        measured = f"{self.date}, {'here' if self.here else 'stored'}"
        default = "none" if self.default is None else shown(self.default)
        name = f"{self.library} {self.version} {self.optimiser}"
        return (name, how, *map(shown, self.left), self.exempt, default, measured)


EXAMPLE = Row(
    library="torch", version="2.13.0", optimiser="AdamW", kind="decoupled", more="", formula="w <- (1 - lr*wd) w",
    left=(0.999, 0.990045, 0.992525, 0.990045), exempt="", default=0.01, date="2026-11-29", here=False,
)  # fmt: skip


def stored(folder: Path | None = None) -> tuple[Record, ...]:
    """Read all stored records.

    Parameters
    ----------
    folder : Path, optional
        A folder with one JSON file a library; the one that comes with wd_jax by default.

    Raises
    ------
    ValueError
        Naming the file that is no list of records.
    """
    found: list[Record] = []
    for path in sorted((folder or Path(__file__).parent / "records").glob("*.json")):
        read = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(read, list):
            raise ValueError(f"{path.name}: a file of records is a list, one an optimiser: make it again")
        found += read
    return tuple(found)


def rows(
    records: Iterable[Record], here: Iterable[Record] = (), naming: Callable[[Record], Named] | None = None
) -> tuple[Row, ...]:
    """Make the rows: what was measured here takes the place of what is stored.

    Parameters
    ----------
    records : iterable of mapping
        Stored records.
    here : iterable of mapping
        Records measured now, of libraries that are installed.
    naming : callable, optional
        Names how a record's optimiser decays; the fingerprint's words by default.

    Returns
    -------
    tuple of Row
        By library, without regard to capitals, and within one in the order measured.

    Raises
    ------
    ValueError
        For an optimiser that is stored twice.

    Examples
    --------
    >>> numbers = dict(zip(SEEN, (0.999, 0.990045, 0.992525, 1.0)))
    >>> old = {"library": "timm", "version": "1.0.31", "optimiser": "adamw", "date": "2026-11-29", "numbers": numbers}
    >>> (row,) = rows([old], [old | {"version": "1.0.32"}], lambda record: ("decoupled", "", ""))
    >>> row.version, row.here, row.exempt
    ('1.0.32', True, 'bias')
    """
    naming = naming or named
    both: dict[tuple[str, str], tuple[Record, bool]] = {}
    for record in records:
        if _key(record) in both:
            raise ValueError(f"{':'.join(_key(record))}: stored twice: take one of its records out")
        both[_key(record)] = record, False
    both |= {_key(record): (record, True) for record in here}
    made = [_row(record, measured, naming(record)) for record, measured in both.values()]
    return tuple(sorted(made, key=lambda row: row.library.lower()))


def named(record: Record) -> Named:
    """Name how a record's optimiser decays, by its fingerprint.

    Examples
    --------
    >>> numbers = {"matrix_after_1": 0.999, "matrix_after_10": 0.990045, "matrix_after_10_lr_halved_at_5": 0.992525}
    >>> named({"library": "torch", "optimiser": "AdamW", "version": "2.13.0", "numbers": numbers})
    ('decoupled', '', 'w <- (1 - lr*wd) w')
    """
    from wd_jax.audit.fingerprint import fingerprint
    from wd_jax.audit.kinds import KINDS, QUALIFIERS
    from wd_jax.audit.responses import Responses

    found = fingerprint(Responses.from_record(record))
    meaning = "; ".join(QUALIFIERS[word] for word in found.qualifiers) or KINDS[found.kind]
    return found.kind, ", ".join(found.qualifiers), found.formula or meaning


def shown(number: float | str | None) -> str:
    """Write a number as in the tables: seven digits, a dash where nothing was measured.

    Examples
    --------
    >>> [shown(number) for number in (0.99004488, 1.0, 1.01e-05, None, math.nan)]
    ['0.9900449', '1', '1.01e-05', '–', 'NaN']
    """
    if number is None or isinstance(number, str):
        return number or "–"
    return "NaN" if math.isnan(number) else f"{number + 0.0:.7g}"


def markdown(found: Iterable[Row]) -> str:
    r"""Write the rows as a table of Markdown.

    Examples
    --------
    >>> print(markdown([EXAMPLE]).splitlines()[-1].split(" | 0.999")[0])
    | torch 2.13.0 `AdamW` | decoupled: w \<- (1 - lr\*wd) w
    """
    lines = [_line(COLUMNS), _line(["---", "---", *["---:"] * 4, "---", "---:", "---"])]
    for row in found:
        _, how, *others = (_plain(cell) for cell in row.cells())
        name = f"{_plain(row.library)} {_plain(row.version)} `{row.optimiser.replace('|', '/')}`"
        lines.append(_line([name, how + (f". {_plain(row.note)}" if row.note else ""), *others]))
    return "\n".join(lines)


def kinds(found: Sequence[Row]) -> str:
    r"""Write the kinds that there are, with their meanings and how many rows have each, as a table of Markdown.

    Examples
    --------
    >>> print(kinds([EXAMPLE]).splitlines()[-1])
    | decoupled | each step takes the share lr\*wd of a weight, whatever its gradient is | 1 |
    """
    from wd_jax.audit.kinds import KINDS

    counts = Counter(row.kind for row in found)
    lines = [_line(("kind", "meaning", "rows")), _line(("---", "---", "---:"))]
    lines += [_line((kind, _plain(said), str(counts[kind]))) for kind, said in KINDS.items() if counts[kind]]
    return "\n".join(lines)


def _row(record: Record, here: bool, kind: Named) -> Row:
    left = tuple(_number(record["numbers"].get(name)) for name in SEEN)
    return Row(
        library=record["library"],
        version=record["version"],
        optimiser=record["optimiser"],
        kind=kind[0],
        more=kind[1],
        formula=kind[2],
        left=left,
        exempt=_exempt(record["numbers"]),
        default=record.get("default_weight_decay"),
        date=record["date"],
        here=here,
        note=". ".join(said for said in (record.get("note", ""), record.get("failures", {}).get("alone", "")) if said),
    )


def _number(found: Any) -> float | None:
    """Give a number; JSON has no NaN, so that one stands there as a word."""
    return None if found is None else float(found)


def _exempt(numbers: Mapping[str, Any]) -> str:
    """Name what is left alone while a matrix decays, of parameters held at once or else beside a bias alone."""
    after = "_after_10_of_all" if "matrix_after_10_of_all" in numbers else "_after_10"
    left = {role: _number(numbers.get(f"{role}{after}")) for role in ("matrix", *ROLES)}

    def alone(role: str) -> bool:
        found = left[role]
        return found is not None and abs(found - 1) <= _ONE

    decays = left["matrix"] is not None and abs(left["matrix"] - 1) > _ONE
    return ", ".join(role for role in ROLES if alone(role)) if decays else ""


def _key(record: Record) -> tuple[str, str]:
    return record["library"], record["optimiser"]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Keep a text from being markup in a cell of Markdown."""
    return "".join(f"\\{letter}" if letter in "\\`*_[]<>|#$~" else letter for letter in text)
