"""How weights are held between steps: rounded to which dtype, and whether what rounding takes is kept beside them."""

from dataclasses import dataclass
from typing import Literal

Rounding = Literal["nearest", "compensated"]
"""What is done with what rounding takes off a weight: nothing, or it is kept and added to the next step."""


@dataclass(frozen=True)
class Held:
    """How weights are held.

    Attributes
    ----------
    dtype : str
        To which weights are rounded after each step; empty where that is the dtype of the arithmetic.
    compensated : bool
        Whether what rounding takes is kept, in the dtype of the arithmetic, as in Kahan's sum.

    Examples
    --------
    >>> of("float32", "nearest") == USUAL, of("bfloat16", "compensated")
    (True, Held(dtype='bfloat16', compensated=True))
    """

    dtype: str = ""
    compensated: bool = False


USUAL = Held()
"""Weights in the dtype of the arithmetic, rounded and no more."""


def arithmetic(dtype: str) -> str:
    """Give the dtype in which weights of a dtype are stepped: of 16 bits there are only weights.

    Examples
    --------
    >>> arithmetic("float64"), arithmetic("bfloat16")
    ('float64', 'float32')
    """
    return "float32" if dtype == "bfloat16" else dtype


def of(dtype: str, rounding: Rounding) -> Held:
    """Give how weights of a dtype are held."""
    return Held("" if arithmetic(dtype) == dtype else dtype, rounding == "compensated")
