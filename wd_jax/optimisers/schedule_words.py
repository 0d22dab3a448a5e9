"""Schedules by their words: ``"cosine"``, ``"wsd(warm_up=100)"``, ``"warm_up(0.1, then=cosine)"``. Nothing is run."""

import ast
from collections.abc import Callable
from typing import Any

from wd_jax.inputs import checks
from wd_jax.optimisers import schedules
from wd_jax.optimisers.schedule import Schedule

KNOWN: dict[str, Callable[..., Schedule]] = {
    "constant": schedules.constant,
    "linear": schedules.linear,
    "cosine": schedules.cosine,
    "wsd": schedules.wsd,
    "inverse_time": schedules.inverse_time,
    "warm_up": schedules.warm_up,
}
EXAMPLES = "'cosine', 'linear(end=0.1)', 'wsd(warm_up=0.1, cool_down=0.2)' or 'warm_up(0.1, then=cosine)'"
LONGEST = 200


def read(name: str, words: str) -> Schedule:
    """Give the schedule that words name.

    Parameters
    ----------
    name : str
        Of the argument, for the refusal.
    words : str
        As `wd_jax.optimisers.schedule.Schedule.words`.

    Raises
    ------
    ValueError
        For words that name none, or numbers that cannot be meant.

    Examples
    --------
    >>> read("eta_schedule", "warm_up(0.1, then=cosine(end=0.01))").words
    'warm_up(0.1, then=cosine(end=0.01))'
    """
    asked = f"{name}={checks.shown(words)}: choose {', '.join(KNOWN)}: {EXAMPLES}"
    if words.startswith("of_optax("):
        raise ValueError(f"{name}={checks.shown(words)}: a function is not written down; give the schedule itself")
    try:
        node = ast.parse(words.strip(), mode="eval").body if len(words) <= LONGEST else None
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        node = None
    try:
        found = _value(node)
    except (TypeError, ValueError) as error:
        why = str(error)
        if "argument" in why:  # Python's own words for a wrong call
            raise ValueError(f"{name}={checks.shown(words)}: {why.replace('()', '')}: such as {EXAMPLES}") from None
        raise ValueError(asked if why.startswith(_STRANGE) else f"{name}: {why}") from None
    if not isinstance(found, Schedule):
        raise ValueError(asked)
    return found


_STRANGE = "no schedule"


def _value(node: Any) -> Any:
    """Read a name, a call of a name, or a number."""
    match node:
        case ast.Name(id=name) if name in KNOWN:
            return KNOWN[name]()
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords) if name in KNOWN:
            if all(one.arg for one in keywords):
                return KNOWN[name](*map(_value, args), **{str(one.arg): _value(one.value) for one in keywords})
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
    raise ValueError(_STRANGE)
