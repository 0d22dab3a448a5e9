"""The stored records: one file a library, one line an optimiser, written whole or not at all."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from wd_jax.files import publish

FOLDER = Path(__file__).resolve().parents[2] / "wd_jax" / "audit" / "records"
LEFT_OUT = ("spec", "error")


def write(library: str, records: Iterable[Mapping[str, Any]], folder: Path = FOLDER) -> Path:
    """Write a library's records.

    Parameters
    ----------
    library : str
        Names the file.
    records : iterable of mapping
        Those that were measured; one with an ``error`` has no place here.
    folder : Path
        Made if it is missing.

    Returns
    -------
    Path
        The file.
    """
    kept = [{key: value for key, value in each.items() if key not in LEFT_OUT} for each in records]
    lines = ",\n".join(json.dumps(each, ensure_ascii=False, allow_nan=False) for each in kept)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{library}.json"
    publish(path, lambda aside: aside.write_text(f"[\n{lines}\n]\n", encoding="utf-8"))
    return path


def read(library: str, folder: Path = FOLDER) -> list[dict[str, Any]]:
    """Read a library's records; none where there is no file."""
    path = folder / f"{library}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else []


def merged(old: Iterable[Mapping[str, Any]], new: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Put new records in the place of old ones of the same optimiser, and the rest after them."""
    fresh = {each["optimiser"]: each for each in new}
    kept = [fresh.pop(each["optimiser"], each) for each in old]
    return [*kept, *fresh.values()]
