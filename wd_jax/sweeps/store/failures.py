"""Notes of attempts at tasks that raised an error: one small JSON file each."""

import json
import os
import re
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from wd_jax.sweeps.store import aside

KEY = re.compile(r"[0-9a-f]{32}")
"""What names a task."""
LONGEST_ERROR, LONGEST_TRACEBACK, LONGEST_NOTE = 500, 20_000, 2**20


@dataclass(frozen=True)
class Failure:
    """One attempt at a task that raised an error.

    Attributes
    ----------
    key : str
        Of the task.
    attempt : int
        Number of the attempt, from 1.
    error, traceback : str
        One line, and the end of Python's report.
    host : str
        Where it happened.
    when : float
        Seconds since 1970.
    """

    key: str
    attempt: int
    error: str
    traceback: str
    host: str
    when: float


def note(folder: Path, tmp: Path, key: str, attempt: int, error: BaseException | str, traceback_text: str) -> None:
    """Write down that an attempt failed: one line, and the end of the traceback."""
    said = error if isinstance(error, str) else f"{type(error).__name__}: {error}"
    line = " ".join(said.split())[:LONGEST_ERROR]
    failure = Failure(key, attempt, line, traceback_text[-LONGEST_TRACEBACK:], aside.host(), time.time())
    with aside.temporary(tmp, key) as written:
        written.write_text(json.dumps(asdict(failure)), encoding="utf-8")
        written.replace(folder / f"{key}.{failure.attempt}.json")


def listed(entries: Iterable[os.DirEntry]) -> dict[str, tuple[Failure, ...]]:
    """Read the notes, by key and in order; one that cannot be read still counts."""
    found: dict[str, list[Failure]] = {}
    for entry in entries:
        key, _, rest = entry.name.partition(".")
        number = rest.removesuffix(".json")
        if KEY.fullmatch(key) and number.isdecimal() and len(number) < 10 and entry.is_file(follow_symlinks=False):
            found.setdefault(key, []).append(_read(Path(entry.path), key, int(number)))
    return {key: tuple(sorted(some, key=lambda one: one.attempt)) for key, some in sorted(found.items())}


def _read(path: Path, key: str, attempt: int) -> Failure:
    try:
        with path.open("rb") as file:
            held = json.loads(file.read(LONGEST_NOTE))
        words = {name: str(held[name]) for name in ("error", "traceback", "host")}
        return Failure(key, attempt, when=float(held["when"]), **words)
    except (OSError, ValueError, KeyError, TypeError):
        return Failure(key, attempt, f"{path.name}: the note of this failure cannot be read", "", "", 0.0)
