"""Laws of optimisers that the table does not have, from their stored records: measured, fingerprinted, made a `Law`."""

import functools
import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from wd_jax.audit.translation.kinds import NO_FACTOR_TRUST
from wd_jax.audit.translation.laws import Law

FOLDER = Path(__file__).resolve().parents[1] / "records"
FORMS: Mapping[str, dict[str, Any]] = {
    "velocity": {"form": "heavy ball"},
    "displacement": {"form": "heavy ball", "classic": True},
    "nesterov": {"form": "nesterov"},
    "nesterov displacement": {"form": "nesterov", "classic": True},
    "twice nesterov": {"form": "nesterov, chainer", "classic": True},
    "dampened": {"form": "heavy ball"},
    "average": {"form": "heavy ball", "damp_first": True},
}
"""Forms of a momentum as `wd_jax.audit.rules` has them, as laws here."""


def law_of(library: Collection[str], label: str, word: str = "weight_decay") -> Law | None:
    """Give the law that a stored record shows.

    Parameters
    ----------
    library : collection of str
        Names of the library: its records have one of them.
    label : str
        Optimiser and settings as the record has them.
    word : str
        What its value is called.

    Returns
    -------
    Law or None
        None where there is no such record.
    """
    row = next((row for name in library if (row := _rows().get((_key(name), _key(label))))), None)
    if row is None:
        return None
    from wd_jax.audit.fingerprint import fingerprint

    numbers = {name: value for name, value in row["numbers"].items() if isinstance(value, int | float)}
    found = fingerprint(numbers, lr=row.get("lr", 0.1), weight_decay=row.get("weight_decay", 0.01))
    constants = dict(found.law.constants) if found.law else {}
    seen = f"as measured: {row['library']} {row['version']}, {row['date']}: {found.formula or found.kind}"
    made = _made(found.kind, set(found.qualifiers), constants) if found.law else None
    if made is not None:
        return Law(word=word, notes=(seen,), **made)
    from wd_jax.audit.kinds import KINDS, QUALIFIERS

    told = "; ".join(QUALIFIERS.get(one, one) for one in found.qualifiers)
    why = f"{KINDS[found.kind]}{f' ({told})' if told else ''}"
    if found.kind in ("decoupled", "absolute"):
        why = f"no law here gives its numbers exactly; nearly {why}"
    return Law(word=word, notes=(seen,), link="none", why=why)


def names(library: Collection[str]) -> list[str]:
    """Give the labels that are stored for a library."""
    keys = {_key(name) for name in library}
    return list(dict.fromkeys(row["optimiser"] for (name, _), row in _rows().items() if name in keys))


def _made(kind: str, told: set[str], constants: Mapping[str, Any]) -> dict[str, Any] | None:
    """Give the arguments of a law with a factor; None where the kind has none, or not exactly."""
    if kind == "decoupled" and told <= {"implicit", "none at the first step"} and not constants:
        return {"link": "implicit" if "implicit" in told else "plain", "late": int("none at the first step" in told)}
    if kind == "absolute" and told in ({"constant"}, {"relative to the first rate"}):
        reach = "absolute" if told == {"constant"} else "relative"
        return {"reach": reach, "scale": constants.get("share", constants.get("times", 1.0))}
    if kind == "coupled" and told <= {"through momentum", "through averaged momentum"} and constants.get("mu"):
        dampening = constants["mu"] if constants["form"] in ("dampened", "average") else 0.0
        facts = {"momentum": constants["mu"], "dampening": dampening, **FORMS[constants["form"]]}
        return {"link": "momentum", "update": "", "facts": facts}
    if kind == "averaged" and told == {"schedule-free"} and constants.get("shown") == "x":
        return {"link": "averaged", "facts": {"beta1": constants["beta"]}}
    if kind == "averaged" and told == {"lookahead"} and constants:
        facts = {"k": constants["inner"], "alpha": constants["share"], "late_copy": constants["first_is_free"]}
        return {"link": "lookahead", "facts": facts}
    if kind == "scaled" and told == {"trust ratio"} and constants.get("coefficient") == 1:
        return {"link": "none", "idle": "lr", "why": NO_FACTOR_TRUST}
    if kind == "scaled" and told == {"by the root mean square"} and constants.get("rate", 1.0) is None:
        return {"scale": constants["times"], "facts": {"rms": True}}
    return None


@functools.cache
def _rows() -> dict[tuple[str, str], dict[str, Any]]:
    """Read all stored records once, by library and label."""
    found = {}
    for file in sorted(FOLDER.glob("*.json")):
        for row in json.loads(file.read_text(encoding="utf-8")):
            for name in {_key(file.stem), _key(row["library"])}:
                found[name, _key(row["optimiser"])] = row
    return found


def _key(text: str) -> str:
    return "".join(text.split()).lower().replace("-", "_").replace("_", "")
