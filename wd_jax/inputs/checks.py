"""What a caller gave, one check per kind of value; each refusal is one line, ``name=value: remedy``.

`wd_jax.inputs.limits` says how large a value may be; here is asked only what it is.
"""

import itertools
import math
import numbers
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeGuard

MOST_SHOWN = 60
"""Characters of a value that an error repeats."""
_FEW = 6
"""Values of a list that an error repeats."""
_TEXTS = (str, bytes, bytearray)


def whole(value: Any) -> TypeGuard[int]:
    """Whether a plain number counts something: 10, NumPy's 10, not 10.5, not True and no duration of NumPy's."""
    kind = getattr(getattr(value, "dtype", None), "kind", "i")
    return isinstance(value, numbers.Integral) and not isinstance(value, bool) and kind in "iu"


def shown(value: Any) -> str:
    """Repeat a value in an error, in few characters on one line, however large it is.

    Examples
    --------
    >>> shown(0.1), shown("no"), shown(10**400), shown(list(range(1000)))
    ('0.1', "'no'", 'a whole number of 401 digits', '[0, 1, 2, ...] (1000 values)')
    >>> shown(float), shown(len)
    ('float', 'len')
    """
    if isinstance(value, type):
        return value.__name__ if value.__module__ == "builtins" else f"{value.__module__}.{value.__name__}"
    if callable(value) and hasattr(value, "__name__"):
        return str(value.__name__)
    if whole(value) and abs(int(value)) >= 10**30:
        return f"a whole number of {_digits(abs(int(value)))} digits"
    if type(value) is list:
        few = ", ".join(shown(item) for item in (value if len(value) <= _FEW else value[:3]))
        text = f"[{few}]" if len(value) <= _FEW else f"[{few}, ...] ({len(value)} values)"
        return text if len(text) <= 2 * MOST_SHOWN else f"a list of {len(value)} values"
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()
    try:
        text = repr(value)
    except Exception:  # a text that cannot be made, of a number too long for Python among others
        text = "\n"
    if "\n" not in text and len(text) <= MOST_SHOWN:
        return text
    if isinstance(value, _TEXTS):
        return f"{text[: MOST_SHOWN - 4]}...{text[0] if isinstance(value, str) else ''}"
    shape = getattr(value, "shape", None)
    size = f" and shape {shape}" if isinstance(shape, tuple) else ""
    return f"a value of type {type(value).__name__}{size}"


def _digits(value: int) -> int:
    """Count digits; of a number too long for Python to write, up to rounding."""
    try:
        return len(str(value))
    except ValueError:
        return int(math.log10(value)) + 1


def number(name: str, value: Any) -> float:
    """Give a plain real number as a float.

    Parameters
    ----------
    name : str
        Of the argument, for the error.
    value
        What was given: a Python or NumPy number, or an array of one number without a dimension.

    Raises
    ------
    ValueError
        For what is no number (text, True, None, a complex number, a list) or larger than any float.

    Examples
    --------
    >>> number("eta", 1)
    1.0
    >>> number("eta", "0.1")
    Traceback (most recent call last):
        ...
    ValueError: eta='0.1': give a number, without quotes
    """
    if type(value) is float:  # a plan asks this of each of its numbers
        return value
    plain = value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value
    if isinstance(plain, bool) or not isinstance(plain, numbers.Real | Decimal):
        hint = ", without quotes" if isinstance(plain, str) and _reads_as_number(plain) else ""
        raise ValueError(f"{name}={shown(value)}: give a number{hint}")
    try:
        return float(plain)
    except OverflowError:
        raise ValueError(f"{name}={shown(value)}: give a number below 1.8e308, the largest float") from None
    except (TypeError, ValueError):  # a duration of NumPy's calls itself an integer
        raise ValueError(f"{name}={shown(value)}: give a number") from None


def at_least_0(name: str, value: Any, above: bool = False) -> float:
    """Give a finite number of at least 0 as a float.

    Parameters
    ----------
    name : str
        Of the argument, for the error.
    value
        As `number` takes it.
    above : bool
        Whether 0 itself is refused.

    Raises
    ------
    ValueError
        For what is no such number.

    Examples
    --------
    >>> at_least_0("lr", 0.1, above=True)
    0.1
    >>> at_least_0("lr", 0, above=True)
    Traceback (most recent call last):
        ...
    ValueError: lr=0: give a finite number above 0
    """
    found = number(name, value)
    if not math.isfinite(found) or found < 0 or (above and found == 0):
        what = "above 0" if above else "of at least 0"
        raise ValueError(f"{name}={shown(value)}: give a finite number {what}")
    return found


