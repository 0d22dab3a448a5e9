"""The formulas of one derivation, by name: a dictionary that says what there is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from derivations.errors import UnknownNameError, nearest
from derivations.formula import Formula
from derivations.output import views


class Formulas(dict[str, Formula]):
    """Formulas by name; a name that is none of them is answered with the nearest.

    Parameters
    ----------
    owner : str
        Name of the derivation.
    formulas : mapping of str to Formula
        Its results.

    Raises
    ------
    UnknownNameError
        A `KeyError`, on looking up a name that there is not.

    Examples
    --------
    >>> from derivations import derive
    >>> derive("epoch_decay").formulas["per_epoch_factr"]
    Traceback (most recent call last):
        ...
    derivations.errors.UnknownNameError: epoch_decay has no formula 'per_epoch_factr': did you mean 'per_epoch_factor'?
    """

    def __init__(self, owner: str, formulas: Mapping[str, Formula]) -> None:
        super().__init__(formulas)
        self.owner = owner

    def __missing__(self, name: str) -> NoReturn:
        raise UnknownNameError(f"{self.owner} has no formula {name!r}: {nearest(name, tuple(self))}")

    def __repr__(self) -> str:
        """Return a line for each formula."""
        return "\n".join(views.listed(self))

    def __reduce__(self) -> tuple[type[Formulas], tuple[str, dict[str, Formula]]]:
        return Formulas, (self.owner, dict(self))
