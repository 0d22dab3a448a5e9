"""Laws about weight decay, each step proved by SymPy; importing this loads neither JAX nor wd_jax."""

from __future__ import annotations

import importlib

from derivations.derivation import Derivation, Report
from derivations.errors import DerivationError, PrintingError, UnknownNameError, ValidityError, ValidityWarning
from derivations.formula import Formula
from derivations.scope import GRADIENTS, RULES, Scope
from derivations.step import Assumption, Step
from derivations.suggestions import nearest

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

_NAMES = (
    "epoch_decay",
    "stationary_variance",
    "schedules",
    "momentum",
    "shuffling",
    "adam_l2",
    "adamw",
    "scale_invariant",
    "schedule_law",
    "saturation",
    "dominance",
    "tail_off",
    "initialisation",
    "symmetry",
    "online_perceptron",
    "ridge",
    "timescale",
    "sign_momentum",
    "muon",
    "lion",
    "blocked_sgd",
)


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
    return _NAMES


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

    Examples
    --------
    >>> derive("epoch_decay").name
    'epoch_decay'
    """
    if name not in _NAMES:
        raise UnknownNameError(f"no derivation is called {name!r}: {nearest(name, _NAMES)}")
    return importlib.import_module(f"derivations.{name}").build()
