"""A hash of what a Python function says, for functions of the user's own that cannot be traced on their own.

It follows the function's code into the values that it closes over, its defaults, and the functions and numbers of its
own module that it names. The same text gives the same hash in another process of the same version of Python.
"""

import dataclasses
import functools
import hashlib
import types
from typing import Any

import numpy as np

MOST_DEEP = 20
"""Functions within functions that are followed."""


def of(*values: Any) -> str:
    """Hash values, functions among them: 16 hexadecimal digits.

    Parameters
    ----------
    *values
        Functions, numbers, texts, arrays, dataclasses, and lists, tuples and dicts of them.

    Examples
    --------
    >>> of(lambda w: 2 * w) == of(lambda w: 2 * w), of(lambda w: 2 * w) == of(lambda w: 3 * w)
    (True, False)
    """
    digest = hashlib.sha256()
    for value in values:
        digest.update(_described(value, frozenset(), 0).encode())
    return digest.hexdigest()[:16]


def _described(value: Any, seen: frozenset[int], depth: int) -> str:
    """Write a value down so that another value reads otherwise; no address in memory is in it."""
    if id(value) in seen or depth > MOST_DEEP:
        return "..."
    seen, depth = seen | {id(value)}, depth + 1

    def inside(part: Any) -> str:
        return _described(part, seen, depth)

    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return repr(value)
    if isinstance(value, np.ndarray) or (hasattr(value, "__array__") and hasattr(value, "dtype")):
        array = np.asarray(value)
        return f"array {array.dtype} {array.shape} {hashlib.sha256(array.tobytes()).hexdigest()}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}[{', '.join(map(inside, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(sorted(f"{inside(key)}: {inside(one)}" for key, one in value.items())) + "}"
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(sorted(map(inside, value))) + "}"
    if isinstance(value, functools.partial):
        return f"partial({inside(value.func)}, {inside(value.args)}, {inside(value.keywords)})"
    if isinstance(value, types.MethodType):
        return f"method({inside(value.__func__)}, {inside(value.__self__)})"
    if isinstance(value, types.FunctionType):
        return _function(value, inside)
    if isinstance(value, types.CodeType):
        return f"code({value.co_code.hex()}, {inside(value.co_consts)}, {value.co_names}, {value.co_varnames})"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {one.name: getattr(value, one.name) for one in dataclasses.fields(value)}
        return f"{type(value).__qualname__}({inside(fields)})"
    name = getattr(value, "__qualname__", None) or type(value).__qualname__
    return f"{getattr(value, '__module__', '')}.{name}"


def _function(function: types.FunctionType, inside: Any) -> str:
    """Write down a function: code, defaults, what it closes over, and what of its own module it names."""
    wrapped = getattr(function, "__wrapped__", None)
    cells = [cell.cell_contents for cell in function.__closure__ or () if cell != types.CellType()]
    module = function.__globals__
    named = [module[name] for name in function.__code__.co_names if name in module]
    own = [one for one in named if not isinstance(one, types.ModuleType) and _of_user(one)]
    held = (function.__code__, function.__defaults__, function.__kwdefaults__, cells, own, wrapped)
    return f"function{tuple(map(inside, held))}"


def _of_user(value: Any) -> bool:
    """Whether a named value can change without a version of a package changing: a library's function cannot."""
    module = str(getattr(value, "__module__", "") or "")
    return module.split(".")[0] not in ("jax", "jaxlib", "numpy", "optax", "wd_jax", "flax", "equinox", "builtins")
