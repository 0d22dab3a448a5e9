"""What an optimiser answered: numbers by name, and one line for each question that it did not answer."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Responses:
    """The numbers of one optimiser's audit.

    Attributes
    ----------
    library, name, version, date : str
        What was driven, and when.
    lr, weight_decay : float
        With which the standard stimuli were given; those beside gradients had lr/100 and 10*weight_decay.
    numbers : mapping
        By name (`wd_jax.audit.measure`); NaN is what the optimiser gave, None what could not be asked.
    failures : mapping
        Question to one line: what went wrong there.
    default_lr, default_weight_decay : float or None
        What the library takes where nothing is said.
    facts : mapping
        What the adapter knows of it, by our names.
    note : str
        What had to be done to drive it.
    """

    library: str
    name: str
    version: str
    date: str = ""
    lr: float = 0.1
    weight_decay: float = 0.01
    numbers: Mapping[str, float | None]
    failures: Mapping[str, str] = field(default_factory=dict)
    default_lr: float | None = None
    default_weight_decay: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""

    def get(self, name: str) -> float | None:
        """Give a number; None where it was not asked or not answered."""
        return self.numbers.get(name)

    def record(self) -> dict[str, Any]:
        """JSON-ready; a number that is not finite is the text "nan", "inf" or "-inf"."""
        fields = {"optimiser" if name == "name" else name: value for name, value in vars(self).items()}
        fields["numbers"] = {name: _written(value) for name, value in self.numbers.items()}
        return json.loads(
            json.dumps({**fields, "failures": dict(self.failures), "facts": dict(self.facts)}, default=str)
        )

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Responses":
        """Read what `record` wrote; names that are unknown are left out.

        Examples
        --------
        >>> asked = Responses(library="own", name="sgd", version="", numbers={"matrix_after_1": float("nan")})
        >>> Responses.from_record(asked.record()).numbers
        {'matrix_after_1': nan}
        """
        fields = {"name" if name == "optimiser" else name: value for name, value in record.items()}
        known: dict[str, Any] = {name: value for name, value in fields.items() if name in cls.__dataclass_fields__}
        numbers = {name: _read(value) for name, value in record.get("numbers", {}).items()}
        known["numbers"] = numbers
        return cls(**known)


def _written(value: float | None) -> float | str | None:
    if value is None:
        return None
    return float(f"{value:.9g}") if math.isfinite(value) else str(float(value))


def _read(value: float | str | None) -> float | None:
    return None if value is None else float(value)
