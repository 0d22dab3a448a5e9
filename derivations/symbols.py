"""Every symbol once, looked up by its name."""

from __future__ import annotations

import sympy as sp

from derivations.quantities.common import COMMON
from derivations.quantities.of_laws import OF_LAWS
from derivations.quantities.quantity import Quantity

QUANTITIES: dict[str, Quantity] = {quantity.name: quantity for quantity in (*COMMON, *OF_LAWS)}


def describe(symbol: sp.Symbol | str) -> Quantity:
    """Return the `Quantity` behind a symbol or its name.

    Parameters
    ----------
    symbol : sympy.Symbol or str
        The symbol.

    Returns
    -------
    Quantity

    Raises
    ------
    KeyError
        If no such symbol is known.

    Examples
    --------
    >>> describe("eta").meaning
    'learning rate'
    """
    return QUANTITIES[str(symbol)]


def symbols(names: str) -> tuple[sp.Symbol, ...]:
    """Return the symbols of the blank-separated `names`.

    Parameters
    ----------
    names : str
        Names that are keys of `QUANTITIES`, the table of all symbols.

    Returns
    -------
    tuple of sympy.Symbol

    Raises
    ------
    KeyError
        If a name is unknown.

    Examples
    --------
    >>> symbols("eta lmbda")
    (eta, lmbda)
    """
    return tuple(QUANTITIES[name].symbol for name in names.split())


LATEX_NAMES = {quantity.symbol: quantity.latex for quantity in QUANTITIES.values()}
UNICODE_NAMES = {quantity.symbol: quantity.unicode for quantity in QUANTITIES.values()}
