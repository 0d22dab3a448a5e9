"""What every experiment's settings have: a dataset, a first seed, and the fields that count seeds."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

P = TypeVar("P", bound="Preset")
D = TypeVar("D")
NONE = "none"
"""Name that stands for the data set where an experiment makes up all that it needs."""


@dataclass(frozen=True)
class Preset:
    """Base of the settings of an experiment: numbers, and tuples of rising numbers, that JSON can hold.

    Parameters
    ----------
    dataset : str
        Name of the dataset; `NONE` where none is needed.
    first_seed : int
        Seeds count from here, so that a run can be repeated on others.
    """

    dataset: str
    first_seed: int = field(default=0, kw_only=True)

    SEEDS: ClassVar[Mapping[str, str]] = {}
    """Fields that count seeds, with the words that say of what."""

    def seeds_of(self, count: int) -> range:
        """So many seeds, from the first one on.

        Examples
        --------
        >>> Preset("digits", first_seed=5).seeds_of(3)
        range(5, 8)
        """
        return range(self.first_seed, self.first_seed + count)

    def needed(self, data: D) -> D | None:
        """Give the data set of a run to an experiment that needs one, and None to one that makes up all it needs.

        Examples
        --------
        >>> Preset("digits").needed("the data"), Preset("none").needed("the data")
        ('the data', None)
        """
        return None if self.dataset == NONE else data

    def said_seeds(self) -> str:
        """Say which seeds are used, for the report."""
        seeds = {what: self.seeds_of(getattr(self, name)) for name, what in self.SEEDS.items()}
        return "; ".join(f"{what}{one.start} to {one.stop - 1}" for what, one in seeds.items())

    def said_settings(self) -> str:
        """Say all other settings, for the report."""
        told = {"dataset", "first_seed", *self.SEEDS}
        values = {one.name: getattr(self, one.name) for one in dataclasses.fields(self) if one.name not in told}
        return ", ".join(f"{name} {text_of(value)}" for name, value in values.items())

    def unfit(self) -> str:
        """Say which numbers do not go together, and the remedy; nothing if all do. A kind of settings adds its own."""
        return ""


def look_up(presets: Mapping[tuple[str, str], P], dataset: str, size: str, **changes: Any) -> P:
    """Look a preset up, with changes for tests and explorations.

    Raises
    ------
    KeyError
        Naming the presets there are.

    Examples
    --------
    >>> look_up({("digits", "quick"): Preset("digits")}, "digits", "quick", first_seed=7).first_seed
    7
    """
    if (dataset, size) not in presets:
        known = ", ".join(f"{d} {s}" for d, s in presets)
        raise KeyError(f"no preset {size!r} for dataset {dataset!r}: there are {known}")
    return dataclasses.replace(presets[dataset, size], **changes)


def of_run(presets: Mapping[str, Preset]) -> str:
    """Name the data set of a run: that of its experiments that need one, or `NONE`.

    Parameters
    ----------
    presets : mapping of str to Preset
        By experiment.

    Examples
    --------
    >>> of_run({"ridge": Preset("none"), "claim_2_epoch_decay": Preset("digits")})
    'digits'
    """
    return next((one.dataset for one in presets.values() if one.dataset != NONE), NONE)


def text_of(value: Any) -> str:
    """Write a value of a preset as a command line takes it.

    Examples
    --------
    >>> text_of(5.0), text_of((4, 8))
    ('5', '4 8')
    """
    if isinstance(value, tuple):
        return " ".join(text_of(part) for part in value)
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else f"{value}"
