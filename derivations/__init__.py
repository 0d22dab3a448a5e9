"""Laws about weight decay, each step proved by SymPy; importing this loads neither JAX nor wd_jax."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

from derivations.derivation import Derivation, Report
from derivations.errors import DerivationError, PrintingError, UnknownNameError, ValidityError, ValidityWarning, nearest
from derivations.formula import Formula
from derivations.laws import MODULES
from derivations.scope import GRADIENTS, RULES, Scope
from derivations.step import Assumption, Step

__all__ = [
    "GRADIENTS",
    "RULES",
    "Assumption",
    "Derivation",
    "DerivationError",
    "Formula",
    "PrintingError",
    "Report",
    "Scope",
    "Step",
    "UnknownNameError",
    "ValidityError",
    "ValidityWarning",
    "derive",
    "names",
]


def names() -> tuple[str, ...]:
    """Return the names of all derivations.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> "epoch_decay" in names()
    True
    """
    return tuple(MODULES)


def derive(name: str) -> Derivation:
    """Return a derivation by its name.

    Parameters
    ----------
    name : str
        One of `names()`.

    Returns
    -------
    Derivation

    Raises
    ------
    UnknownNameError
        A `KeyError`, if there is none of that name; the message has the nearest one.
    ValueError
        If the module of the law has no function `build` that returns a `Derivation`.

    Examples
    --------
    >>> derive("epoch_decay").name
    'epoch_decay'
    """
    if name not in MODULES:
        raise UnknownNameError(f"no derivation is called {name!r}: {nearest(name, names())}")
    place = f"derivations.laws.{MODULES[name]}"
    build = getattr(importlib.import_module(place), "build", None)
    law = _built(build) if callable(build) else None
    if not isinstance(law, Derivation):
        wrong = "has no build()" if build is None else "has a build that returns no Derivation"
        raise ValueError(f"derivation {name!r}: {place} {wrong}: write `def build() -> Derivation` there")
    return law


@functools.cache
def _built(build: Callable[[], Any]) -> Any:
    """Build a derivation once: it is a value, and takes up to a second."""
    return build()
