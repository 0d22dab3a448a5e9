"""A hash of what Python functions say, for functions of the user's own: a trace does not show all that they do.

It follows a function's code into the functions within it, the values that it closes over, its defaults, and what it
names of its own module or of another module of the user's: functions, also compiled or wrapped ones, numbers, arrays,
classes and objects. The same text gives the same hash in another process of the same version of Python.
"""

import dataclasses
import functools
import hashlib
import inspect
import re
import sys
import sysconfig
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

MOST_DEEP = 20
"""Functions within functions that are followed."""
ADDRESS = re.compile(r" at 0x[0-9a-f]+")
"""Where something lies in memory, which is another place in each process."""
INSTALLED = tuple(sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
"""Folders whose code is told by the names in it."""
NOT_SAID = ("__dict__", "__weakref__", "__doc__", "__module__", "__firstlineno__")
"""Of a class: what does not decide what it does."""
PARTS = ("__wrapped__", "fun", "fwd", "bwd", "jvp")
"""Where objects of JAX and of the standard library keep the functions that they are made of."""


def of(*values: Any) -> str:
    """Hash values, functions among them: 16 hexadecimal digits.

    Parameters
    ----------
    *values
        Functions, numbers, texts, arrays, objects, and lists, tuples and dicts of them.

    Examples
    --------
    >>> of(np.arange(3.0), "w") == of(np.arange(3.0), "w"), of(2.0) == of(3.0)
    (True, False)
    """
    digest, known = hashlib.sha256(), {}
    for value in values:
        digest.update(_described(value, frozenset(), 0, known).encode())
    return digest.hexdigest()[:16]


def _described(value: Any, seen: frozenset[int], depth: int, known: dict[int, tuple[Any, str]]) -> str:
    """Write a value down so that another value reads otherwise; no address in memory is in it."""
    if value is None or isinstance(value, bool | int | float | complex | str | bytes):
        return repr(value)
    if id(value) in seen or depth > MOST_DEEP:
        return "..."
    if id(value) not in known:  # many functions name the same ones; the value is held, so that its id stays its own

        def inside(part: Any) -> str:
            return _described(part, seen | {id(value)}, depth + 1, known)

        text = _written(value, inside)
        known[id(value)] = value, hashlib.sha256(text.encode()).hexdigest()
    return known[id(value)][1]


def _written(value: Any, inside: Callable[[Any], str]) -> str:
    if isinstance(value, np.ndarray | np.generic) or (hasattr(value, "__array__") and hasattr(value, "dtype")):
        return _array(value)
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
    if isinstance(value, property):
        return f"property({inside(value.fget)})"
    if isinstance(value, staticmethod | classmethod):
        return f"{type(value).__name__}({inside(value.__func__)})"
    if isinstance(value, types.FunctionType):
        return _function(value, inside)
    if isinstance(value, types.CodeType):
        return f"code({value.co_code.hex()}, {inside(value.co_consts)}, {value.co_names}, {value.co_varnames})"
    if isinstance(value, types.ModuleType):
        return f"module {value.__name__}"
    if isinstance(value, type):
        return _class(value, inside)
    return _object(value, inside)


def _array(value: Any) -> str:
    import jax

    if jax.dtypes.issubdtype(value.dtype, jax.dtypes.prng_key):
        value = jax.random.key_data(value)
    array = np.asarray(value)
    return f"array {array.dtype} {array.shape} {hashlib.sha256(array.tobytes()).hexdigest()}"


def _function(function: types.FunctionType, inside: Callable[[Any], str]) -> str:
    """Write down a function: code, defaults, what it closes over, and what it names; of a library's its name."""
    cells = [cell.cell_contents for cell in function.__closure__ or () if cell != types.CellType()]
    held: tuple[Any, ...] = (function.__defaults__, function.__kwdefaults__, cells, getattr(function, "__wrapped__", 0))
    if not _of_user(function):
        return f"{_name(function)}{tuple(map(inside, held))}"
    names = sorted({name for code in _codes(function.__code__) for name in code.co_names})
    own = [(name, one) for name, one in _named(names, function.__globals__)]
    return f"function{tuple(map(inside, (function.__code__, own, *held)))}"


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Give a function's code and that of the functions, comprehensions and classes within it."""
    yield code
    for one in code.co_consts:
        if isinstance(one, types.CodeType):
            yield from _codes(one)


def _named(names: list[str], there: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Give what a function names of its module, and of the user's modules that it names."""
    for name in names:
        if name not in there:
            continue
        one = there[name]
        if not isinstance(one, types.ModuleType):
            yield name, one
        elif not _installed(one):
            yield from ((f"{name}.{part}", vars(one)[part]) for part in names if part in vars(one))


def _class(kind: type, inside: Callable[[Any], str]) -> str:
    """Write down a class: of the user's all that it says, of a library's its name."""
    if not _of_user(kind):
        return _name(kind)
    held = {name: one for name, one in vars(kind).items() if name not in NOT_SAID}
    held = {name: one for name, one in held.items() if not inspect.isgetsetdescriptor(one)}
    return f"class {_name(kind)}({inside(held)}, {inside(kind.__bases__)})"


def _object(value: Any, inside: Callable[[Any], str]) -> str:
    """Write down an object: its class and what it holds, but not what it has only computed and kept."""
    kind = type(value)
    if dataclasses.is_dataclass(value):
        held = {one.name: getattr(value, one.name, None) for one in dataclasses.fields(value)}
    elif _of_user(kind) or isinstance(value, types.SimpleNamespace):
        kept = {name for one in kind.__mro__ for name, part in vars(one).items() if _is_cached(part)}
        held = {name: one for name, one in getattr(value, "__dict__", {}).items() if name not in kept}
    else:
        held = {name: getattr(value, name) for name in PARTS if isinstance(getattr(value, name, None), Callable)}
        held |= {"name": _name(value) if hasattr(value, "__qualname__") else ""}
    return f"{inside(kind)}({inside(held)})"


def _is_cached(part: Any) -> bool:
    return isinstance(part, functools.cached_property)


def _name(value: Any) -> str:
    """Name a thing, a library's with its module: the user's is another where a file is run and where it is imported."""
    module = "" if _of_user(value) else getattr(value, "__module__", "")
    return ADDRESS.sub("", f"{module}.{getattr(value, '__qualname__', '')}")


def _of_user(value: Any) -> bool:
    """Whether a function or a class can change without a version of a package changing: a library's cannot."""
    name = str(getattr(value, "__module__", "") or "")
    if name.partition(".")[0] in ("jax", "jaxlib", "numpy", "optax", "wd_jax", "flax", "equinox", "builtins"):
        return False
    module = sys.modules.get(name)
    return module is None or not _installed(module)


def _installed(module: types.ModuleType) -> bool:
    """Whether a module belongs to Python or to an installed package."""
    name = module.__name__.partition(".")[0]
    if name in sys.builtin_module_names or name == "wd_jax":
        return True
    file = getattr(module, "__file__", None)
    return file is not None and any(file.startswith(folder) for folder in INSTALLED if folder)