def _reads_as_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def values(name: str, value: Any, most: int) -> tuple[Any, ...] | None:
    """Give a flat list as a tuple, None for a single value; never take more than `most` and one.

    Parameters
    ----------
    name : str
        Of the argument, for the error.
    value
        A list, a range, a generator, or an array of NumPy, JAX, pandas or xarray with one dimension.
    most : int
        So many are read at most, and one more, so that the caller can refuse them.

    Raises
    ------
    ValueError
        For a table, for a nested list, and for a set or a dict, which say no order.

    Examples
    --------
    >>> values("lmbda", [1, 2.5], 10), values("lmbda", 3, 10), values("seeds", range(10**9), 2)
    ((1, 2.5), None, (0, 1, 2))
    """
    if isinstance(value, _TEXTS):
        return None
    asked = f"{name}={shown(value)}: give a number, or a flat list of them"
    if isinstance(value, set | frozenset | dict):
        raise ValueError(f"{asked}; a {type(value).__name__} is no list")
    dimensions = getattr(value, "ndim", None)
    if isinstance(dimensions, int):
        if dimensions == 0:
            return None
        if dimensions != 1:
            raise ValueError(asked)
        return _of_array(name, value, most)
    if not isinstance(value, Iterable):
        return None
    found = tuple(itertools.islice(value, most + 1))
    if any(isinstance(item, Iterable) and not isinstance(item, str) and getattr(item, "ndim", 1) for item in found):
        raise ValueError(asked)
    return tuple(item.item() if hasattr(item, "dtype") and hasattr(item, "item") else item for item in found)


def _of_array(name: str, array: Any, most: int) -> tuple[Any, ...]:
    """Give an array's values as Python's own; those that NumPy would hide or reinterpret are refused."""
    import numpy as np

    if np.ma.is_masked(array):
        raise ValueError(f"{name}={shown(array)}: some of its values are masked; give those that are meant")
    plain = np.asarray(array)[: most + 1]
    if plain.dtype.kind in "Mm":
        raise ValueError(f"{name}={shown(array)}: holds dates or durations; give numbers")
    return tuple(plain.tolist())


def count(name: str, value: Any, least: int = 1) -> int:
    """Give a whole number of at least `least`.

    Examples
    --------
    >>> count("epochs", 2.0)
    Traceback (most recent call last):
        ...
    ValueError: epochs=2.0: give a whole number of at least 1
    """
    if not whole(value) or value < least:
        raise ValueError(f"{name}={shown(value)}: give a whole number of at least {least}")
    return int(value)


def flag(name: str, value: Any) -> bool:
    """Give True or False; a word such as "no" would count as True.

    Raises
    ------
    TypeError
        Naming the argument and its value.

    Examples
    --------
    >>> flag("budget", "no")
    Traceback (most recent call last):
        ...
    TypeError: budget='no': give True or False
    """
    if not (isinstance(value, bool) or type(value).__name__ in ("bool_", "bool")):
        raise TypeError(f"{name}={shown(value)}: give True or False")
    return bool(value)


def choice(name: str, value: Any, choices: Sequence[str]) -> str:
    """Give one of the words there are.

    Examples
    --------
    >>> choice("kind", "x", ("prediction", "identity"))
    Traceback (most recent call last):
        ...
    ValueError: kind='x': choose one of prediction, identity
    """
    if not (isinstance(value, str) and value in choices):
        raise ValueError(f"{name}={shown(value)}: choose one of {', '.join(choices)}")
    return value


def numeric(**given: Any) -> None:
    """Refuse what no formula can take: text, None, truth values, lists; arrays and traced values pass.

    Raises
    ------
    TypeError
        Naming the argument and its value.

    Examples
    --------
    >>> numeric(eta=0.1, lmbda="5")
    Traceback (most recent call last):
        ...
    TypeError: lmbda='5': give a number or an array, without quotes
    """
    for name, value in given.items():
        if type(value) in (float, int):
            continue
        if value is None or isinstance(value, (*_TEXTS, bool, complex, list, tuple, dict, set, frozenset, range)):
            hint = ", without quotes" if isinstance(value, str) and _reads_as_number(value) else ""
            hint = ", such as np.array([0.1, 0.2])" if isinstance(value, list | tuple | range) else hint
            raise TypeError(f"{name}={shown(value)}: give a number or an array{hint}")


def length(given: Any, least: int) -> int:
    """Count what was given where that is known without reading it: a generator has at least as many as were read."""
    try:
        return len(given)
    except (TypeError, OverflowError):
        return least
