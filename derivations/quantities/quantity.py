"""What a symbol is: its name in Python, what it means, its unit and how the field writes it."""

from __future__ import annotations

from dataclasses import dataclass

import sympy as sp

REAL = {"real": True}
COUNT = {"integer": True, "nonnegative": True}
"""What is known of a symbol that is not simply positive."""


@dataclass(frozen=True)
class Quantity:
    """A symbol together with what it stands for.

    Parameters
    ----------
    symbol : sympy.Symbol
        The symbol; its name is the Python, command-line and coordinate name.
    meaning : str
        One phrase a user understands.
    unit : str
        Unit, "1" where there is none.
    latex, unicode : str
        How the symbol is printed.

    Examples
    --------
    >>> quantity("eta", "learning rate", "1", "e", "η").unicode
    'η'
    """

    symbol: sp.Symbol
    meaning: str
    unit: str
    latex: str
    unicode: str

    @property
    def name(self) -> str:
        """The Python name of the symbol."""
        return self.symbol.name


def quantity(name: str, meaning: str, unit: str, latex: str, unicode: str, **facts: bool) -> Quantity:
    """Make a quantity with its symbol, which is positive unless `facts` say otherwise.

    Examples
    --------
    >>> quantity("eta", "learning rate", "1", "e", "e").symbol.is_positive
    True
    """
    return Quantity(sp.Symbol(name, **(facts or {"positive": True})), meaning, unit, latex, unicode)
