"""Laws about weight decay, each step proved by SymPy; importing this loads neither JAX nor wd_jax."""

from __future__ import annotations

import difflib
import importlib

from derivations.derivation import Derivation, Report
from derivations.errors import DerivationError, PrintingError, ValidityError, ValidityWarning
from derivations.formula import Formula
from derivations.step import Assumption, Step

__all__ = [
    "Assumption",
    "Derivation",
    "DerivationError",
    "Formula",
    "PrintingError",
    "Report",
    "Step",
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
    KeyError
        If there is none of that name; the message has the nearest one.

    Examples
    --------
    >>> derive("epoch_decay").name
    'epoch_decay'
    """
    if name not in _NAMES:
        near = difflib.get_close_matches(name, _NAMES, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(_NAMES)}"
        raise UnknownNameError(f"no derivation is called {name!r}: {hint}")
    return importlib.import_module(f"derivations.{name}").build()


class UnknownNameError(KeyError):
    """There is no derivation of that name."""

    def __str__(self) -> str:
        """Return the message without the quotes KeyError adds."""
        return str(self.args[0])
