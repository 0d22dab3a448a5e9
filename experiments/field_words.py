"""What each field of settings means, as the docstring of its class says it: the help of an option."""

import inspect
import re
from typing import Any

from experiments.preset import Preset

_NAMED = re.compile(r"^([a-z]\w*(?:, [a-z]\w*)*) : ")


def words(kind: type[Preset]) -> dict[str, str]:
    """Give the words of every field that is documented, by name.

    Parameters
    ----------
    kind : type
        Of the settings; what its own docstring does not name, that of `Preset` does.

    Examples
    --------
    >>> from experiments.exercise.preset import Preset as Exercise
    >>> words(Exercise)["widths"], words(Exercise)["first_seed"]
    ('Hidden units for claim 3.', 'Seeds count from here, so that a run can be repeated on others.')
    """
    found: dict[str, str] = {}
    for one in (Preset, kind):
        found |= _documented(inspect.getdoc(one) or "")
    for name, what in kind.SEEDS.items():
        found.setdefault(name, f"Number of seeds{f', {what}' if what else ''}".rstrip(": ") + ".")
    return found


def _documented(text: str) -> dict[str, str]:
    """Read the section "Parameters" of a docstring in NumPy's style."""
    found: dict[str, str] = {}
    current: tuple[str, ...] = ()
    said: list[str] = []
    _, _, section = text.partition("Parameters\n----------\n")
    for line in (*re.split(r"\n\n[A-Z]\w+\n-+\n", section)[0].splitlines(), "end : "):
        if named := _NAMED.match(line):
            found |= dict.fromkeys(current, " ".join(said))
            current, said = tuple(named[1].split(", ")), []
        else:
            said.append(line.strip())
    return found


def missing(kind: type[Preset], names: tuple[str, ...]) -> list[Any]:
    """Name the fields that no docstring explains; there should be none."""
    known = words(kind)
    return [name for name in names if not known.get(name)]
