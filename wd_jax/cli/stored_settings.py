"""The settings.json of a run: read as what a stranger may have altered, refused in one line."""

import dataclasses
import itertools
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wd_jax.files import ForeignFileError
from wd_jax.inputs import checks

if TYPE_CHECKING:
    from experiments.preset import Preset

FORMAT = 1
LARGEST = 10**9
"""Of any number in a preset: beyond it nothing could have been run."""


@dataclass(frozen=True)
class StoredSettings:
    """What a run began with.

    Attributes
    ----------
    experiments : tuple of str
        Known names, each once.
    preset : Preset
        Its numbers, checked.
    made_by : str or None
        The command line.
    """

    experiments: tuple[str, ...]
    preset: "Preset"
    made_by: str | None

    def to_dict(self) -> dict[str, Any]:
        """Give the settings as the report words them."""
        made_by = {"made_by": self.made_by} if self.made_by else {}
        return {"experiments": self.experiments} | made_by | dataclasses.asdict(self.preset)


def read(path: Path) -> StoredSettings:
    """Read a settings.json.

    Parameters
    ----------
    path : Path
        The file; it is there.

    Raises
    ------
    ForeignFileError
        Naming the file, what is wrong with it and the remedy.
    OSError
        If it cannot be read.
    """
    content = _content(path)
    from experiments.preset import Preset

    def refused(what: str) -> ForeignFileError:
        return ForeignFileError(f"{path}: not the settings of a run ({what}); run reproduce again")

    fields = {field.name: field for field in dataclasses.fields(Preset)}
    known: dict[str, Any] = {name: content[name] for name in fields if name in content}
    if "dataset" not in known:
        raise refused("dataset is missing")
    for name, value in known.items():
        if wrong := _wrong(fields[name].type, name, value):
            raise refused(f"{name} is {checks.shown(value)}: {wrong}")
    made_by = content.get("made_by")
    values: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in known.items()}
    return StoredSettings(
        tuple(content["experiments"]), Preset(**values), made_by if isinstance(made_by, str) else None
    )


def names(path: Path) -> tuple[str, ...]:
    """Read only which experiments a run is of."""
    return tuple(_content(path)["experiments"])


def _content(path: Path) -> dict[str, Any]:
    """Give the object in the file, its format and names of experiments checked."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        form, listed = content["format"], content["experiments"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = " ".join(f"{type(error).__name__ if isinstance(error, RecursionError) else error}".split())
        raise ForeignFileError(f"{path}: not the settings of a run ({reason}); run reproduce again") from error
    if form != FORMAT or isinstance(form, bool):
        shown = checks.shown(form)
        raise ForeignFileError(f"{path}: format {shown} is not {FORMAT}; run reproduce again with this version")
    import experiments

    if not isinstance(listed, list) or len({str(name) for name in listed}) < len(listed):
        raise ForeignFileError(f"{path}: experiments is no list of names, each once; run reproduce again")
    if unknown := [name for name in listed if name not in experiments.names()]:
        shown = checks.shown(unknown[0])
        raise ForeignFileError(f"{path}: names {shown}, which is no experiment; run reproduce again")
    return content


def _wrong(kind: Any, name: str, value: Any) -> str:
    """Say what a value of a preset should be, by the type of its field; nothing if it is that."""
    if name == "dataset":
        from experiments.preset import PRESETS

        known = sorted({dataset for dataset, _ in PRESETS})
        return "" if value in known else f"one of {', '.join(known)} is expected"
    if kind is int:
        least = 0 if name == "first_seed" else 1
        fits = checks.whole(value) and least <= value <= LARGEST
        return "" if fits else f"a whole number of {least} to {LARGEST} is expected"
    if kind is float:
        return "" if _positive(value) else f"a number above 0, and at most {LARGEST}, is expected"
    each = checks.whole if "int" in str(kind) else _positive
    if not isinstance(value, list) or not value or not all(each(one) and _positive(one) for one in value):
        return "a list of positive numbers is expected"
    if len(value) > 10_000 or any(a >= b for a, b in itertools.pairwise(value)):
        return "a rising list is expected"
    return "" if name != "lmbda_range" or len(value) == 2 else "two numbers are expected"


def _positive(value: Any) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and 0 < value <= LARGEST and math.isfinite(value)
